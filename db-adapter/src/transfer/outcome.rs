//! What a transfer did, table by table: what it says is what is in the database. How that is told, who asked for
//! the transfer decides.

use super::source::Origin;
use crate::Notice;

/// The most rows that are named; the rest is counted.
pub(crate) const MOST_NAMED: usize = 500;

/// What a transfer did.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Whether anything is in the database now.
    pub(crate) committed: bool,
    /// The tables, in the order in which they were transferred.
    pub(crate) tables: Vec<TableOutcome>,
    pub(crate) warnings: Vec<Notice>,
}

/// What it did to one table.
#[derive(Debug, Default)]
pub(crate) struct TableOutcome {
    /// As it is declared.
    pub(crate) table: String,
    /// Rows that are new.
    pub(crate) inserted: u64,
    /// Rows that were there and have other values now.
    pub(crate) updated: u64,
    /// Rows that were there and stayed as they were.
    pub(crate) skipped: u64,
    /// Rows that are not there.
    pub(crate) failed: u64,
    /// Optional references that became NULL because their rows are missing.
    pub(crate) nulled_refs: u64,
    /// The failed rows that did not only follow another one, so many at most over all tables.
    pub(crate) failure_details: Vec<Failure>,
    /// The rows with references that became NULL, so many at most over all tables.
    pub(crate) nulled_details: Vec<Failure>,
}

/// A row of the source, and what happened to it. Never a value of it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) origin: Origin,
    /// The columns of its natural key.
    pub(crate) key: Vec<String>,
    /// What happened.
    pub(crate) reason: String,
    /// Rows that are not there since they need this one, directly or through others.
    pub(crate) dependents: u64,
}

impl Outcome {
    /// Rows that are not there.
    pub(crate) fn failed(&self) -> u64 {
        self.tables.iter().map(|table| table.failed).sum()
    }
}

impl TableOutcome {
    pub(super) fn new(table: impl Into<String>) -> Self {
        TableOutcome {
            table: table.into(),
            ..TableOutcome::default()
        }
    }
}
