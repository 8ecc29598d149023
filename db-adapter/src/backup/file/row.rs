//! A row of a backup file: its columns' names, and their values as JSON until a type is known.

use std::borrow::Cow;

use db_adapter_core::SqlType;

use super::cell;
use super::syntax::{Dialect, Member, members, unquote};
use crate::backup::{BackupProblem, BackupProblemKind as Kind};
use crate::error::InvalidValue;
use crate::{Error, Value};

/// The longest name of a column; PostgreSQL's have 63 bytes at most.
const MAX_COLUMN: usize = 1024;

/// The column names of the rows read last; nearly all rows of a table have the same.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// As written, with quotes and escapes.
    quoted: Vec<String>,
    names: Vec<String>,
}

impl Shape {
    /// The names of these members; an error when one stands twice, is no text, or would fill a
    /// screen of whoever reads the message that names it.
    fn take(&mut self, text: &str, found: &[Member]) -> Result<(), (Kind, &'static str)> {
        let quoted = || found.iter().map(|m| text.get(m.key.clone()).unwrap_or(""));
        if quoted().eq(self.quoted.iter().map(String::as_str)) {
            return Ok(());
        }
        let names: Option<Vec<String>> = quoted()
            .map(|key| unquote(key).map(std::borrow::Cow::into_owned))
            .collect();
        let names = names.ok_or((Kind::Malformed, "a column's name is no text"))?;
        if names.iter().any(|name| name.len() > MAX_COLUMN) {
            return Err((Kind::TooLarge, "a column's name is longer than 1024 bytes"));
        }
        let mut sorted: Vec<&String> = names.iter().collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err((Kind::Duplicate, "the row has two columns of one name"));
        }
        self.quoted = quoted().map(str::to_owned).collect();
        self.names = names;
        Ok(())
    }
}

/// Splits the text of a row.
pub(super) fn split(
    text: &str,
    dialect: Dialect,
    shape: &mut Shape,
    out: &mut Vec<Member>,
) -> Result<(), Box<BackupProblem>> {
    members(text, dialect, out).map_err(|place| {
        BackupProblem::boxed(
            Kind::Malformed,
            format!("the row is no JSON object (at its byte {})", place.0 + 1),
        )
    })?;
    shape
        .take(text, out)
        .map_err(|(kind, what)| BackupProblem::boxed(kind, what))
}

/// A row of a backup file, borrowed from the reader until the next one is read.
pub(crate) struct FileRow<'a> {
    pub(super) table: &'a str,
    pub(super) number: u64,
    pub(super) line: u64,
    pub(super) text: &'a str,
    pub(super) shape: &'a Shape,
    pub(super) members: &'a [Member],
    pub(super) ours: bool,
}

impl<'a> FileRow<'a> {
    /// Which row of its table, counted from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The line on which the row begins.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The column names in order, each only once.
    pub(crate) fn names(&self) -> &'a [String] {
        &self.shape.names
    }

    /// The position of a column.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.names().iter().position(|column| column == name)
    }

    /// The cell at a position as the JSON that stands in the file.
    pub(crate) fn raw(&self, position: usize) -> Option<&'a str> {
        let member = self.members.get(position)?;
        self.text.get(member.value.clone())
    }

    /// The cell at a position as a value of this type: SQL NULL is `Value::Null`, the JSON `null`
    /// of a document a `Value::Json`. Limits of the type (length, precision) count: pass it
    /// [`without_limits`](crate::transfer::types::without_limits) to get what was backed up unchanged.
    ///
    /// # Errors
    /// Why it is none, with the names of table and column and without the value.
    pub(crate) fn value(
        &self,
        position: usize,
        sql_type: &SqlType,
    ) -> Result<Value, Box<InvalidValue>> {
        let text = self.raw(position).unwrap_or("null");
        cell::read(text, sql_type, self.ours).map_err(|mut details| {
            details.table = Some(self.table.to_owned());
            details.column = self.names().get(position).cloned();
            Box::new(details)
        })
    }

    /// The text of the cell at a position, as it is written; `None` where it is not plain text.
    pub(crate) fn text(&self, position: usize) -> Option<Cow<'a, str>> {
        let cell = self.raw(position).filter(|cell| cell.starts_with('"'))?;
        unquote(cell)
    }

    /// A problem at this row.
    pub(crate) fn problem(&self, kind: Kind, message: impl Into<String>) -> Box<BackupProblem> {
        BackupProblem::boxed(kind, message)
            .at_line(self.line)
            .in_table(self.table)
            .in_row(self.number)
    }
}

impl From<Box<InvalidValue>> for Error {
    fn from(details: Box<InvalidValue>) -> Self {
        Error::InvalidValue(details)
    }
}
