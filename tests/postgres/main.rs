//! What only PostgreSQL can show: decoders against the server's own text, the traps of the
//! driver, transactions that failed behind the caller's back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail by panicking, and print their seeds"
)]

mod changed_tables;
mod changed_types;
mod copy;
mod crud;
mod cursors;
mod decoders;
mod faults;
mod judged;
mod limits;
mod load;
mod once;
mod pool;
mod schema_changes;
mod sessions;
mod snapshots;
mod statements;
mod transactions;
mod traps;
mod unread;

use db_adapter::{ConnectOptions, PostgresAdapter};
use support::TestDatabase;

/// A database with these tables, and a client of it.
async fn database(sql: &str) -> (TestDatabase, PostgresAdapter) {
    let database = TestDatabase::postgres().await;
    if !sql.is_empty() {
        database.sql(sql).await;
    }
    let options = ConnectOptions::new(database.url()).max_connections(4);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    (database, db)
}
