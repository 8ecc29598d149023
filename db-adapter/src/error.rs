//! The one error type: the same variant for the same cause on every backend.
//!
//! It never carries a value of a row, a password or a driver's own message, and its
//! [`source`](std::error::Error::source) is always empty: drivers print values in their details.

use std::fmt;

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, the same variant for the same cause on every backend.
///
/// Fields that a backend cannot tell are `None` or empty (SQLite does not name the foreign key
/// that it found violated); the variant and the table always hold.
///
/// Messages are made of names, types and SQLSTATE codes, never of the values of a row:
/// they can be logged as they are.
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
    /// No connection of the pool became free in time.
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
    /// What stands in the way of a restore; nothing was written.
    #[non_exhaustive]
    RestoreRefused {
        /// Everything, each with what to do; at least one.
        problems: Vec<String>,
    },
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
        /// The SQLSTATE, or SQLite's result code.
        code: String,
        /// What it means, in our words.
        message: String,
    },
}

/// Details of a constraint violation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Violation {
    /// The table that refused the row.
    pub table: Option<String>,
    /// The columns of the constraint, where the backend tells.
    pub columns: Vec<String>,
    /// The name of the constraint, where the backend tells.
    pub constraint: Option<String>,
}

/// Details of a value that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct InvalidValue {
    /// The table, where it is known.
    pub table: Option<String>,
    /// The column or the parameter, where it is known.
    pub column: Option<String>,
    /// The type of the column.
    pub expected: Option<String>,
    /// Why it does not fit, without the value.
    pub reason: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Details of a failed conversion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Conversion {
    /// The column, where it is known.
    pub column: Option<String>,
    /// What was asked for, and why it failed, without the value.
    pub message: String,
}

/// One place of `db.toml` that cannot be used. It never quotes a value: that may be a password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigProblem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

/// Why a `password_command` gave no password. What it printed is never kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasswordCommandFailure {
    /// There is no such program, or it may not be run.
    NotStarted,
    /// It ended with this exit status; `None` when a signal ended it.
    Failed(Option<i32>),
    /// It did not end in time, and was stopped.
    TimedOut,
    /// It ended well and printed nothing.
    Empty,
    /// It printed more than one line, or something that is no text.
    NotOneLine,
}

/// The kind of an [`Error`], to match on without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(
    missing_docs,
    reason = "each is the variant of `Error` of the same name"
)]
pub enum ErrorKind {
    UniqueViolation,
    ForeignKeyViolation,
    NotNullViolation,
    CheckViolation,
    UndefinedTable,
    UndefinedColumn,
    InvalidValue,
    Conversion,
    NoRowsMatched,
    TooManyRows,
    EmptyFilter,
    EmptyData,
    InvalidQuery,
    Timeout,
    PoolTimeout,
    Connection,
    Authentication,
    OutcomeUnknown,
    ReadOnly,
    PermissionDenied,
    SerializationFailure,
    SchemaChanged,
    TransactionEnded,
    TransactionAborted,
    SavepointOpen,
    Unsupported,
    Closed,
    Config,
    NoProfile,
    UnknownProfile,
    NotValidated,
    InvalidConfig,
    PasswordCommand,
    #[cfg(feature = "backup")]
    InvalidBackup,
    RestoreRefused,
    ForeignParents,
    PartialBackup,
    File,
    Internal,
    Database,
}

impl Error {
    /// The kind of this error.
    ///
    /// ```
    /// use db_adapter::{Error, ErrorKind};
    /// assert_eq!(Error::Closed.kind(), ErrorKind::Closed);
    /// ```
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::UniqueViolation(_) => ErrorKind::UniqueViolation,
            Error::ForeignKeyViolation(_) => ErrorKind::ForeignKeyViolation,
            Error::NotNullViolation(_) => ErrorKind::NotNullViolation,
            Error::CheckViolation(_) => ErrorKind::CheckViolation,
            Error::UndefinedTable { .. } => ErrorKind::UndefinedTable,
            Error::UndefinedColumn { .. } => ErrorKind::UndefinedColumn,
            Error::InvalidValue(_) => ErrorKind::InvalidValue,
            Error::Conversion(_) => ErrorKind::Conversion,
            Error::NoRowsMatched { .. } => ErrorKind::NoRowsMatched,
            Error::TooManyRows { .. } => ErrorKind::TooManyRows,
            Error::EmptyFilter { .. } => ErrorKind::EmptyFilter,
            Error::EmptyData { .. } => ErrorKind::EmptyData,
            Error::InvalidQuery { .. } => ErrorKind::InvalidQuery,
            Error::Timeout { .. } => ErrorKind::Timeout,
            Error::PoolTimeout { .. } => ErrorKind::PoolTimeout,
            Error::Connection { .. } => ErrorKind::Connection,
            Error::Authentication { .. } => ErrorKind::Authentication,
            Error::OutcomeUnknown { .. } => ErrorKind::OutcomeUnknown,
            Error::ReadOnly { .. } => ErrorKind::ReadOnly,
            Error::PermissionDenied { .. } => ErrorKind::PermissionDenied,
            Error::SerializationFailure { .. } => ErrorKind::SerializationFailure,
            Error::SchemaChanged { .. } => ErrorKind::SchemaChanged,
            Error::TransactionEnded => ErrorKind::TransactionEnded,
            Error::TransactionAborted => ErrorKind::TransactionAborted,
            Error::SavepointOpen => ErrorKind::SavepointOpen,
            Error::Unsupported { .. } => ErrorKind::Unsupported,
            Error::Closed => ErrorKind::Closed,
            Error::Config { .. } => ErrorKind::Config,
            Error::NoProfile { .. } => ErrorKind::NoProfile,
            Error::UnknownProfile { .. } => ErrorKind::UnknownProfile,
            Error::NotValidated { .. } => ErrorKind::NotValidated,
            Error::InvalidConfig { .. } => ErrorKind::InvalidConfig,
            Error::PasswordCommand { .. } => ErrorKind::PasswordCommand,
            #[cfg(feature = "backup")]
            Error::InvalidBackup(_) => ErrorKind::InvalidBackup,
            Error::RestoreRefused { .. } => ErrorKind::RestoreRefused,
            Error::ForeignParents { .. } => ErrorKind::ForeignParents,
            Error::PartialBackup { .. } => ErrorKind::PartialBackup,
            Error::File { .. } => ErrorKind::File,
            Error::Internal { .. } => ErrorKind::Internal,
            Error::Database { .. } => ErrorKind::Database,
        }
    }

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

    /// The call is wrong, with what to write instead. For implementations of
    /// [`DatabaseClient`](crate::DatabaseClient).
    pub fn invalid_query(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        Error::InvalidQuery {
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
        }
    }

    /// The backend cannot do this. For implementations of [`DatabaseClient`](crate::DatabaseClient).
    pub fn unsupported(
        operation: impl Into<String>,
        backend: &'static str,
        hint: impl Into<String>,
    ) -> Self {
        let hint = hint.into();
        Error::Unsupported {
            operation: operation.into(),
            backend,
            hint: (!hint.is_empty()).then_some(hint),
        }
    }

    pub(crate) fn connection(
        target: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let hint = hint.into();
        Error::Connection {
            target: target.into(),
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
        }
    }

    /// An invariant of ours that does not hold. Never with a value.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Error::Internal {
            message: message.into(),
        }
    }

    pub(crate) fn config(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        Error::Config {
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
        }
    }

    pub(crate) fn conversion(message: impl Into<String>) -> Self {
        Error::Conversion(Box::new(Conversion {
            column: None,
            message: message.into(),
        }))
    }

    /// Says in which column a conversion failed, or a value did not fit, where that is not known yet.
    pub(crate) fn in_column(mut self, name: &str) -> Self {
        match &mut self {
            Error::Conversion(c) if c.column.is_none() => c.column = Some(name.to_owned()),
            Error::InvalidValue(v) if v.column.is_none() => v.column = Some(name.to_owned()),
            _ => {}
        }
        self
    }
}

impl InvalidValue {
    /// Details with the reason alone; the names are filled in by who knows them.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        InvalidValue {
            reason: reason.into(),
            ..InvalidValue::default()
        }
    }

    pub(crate) fn expected(mut self, sql_type: impl fmt::Display) -> Self {
        self.expected = Some(sql_type.to_string());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<InvalidValue> for Error {
    fn from(details: InvalidValue) -> Self {
        Error::InvalidValue(Box::new(details))
    }
}

/// ` in table `t`` where a table is known.
struct InTable<'a>(&'a Option<String>);

impl fmt::Display for InTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(table) => write!(f, " in table `{table}`"),
            None => Ok(()),
        }
    }
}

impl Violation {
    fn describe(&self, f: &mut fmt::Formatter<'_>, what: &str) -> fmt::Result {
        f.write_str(what)?;
        match self.columns.as_slice() {
            [] => {}
            [one] => write!(f, " of column `{one}`")?,
            many => write!(f, " of columns `{}`", many.join("`, `"))?,
        }
        write!(f, "{}", InTable(&self.table))?;
        if let Some(constraint) = &self.constraint {
            write!(f, " (constraint `{constraint}`)")?;
        }
        Ok(())
    }
}

fn hint(f: &mut fmt::Formatter<'_>, hint: &Option<String>) -> fmt::Result {
    match hint {
        Some(hint) => write!(f, "; hint: {hint}"),
        None => Ok(()),
    }
}

fn did_you_mean(f: &mut fmt::Formatter<'_>, suggestion: &Option<String>) -> fmt::Result {
    match suggestion {
        Some(name) => write!(f, "; hint: did you mean `{name}`?"),
        None => Ok(()),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::UniqueViolation(v) => v.describe(f, "a row with the same value already exists: unique key"),
            Error::ForeignKeyViolation(v) => v.describe(f, "a referenced row is missing or still referenced: foreign key"),
            Error::NotNullViolation(v) => v.describe(f, "null is not allowed: not-null rule"),
            Error::CheckViolation(v) => v.describe(f, "the row was refused: check constraint"),
            // servers do not always say which
            Error::UndefinedTable { table, .. } if table.is_empty() => {
                f.write_str("the statement names a table or view that does not exist")
            }
            Error::UndefinedTable { table, suggestion } => {
                write!(f, "no table or view `{table}`")?;
                did_you_mean(f, suggestion)
            }
            Error::UndefinedColumn { table, column, .. } if column.is_empty() => {
                write!(f, "the statement names a column that does not exist{}", InTable(table))
            }
            Error::UndefinedColumn { table, column, suggestion } => {
                write!(f, "no column `{column}`{}", InTable(table))?;
                did_you_mean(f, suggestion)
            }
            Error::InvalidValue(v) => v.fmt(f),
            Error::Conversion(c) => {
                match &c.column {
                    Some(column) => write!(f, "column `{column}`: {}", c.message),
                    None => f.write_str(&c.message),
                }
            }
            Error::NoRowsMatched { table } => write!(f, "no row of `{table}` matches; hint: check the filter, or use `.optional()` or `.count()` where none is fine"),
            Error::TooManyRows { table } => write!(f, "more than one row matches{}; hint: narrow the filter or add `.limit(1)`", InTable(table)),
            Error::EmptyFilter { operation, table } => write!(f, "{operation} of `{table}` without a condition would change every row; hint: pass a filter, or `Filter::all()` to say so on purpose"),
            Error::EmptyData { operation, table } => write!(f, "{operation} of `{table}` sets no column; hint: put at least one column in the data (keys that start with `_` and are no columns are dropped)"),
            Error::InvalidQuery { message, hint: h } => {
                f.write_str(message)?;
                hint(f, h)
            }
            Error::Timeout { what } => write!(f, "timed out: {what}; hint: raise the time-out or make the statement cheaper"),
            Error::PoolTimeout { in_use, max_connections } => write!(f, "no connection became free in time: {in_use} of {max_connections} are in use; hint: raise `max_connections` or `acquire_timeout`, or end transactions and streams sooner"),
            Error::Connection { target, message, hint: h } => {
                write!(f, "cannot reach the database at {target}: {message}")?;
                hint(f, h)
            }
            Error::Authentication { target, message } => write!(f, "the database at {target} refused the login: {message}; hint: check user, password and database name"),
            Error::OutcomeUnknown { operation } => write!(f, "it is not known whether the {operation} happened: the connection was lost, or the answer did not come in time; hint: look before you repeat it"),
            Error::ReadOnly { what } => write!(f, "{what} is read only; hint: write in a transaction that is begun without `.read_only()`, on a database that may be written"),
            Error::PermissionDenied { message } => write!(f, "not permitted: {message}; hint: check the role's grants"),
            Error::SerializationFailure { code } => write!(f, "the transaction conflicted with another one ({code}); hint: run it again, for example with `transaction_retrying`"),
            Error::SchemaChanged { table } => write!(f, "another session changed the schema{} meanwhile, and nothing was committed; hint: run it again, for example with `transaction_retrying`", InTable(table)),
            Error::TransactionEnded => f.write_str("the transaction has already ended; hint: begin a new one"),
            Error::TransactionAborted => f.write_str("nothing was committed: an earlier statement of the transaction failed; hint: return that error from the transaction, or wrap the statement in a savepoint with `tx.begin()`"),
            Error::SavepointOpen => f.write_str("the transaction has an open savepoint; hint: commit or roll back the inner transaction first"),
            Error::Unsupported { operation, backend, hint: h } => {
                write!(f, "{operation} is not supported on {backend}")?;
                hint(f, h)
            }
            Error::Closed => f.write_str("the client was closed; hint: connect again"),
            Error::Config { message, hint: h } => {
                f.write_str(message)?;
                hint(f, h)
            }
            Error::NotValidated { message, hint: next } => {
                f.write_str(message)?;
                hint(f, next)
            }
            Error::NoProfile { hint } => write!(f, "no database profile configured; hint: {hint}"),
            Error::UnknownProfile { name, available } => unknown_profile(f, name, available),
            Error::InvalidConfig { path, problems } => {
                for (i, problem) in problems.iter().enumerate() {
                    let separator = if i == 0 { "" } else { "\n" };
                    write!(f, "{separator}{path}:{problem}")?;
                }
                Ok(())
            }
            Error::PasswordCommand { profile, failure } => write!(f, "the `password_command` of profile `{profile}` {failure}"),
            #[cfg(feature = "backup")]
            Error::InvalidBackup(problem) => problem.fmt(f),
            Error::RestoreRefused { problems } => {
                f.write_str("nothing was restored: ")?;
                for (i, problem) in problems.iter().enumerate() {
                    f.write_str(if i > 0 { "\n  " } else { "" })?;
                    f.write_str(problem)?;
                }
                Ok(())
            }
            Error::ForeignParents { tables } => write!(f, "{}; hint: the rows belong to another user or are not there; correct the references, or leave these rows out by a filter", tables.join("\n")),
            Error::PartialBackup { tables } => write!(f, "row-level security may hide rows of `{}` from this role, so that the backup would not be whole; hint: use a role with BYPASSRLS, or allow it by name", tables.join("`, `")),
            Error::File { path, action, message, hint: h } => {
                write!(f, "cannot {action} `{path}`: {message}")?;
                hint(f, h)
            }
            Error::Internal { message } => write!(f, "internal error: {message}; hint: this is a defect of db-adapter; please report it"),
            Error::Database { code, message } => write!(f, "the database answered {code}: {message}"),
        }
    }
}

fn unknown_profile(f: &mut fmt::Formatter<'_>, name: &str, available: &[String]) -> fmt::Result {
    write!(f, "no profile `{name}` in `db.toml`; hint: ")?;
    if let Some(near) = db_adapter_core::closest(name, available.iter().map(String::as_str)) {
        write!(f, "did you mean `{near}`? ")?;
    }
    match available {
        [] => f.write_str("it has no profile: add `[profiles.NAME]` with a `url`"),
        names => write!(f, "available: `{}`", names.join("`, `")),
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        hint(f, &self.hint)
    }
}

impl fmt::Display for PasswordCommandFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PasswordCommandFailure::NotStarted => f.write_str("could not be started; hint: it is run without a shell; check that its first word is a program"),
            PasswordCommandFailure::Failed(Some(status)) => write!(f, "failed with exit status {status}; hint: run it yourself to see why"),
            PasswordCommandFailure::Failed(None) => f.write_str("was ended by a signal; hint: run it yourself to see why"),
            PasswordCommandFailure::TimedOut => f.write_str("did not end within 10 seconds; hint: run it yourself; it can ask nothing on its standard input"),
            PasswordCommandFailure::Empty => f.write_str("printed nothing; hint: it must print the password on its standard output"),
            PasswordCommandFailure::NotOneLine => f.write_str("printed something other than one line of text; hint: let it print the password alone"),
        }
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value")?;
        if let Some(column) = &self.column {
            write!(f, " for `{column}`")?;
        }
        write!(f, "{} does not fit", InTable(&self.table))?;
        if let Some(expected) = &self.expected {
            write!(f, " type `{expected}`")?;
        }
        write!(f, ": {}", self.reason)?;
        hint(f, &self.hint)
    }
}

impl std::error::Error for Error {}
