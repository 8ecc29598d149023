//! Keeps the books of a restore: what became of each row, and what the summary says of it.
//! Touches no database.

use std::collections::{HashMap, HashSet};

use super::ahead::Ahead;
use super::holding::Held;
use super::keys::Fate;
use super::lasting::Lasting;
use super::numbers::Numbers;
use super::options::{MissingRef, OnError};
use super::outcome::{Failure, MOST_NAMED, Outcome, TableOutcome};
use super::plan::TablePlan;
use super::reference::identifies;
use super::remap::Remap;
use super::roots::{Reason, Roots};
use super::row::Resolved;
use super::source::Origin;
use crate::{Notice, Row, Value};

/// Rows by their tables and numbers, each with why it is not restored.
pub(super) type LeftOut = HashMap<(usize, u64), String>;

/// Everything that is known while a restore goes on.
pub(super) struct Ledger<'p> {
    pub(super) remap: Remap<'p>,
    /// The user as each table's user column holds it.
    pub(super) users: Vec<Value>,
    pub(super) summary: Outcome,
    /// Rows that are named in the summary so far, failed and nulled.
    named: [usize; 2],
    roots: Roots,
    /// The rows that were there, were counted as updated, and may be changed once more: by table.
    pub(super) updated: HashSet<(usize, u32)>,
    /// Keys that no row has yet.
    pub(super) numbers: Numbers,
    /// The keys of rows that come later.
    pub(super) ahead: Ahead,
    /// The rows as they were written, to be looked at once more.
    pub(super) lasting: Lasting,
    /// The rows that were found and are referred to, to be looked at once more.
    pub(super) held: Held,
    /// Rows that are not to be written, each with why: they failed before, when they had been written already.
    pub(super) left_out: LeftOut,
    /// Those of which that was found now.
    late: LeftOut,
    /// Whether all rows were written, so that one that fails now is there already.
    pub(super) is_late: bool,
    /// The rows that were there and are told of as changed, each with its place among those that are named.
    pub(super) told: HashMap<(usize, u32), Option<usize>>,
    /// A failure that cannot be confined to its row: nothing may be committed.
    pub(super) spoiled: bool,
}

/// A row that is sent, and what has to be known of it.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// Its place among the rows that others refer to.
    pub(super) row: Option<u32>,
    pub(super) origin: Origin,
    pub(super) resolved: Resolved,
}

/// Whether a row can be sent.
pub(super) enum Ready {
    Yes,
    /// It failed before.
    Gone,
    No(Reason),
}

impl<'p> Ledger<'p> {
    pub(super) fn new(remap: Remap<'p>, users: Vec<Value>) -> Self {
        let tables = remap.plan.tables.iter();
        let tables = tables.map(|table| TableOutcome::new(table.name.to_string()));
        let summary = Outcome {
            tables: tables.collect(),
            warnings: remap.plan.warnings.clone(),
            ..Outcome::default()
        };
        Ledger {
            lasting: Lasting::watching(remap.plan.is_acted_on),
            remap,
            users,
            summary,
            named: [0; 2],
            roots: Roots::default(),
            updated: HashSet::new(),
            numbers: Numbers::default(),
            ahead: Ahead::default(),
            held: Held::default(),
            left_out: LeftOut::new(),
            late: LeftOut::new(),
            is_late: false,
            told: HashMap::new(),
            spoiled: false,
        }
    }

    pub(super) fn plan(&self, place: usize) -> Option<&'p TablePlan> {
        let plan = self.remap.plan;
        plan.tables.get(place)
    }

    /// Whether nothing is written, and the row that would own those of the table is one of the new ones.
    pub(super) fn is_owner_told(&self, table: &TablePlan) -> bool {
        let within = table.owner.as_ref().and_then(|owner| owner.within);
        let owners = within.and_then(|place| self.summary.tables.get(place));
        self.remap.options.looks && owners.is_some_and(|owners| owners.record.new.count > 0)
    }

    pub(super) fn count(&mut self, place: usize, count: impl FnOnce(&mut TableOutcome)) {
        if let Some(table) = self.summary.tables.get_mut(place) {
            count(table);
        }
    }

    /// A row of the source is not restored; `row`: its place among those that others refer to. One that only
    /// follows another is counted there, and not named. False: nothing will be restored, so that others need
    /// no name.
    pub(super) fn fail(
        &mut self,
        place: usize,
        row: Option<u32>,
        origin: &Origin,
        reason: impl Into<Reason>,
    ) -> bool {
        let reason = reason.into();
        if self.is_late {
            let text = || reason.text.clone();
            self.late.entry((place, origin.number)).or_insert_with(text);
        }
        self.count(place, |table| table.failed += 1);
        let follows = |needs| self.roots.follows(row.map(|row| (place, row)), needs);
        if reason.needs.is_some_and(follows) {
            return true;
        }
        let details = self.details(place, origin, reason.text, 0);
        let named = details.is_some().then(|| {
            let table = self.summary.tables.get(place);
            table.map_or(0, |table| table.failure_details.len())
        });
        self.roots.add(place, row, named);
        if let Some(details) = details {
            self.count(place, |table| table.failure_details.push(details));
        }
        let goes_on = self.remap.options.on_error == OnError::Skip || self.named[0] < MOST_NAMED;
        if !goes_on && self.named[0] == MOST_NAMED {
            self.summary.warnings.push(Notice::new(format!(
                "the work stopped after {MOST_NAMED} failed rows; there may be more of them"
            )));
        }
        goes_on
    }

    /// All rows that have to be left out, where some were found to now: then what was done can be done without them.
    pub(super) fn without_late(&mut self) -> Option<LeftOut> {
        if self.late.is_empty() {
            return None;
        }
        let mut all = std::mem::take(&mut self.left_out);
        all.extend(std::mem::take(&mut self.late));
        Some(all)
    }

    /// Why the row of the table at `place` failed, or one that it needs, where that is named.
    pub(super) fn why(&self, place: usize, row: u32) -> Option<&str> {
        let (table, at) = self.roots.why((place, row))?;
        let table = self.summary.tables.get(table)?;
        Some(&table.failure_details.get(at)?.reason)
    }

    fn details(
        &mut self,
        place: usize,
        origin: &Origin,
        reason: String,
        kind: usize,
    ) -> Option<Failure> {
        let key = self.plan(place)?.natural_names();
        let named = self.named.get_mut(kind)?;
        *named += 1;
        (*named <= MOST_NAMED).then(|| Failure {
            origin: origin.clone(),
            key,
            reason,
            dependents: 0,
        })
    }

    /// A row that was sent and refused.
    pub(super) fn refused(&mut self, place: usize, sent: &Sent, reason: impl Into<Reason>) -> bool {
        if let (Some(row), Some(known)) = (sent.row, self.remap.known.get_mut(place)) {
            known.fail(row);
        }
        self.fail(place, sent.row, &sent.origin, reason)
    }

    /// A row that the database took.
    pub(super) fn taken(&mut self, place: usize, sent: &Sent, nulled_late: u32) {
        let nulled = sent.resolved.nulled + nulled_late;
        if nulled > 0 {
            self.nulled(place, &sent.origin, nulled);
        }
    }

    /// What the database has of a row now, with whose it is where that was not written.
    pub(super) fn written(&mut self, place: usize, row: &Row, owned: Option<&Row>) {
        if let Some(table) = self.plan(place) {
            let of = &self.remap.fingerprints;
            let owner = |name: &str| owned.and_then(|owned| owned.value(name));
            let value = |name: &str| row.value(name).or_else(|| owner(name));
            self.lasting.has(of, (place, table), value);
        }
    }

    /// The database has written a row: what it refers to is to be what it was when it was found.
    pub(super) fn holds(&mut self, place: usize, sent: &Sent, row: &Row) {
        if let Some(table) = self.plan(place).filter(|_| self.remap.plan.locks_rows) {
            self.held.written(place, table, sent, row);
        }
    }

    /// References of a row became NULL, because what they refer to is missing.
    pub(super) fn nulled(&mut self, place: usize, origin: &Origin, count: u32) {
        self.count(place, |table| table.nulled_refs += u64::from(count));
        let whole = self.remap.plan.words.whole();
        let reason =
            format!("an optional reference became NULL: its row is not in {whole}, or failed");
        if let Some(details) = self.details(place, origin, reason, 1) {
            self.count(place, |table| table.nulled_details.push(details));
        }
    }

    /// Whether a row has to be looked at again, because another one of its table failed.
    pub(super) fn is_concerned(&self, place: usize, sent: &Sent) -> bool {
        let failed = |row: u32| self.fate(place, row) == Fate::Failed;
        sent.row.is_some_and(failed) || sent.resolved.together.iter().any(|other| failed(other.row))
    }

    fn fate(&self, place: usize, row: u32) -> Fate {
        let known = self.remap.known.get(place);
        known.map_or(Fate::New, |known| known.fate(row))
    }

    /// Whether a row that is there keeps a reference whose row is missing.
    pub(super) fn keeps(&self) -> bool {
        self.remap.options.missing_ref == MissingRef::Keep
    }

    /// The row without its references to rows that have failed meanwhile; with how many.
    pub(super) fn ready(&self, place: usize, row: &mut Row, sent: &Sent) -> (Ready, u32) {
        let Some(table) = self.plan(place) else {
            return (Ready::Gone, 0);
        };
        if sent
            .row
            .is_some_and(|row| self.fate(place, row) == Fate::Failed)
        {
            return (Ready::Gone, 0);
        }
        let mut nulled = 0;
        for other in &sent.resolved.together {
            let Some(reference) = table.refs.get(other.reference) else {
                continue;
            };
            if self.fate(place, other.row) != Fate::Failed {
                continue;
            }
            if identifies(table, reference) {
                let reason = Reason {
                    text: format!("{} failed", self.remap.words(table, reference)),
                    needs: Some((place, other.row)),
                };
                return (Ready::No(reason), 0);
            }
            let mut values = vec![Value::Bool(false); table.columns.len()];
            if let Err(text) = self.remap.null(table, reference, &mut values) {
                let needs = Some((place, other.row));
                return (Ready::No(Reason { text, needs }), 0);
            }
            let existed = sent
                .row
                .is_some_and(|row| self.fate(place, row) == Fate::Existed);
            let keeps = existed && self.keeps();
            for (column, value) in table.columns.iter().zip(&values) {
                if value.is_null() && row.value(&column.name).is_some() {
                    match keeps {
                        true => drop(row.remove(&column.name)),
                        false => row.set(&column.name, Value::Null),
                    }
                }
            }
            nulled += u32::from(!keeps);
        }
        (Ready::Yes, nulled)
    }

    /// The summary of a restore that came to its end. What was not committed is not counted.
    pub(super) fn close(mut self, committed: bool, undone: bool) -> Outcome {
        self.summary.committed = committed;
        for (table, at, dependents) in self.roots.named() {
            let table = self.summary.tables.get_mut(table);
            if let Some(failure) = table.and_then(|table| table.failure_details.get_mut(at)) {
                failure.dependents = dependents;
            }
        }
        for table in &mut self.summary.tables {
            table
                .failure_details
                .sort_by_key(|failure| failure.origin.number);
            table
                .nulled_details
                .sort_by_key(|nulled| nulled.origin.number);
        }
        if undone {
            for table in &mut self.summary.tables {
                table.inserted = 0;
                table.updated = 0;
                table.nulled_refs = 0;
                table.nulled_details.clear();
            }
        }
        self.summary
    }
}
