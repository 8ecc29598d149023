//! The one error type: the same variant for the same cause on every backend.
//!
//! It never shows a value of a row, a password or a driver's own message, and its
//! [`source`](std::error::Error::source) is always empty: drivers print values in their details. What a
//! function of the database raises is kept aside, for callers who ask for it.
//!
//! The variants are here; `kind` has their kinds, `details` what some of them know in detail, `make`
//! makes them, and `text` has their messages and hints.

mod details;
mod kind;
mod make;
mod text;

pub use details::{
    ConfigProblem, Conversion, InvalidValue, PasswordCommandFailure, Raised, ServerText, Violation,
};
pub use kind::ErrorKind;

use crate::Notice;

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, the same variant for the same cause on every backend.
///
/// Fields that a backend cannot tell are `None` or empty (SQLite does not name the foreign key
/// that it found violated); the variant and the table always hold.
///
/// Messages are made of names, types and SQLSTATE codes, never of the values of a row:
/// they can be logged as they are. A message and its hint are two things: `{error}` shows both, for
/// logs and for those who run the program; [`message`](Error::message) is for its users, and
/// [`hint`](Error::hint) for a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A unique index or primary key already holds such a row.
    UniqueViolation(Box<Violation>),
    /// A referenced row is missing, or a row is still referenced.
    ForeignKeyViolation(Box<Violation>),
    /// NULL for a column that is `NOT NULL`.
    NotNullViolation(Box<Violation>),
    /// A `CHECK` (or exclusion) constraint refused the row.
    CheckViolation(Box<Violation>),
    /// There is no such table or view.
    #[non_exhaustive]
    UndefinedTable {
        /// The name as it was given.
        table: String,
        /// The nearest existing name.
        suggestion: Option<String>,
    },
    /// The table has no such column.
    #[non_exhaustive]
    UndefinedColumn {
        /// The table, where it is known.
        table: Option<String>,
        /// The name as it was given.
        column: String,
        /// The nearest existing name.
        suggestion: Option<String>,
    },
    /// A value does not fit the type of its column or parameter.
    InvalidValue(Box<InvalidValue>),
    /// A value that was read does not convert into the Rust type that was asked for.
    Conversion(Box<Conversion>),
    /// An operation that must find a row found none.
    #[non_exhaustive]
    NoRowsMatched {
        /// The table.
        table: String,
    },
    /// `one()` or `optional()` found more than one row.
    #[non_exhaustive]
    TooManyRows {
        /// The table, where it is known.
        table: Option<String>,
    },
    /// An update or delete without a condition; [`Filter::all`](crate::Filter::all) says it on purpose.
    #[non_exhaustive]
    EmptyFilter {
        /// The verb.
        operation: &'static str,
        /// The table.
        table: String,
    },
    /// An update without a column to set.
    #[non_exhaustive]
    EmptyData {
        /// The verb.
        operation: &'static str,
        /// The table.
        table: String,
    },
    /// The call itself is wrong: column list, order, parameters, SQL text.
    #[non_exhaustive]
    InvalidQuery {
        /// What is wrong.
        message: String,
        /// What to write instead.
        hint: Option<String>,
    },
    /// The server gave up: a statement or lock time-out, or a cancelled statement.
    #[non_exhaustive]
    Timeout {
        /// What timed out.
        what: String,
    },
    /// No connection of the pool became free in time: all were in use.
    #[non_exhaustive]
    PoolTimeout {
        /// Connections that are in use.
        in_use: u32,
        /// The most that the pool may open.
        max_connections: u32,
    },
    /// The server cannot be reached, or the connection was lost.
    #[non_exhaustive]
    Connection {
        /// Host and port, or the file.
        target: String,
        /// What happened.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The server refused the credentials.
    #[non_exhaustive]
    Authentication {
        /// Host and port.
        target: String,
        /// What the server refused.
        message: String,
    },
    /// The connection was lost after a write was sent, or the answer did not come in time: the
    /// write may or may not have happened.
    #[non_exhaustive]
    OutcomeUnknown {
        /// The operation.
        operation: String,
    },
    /// A write where only reading is allowed: the transaction, the session or the file.
    #[non_exhaustive]
    ReadOnly {
        /// What is read only.
        what: String,
    },
    /// The role may not do this.
    #[non_exhaustive]
    PermissionDenied {
        /// What was refused.
        message: String,
        /// What a function of the database said, if it raised the error.
        raised: Option<ServerText>,
    },
    /// A function or a trigger of the database raised an error of its own: `RAISE EXCEPTION`,
    /// SQLite's `RAISE(ABORT, ..)`. [`raised`](Error::raised) has its words.
    Raised(Box<Raised>),
    /// The database said that it wrote a row, and the row is not as it was written: a trigger, a rule
    /// or a policy did not keep it.
    #[non_exhaustive]
    NotKept {
        /// The table.
        table: String,
        /// What was not kept: `the row`.
        what: &'static str,
    },
    /// The database has no new key to give: its numbers are used up, or are those of rows that are
    /// there.
    #[non_exhaustive]
    NoKeys {
        /// The table, where it is known.
        table: Option<String>,
        /// What the keys are missing for.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The transaction conflicted with another one; running it again may succeed.
    #[non_exhaustive]
    SerializationFailure {
        /// The SQLSTATE or the backend's name of the conflict.
        code: String,
    },
    /// Another session changed the schema while the transaction was open, or again and again while
    /// one statement was made for it. Nothing was committed; running it again may succeed.
    #[non_exhaustive]
    SchemaChanged {
        /// The table of the operation, where it is known.
        table: Option<String>,
    },
    /// The transaction has ended: it was committed, rolled back or dropped.
    TransactionEnded,
    /// The transaction has failed before, so nothing of it was committed.
    TransactionAborted,
    /// The parent of an open savepoint was used before the savepoint ended.
    SavepointOpen,
    /// The backend cannot do this.
    #[non_exhaustive]
    Unsupported {
        /// What was asked for.
        operation: String,
        /// The backend.
        backend: &'static str,
        /// What to do instead.
        hint: Option<String>,
    },
    /// The client was closed.
    Closed,
    /// Settings or a URL that cannot be used.
    #[non_exhaustive]
    Config {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Nothing says which database to use.
    #[non_exhaustive]
    NoProfile {
        /// What to run, for the environment prefix in use.
        hint: String,
    },
    /// `db.toml` has no such profile.
    #[non_exhaustive]
    UnknownProfile {
        /// The name as it was given.
        name: String,
        /// The profiles that there are, in the order of the file.
        available: Vec<String>,
    },
    /// The database is not the one that was validated, and only that one is to be used.
    #[non_exhaustive]
    NotValidated {
        /// What is different.
        message: String,
        /// What to run.
        hint: Option<String>,
    },
    /// `db.toml` cannot be used as it is written.
    #[non_exhaustive]
    InvalidConfig {
        /// The file.
        path: String,
        /// Everything that is wrong with it, in the order of the file; at least one.
        problems: Vec<ConfigProblem>,
    },
    /// The `password_command` of a profile gave no password.
    #[non_exhaustive]
    PasswordCommand {
        /// The profile.
        profile: String,
        /// What happened.
        failure: PasswordCommandFailure,
    },
    /// A backup file that cannot be used as it is.
    #[cfg(feature = "backup")]
    InvalidBackup(Box<crate::backup::BackupProblem>),
    /// What prevents a backup, since no restore of its file could be right; nothing was written.
    #[non_exhaustive]
    BackupRefused {
        /// Everything, each with what to do; at least one.
        problems: Vec<Notice>,
    },
    /// What prevents a restore; nothing was written.
    #[non_exhaustive]
    RestoreRefused {
        /// Everything, each with what to do; at least one.
        problems: Vec<Notice>,
    },
    /// What prevents a comparison or a sync of two databases; nothing was written.
    #[non_exhaustive]
    SyncRefused {
        /// Everything, each with what to do; at least one.
        problems: Vec<Notice>,
    },
    /// Two names or URLs lead to one database, which cannot be source and destination at once.
    #[non_exhaustive]
    SameDatabase {
        /// How that is known, and which tables are the same.
        message: String,
    },
    /// A sync without a declared schema is for tables without foreign keys, and these have some.
    #[non_exhaustive]
    UndeclaredReferences {
        /// Each foreign key: ``table `books` refers to `authors` by `author_id` ``.
        references: Vec<String>,
        /// A backup schema as JSON that declares them, as far as the database tells.
        declaration: Option<String>,
    },
    /// What prevents a repair of the schema; nothing was changed.
    #[non_exhaustive]
    FixRefused {
        /// Everything, each with what to do; at least one.
        problems: Vec<Notice>,
    },
    /// A repair of the schema stopped: where, why, and what was applied by then.
    #[cfg(feature = "_runtime")]
    FixFailed(Box<crate::fix::FixFailure>),
    /// Rows that belong into a backup have parents that do not: those of another user, or none.
    #[non_exhaustive]
    ForeignParents {
        /// What was found, by table, with the columns and the number of rows.
        tables: Vec<String>,
    },
    /// Row-level security may hide rows from the role, so that a backup would not be whole.
    #[non_exhaustive]
    PartialBackup {
        /// The tables.
        tables: Vec<String>,
    },
    /// Rows that were counted for a backup are not those that were read, although both were read
    /// from one snapshot.
    #[non_exhaustive]
    NoSnapshot {
        /// The tables.
        tables: Vec<String>,
    },
    /// A file could not be read or written.
    #[non_exhaustive]
    File {
        /// The file.
        path: String,
        /// What was tried: `write`, `open`.
        action: &'static str,
        /// Why it failed, in the words of the operating system.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Something that cannot happen has happened: a defect of this library.
    #[non_exhaustive]
    Internal {
        /// What does not hold.
        message: String,
    },
    /// Any other answer of the database.
    #[non_exhaustive]
    Database {
        /// The SQLSTATE, or SQLite's result code, as the database gave it.
        code: String,
        /// What it means, in our words.
        message: String,
    },
}

impl Error {
    /// Whether running the whole transaction again may succeed without any other change.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Error::SerializationFailure { .. } | Error::SchemaChanged { .. }
        )
    }

    /// Whether a constraint refused the row.
    pub fn is_constraint_violation(&self) -> bool {
        self.violation().is_some()
    }

    /// The details, when a constraint refused the row.
    pub fn violation(&self) -> Option<&Violation> {
        match self {
            Error::UniqueViolation(v)
            | Error::ForeignKeyViolation(v)
            | Error::NotNullViolation(v)
            | Error::CheckViolation(v) => Some(v),
            _ => None,
        }
    }

    /// What a function or a trigger of the database said when it raised this error, such as `orders
    /// are closed on Sunday` of `RAISE EXCEPTION` or of SQLite's `RAISE(ABORT, ..)`.
    ///
    /// This text was written by whoever wrote the function, and can hold values of rows. Nothing else
    /// shows it: neither `Display` nor `Debug` of the error, no span and no log line. Call this where
    /// you know your database's functions and the reader may see what they say. It is there for
    /// errors that are [`Error::Raised`], and for those raised as a violation of a constraint or as a
    /// missing permission (`USING ERRCODE = 'check_violation'`).
    /// The messages of the database itself are never kept.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # use db_adapter::{DatabaseClientExt, SqliteAdapter, row};
    /// # let db = SqliteAdapter::connect("sqlite::memory:").await?;
    /// db.execute_script(
    ///     "CREATE TABLE orders (id integer PRIMARY KEY, day text);
    ///      CREATE TRIGGER closed BEFORE INSERT ON orders WHEN NEW.day = 'Sunday'
    ///      BEGIN SELECT RAISE(ABORT, 'orders are closed on Sunday'); END",
    /// )
    /// .await?;
    /// let error = db.insert("orders", row! { "day": "Sunday" }).await.unwrap_err();
    /// assert_eq!(error.raised(), Some("orders are closed on Sunday"));
    /// assert!(!error.to_string().contains("Sunday"));
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn raised(&self) -> Option<&str> {
        let text = match self {
            Error::Raised(details) => Some(&details.text),
            Error::PermissionDenied { raised, .. } => raised.as_ref(),
            error => error.violation()?.raised.as_ref(),
        };
        text.map(ServerText::expose)
    }
}

impl std::error::Error for Error {}
