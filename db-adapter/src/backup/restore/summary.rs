//! What a restore did, table by table: what it says is what is in the database.

use std::fmt;

use crate::Notice;
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

/// The most rows that are named; the rest is counted.
pub(crate) const MOST_NAMED: usize = 500;

/// What a restore did. Its JSON has the keys of the original for each table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestoreSummary {
    /// Whether the work was undone on purpose.
    pub dry_run: bool,
    /// Whether anything is in the database now. After a failure in a restore of all or nothing
    /// it is not, and nothing is counted as inserted or updated.
    pub committed: bool,
    /// The tables, in the order in which they were restored.
    pub tables: Vec<TableSummary>,
    /// What the caller should know, such as triggers that may have changed what was restored.
    pub warnings: Vec<Notice>,
}

/// What a restore did to one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableSummary {
    /// The table.
    pub table: String,
    /// Rows that are new.
    pub inserted: u64,
    /// Rows that were there and have other values now.
    pub updated: u64,
    /// Rows that were there and stayed as they were.
    pub skipped: u64,
    /// Rows that are not restored.
    pub failed: u64,
    /// Optional references that became NULL because their rows are missing.
    pub nulled_refs: u64,
    /// The failed rows that did not only follow another one, 500 at most over all tables.
    pub failure_details: Vec<RestoreFailure>,
    /// The rows with references that became NULL, 500 at most over all tables.
    pub nulled_details: Vec<RestoreFailure>,
}

/// A row of the backup, and what happened to it. Never a value of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestoreFailure {
    /// The line of the file on which it stands, counted from 1.
    pub line: u64,
    /// Which row of its table it is, counted from 1.
    pub row: u64,
    /// The columns of its natural key.
    pub key: Vec<String>,
    /// What happened.
    pub reason: String,
    /// Rows that are not restored since they need this one, directly or through others. They are counted with
    /// their tables, and have no entry of their own.
    pub dependents: u64,
}

impl RestoreSummary {
    /// Rows that are not restored.
    pub fn failed(&self) -> u64 {
        self.tables.iter().map(|table| table.failed).sum()
    }

    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&TableSummary> {
        self.tables.iter().find(|table| table.table == name)
    }
}

impl TableSummary {
    pub(crate) fn new(table: impl Into<String>) -> Self {
        TableSummary {
            table: table.into(),
            ..TableSummary::default()
        }
    }
}

impl fmt::Display for RestoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, row {}", self.line, self.row)?;
        for (i, column) in self.key.iter().enumerate() {
            write!(f, "{}`{column}`", if i > 0 { ", " } else { " by " })?;
        }
        write!(f, ": {}", self.reason)?;
        match self.dependents {
            0 => Ok(()),
            1 => f.write_str("; so 1 row that needs it failed too"),
            rows => write!(f, "; so {rows} rows that need it failed too"),
        }
    }
}

impl Serialize for RestoreSummary {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        struct Tables<'a>(&'a [TableSummary]);
        impl Serialize for Tables<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut map = to.serialize_map(Some(self.0.len()))?;
                for table in self.0 {
                    map.serialize_entry(&table.table, table)?;
                }
                map.end()
            }
        }
        let mut out = to.serialize_struct("RestoreSummary", 4)?;
        out.serialize_field("dry_run", &self.dry_run)?;
        out.serialize_field("committed", &self.committed)?;
        out.serialize_field("tables", &Tables(&self.tables))?;
        let warnings: Vec<String> = self.warnings.iter().map(Notice::to_string).collect();
        out.serialize_field("warnings", &warnings)?;
        out.end()
    }
}

impl Serialize for TableSummary {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut out = to.serialize_struct("TableSummary", 7)?;
        out.serialize_field("inserted", &self.inserted)?;
        out.serialize_field("updated", &self.updated)?;
        out.serialize_field("skipped", &self.skipped)?;
        out.serialize_field("failed", &self.failed)?;
        out.serialize_field("nulled_refs", &self.nulled_refs)?;
        out.serialize_field("failure_details", &self.failure_details)?;
        out.serialize_field("nulled_details", &self.nulled_details)?;
        out.end()
    }
}

impl Serialize for RestoreFailure {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut out = to.serialize_struct("RestoreFailure", 5)?;
        out.serialize_field("line", &self.line)?;
        out.serialize_field("row", &self.row)?;
        out.serialize_field("key", &self.key)?;
        out.serialize_field("reason", &self.reason)?;
        out.serialize_field("dependents", &self.dependents)?;
        out.end()
    }
}
