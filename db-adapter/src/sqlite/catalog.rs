//! What SQLite knows of a table, from its pragmas, kept until something changes it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db_adapter_core::schema::SqlDialect;
use db_adapter_core::{Affinity, SqlType, TableName, suggest};
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe, Row as _};

use super::error::{Context, translate};
use crate::sql::{self, Generated};
use crate::{Error, Result};

pub(super) type Table = sql::Table<TableExtra, ColumnExtra>;
pub(super) type Column = sql::Column<ColumnExtra>;

/// What SQLite knows of a table beyond the common.
#[derive(Debug)]
pub(super) struct TableExtra {
    /// The name of the row's number, where the table has one that no column hides.
    pub(super) rowid: Option<&'static str>,
    /// SQLite's count of the changes of the schema, when this was looked up.
    pub(super) version: i64,
}

/// What SQLite knows of a column beyond the common.
#[derive(Debug, PartialEq)]
pub(super) struct ColumnExtra {
    /// As it is declared; empty without a type.
    pub(super) declared: String,
    pub(super) affinity: Affinity,
}

/// The types of the columns of every table of a database, by `table` or `schema.table` as the
/// driver names them, for the results of caller-written SQL.
pub(super) type Origins = HashMap<String, HashMap<String, SqlType>>;

/// The tables that were looked up so far.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Counts the clearings: what was loaded before one is not kept after it.
    generation: u64,
    tables: HashMap<TableName, Arc<Table>>,
    /// With the version of the schema that they are from.
    origins: Option<(i64, Arc<Origins>)>,
}

impl Catalog {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything, after something may have changed it.
    pub(super) fn clear(&self) {
        let mut state = self.state();
        state.generation += 1;
        state.tables.clear();
        state.origins = None;
    }

    /// The table, if it is known already.
    pub(super) fn known(&self, name: &TableName) -> Option<Arc<Table>> {
        self.state().tables.get(name).cloned()
    }

    /// The table, looked up over the connection where it is not known.
    pub(super) async fn table(
        &self,
        connection: &mut SqliteConnection,
        name: &TableName,
    ) -> Result<Arc<Table>> {
        if let Some(table) = self.known(name) {
            return Ok(table);
        }
        let generation = self.state().generation;
        let table = Arc::new(load(connection, name).await?);
        let mut state = self.state();
        if state.generation == generation {
            state.tables.insert(name.clone(), Arc::clone(&table));
        }
        Ok(table)
    }

    /// The columns of all tables, looked up where they are not known, or where another program
    /// changed the schema since: a caller's query has no error to tell of that.
    pub(super) async fn origins(&self, connection: &mut SqliteConnection) -> Result<Arc<Origins>> {
        let version = schema_version(connection).await?;
        let generation = {
            let state = self.state();
            if let Some((known, origins)) = &state.origins
                && *known == version
            {
                return Ok(Arc::clone(origins));
            }
            state.generation
        };
        let origins = Arc::new(load_origins(connection).await?);
        let mut state = self.state();
        if state.generation == generation {
            state.origins = Some((version, Arc::clone(&origins)));
        }
        Ok(origins)
    }
}

/// One row a column, of the tables of this name in every schema: temporary ones first, as
/// SQLite itself looks names up.
const COLUMNS: &str = "SELECT l.schema, l.type, l.wr, l.strict, x.name, x.type, x.pk, x.hidden, v.schema_version \
    FROM pragma_schema_version AS v, pragma_table_list(?1) AS l, pragma_table_xinfo(?1, l.schema) AS x \
    WHERE l.name = ?1 COLLATE BINARY AND (?2 IS NULL OR l.schema = ?2) \
    ORDER BY l.schema <> 'temp', l.schema <> 'main', l.schema, x.cid";

const ORIGINS: &str = "SELECT l.schema, l.name, x.name, x.type, l.strict \
    FROM pragma_table_list AS l, pragma_table_xinfo(l.name, l.schema) AS x \
    WHERE l.type = 'table'";

const NAMES: &str = "SELECT name FROM pragma_table_list WHERE type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

async fn schema_version(connection: &mut SqliteConnection) -> Result<i64> {
    let row = query("PRAGMA schema_version", [])?
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    row.try_get(0).map_err(failed)
}

async fn load(connection: &mut SqliteConnection, name: &TableName) -> Result<Table> {
    let mut table: Option<(String, Table)> = None;
    let mut keys: Vec<(i64, usize)> = Vec::new();
    {
        let mut rows =
            query(COLUMNS, [Some(&name.name), name.schema.as_ref()])?.fetch(&mut *connection);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            let schema: String = row.try_get(0).map_err(failed)?;
            let kind: String = row.try_get(1).map_err(failed)?;
            let without_rowid: bool = row.try_get::<i64, _>(2).map_err(failed)? != 0;
            let strict = row.try_get::<i64, _>(3).map_err(failed)? != 0;
            let hidden: i64 = row.try_get(7).map_err(failed)?;
            let version: i64 = row.try_get(8).map_err(failed)?;
            let (found, table) = table.get_or_insert_with(|| {
                let rowid = (kind == "table" && !without_rowid).then_some("rowid");
                (
                    schema.clone(),
                    Table {
                        name: name.clone(),
                        dialect: SqlDialect::Sqlite,
                        columns: Vec::new(),
                        primary_key: Vec::new(),
                        extra: TableExtra { rowid, version },
                    },
                )
            });
            if *found != schema || hidden == 1 {
                continue;
            }
            let declared: String = row.try_get(5).map_err(failed)?;
            let (sql_type, affinity) = column_type(&declared, strict);
            let key: i64 = row.try_get(6).map_err(failed)?;
            if key > 0 {
                keys.push((key, table.columns.len()));
            }
            table.columns.push(Column {
                name: row.try_get(4).map_err(failed)?,
                sql_type,
                generated: if hidden == 0 {
                    Generated::No
                } else {
                    Generated::Computed
                },
                extra: ColumnExtra { declared, affinity },
            });
        }
    }
    let Some((_, mut table)) = table else {
        return Err(undefined(connection, &name.to_string()).await?);
    };
    keys.sort_unstable();
    table.primary_key = keys.into_iter().map(|(_, position)| position).collect();
    table.extra.rowid = table.extra.rowid.and_then(|_| {
        let hidden = |name: &str| {
            let mut columns = table.columns.iter();
            columns.any(|column| column.name.eq_ignore_ascii_case(name))
        };
        ["rowid", "_rowid_", "oid"]
            .into_iter()
            .find(|name| !hidden(name))
    });
    Ok(table)
}

/// The type that a declaration means, and how SQLite stores what is written.
pub(super) fn column_type(declared: &str, strict: bool) -> (SqlType, Affinity) {
    if strict && declared.eq_ignore_ascii_case("any") {
        return (untyped(), Affinity::Blob);
    }
    (
        SqlType::parse_sqlite(declared).unwrap_or_else(untyped),
        Affinity::of_declared(declared),
    )
}

/// The type of what has none: values are what they are stored as.
pub(super) fn untyped() -> SqlType {
    SqlType::Other("".into())
}

/// There is no such table; with the nearest name that there is.
pub(super) async fn undefined(connection: &mut SqliteConnection, name: &str) -> Result<Error> {
    let rows = query(NAMES, [])?
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    let names: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
    let wanted = name.rsplit_once('.').map_or(name, |(_, name)| name);
    Ok(Error::UndefinedTable {
        table: name.to_owned(),
        suggestion: suggest::closest(wanted, names.iter().map(String::as_str)).map(str::to_owned),
    })
}

async fn load_origins(connection: &mut SqliteConnection) -> Result<Origins> {
    let mut origins = Origins::new();
    let mut rows = query(ORIGINS, [])?.fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let schema: String = row.try_get(0).map_err(failed)?;
        let name: String = row.try_get(1).map_err(failed)?;
        let declared: String = row.try_get(3).map_err(failed)?;
        let strict = row.try_get::<i64, _>(4).map_err(failed)? != 0;
        // the driver leaves out `main`
        let table = match schema.as_str() {
            "main" => name,
            schema => format!("{schema}.{name}"),
        };
        let column = row.try_get(2).map_err(failed)?;
        let (sql_type, _) = column_type(&declared, strict);
        origins.entry(table).or_default().insert(column, sql_type);
    }
    Ok(origins)
}

type Query = sqlx::query::Query<'static, sqlx::Sqlite, SqliteArguments>;

fn query<'a>(
    sql: &'static str,
    texts: impl IntoIterator<Item = Option<&'a String>>,
) -> Result<Query> {
    let mut arguments = SqliteArguments::default();
    for text in texts {
        arguments
            .add(text.cloned())
            .map_err(|_| Error::conversion("the name cannot be bound"))?;
    }
    Ok(sqlx::query_with(AssertSqlSafe(sql), arguments))
}

fn failed(error: sqlx::Error) -> Error {
    translate(error, &Context::default())
}
