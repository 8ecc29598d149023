//! Dict in, dict out: async CRUD with identical semantics on PostgreSQL and SQLite, without an ORM.
//!
//! ```
//! use db_adapter::prelude::*;
//!
//! # #[cfg(feature = "sqlite")]
//! # async fn example() -> db_adapter::Result<()> {
//! let db = db_adapter::connect("sqlite::memory:").await?;
//! db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER)").await?;
//! let user = db.insert("users", row! { "name": "Alice", "age": 30 }).await?;
//! let adults = db.select("users", "id, name").filter(row! { "age": op::gte(18) }).order_by("name").await?;
//! assert_eq!(adults[0]["name"], "Alice");
//! db.delete("users", row! { "id": &user["id"] }).await?;
//! db.close().await?;
//! # Ok(()) }
//! # #[cfg(feature = "sqlite")]
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```
//!
//! - [`connect`] gives a client; [`DatabaseClientExt`] has the verbs.
//! - [`Row`] and [`row!`] are the dicts, [`Value`] says what is in them, [`Filter`] and [`op`]
//!   which rows are meant.
//! - [`Error`] is the same variant for the same cause on every backend, and never shows a value.
//! - [`DatabaseClient`] is open: put your own in front.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "_runtime"),
    allow(
        dead_code,
        unused_imports,
        reason = "without a backend nothing uses the encoders"
    )
)]

mod client;
mod connect;
pub mod declare;
mod error;
mod filter;
#[cfg(feature = "_runtime")]
mod observe;
mod options;
#[cfg(feature = "postgres-no-tls")]
mod postgres;
pub mod prelude;
pub mod query;
mod row;
mod row_macro;
#[cfg(feature = "_runtime")]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stream;
mod transaction;
mod value;

pub use client::{
    AsClient, Begin, BoxFuture, BoxStream, CountBuilder, DatabaseClient, DatabaseClientExt,
    DeleteBuilder, ExecuteBuilder, ExecuteScriptBuilder, ExistsBuilder, InsertBuilder,
    InsertManyBuilder, QueryBuilder, ReturningBuilder, SelectBuilder, UpdateBuilder,
    UpdateManyBuilder,
};
pub use connect::{connect, connect_with};
pub use db_adapter_core::ExpectedSchema;
pub use db_adapter_core::backup::{BackupSchema, ForeignKey, TableDef};
#[cfg(feature = "macros")]
pub use db_adapter_macros::{BackupTable, backup_schema, backup_table, expected_schema, schema};
pub use declare::BackupTable;
pub use error::{Conversion, Error, ErrorKind, InvalidValue, Result, Violation};
pub use filter::{Condition, Filter, Test, op};
pub use options::{ConnectOptions, PoolStatus, SecretUrl};
#[cfg(feature = "postgres-no-tls")]
pub use postgres::PostgresAdapter;
pub use query::{Operation, Outcome};
pub use row::Row;
pub use row_macro::Entry;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteAdapter;
pub use transaction::{Isolation, Transaction, TransactionClient, Tx, TxOptions};
pub use value::{AsJson, ExactJson, FromValue, Json, Numeric, Value};
