//! What only SQLite has: affinity and declared types, files and memory, its locks. What both
//! backends share is the conformance suite's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod beside;
mod cancellation;
mod connections;
mod files;
mod filters;
mod schema;
mod transactions;
mod undone;
mod values;

use db_adapter::SqliteAdapter;
use support::TestDatabase;

/// A database in a file, with these tables, and a client of it.
async fn with(sql: &str) -> (TestDatabase, SqliteAdapter) {
    let database = TestDatabase::sqlite();
    let db = SqliteAdapter::connect(database.url()).await.unwrap();
    db_adapter::DatabaseClientExt::execute_script(&db, sql)
        .await
        .unwrap();
    (database, db)
}
