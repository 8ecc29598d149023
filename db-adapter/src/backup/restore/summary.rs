//! What a restore did, table by table: what it says is what is in the database.

use std::fmt;

use super::source::line_of;
use crate::Notice;
use crate::transfer::outcome::{self, Failure, Outcome, TableOutcome};
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

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
    /// The most rows that are named in `failure_details`, and in `nulled_details`, over all tables. The
    /// others are only counted.
    pub const MOST_NAMED: usize = outcome::MOST_NAMED;

    /// Rows that are not restored.
    pub fn failed(&self) -> u64 {
        self.tables.iter().map(|table| table.failed).sum()
    }

    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&TableSummary> {
        self.tables.iter().find(|table| table.table == name)
    }
}

impl RestoreSummary {
    /// What the transfer did, in the words of a file.
    pub(super) fn of(outcome: Outcome, dry_run: bool) -> Self {
        let tables = outcome.tables.into_iter();
        RestoreSummary {
            dry_run,
            committed: outcome.committed,
            tables: tables.map(TableSummary::from).collect(),
            warnings: outcome.warnings,
        }
    }
}

impl From<TableOutcome> for TableSummary {
    fn from(done: TableOutcome) -> Self {
        let told =
            |failures: Vec<Failure>| failures.into_iter().map(RestoreFailure::from).collect();
        TableSummary {
            table: done.table,
            inserted: done.inserted,
            updated: done.updated,
            skipped: done.skipped,
            failed: done.failed,
            nulled_refs: done.nulled_refs,
            failure_details: told(done.failure_details),
            nulled_details: told(done.nulled_details),
        }
    }
}

impl From<Failure> for RestoreFailure {
    fn from(failure: Failure) -> Self {
        RestoreFailure {
            line: line_of(failure.origin.mark),
            row: failure.origin.number,
            key: failure.key,
            reason: failure.reason,
            dependents: failure.dependents,
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
