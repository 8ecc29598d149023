//! Dict in, dict out: async CRUD with identical semantics on PostgreSQL and SQLite, without an ORM;
//! and one user's data moved between databases, with new keys and every reference right.
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
#![cfg_attr(
    feature = "macros",
    doc = "- [`backup_table`](macro@backup_table) and [`backup_schema!`] declare tables, checked by the compiler."
)]
//! - [`SchemaIntrospector`] reads the schema of a database, [`Validation`] compares it with another.
#![cfg_attr(
    feature = "_runtime",
    doc = "- [`fix`] repairs a schema and loses no row unasked."
)]
#![cfg_attr(
    feature = "backup",
    doc = "- [`backup`] writes one user's rows to a file and brings them back with new keys; [`sync`] brings the rows of one database up to date with those of another."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "_runtime"),
    allow(
        dead_code,
        unused_imports,
        reason = "without a backend nothing uses the encoders"
    )
)]

#[cfg(feature = "_runtime")]
mod abandoned;
#[cfg(feature = "backup")]
pub mod backup;
mod client;
#[cfg(feature = "config")]
mod config;
mod connect;
#[cfg(feature = "_runtime")]
mod deadline;
pub mod declare;
mod error;
pub mod expr;
#[cfg(any(feature = "backup", feature = "config"))]
mod file_place;
mod filter;
#[cfg(feature = "_runtime")]
pub mod fix;
#[cfg(feature = "_runtime")]
mod observe;
mod options;
#[cfg(feature = "postgres-no-tls")]
mod postgres;
pub mod prelude;
pub mod query;
mod row;
mod row_macro;
pub mod schema;
mod secret_url;
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stream;
#[cfg(feature = "backup")]
pub mod sync;
mod transaction;
#[cfg(feature = "backup")]
mod transfer;
#[cfg(any(feature = "config", feature = "postgres-no-tls"))]
mod url_hosts;
mod url_shape;
mod value;

pub use client::{
    AsClient, Begin, BoxFuture, BoxStream, Capabilities, CountBuilder, DatabaseClient,
    DatabaseClientExt, DeleteBuilder, ExecuteBuilder, ExecuteScriptBuilder, ExistsBuilder,
    InsertBuilder, InsertManyBuilder, InsertOrIgnoreBuilder, QueryBuilder, ReturningBuilder,
    SelectBuilder, Settled, UpdateBuilder, UpdateManyBuilder,
};
#[cfg(feature = "config")]
pub use config::{
    ActiveProfile, AdapterOptions, ConfigWarning, ConnectionResult, DatabaseConfig,
    DatabaseIdentity, DatabaseProfile, Environment, IdentityChange, LockMismatch, ProfileLock,
    ProfileSource, Provider, SchemaSettings, ValidateOptions, compare_with_lock,
    connect_and_validate, get_active_profile, get_active_profile_name, get_adapter, load_db_config,
    validate_connection,
};
pub use connect::{connect, connect_with};
pub use db_adapter_core::ExpectedSchema;
pub use db_adapter_core::Notice;
pub use db_adapter_core::backup::{BackupSchema, ForeignKey, TableDef};
/// `#[derive(BackupTable)]` with `#[db_adapter(..)]`: what [`backup_table`](macro@backup_table) is,
/// in two parts, for those who derive other things too.
///
/// ```
/// use db_adapter::BackupTable;
///
/// #[derive(Clone, Debug, BackupTable)]
/// #[db_adapter(name = "books")]
/// struct Book { id: i64, slug: String, #[db_adapter(name = "type")] kind: String }
///
/// assert_eq!(Book::COL.kind, "type");
/// ```
#[cfg(feature = "macros")]
pub use db_adapter_macros::BackupTable;
/// Puts tables together to a static [`BackupSchema`], parents first, whatever order they are in.
///
/// ```
/// use db_adapter::{backup_schema, backup_table};
///
/// #[backup_table(name = "authors")]
/// struct Author { id: i64, slug: String }
/// #[backup_table(name = "books", parent = Author(author_id))]
/// struct Book { id: i64, slug: String, author_id: i64 }
///
/// backup_schema!(pub SCHEMA = [Book, Author]);
/// assert_eq!(SCHEMA.tables[0].name, "authors");
/// ```
///
/// `..other::SCHEMA` brings the tables of another schema, and `#[cfg(..)]` may stand before each. The schema is left in the program's file
/// for tools to read, unless `embed = false` stands behind the list. A parent that is missing does
/// not compile, nor do two structs for one table, nor tables that need each other in a circle:
///
/// ```compile_fail,E0080
/// # use db_adapter::{backup_schema, backup_table};
/// # #[backup_table(name = "authors")]
/// # struct Author { id: i64, slug: String }
/// # #[backup_table(name = "books", parent = Author(author_id))]
/// # struct Book { id: i64, slug: String, author_id: i64 }
/// backup_schema!(pub SCHEMA = [Book]);
/// ```
#[cfg(feature = "macros")]
pub use db_adapter_macros::backup_schema;
/// Declares a struct as a table.
///
/// It gives the constants `TABLE` and `COL`, the conversions `Row::from(book)` and
/// `Book::try_from(&row)`, and all that [`cols!`], [`row!`], [`new_row!`], [`backup_schema!`] and
/// [`expected_schema!`] want to know.
///
/// ```
/// use db_adapter::{Row, backup_table};
///
/// #[backup_table(name = "authors")]
/// struct Author { id: i64, slug: String }
///
/// #[backup_table(name = "books", parent = Author(author_id), optional_ref = Author(editor_id))]
/// struct Book { id: i64, slug: String, author_id: i64, editor_id: Option<i64> }
///
/// assert_eq!((Book::TABLE, Book::COL.author_id), ("books", "author_id"));
/// let row = Row::from(Book { id: 1, slug: "dune".into(), author_id: 2, editor_id: None });
/// assert_eq!(row["author_id"], 2);
/// ```
///
/// Above a `#[derive(Deserialize)]` it tells serde the columns' names too, so that
/// [`row.deserialize()`](Row::deserialize) finds them; what serde writes stays as it was.
///
/// Options of the struct: `name`, `schema`, `pk`, `slug`, `user`, `owner`, `key`,
/// `null_key = true`, `match_by = pk`, `renew`, `parent`, `optional_ref`, `external`, `renamed_from`,
/// `backup = false`, `consts = false`, `crate`. Of a field, as `#[db_adapter(..)]` or `#[column(..)]`: `name`, `type`, `default`, `skip`. What they mean
/// is told in [the guide](https://github.com/docchang/db-adapter/blob/main/docs/declare-your-schema.md).
#[cfg(feature = "macros")]
pub use db_adapter_macros::backup_table;
/// What a program expects of its database, as a constant [`ExpectedSchema`]: names written out, the
/// types of declared tables, or, with the feature `sql`, the path of a SQL file.
///
/// ```
/// use db_adapter::{ExpectedSchema, backup_table, expected_schema};
///
/// #[backup_table(name = "books")]
/// struct Book { id: i64, slug: String, title: Option<String> }
///
/// const NAMES: ExpectedSchema = expected_schema!({ users: { id, name }, "audit.log": { id } });
/// const TYPES: ExpectedSchema = expected_schema!(Book);
/// assert_eq!(NAMES.tables.len(), 2);
/// assert_eq!(TYPES.tables[0].columns[2].nullable, Some(true));
/// ```
///
/// The file is found from the folder of `Cargo.toml`, is PostgreSQL's unless `dialect = sqlite`
/// stands behind it, and editing it builds again: `expected_schema!("schema.sql")`.
#[cfg(feature = "macros")]
pub use db_adapter_macros::expected_schema;
/// Puts the tables of a module together to its `SCHEMA`.
///
/// ```
/// #[db_adapter::schema]
/// mod models {
///     #[backup_table(name = "authors")]
///     pub struct Author { pub id: i64, pub slug: String }
/// }
/// assert_eq!(models::SCHEMA.tables.len(), 1);
/// ```
///
/// With `sql = "schema.sql"` (feature `sql`) the structs are compared with the file: names, types,
/// `Option` and NOT NULL, primary and foreign keys; its tables without a struct are an error, but
/// those of `undeclared = ["audit_log"]` or `undeclared = all`, and the types of its columns are left
/// in the program. Others: `dialect = sqlite`, `include = [other::SCHEMA]`, `partial` (no `SCHEMA` here,
/// another one lists the types), `embed = false`, `crate = path`.
#[cfg(feature = "macros")]
pub use db_adapter_macros::schema;
pub use declare::BackupTable;
pub use error::{
    ConfigProblem, Conversion, Error, ErrorKind, InvalidValue, PasswordCommandFailure, Raised,
    Result, ServerText, Violation,
};
pub use filter::{Condition, Filter, Test, op};
pub use options::{ConnectOptions, PoolStatus, Pooler, Rounding};
#[cfg(feature = "postgres-no-tls")]
pub use postgres::PostgresAdapter;
pub use query::{Backend, Operation, Outcome, RowSink};
#[doc(hidden)]
pub use row::RowNames;
pub use row::{Row, RowIntoIter, RowIter};
pub use row_macro::Entry;
#[doc(hidden)]
pub use row_macro::begin_row as __begin_row;
pub use schema::{
    DatabaseSchema, SchemaIntrospector, SchemaValidationResult, Validation, ValidationLevel,
    validate_schema,
};
pub use secret_url::SecretUrl;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteAdapter;
pub use transaction::{Isolation, Transaction, TransactionClient, Tx, TxOptions};
pub use value::{AsJson, ExactJson, FromValue, Json, Numeric, Value};

/// The README's code is compiled and run as doctests.
#[cfg(all(doctest, feature = "sqlite", feature = "macros", feature = "backup"))]
#[doc = include_str!("../../README.md")]
pub struct ReadmeDoctests;

/// So is the code of the guides.
#[cfg(all(doctest, feature = "macros"))]
#[doc = include_str!("../../docs/declare-your-schema.md")]
pub struct DeclareGuideDoctests;

/// Verbs, values, filters, transactions.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../docs/rows.md")]
pub struct RowsGuideDoctests;

/// Handlers of a service.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../docs/web-service.md")]
pub struct WebServiceGuideDoctests;

/// Options and profiles.
#[cfg(all(doctest, feature = "sqlite", feature = "config"))]
#[doc = include_str!("../../docs/connect.md")]
pub struct ConnectGuideDoctests;

/// Introspection.
#[cfg(doctest)]
#[doc = include_str!("../../docs/introspect.md")]
pub struct IntrospectGuideDoctests;

/// Backup, check, restore.
#[cfg(all(doctest, feature = "backup"))]
#[doc = include_str!("../../docs/backup-and-restore.md")]
pub struct BackupGuideDoctests;

/// Owners.
#[cfg(all(doctest, feature = "macros", feature = "backup", feature = "sqlite"))]
#[doc = include_str!("../../docs/tenants.md")]
pub struct TenantsGuideDoctests;

/// Comparison and sync of two databases.
#[cfg(all(doctest, feature = "backup"))]
#[doc = include_str!("../../docs/sync.md")]
pub struct SyncGuideDoctests;

/// Comparison, levels, the lock.
#[cfg(all(doctest, feature = "config"))]
#[doc = include_str!("../../docs/validate.md")]
pub struct ValidateGuideDoctests;

/// Plans and their runs.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../docs/fix.md")]
pub struct FixGuideDoctests;
