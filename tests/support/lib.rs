//! The harness of the tests: a PostgreSQL server of our own, a database for each test, and an
//! oracle that asks the server directly. It never uses db-adapter, so that it can judge it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "test support: a harness that cannot work must fail the test, loudly"
)]

mod binaries;
mod client;
mod database;
mod memory;
mod oracle;
mod pgbouncer;
mod postgres;
mod program;
mod psql;
mod random;
mod unique;
mod wait;
mod watchdog;

pub use binaries::{PG_BIN_VARIABLE, find_binaries};
pub use client::{client_as_new_as, client_program};
pub use database::{CLUSTER_URL_VARIABLE, TestDatabase, cluster_admin_url};
pub use oracle::Oracle;
pub use pgbouncer::{PgBouncer, PoolMode};
pub use postgres::{PostgresServer, Stop};
pub use program::program;
pub use psql::psql;
pub use random::{Random, seed};
pub use wait::until;
pub use watchdog::{LIMIT_VARIABLE, watch};

/// Whether the long forms of the tests were asked for (`tests/run --long`).
#[must_use]
pub fn long() -> bool {
    std::env::var("DB_ADAPTER_TESTS_LONG").is_ok_and(|value| value == "1")
}
