//! What the variants of `Error` know in detail: names, types, places. Never a value of a row.

use std::fmt;

use super::Error;

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
    /// What a function of the database said, if it raised the error.
    pub raised: Option<ServerText>,
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

/// Details of an error that a function or a trigger of the database raised.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Raised {
    /// The SQLSTATE, which the function may have chosen, or SQLite's result code.
    pub code: String,
    /// The table of the operation, where it is known.
    pub table: Option<String>,
    /// What the function said.
    pub text: ServerText,
}

/// A text of the database that may hold values of rows: shown by [`expose`](ServerText::expose) alone.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerText(String);

impl ServerText {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        ServerText(text.into())
    }

    /// The text, to be shown to somebody who may see values of rows.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ServerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerText(..)")
    }
}

/// Details of a failed conversion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Conversion {
    /// The column, where it is known.
    pub column: Option<String>,
    /// What was asked for, and why it failed, without the value.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
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
    /// It printed more than one line, or something that is not text.
    NotOneLine,
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
