//! What is wrong with a backup file, and where. Never a value of a row.

use std::fmt;

/// One thing that is wrong with a backup file: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupProblem {
    /// What kind of problem it is.
    pub kind: BackupProblemKind,
    /// The file as it was named; `-` for standard input.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<u64>,
    /// The table.
    pub table: Option<String>,
    /// The row of the table, counted from 1.
    pub row: Option<u64>,
    /// The column.
    pub column: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// The kind of a [`BackupProblem`], to match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackupProblemKind {
    /// The file could not be read to its end.
    Unreadable,
    /// The file ends too early.
    Truncated,
    /// The file is no JSON, no text, or of another shape than a backup.
    Malformed,
    /// A row, a line of metadata or a document is larger or deeper than the limits of the format.
    TooLarge,
    /// A version or a format of files that this program does not read.
    UnknownVersion,
    /// The file is not the one that was written: hash, counts or order differ.
    Altered,
    /// The file carries no seal, as those of the Python tool do.
    NotSealed,
    /// The backup leaves something out: it says so itself.
    Partial,
    /// A table of the schema is not in the file.
    MissingTable,
    /// A table of the file is not in the schema.
    UnknownTable,
    /// A column that identifies rows or refers to them is not in the row.
    MissingColumn,
    /// Two entries of one name.
    Duplicate,
    /// Two rows with the same key.
    DuplicateKey,
    /// A key that must be there is null.
    NullKey,
    /// A value is none of its column's type.
    InvalidValue,
    /// A required parent is not in the file.
    MissingParent,
    /// An optional reference leads to no row of the file.
    MissingReference,
}

impl BackupProblemKind {
    /// The kind in snake case, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            BackupProblemKind::Unreadable => "unreadable",
            BackupProblemKind::Truncated => "truncated",
            BackupProblemKind::Malformed => "malformed",
            BackupProblemKind::TooLarge => "too_large",
            BackupProblemKind::UnknownVersion => "unknown_version",
            BackupProblemKind::Altered => "altered",
            BackupProblemKind::NotSealed => "not_sealed",
            BackupProblemKind::Partial => "partial",
            BackupProblemKind::MissingTable => "missing_table",
            BackupProblemKind::UnknownTable => "unknown_table",
            BackupProblemKind::MissingColumn => "missing_column",
            BackupProblemKind::Duplicate => "duplicate",
            BackupProblemKind::DuplicateKey => "duplicate_key",
            BackupProblemKind::NullKey => "null_key",
            BackupProblemKind::InvalidValue => "invalid_value",
            BackupProblemKind::MissingParent => "missing_parent",
            BackupProblemKind::MissingReference => "missing_reference",
        }
    }
}

impl BackupProblem {
    pub(crate) fn boxed(kind: BackupProblemKind, message: impl Into<String>) -> Box<Self> {
        Box::new(BackupProblem {
            kind,
            file: String::new(),
            line: None,
            table: None,
            row: None,
            column: None,
            message: message.into(),
            hint: None,
        })
    }

    pub(crate) fn at_line(mut self: Box<Self>, line: u64) -> Box<Self> {
        self.line = Some(line);
        self
    }

    pub(crate) fn in_file(mut self: Box<Self>, file: &str) -> Box<Self> {
        file.clone_into(&mut self.file);
        self
    }

    pub(crate) fn in_table(mut self: Box<Self>, table: &str) -> Box<Self> {
        self.table = Some(table.to_owned());
        self
    }

    pub(crate) fn in_row(mut self: Box<Self>, row: u64) -> Box<Self> {
        self.row = Some(row);
        self
    }

    pub(crate) fn in_column(mut self: Box<Self>, column: &str) -> Box<Self> {
        self.column = Some(column.to_owned());
        self
    }

    pub(crate) fn hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Self> {
        self.hint = Some(hint.into());
        self
    }
}

impl BackupProblem {
    /// The message with its place, without the hint.
    pub(crate) fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        f.write_str(": ")?;
        if let Some(table) = &self.table {
            write!(f, "table `{table}`")?;
            if let Some(row) = self.row {
                write!(f, ", row {row}")?;
            }
            if let Some(column) = &self.column {
                write!(f, ", column `{column}`")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl fmt::Display for BackupProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(f)?;
        match &self.hint {
            Some(hint) => write!(f, "; hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<Box<BackupProblem>> for crate::Error {
    fn from(problem: Box<BackupProblem>) -> Self {
        crate::Error::InvalidBackup(problem)
    }
}
