//! What a comparison found, or a sync did, table by table. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::transfer::outcome::{Failure, MOST_RECORDED, Outcome, Record, TableOutcome};
use crate::{Notice, Row};

/// The differences between two databases: what a sync has to do.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SyncPlan {
    /// The tables, parents first.
    pub tables: Vec<TablePlan>,
    /// What the caller should know, such as triggers that may change what is written.
    pub warnings: Vec<Notice>,
}

/// The differences of one table. Rows are told by their natural keys, at most [`SyncPlan::MOST_NAMED`] of each kind;
/// the others are only counted.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct TablePlan {
    /// The table, as it is declared.
    pub table: String,
    /// The rows of the source.
    pub source_rows: u64,
    /// The rows of the destination before the sync; `None` where that ended too early to know.
    pub dest_rows: Option<u64>,
    /// Rows that the destination does not have.
    pub new: u64,
    /// Rows that differ.
    pub changed: u64,
    /// Rows that are as in the source.
    pub unchanged: u64,
    /// Rows that differ and stay, since all users share them; see
    /// [`overwrite_shared`](super::SyncOptions::overwrite_shared).
    pub kept: u64,
    /// Rows that the source does not have. They stay as they are.
    pub only_in_dest: u64,
    /// Rows that cannot be synced: then nothing is.
    pub failed: u64,
    /// Optional references that are NULL in a new row, since the row that they lead to is not among those of the
    /// source. A row that is there keeps what it has.
    pub nulled_refs: u64,
    /// Optional references of rows that both sides have to rows that are not among those of the source: they stay as
    /// they are, and it is not known whether they lead to the same ones.
    pub uncompared_refs: u64,
    /// In how many of the changed rows each column differs.
    pub columns: BTreeMap<String, u64>,
    /// New rows, by their natural keys in the source.
    pub new_rows: Vec<Row>,
    /// Changed rows.
    pub changed_rows: Vec<SyncChange>,
    /// Rows that differ and stay.
    pub kept_rows: Vec<SyncChange>,
    /// Rows that only the destination has, by their natural keys there.
    pub only_in_dest_rows: Vec<Row>,
    /// Rows that the source does not have any more, and that are deleted.
    pub deleted: u64,
    /// These rows, by their natural keys.
    pub deleted_rows: Vec<Row>,
    /// Rows that only the destination has changed since the last sync, or that a conflict leaves to it. They stay as
    /// they are.
    pub changed_in_dest: u64,
    /// Rows that only the destination has deleted since the last sync, or that a conflict leaves to it. They stay
    /// deleted.
    pub deleted_in_dest: u64,
    /// Rows that both sides have changed to the same since the last sync.
    pub converged: u64,
    /// Rows that were changed on both sides, where nothing says which counts: then nothing is synced.
    pub conflicts: u64,
    /// The same, where that was said.
    pub decided: u64,
    /// New or changed rows that need a row which the destination has deleted: then nothing is synced.
    pub need_deleted: u64,
    /// The rows that failed, but for those that only follow another one.
    pub failures: Vec<SyncFailure>,
}

/// A row that differs.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SyncChange {
    /// Its natural key in the source.
    pub key: Row,
    /// The columns that differ.
    pub columns: Vec<String>,
}

/// A row that cannot be synced.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SyncFailure {
    /// Its natural key in the source; a value that cannot be read is NULL.
    pub key: Row,
    /// Why, without a value.
    pub reason: String,
    /// Rows that fail since they need this one.
    pub dependents: u64,
}

/// What a sync did.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SyncOutcome {
    /// Whether the work was undone on purpose.
    pub dry_run: bool,
    /// Whether what the plan says is in the destination now.
    pub committed: bool,
    /// What was to be done. It was done exactly so, unless a row failed or it was a dry run: then nothing was.
    pub plan: SyncPlan,
    /// What was left to do when all was done, compared anew before the commit: nothing, unless a trigger or a rule
    /// has other wishes. `None` where nothing was committed, or no proof was wanted.
    pub proof: Option<SyncPlan>,
    /// Whether the file of the base is that of this sync now; `None` where none was asked for, or nothing was
    /// committed.
    pub base: Option<BaseFile>,
}

/// What became of the file of the base after a sync that was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaseFile {
    /// It has what both sides are like now.
    Written,
    /// It could not be written, and is as it was before: why. The sync is in the destination all the same. The next
    /// one takes what it finds alike on both sides as it is, and may call a row a conflict that is none.
    NotWritten(String),
}

impl SyncPlan {
    /// The most rows of each kind that are told by their keys, for each table.
    pub const MOST_NAMED: usize = MOST_RECORDED;

    /// Whether a sync has nothing to write.
    pub fn has_nothing_to_do(&self) -> bool {
        self.inserts() + self.updates() + self.deletes() + self.failed() + self.conflicts() == 0
    }

    /// Whether both sides have the same rows: nothing to write, nothing that is left out or not compared, and no row
    /// that only the destination has.
    pub fn is_same(&self) -> bool {
        let differs = |table: &TablePlan| {
            let stay = table.changed_in_dest + table.deleted_in_dest;
            table.only_in_dest + table.kept + table.uncompared_refs + stay > 0
        };
        self.has_nothing_to_do() && !self.tables.iter().any(differs)
    }

    /// Rows that the destination does not have.
    pub fn inserts(&self) -> u64 {
        self.tables.iter().map(|table| table.new).sum()
    }

    /// Rows that differ.
    pub fn updates(&self) -> u64 {
        self.tables.iter().map(|table| table.changed).sum()
    }

    /// Rows that the source does not have any more.
    pub fn deletes(&self) -> u64 {
        self.tables.iter().map(|table| table.deleted).sum()
    }

    /// Rows that were changed on both sides, where nothing says which counts, and rows that need one which the
    /// destination has deleted.
    pub fn conflicts(&self) -> u64 {
        let of = |table: &TablePlan| table.conflicts + table.need_deleted;
        self.tables.iter().map(of).sum()
    }

    /// Rows that cannot be synced.
    pub fn failed(&self) -> u64 {
        self.tables.iter().map(|table| table.failed).sum()
    }

    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&TablePlan> {
        self.tables.iter().find(|table| table.table == name)
    }

    pub(super) fn of(outcome: Outcome, source_rows: &BTreeMap<String, u64>) -> Self {
        let tables = outcome.tables.into_iter();
        SyncPlan {
            tables: tables.map(|table| of_table(table, source_rows)).collect(),
            warnings: outcome.warnings,
        }
    }
}

impl SyncOutcome {
    /// Whether a comparison after the work found nothing left to do.
    pub fn is_proven(&self) -> bool {
        self.proof.as_ref().is_some_and(SyncPlan::has_nothing_to_do)
    }
}

fn of_table(done: TableOutcome, source_rows: &BTreeMap<String, u64>) -> TablePlan {
    let Record {
        new,
        changed,
        kept,
        unchanged,
        uncompared,
        only_there,
        there,
        columns,
    } = done.record;
    let row = Arc::unwrap_or_clone;
    let change = |(key, mut columns): (Arc<Row>, Vec<String>)| {
        columns.sort();
        columns.dedup();
        SyncChange {
            key: row(key),
            columns,
        }
    };
    TablePlan {
        source_rows: source_rows.get(&done.table).copied().unwrap_or_default(),
        dest_rows: there,
        new: new.count,
        changed: changed.count,
        unchanged,
        kept: kept.count,
        only_in_dest: only_there.count,
        failed: done.failed,
        nulled_refs: done.nulled_refs,
        uncompared_refs: uncompared,
        columns,
        new_rows: new.named.into_iter().map(row).collect(),
        changed_rows: changed.named.into_iter().map(change).collect(),
        kept_rows: kept.named.into_iter().map(change).collect(),
        only_in_dest_rows: only_there.named.into_iter().map(row).collect(),
        deleted: 0,
        deleted_rows: Vec::new(),
        changed_in_dest: 0,
        deleted_in_dest: 0,
        converged: 0,
        conflicts: 0,
        decided: 0,
        need_deleted: 0,
        failures: done.failure_details.into_iter().map(failure).collect(),
        table: done.table,
    }
}

fn failure(failure: Failure) -> SyncFailure {
    SyncFailure {
        key: failure
            .origin
            .key
            .map(Arc::unwrap_or_clone)
            .unwrap_or_default(),
        reason: failure.reason,
        dependents: failure.dependents,
    }
}

/// Never a value of a key.
impl fmt::Debug for TablePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TablePlan")
            .field("table", &self.table)
            .field("source_rows", &self.source_rows)
            .field("dest_rows", &self.dest_rows)
            .field("new", &self.new)
            .field("changed", &self.changed)
            .field("unchanged", &self.unchanged)
            .field("kept", &self.kept)
            .field("only_in_dest", &self.only_in_dest)
            .field("failed", &self.failed)
            .field("nulled_refs", &self.nulled_refs)
            .field("deleted", &self.deleted)
            .field("changed_in_dest", &self.changed_in_dest)
            .field("deleted_in_dest", &self.deleted_in_dest)
            .field("converged", &self.converged)
            .field("conflicts", &self.conflicts)
            .field("decided", &self.decided)
            .field("need_deleted", &self.need_deleted)
            .field("uncompared_refs", &self.uncompared_refs)
            .field("columns", &self.columns)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SyncChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncChange")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SyncFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncFailure")
            .field("key", &self.key.names().collect::<Vec<_>>())
            .field("reason", &self.reason)
            .field("dependents", &self.dependents)
            .finish()
    }
}
