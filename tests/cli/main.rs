//! The real binary against real databases: what it prints where, and how it exits.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees only the test functions as tests, not what they call"
)]

mod backup;
mod ddl;
mod failures;
mod fixing;
mod input;
mod interrupts;
mod output;
mod program;
mod project;
mod restore;
mod schema;
mod scratch;
mod states;
mod sync;
mod terminal;
mod validating;
mod writes;

use support::TestDatabase;

/// The same cases on every backend; the databases are there and empty.
async fn databases() -> [TestDatabase; 2] {
    let sqlite = TestDatabase::sqlite();
    sqlite.sql("SELECT 1").await; // makes the file
    [sqlite, TestDatabase::postgres().await]
}
