//! What a transfer did, table by table: what it says is what is in the database. How that is told, who asked for
//! the transfer decides.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::source::Origin;
use crate::{Notice, Row};

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
    /// What is told of single rows, where that is asked for.
    pub(crate) record: Record,
}

/// The most rows of each kind that are told by their keys, for each table.
pub(crate) const MOST_RECORDED: usize = 1000;

/// Single rows of one table. What is counted here is what was found, also where all of it is undone.
#[derive(Default)]
pub(crate) struct Record {
    /// Rows that the destination did not have, by their natural keys in the source.
    pub(crate) new: Counted<Arc<Row>>,
    /// Rows that were there and differ, with the columns.
    pub(crate) changed: Counted<(Arc<Row>, Vec<String>)>,
    /// Rows that differ and stay as they are, since all users share them.
    pub(crate) kept: Counted<(Arc<Row>, Vec<String>)>,
    /// Rows that are there and as they are to be.
    pub(crate) unchanged: u64,
    /// References of rows that are there to rows that are not among those of the source: they stay as they are, and
    /// nobody knows whether they lead to the same ones.
    pub(crate) uncompared: u64,
    /// Rows that only the destination has, by their natural keys there.
    pub(crate) only_there: Counted<Arc<Row>>,
    /// How many rows the destination had, those that only it has included; `None` where the work stopped before.
    pub(crate) there: Option<u64>,
    /// In how many of the changed rows each column differs.
    pub(crate) columns: BTreeMap<String, u64>,
}

/// Some of many.
#[derive(Debug, Default)]
pub(crate) struct Counted<T> {
    pub(crate) count: u64,
    pub(crate) named: Vec<T>,
}

impl<T> Counted<T> {
    /// One more; where it is named, at which place.
    pub(super) fn add(&mut self, one: Option<T>) -> Option<usize> {
        self.count += 1;
        let one = one.filter(|_| self.named.len() < MOST_RECORDED)?;
        self.named.push(one);
        Some(self.named.len() - 1)
    }
}

/// Never a value of a key.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("new", &self.new.count)
            .field("changed", &self.changed.count)
            .field("kept", &self.kept.count)
            .field("unchanged", &self.unchanged)
            .field("only_there", &self.only_there.count)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
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
