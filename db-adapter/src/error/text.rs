//! Errors as text: the message, the hint, both. A hint is data, and is never looked for in a text.

use std::borrow::Cow;
use std::fmt;

use super::{ConfigProblem, Error, InvalidValue, PasswordCommandFailure, Violation};
use crate::Notice;

impl Error {
    /// What happened and where, without the hint: for people who use the program but cannot
    /// change it.
    ///
    /// Names and types are in it, values never are. Of an error with several problems
    /// ([`InvalidConfig`](Error::InvalidConfig), [`RestoreRefused`](Error::RestoreRefused)) each is a
    /// line.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # use db_adapter::{DatabaseClientExt, SqliteAdapter};
    /// # let db = SqliteAdapter::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, email text)").await?;
    /// let error = db.select("users", "emial").await.unwrap_err();
    /// assert_eq!(error.message(), "no column `emial` in table `users`");
    /// assert_eq!(error.hint().as_deref(), Some("did you mean `email`?"));
    /// assert_eq!(
    ///     error.to_string(),
    ///     "no column `emial` in table `users`; hint: did you mean `email`?"
    /// );
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn message(&self) -> String {
        Message(self).to_string()
    }

    /// What to do next, for those who write or run the program.
    ///
    /// `None` where nothing better can be said than the message, and where an error has several
    /// problems with a hint each: see [`notices`](Error::notices).
    pub fn hint(&self) -> Option<Cow<'_, str>> {
        let hint = match self {
            Error::UndefinedTable { suggestion, .. }
            | Error::UndefinedColumn { suggestion, .. } => {
                return suggestion
                    .as_ref()
                    .map(|name| format!("did you mean `{name}`?").into());
            }
            Error::InvalidValue(details) => return borrowed(&details.hint),
            Error::Conversion(details) => return borrowed(&details.hint),
            Error::InvalidQuery { hint, .. }
            | Error::Connection { hint, .. }
            | Error::Unsupported { hint, .. }
            | Error::Config { hint, .. }
            | Error::NotValidated { hint, .. }
            | Error::NoKeys { hint, .. }
            | Error::File { hint, .. } => return borrowed(hint),
            Error::NoProfile { hint } => return Some(hint.into()),
            Error::UnknownProfile { name, available } => {
                return Some(which(name, available).into());
            }
            Error::InvalidConfig { problems, .. } => match problems.as_slice() {
                [only] => return borrowed(&only.hint),
                _ => return None,
            },
            Error::BackupRefused { problems }
            | Error::RestoreRefused { problems }
            | Error::SyncRefused { problems }
            | Error::FixRefused { problems } => match problems.as_slice() {
                [only] => return borrowed(&only.hint),
                _ => return None,
            },
            Error::UndeclaredReferences { declaration, .. } => {
                let how = "`db-adapter schema draft` writes the declaration to use; pass it as the schema (`--backup-schema FILE`)";
                return Some(match declaration {
                    Some(json) => format!("{how}: {json}").into(),
                    None => how.into(),
                });
            }
            Error::SameDatabase { .. } => {
                "name two databases; of PostgreSQL, two schemas of one database will do"
            }
            #[cfg(feature = "_runtime")]
            Error::FixFailed(failure) => return failure.hint().map(Cow::Owned),
            Error::PasswordCommand { failure, .. } => failure.hint(),
            #[cfg(feature = "backup")]
            Error::InvalidBackup(problem) => return borrowed(&problem.hint),
            Error::NoRowsMatched { .. } => {
                "check the filter, or use `.optional()` or `.count()` where none is fine"
            }
            Error::TooManyRows { .. } => "narrow the filter or add `.limit(1)`",
            Error::EmptyFilter { .. } => "pass a filter, or `Filter::all()` to say so on purpose",
            Error::EmptyData { .. } => {
                "put at least one column in the data (keys that start with `_` are dropped where the table has no such column)"
            }
            Error::Timeout { .. } => "raise the time-out or make the statement cheaper",
            Error::PoolTimeout { .. } => {
                "raise `max_connections` or `acquire_timeout`, or end transactions and streams sooner"
            }
            Error::Authentication { .. } => "check user, password and database name",
            Error::OutcomeUnknown { .. } => "look before you repeat it",
            Error::ReadOnly { .. } => {
                "write in a transaction that is begun without `.read_only()`, on a database that may be written"
            }
            Error::PermissionDenied { .. } => {
                "check the role's grants on the table, on the sequences of its columns, and on what its triggers and policies use"
            }
            Error::SerializationFailure { .. } => {
                "run it again, for example with `transaction_retrying`"
            }
            Error::SchemaChanged { .. } => "run it again, for example with `transaction_retrying`",
            Error::TransactionEnded => "begin a new one",
            Error::TransactionAborted => {
                "return that error from the transaction, or wrap the statement in a savepoint with `tx.begin()`"
            }
            Error::SavepointOpen => "commit or roll back the inner transaction first",
            Error::Closed => "connect again",
            Error::ForeignParents { .. } => {
                "the rows belong to another user or are not there; correct the references, or leave these rows out by a filter"
            }
            Error::PartialBackup { .. } => "use a role with BYPASSRLS, or allow it by name",
            Error::Internal { .. } => "this is a defect of db-adapter; please report it",
            Error::Raised(_) => {
                "`error.raised()` has the words of the function, which can hold values"
            }
            Error::NoSnapshot { .. } => {
                "is there a view or a policy that gives other rows each time?"
            }
            Error::NotKept { .. }
            | Error::UniqueViolation(_)
            | Error::ForeignKeyViolation(_)
            | Error::NotNullViolation(_)
            | Error::CheckViolation(_)
            | Error::Database { .. } => return None,
        };
        Some(hint.into())
    }

    /// Each problem with its own hint: one, but for errors that name several problems at once.
    ///
    /// ```
    /// use db_adapter::Error;
    ///
    /// for notice in Error::Closed.notices() {
    ///     eprintln!("error: {}", notice.message);
    ///     if let Some(hint) = &notice.hint {
    ///         eprintln!("hint: {hint}");
    ///     }
    /// }
    /// ```
    pub fn notices(&self) -> Vec<Notice> {
        match self {
            Error::InvalidConfig { path, problems } => problems
                .iter()
                .map(|problem| notice(format!("{path}:{}", problem.place()), problem.hint.clone()))
                .collect(),
            Error::BackupRefused { problems }
            | Error::RestoreRefused { problems }
            | Error::SyncRefused { problems }
            | Error::FixRefused { problems } => problems.clone(),
            _ => vec![notice(self.message(), self.hint().map(Cow::into_owned))],
        }
    }
}

fn notice(message: String, hint: Option<String>) -> Notice {
    let notice = Notice::new(message);
    match hint {
        Some(hint) => notice.hint(hint),
        None => notice,
    }
}

fn borrowed(hint: &Option<String>) -> Option<Cow<'_, str>> {
    hint.as_deref().map(Cow::Borrowed)
}

fn which(name: &str, available: &[String]) -> String {
    let near = db_adapter_core::closest(name, available.iter().map(String::as_str));
    let near = near.map(|near| format!("did you mean `{near}`? "));
    let near = near.unwrap_or_default();
    match available {
        [] => format!("{near}it has no profile: add `[profiles.NAME]` with a `url`"),
        names => format!("{near}available: `{}`", names.join("`, `")),
    }
}

/// The message and the hint, `message; hint: what to do`: for logs, and for whoever runs the program.
///
/// Chains of errors such as those of `anyhow` show this text alone, so the hint is in it.
/// [`message`](Error::message) and [`hint`](Error::hint) are its parts.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::InvalidConfig { path, problems } => {
                lines(f, problems, |f, problem| write!(f, "{path}:{problem}"))
            }
            Error::BackupRefused { problems } => {
                f.write_str("nothing was backed up: ")?;
                lines(f, problems, |f, problem| write!(f, "{problem}"))
            }
            Error::RestoreRefused { problems } => {
                f.write_str("nothing was restored: ")?;
                lines(f, problems, |f, problem| write!(f, "{problem}"))
            }
            Error::SyncRefused { problems } => {
                f.write_str("nothing was synced: ")?;
                lines(f, problems, |f, problem| write!(f, "{problem}"))
            }
            Error::FixRefused { problems } => {
                f.write_str("nothing was repaired: ")?;
                lines(f, problems, |f, problem| write!(f, "{problem}"))
            }
            _ => {
                Message(self).fmt(f)?;
                write_hint(f, self.hint().as_deref())
            }
        }
    }
}

pub(super) fn write_hint(f: &mut fmt::Formatter<'_>, hint: Option<&str>) -> fmt::Result {
    match hint {
        Some(hint) => write!(f, "; hint: {hint}"),
        None => Ok(()),
    }
}

fn lines<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    mut write: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        f.write_str(if i > 0 { "\n" } else { "" })?;
        write(f, item)?;
    }
    Ok(())
}

/// The message without its hint.
struct Message<'e>(&'e Error);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Error::UniqueViolation(v) => {
                v.describe(f, "a row with the same value already exists: unique key")
            }
            Error::ForeignKeyViolation(v) => v.describe(
                f,
                "a referenced row is missing or still referenced: foreign key",
            ),
            Error::NotNullViolation(v) => v.describe(f, "null is not allowed: not-null rule"),
            Error::CheckViolation(v) => v.describe(f, "the row was refused: check constraint"),
            // servers do not always say which
            Error::UndefinedTable { table, .. } if table.is_empty() => {
                f.write_str("the statement names a table or view that does not exist")
            }
            Error::UndefinedTable { table, .. } => write!(f, "no table or view `{table}`"),
            Error::UndefinedColumn { table, column, .. } if column.is_empty() => {
                write!(
                    f,
                    "the statement names a column that does not exist{}",
                    InTable(table)
                )
            }
            Error::UndefinedColumn { table, column, .. } => {
                write!(f, "no column `{column}`{}", InTable(table))
            }
            Error::InvalidValue(details) => details.describe(f),
            Error::Conversion(details) => match &details.column {
                Some(column) => write!(f, "column `{column}`: {}", details.message),
                None => f.write_str(&details.message),
            },
            Error::NoRowsMatched { table } => write!(f, "no row of `{table}` matches"),
            Error::TooManyRows { table } => {
                write!(f, "more than one row matches{}", InTable(table))
            }
            Error::EmptyFilter { operation, table } => write!(
                f,
                "{operation} of `{table}` without a condition would change every row"
            ),
            Error::EmptyData { operation, table } => {
                write!(f, "{operation} of `{table}` sets no column")
            }
            Error::InvalidQuery { message, .. }
            | Error::Config { message, .. }
            | Error::NoKeys { message, .. }
            | Error::NotValidated { message, .. } => f.write_str(message),
            Error::Timeout { what } => write!(f, "timed out: {what}"),
            Error::PoolTimeout {
                in_use,
                max_connections,
            } => write!(
                f,
                "no connection became free in time: {in_use} of {max_connections} are in use"
            ),
            Error::Connection {
                target, message, ..
            } => write!(f, "cannot reach the database at {target}: {message}"),
            Error::Authentication { target, message } => {
                write!(f, "the database at {target} refused the login: {message}")
            }
            Error::OutcomeUnknown { operation } => write!(
                f,
                "it is not known whether the {operation} happened: the connection was lost, or the answer did not come in time"
            ),
            Error::ReadOnly { what } => write!(f, "{what} is read only"),
            Error::PermissionDenied { message, .. } => write!(f, "not permitted: {message}"),
            Error::Raised(details) => write!(
                f,
                "a function or trigger of the database raised an error{} ({})",
                InTable(&details.table),
                details.code
            ),
            Error::NotKept { table, what } => write!(
                f,
                "a trigger, a rule or a policy of `{table}` did not keep {what}"
            ),
            Error::NoSnapshot { tables } => write!(
                f,
                "the rows of `{}` that were counted are not those that were read, so that this is no snapshot",
                tables.join("`, `")
            ),
            Error::SerializationFailure { code } => {
                write!(f, "the transaction conflicted with another one ({code})")
            }
            Error::SchemaChanged { table } => write!(
                f,
                "another session changed the schema{} meanwhile, and nothing was committed",
                InTable(table)
            ),
            Error::TransactionEnded => f.write_str("the transaction has already ended"),
            Error::TransactionAborted => {
                f.write_str("nothing was committed: an earlier statement of the transaction failed")
            }
            Error::SavepointOpen => f.write_str("the transaction has an open savepoint"),
            Error::Unsupported {
                operation, backend, ..
            } => write!(f, "{operation} is not supported on {backend}"),
            Error::Closed => f.write_str("the client was closed"),
            Error::NoProfile { .. } => f.write_str("no database profile configured"),
            Error::UnknownProfile { name, .. } => write!(f, "no profile `{name}` in `db.toml`"),
            Error::InvalidConfig { path, problems } => lines(f, problems, |f, problem| {
                write!(f, "{path}:{}", problem.place())
            }),
            Error::PasswordCommand { profile, failure } => write!(
                f,
                "the `password_command` of profile `{profile}` {}",
                failure.what()
            ),
            #[cfg(feature = "backup")]
            Error::InvalidBackup(problem) => problem.describe(f),
            Error::BackupRefused { problems } => {
                f.write_str("nothing was backed up: ")?;
                lines(f, problems, |f, problem| f.write_str(&problem.message))
            }
            Error::RestoreRefused { problems } => {
                f.write_str("nothing was restored: ")?;
                lines(f, problems, |f, problem| f.write_str(&problem.message))
            }
            Error::SyncRefused { problems } => {
                f.write_str("nothing was synced: ")?;
                lines(f, problems, |f, problem| f.write_str(&problem.message))
            }
            Error::SameDatabase { message } => f.write_str(message),
            Error::UndeclaredReferences { references, .. } => write!(
                f,
                "a sync without a declared schema is for tables without foreign keys: {}",
                references.join("; ")
            ),
            Error::FixRefused { problems } => {
                f.write_str("nothing was repaired: ")?;
                lines(f, problems, |f, problem| f.write_str(&problem.message))
            }
            #[cfg(feature = "_runtime")]
            Error::FixFailed(failure) => write!(f, "{failure}"),
            Error::ForeignParents { tables } => f.write_str(&tables.join("\n")),
            Error::PartialBackup { tables } => write!(
                f,
                "row-level security may hide rows of `{}` from this role, so that the backup would not be whole",
                tables.join("`, `")
            ),
            Error::File {
                path,
                action,
                message,
                ..
            } => write!(f, "cannot {action} `{path}`: {message}"),
            Error::Internal { message } => write!(f, "internal error: {message}"),
            Error::Database { code, message } => {
                write!(f, "the database answered {code}: {message}")
            }
        }
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

impl InvalidValue {
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value")?;
        if let Some(column) = &self.column {
            write!(f, " for `{column}`")?;
        }
        write!(f, "{} does not fit", InTable(&self.table))?;
        if let Some(expected) = &self.expected {
            write!(f, " type `{expected}`")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(f)?;
        write_hint(f, self.hint.as_deref())
    }
}

impl ConfigProblem {
    /// The message with its place, without the hint.
    fn place(&self) -> String {
        format!("{}:{}: {}", self.line, self.column, self.message)
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())?;
        write_hint(f, self.hint.as_deref())
    }
}

impl PasswordCommandFailure {
    fn what(self) -> Cow<'static, str> {
        match self {
            PasswordCommandFailure::NotStarted => "could not be started".into(),
            PasswordCommandFailure::Failed(Some(status)) => {
                format!("failed with exit status {status}").into()
            }
            PasswordCommandFailure::Failed(None) => "was ended by a signal".into(),
            PasswordCommandFailure::TimedOut => "did not end within 10 seconds".into(),
            PasswordCommandFailure::Empty => "printed nothing".into(),
            PasswordCommandFailure::NotOneLine => {
                "printed something other than one line of text".into()
            }
        }
    }

    fn hint(self) -> &'static str {
        match self {
            PasswordCommandFailure::NotStarted => {
                "it is run without a shell; check that its first word is a program"
            }
            PasswordCommandFailure::Failed(_) => "run it yourself to see why",
            PasswordCommandFailure::TimedOut => {
                "run it yourself; it can ask nothing on its standard input"
            }
            PasswordCommandFailure::Empty => "it must print the password on its standard output",
            PasswordCommandFailure::NotOneLine => "let it print the password alone",
        }
    }
}

impl fmt::Display for PasswordCommandFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what())?;
        write_hint(f, Some(self.hint()))
    }
}
