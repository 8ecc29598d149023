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
//! The same lines work on a trait object, on a concrete adapter, in a transaction and in a spawned
//! task:
//!
//! ```
//! use db_adapter::prelude::*;
//!
//! async fn tour(db: &impl DatabaseClient) -> db_adapter::Result<()> {
//!     let rows = db.select("users", "id, name, email").filter(row! { "active": true }).order_by("name").await?;
//!     let user = db.insert("users", row! { "name": "Alice", "email": "alice@example.com" }).await?;
//!     let user = db.update("users", row! { "name": "Bob" }, row! { "id": &user["id"] }).await?;
//!     db.delete("users", row! { "id": &user["id"] }).await?;
//!     db.execute("CREATE INDEX idx_email ON users (email)").await?;                 // .bind("name", value) for :name
//!     let found = db.query("SELECT count(*) AS n FROM users WHERE age > :age").bind("age", 18).await?;
//!     let tx = db.begin().await?;  tx.insert("users", row! { "name": "Eve" }).await?;  tx.commit().await?;
//!     assert_eq!((rows.len(), found[0]["n"].as_i64()), (0, Some(0)));
//!     Ok(())
//! }
//!
//! # #[cfg(feature = "sqlite")]
//! # async fn fresh() -> db_adapter::Result<db_adapter::SqliteAdapter> {
//! #     let db = db_adapter::SqliteAdapter::connect("sqlite::memory:").await?;
//! #     db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, age INTEGER, active BOOLEAN)").await?;
//! #     Ok(db)
//! # }
//! # #[cfg(feature = "sqlite")]
//! # async fn example() -> db_adapter::Result<()> {
//! tour(&fresh().await?).await?;                                                     // a concrete adapter
//! let db: std::sync::Arc<dyn DatabaseClient> = std::sync::Arc::new(fresh().await?);
//! tour(&db).await?;                                                                 // Arc<dyn DatabaseClient>
//! let other = fresh().await?;
//! let tx = other.begin().await?;
//! tour(&tx).await?;                                                                 // a transaction
//! tx.rollback().await?;
//! let spawned = fresh().await?;
//! tokio::spawn(async move { tour(&spawned).await }).await.unwrap()?;                // another task
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
#[cfg(feature = "config")]
mod config;
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
mod secret_url;
#[cfg(feature = "_runtime")]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stream;
mod transaction;
mod url_shape;
mod value;

pub use client::{
    AsClient, Begin, BoxFuture, BoxStream, CountBuilder, DatabaseClient, DatabaseClientExt,
    DeleteBuilder, ExecuteBuilder, ExecuteScriptBuilder, ExistsBuilder, InsertBuilder,
    InsertManyBuilder, QueryBuilder, ReturningBuilder, SelectBuilder, UpdateBuilder,
    UpdateManyBuilder,
};
#[cfg(feature = "config")]
pub use config::{
    ActiveProfile, AdapterOptions, ConfigWarning, DatabaseConfig, DatabaseIdentity,
    DatabaseProfile, Environment, ProfileLock, ProfileSource, Provider, SchemaSettings,
    get_active_profile, get_active_profile_name, get_adapter, load_db_config,
};
pub use connect::{connect, connect_with};
pub use db_adapter_core::ExpectedSchema;
pub use db_adapter_core::backup::{BackupSchema, ForeignKey, TableDef};
#[cfg(feature = "macros")]
pub use db_adapter_macros::{BackupTable, backup_schema, backup_table, expected_schema, schema};
pub use declare::BackupTable;
pub use error::{
    ConfigProblem, Conversion, Error, ErrorKind, InvalidValue, PasswordCommandFailure, Result,
    Violation,
};
pub use filter::{Condition, Filter, Test, op};
pub use options::{ConnectOptions, PoolStatus, Pooler};
#[cfg(feature = "postgres-no-tls")]
pub use postgres::PostgresAdapter;
pub use query::{Operation, Outcome};
pub use row::Row;
pub use row_macro::Entry;
pub use secret_url::SecretUrl;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteAdapter;
pub use transaction::{Isolation, Transaction, TransactionClient, Tx, TxOptions};
pub use value::{AsJson, ExactJson, FromValue, Json, Numeric, Value};

/// The README's code is compiled and run as doctests.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../README.md")]
pub struct ReadmeDoctests;
