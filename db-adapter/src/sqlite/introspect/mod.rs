//! The schema of a SQLite database, by a constant number of queries over any client of it that is
//! inside of a transaction: the pragmas say what there is, the stored definitions what pragmas do
//! not tell. Never writes.

mod definition;
mod draft;
mod keys;
mod scope;
mod table;

use db_adapter_core::schema::table_key;
use db_adapter_core::{DatabaseSchema, quote_ident};

use self::draft::Draft;
use crate::schema::IntrospectOptions;
use crate::{DatabaseClient, DatabaseClientExt, Error, Result, Row};

/// What the pragmas tell of every table of a schema.
const TABLES: &str = "SELECT name, type AS kind, wr AS without_rowid, strict \
    FROM pragma_table_list WHERE schema = :schema";
const COLUMNS: &str = "SELECT l.name AS \"table\", x.name AS name, x.type AS type, \
    x.\"notnull\" AS not_null, x.dflt_value AS default_value, x.pk AS pk, x.hidden AS hidden \
    FROM pragma_table_list AS l, pragma_table_xinfo(l.name, l.schema) AS x \
    WHERE l.schema = :schema AND l.type = 'table' ORDER BY l.name, x.cid";
const VIEW_COLUMNS: &str = "SELECT l.name AS \"table\", x.name AS name, x.type AS type \
    FROM pragma_table_list AS l, pragma_table_xinfo(l.name, l.schema) AS x \
    WHERE l.schema = :schema AND l.type = 'view' AND (:view IS NULL OR l.name = :view) \
    ORDER BY l.name, x.cid";
const TEMPORARY: &str = "SELECT name FROM sqlite_temp_schema WHERE type = 'trigger'";
const FOREIGN_KEYS: &str = "SELECT l.name AS \"table\", f.id AS id, f.\"table\" AS target, \
    f.\"from\" AS own, f.\"to\" AS theirs, f.on_update AS on_update, f.on_delete AS on_delete \
    FROM pragma_table_list AS l, pragma_foreign_key_list(l.name, l.schema) AS f \
    WHERE l.schema = :schema AND l.type = 'table' ORDER BY l.name, f.id DESC, f.seq";
const INDEXES: &str = "SELECT l.name AS \"table\", i.name AS name, i.\"unique\" AS is_unique, \
    i.origin AS origin, i.partial AS partial, x.name AS column_name, x.\"desc\" AS descending \
    FROM pragma_table_list AS l, pragma_index_list(l.name, l.schema) AS i, \
    pragma_index_xinfo(i.name, l.schema) AS x \
    WHERE l.schema = :schema AND l.type = 'table' AND x.key = 1 \
    ORDER BY l.name, i.seq DESC, x.seqno";

/// Reads the schema over a client that is inside of a transaction.
pub(super) async fn introspect(
    client: &dyn DatabaseClient,
    options: IntrospectOptions,
) -> Result<DatabaseSchema> {
    let attached = client.query(scope::SQL).await?;
    let (schemas, not_inspected) = scope::read(&attached, &options)?;
    let mut draft = Draft::new(not_inspected);
    for row in client.query(TEMPORARY).await? {
        draft.leave_out(
            "trigger",
            row.get("name")?,
            "it is of this connection alone",
        );
    }
    for schema in &schemas {
        read(client, schema, &mut draft).await?;
    }
    Ok(draft.finish(&options))
}

async fn read(client: &dyn DatabaseClient, schema: &str, draft: &mut Draft) -> Result<()> {
    let stored = format!(
        "SELECT type AS kind, name, tbl_name AS \"table\", sql FROM {}.sqlite_schema \
         WHERE sql IS NOT NULL ORDER BY rowid",
        quote_ident(schema)
    );
    let tables = ask(client, TABLES, schema).await?;
    let columns = ask(client, COLUMNS, schema).await?;
    let foreign_keys = ask(client, FOREIGN_KEYS, schema).await?;
    let indexes = ask(client, INDEXES, schema).await?;
    let stored = client.query(stored).await?;
    draft.add_schema(schema, &tables, &stored)?;
    draft.add_columns(schema, &columns)?;
    keys::add_foreign_keys(draft, schema, &foreign_keys)?;
    keys::add_indexes(draft, schema, &indexes)?;
    read_views(client, schema, draft).await
}

/// The columns of all the views at once; one by one where SQLite refuses that, because a view that
/// refers to what is gone has none.
async fn read_views(client: &dyn DatabaseClient, schema: &str, draft: &mut Draft) -> Result<()> {
    match view_columns(client, schema, None).await {
        Ok(rows) => return draft.add_view_columns(schema, &rows),
        Err(error @ Error::Connection { .. }) => return Err(error),
        Err(_) => {}
    }
    for view in draft.views_of(schema) {
        match view_columns(client, schema, Some(&view)).await {
            Ok(rows) => draft.add_view_columns(schema, &rows)?,
            Err(error @ Error::Connection { .. }) => return Err(error),
            Err(_) => draft.leave_out(
                "column",
                format!("{}.*", table_key(Some(schema), &view)),
                "the view refers to what is not there",
            ),
        }
    }
    Ok(())
}

/// Behind a savepoint: a refused query ends a transaction.
async fn view_columns(
    client: &dyn DatabaseClient,
    schema: &str,
    view: Option<&str>,
) -> Result<Vec<Row>> {
    let savepoint = client.begin().await?;
    let query = savepoint.query(VIEW_COLUMNS).bind("schema", schema);
    let rows = query.bind("view", view).await?;
    savepoint.commit().await?;
    Ok(rows)
}

async fn ask(client: &dyn DatabaseClient, sql: &str, schema: &str) -> Result<Vec<Row>> {
    client.query(sql).bind("schema", schema).await
}
