//! The schema of a SQLite database, read by a constant number of queries over any client of it.

use db_adapter_core::DatabaseSchema;

use crate::schema::IntrospectOptions;
use crate::{DatabaseClient, Error, Result};

/// Reads the schema; on a pool in one read-only transaction.
pub(super) async fn introspect(
    _client: &dyn DatabaseClient,
    _options: IntrospectOptions,
) -> Result<DatabaseSchema> {
    Err(Error::unsupported("introspection", "SQLite", ""))
}
