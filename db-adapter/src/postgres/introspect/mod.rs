//! The schema of a PostgreSQL database: a constant number of set-based queries over any client of
//! it that is inside of a transaction, whatever the number of tables.
//! Never writes, and never takes what it may not read for something that is not there.

mod columns;
mod comments;
mod constraints;
mod draft;
mod expression;
mod functions;
mod indexes;
mod others;
mod policies;
mod relations;
mod scope;
mod sequences;
mod triggers;
mod types;
mod user_types;
mod written;

use db_adapter_core::DatabaseSchema;

use self::draft::Draft;
use self::scope::Scope;
use crate::schema::IntrospectOptions;
use crate::{DatabaseClient, DatabaseClientExt, Error, Result, Row, Value};

/// What a reading begins with, undone at its end: the catalog's own functions write names and
/// expressions by these settings, and the same database must always read the same. The caller's
/// search path is kept aside, because it says which schemas are meant. Compiling such queries takes
/// longer than they do.
pub(super) const SETTINGS: &str = "SELECT \
    pg_catalog.set_config('db_adapter.search_path', pg_catalog.current_setting('search_path'), true), \
    pg_catalog.set_config('search_path', 'public', true), \
    pg_catalog.set_config('quote_all_identifiers', 'off', true), \
    pg_catalog.set_config('intervalstyle', 'postgres', true), \
    pg_catalog.set_config('jit', 'off', true)";

/// One query, and what its rows mean.
struct Part {
    /// The kind of object.
    kind: &'static str,
    /// The catalog that it reads, for a role that may not.
    catalog: &'static str,
    sql: fn(&Scope) -> String,
    add: fn(&mut Draft, &Row) -> Result<()>,
    /// Without it nothing can be said at all.
    essential: bool,
}

/// In this order: rows refer to what an earlier query found.
const PARTS: [Part; 13] = [
    comments::PART,
    types::PART,
    relations::PART,
    columns::PART,
    constraints::PART,
    indexes::PART,
    triggers::PART,
    policies::PART,
    functions::PART,
    user_types::ENUMS,
    user_types::DOMAINS,
    sequences::PART,
    others::PART,
];

/// Reads the schema over a client that is inside of a transaction with [`SETTINGS`].
///
/// Whoever may read everything waits for no savepoint but one; whoever may not, for one a query.
pub(super) async fn introspect(
    client: &dyn DatabaseClient,
    options: IntrospectOptions,
) -> Result<DatabaseSchema> {
    let found = client.query(scope::SQL).await?;
    let scope = scope::read(&found, &options)?;
    let savepoint = client.begin().await?;
    let draft = match read_all(&savepoint, &scope).await {
        Ok(draft) => {
            savepoint.commit().await?;
            draft
        }
        Err(Error::PermissionDenied { .. }) => {
            savepoint.rollback().await?;
            read_what_may_be_read(client, &scope).await?
        }
        Err(error) => return Err(error),
    };
    Ok(draft.finish(&options))
}

async fn read_all(client: &dyn DatabaseClient, scope: &Scope) -> Result<Draft> {
    let mut draft = Draft::new(scope);
    for part in &PARTS {
        draft.add(part, &ask(client, part, scope).await?)?;
    }
    Ok(draft)
}

/// Each query behind a savepoint: one that is denied must not end the transaction.
async fn read_what_may_be_read(client: &dyn DatabaseClient, scope: &Scope) -> Result<Draft> {
    let mut draft = Draft::new(scope);
    for part in &PARTS {
        let savepoint = client.begin().await?;
        match ask(&savepoint, part, scope).await {
            Ok(rows) => {
                savepoint.commit().await?;
                draft.add(part, &rows)?;
            }
            Err(Error::PermissionDenied { .. }) if !part.essential => {
                savepoint.rollback().await?;
                draft.denied(part.kind, part.catalog);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(draft)
}

async fn ask(client: &dyn DatabaseClient, part: &Part, scope: &Scope) -> Result<Vec<Row>> {
    let schemas: Vec<Value> = scope.oids.iter().map(|oid| Value::from(*oid)).collect();
    client
        .query((part.sql)(scope))
        .bind("schemas", Value::Array(schemas.into()))
        .await
}
