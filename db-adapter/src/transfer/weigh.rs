//! The rows of base, source and destination beside each other: what becomes of each, by `db_adapter_core::sync`. Pure
//! but for the order in which it asks for what it is given.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use db_adapter_core::sync::{
    Action, Base, Policy, Rules, Side, State, Verdict, next_base, verdict,
};
use db_adapter_core::{SqlType, compare_text};

use super::digest::Digest;
use super::digests::{Digests, RowDigest, TableDigests, counts};
use super::fingerprint::{AsIs, Fingerprint, Fingerprints};
use super::plan::{RestorePlan, TablePlan};
use crate::Value;

/// A row of a base: its natural key, what it was in the source, and in the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BaseRow {
    pub(crate) key: Digest,
    pub(crate) source: Digest,
    pub(crate) dest: Digest,
}

/// The rows of a base by their tables, each in the order of their keys. `None`: there is no base.
pub(crate) type BaseRows = Option<Vec<(String, Vec<BaseRow>)>>;

type Ids = HashSet<Fingerprint, BuildHasherDefault<AsIs>>;

/// Rows that a transfer does not touch, by their primary keys in short.
#[derive(Debug, Default)]
pub(crate) struct Untouched {
    pub(super) fingerprints: Fingerprints,
    /// Rows of the destination that stay as they are, by tables.
    stay: Vec<Ids>,
    /// Rows of the source that are not brought.
    left_out: Vec<Ids>,
}

impl Untouched {
    pub(super) fn stays(&self, place: usize, id: Fingerprint) -> bool {
        self.stay.get(place).is_some_and(|ids| ids.contains(&id))
    }

    pub(super) fn is_left_out(&self, place: usize, id: Fingerprint) -> bool {
        self.left_out
            .get(place)
            .is_some_and(|ids| ids.contains(&id))
    }

    pub(super) fn leaves_out(&self, place: usize) -> bool {
        self.left_out.get(place).is_some_and(|ids| !ids.is_empty())
    }
}

/// How many rows of a table came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// The rows of the destination, as they were found.
    pub(crate) there: u64,
    pub(crate) delete: u64,
    pub(crate) kept_changes: u64,
    pub(crate) kept_gone: u64,
    pub(crate) converged: u64,
    /// Conflicts that a policy has decided.
    pub(crate) decided: u64,
    /// Conflicts that nothing has decided.
    pub(crate) conflicts: u64,
    /// New or changed rows of the source that need a row which the destination has deleted.
    pub(crate) need_gone: u64,
}

/// A row in the next base.
#[derive(Debug, Clone, Copy)]
struct Next {
    state: State<Digest>,
    verdict: Verdict,
    key: Digest,
}

/// What becomes of the rows of one table.
#[derive(Default)]
pub(super) struct TableWeighed {
    pub(super) counts: Counts,
    /// Rows of the destination, by their places as they were read.
    pub(super) deletes: Vec<u32>,
    next: Vec<Next>,
}

/// What becomes of all rows.
pub(super) struct Weighed {
    pub(super) tables: Vec<TableWeighed>,
    pub(super) untouched: Untouched,
}

/// Which column says what is newer.
pub(super) type Newer<'n> = Option<&'n str>;

/// Weighs all rows.
pub(super) fn weigh(
    plan: &RestorePlan,
    base: &BaseRows,
    (source, dest): (&Digests, &Digests),
    rules: Rules,
    newer: Newer<'_>,
    fingerprints: Fingerprints,
) -> Weighed {
    let mut weighed = Weighed {
        tables: Vec::with_capacity(plan.tables.len()),
        untouched: Untouched {
            fingerprints,
            ..Untouched::default()
        },
    };
    // the rows of the source that are new or changed, and those that are not brought, by tables
    let mut written: Vec<Vec<u32>> = Vec::new();
    let mut gone: Vec<HashSet<u32>> = Vec::new();
    for (place, table) in plan.tables.iter().enumerate() {
        let mut one = TableWeighed::default();
        let (mut stay, mut left_out) = (Ids::default(), HashSet::new());
        let mut writes = Vec::new();
        if let (Some(ours), Some(theirs)) = (source.tables.get(place), dest.tables.get(place))
            && counts(table)
            && ours.is_read
        {
            one.counts.there = theirs.rows.len() as u64;
            let rows = base.as_ref().map(|tables| {
                let name = table.name.to_string();
                let found = tables.iter().find(|(known, _)| *known == name);
                found.map_or(&[] as &[BaseRow], |(_, rows)| rows)
            });
            let by_column =
                |s: &RowDigest, d: &RowDigest| later(table, newer?, (ours, s), (theirs, d));
            for joined in Joined::of(rows, &ours.rows, &theirs.rows) {
                let state = joined.state();
                let verdict = verdict(state, rules, || by_column(joined.source?, joined.dest?));
                one.take(verdict);
                match (verdict.action, joined.source, joined.dest) {
                    (Action::KeptChange | Action::Conflict, _, Some(dest)) => {
                        stay.extend(theirs.short_ids.get(dest.at as usize));
                    }
                    (Action::KeptGone | Action::Conflict, Some(source), None) => {
                        left_out.insert(source.at);
                    }
                    (Action::Delete, _, Some(dest)) => one.deletes.push(dest.at),
                    (Action::Insert | Action::Update, Some(source), _) => writes.push(source.at),
                    _ => {}
                }
                one.next.push(Next {
                    state,
                    verdict,
                    key: joined.key,
                });
            }
        }
        weighed.tables.push(one);
        weighed.untouched.stay.push(stay);
        written.push(writes);
        gone.push(left_out);
    }
    for (place, writes) in written.iter().enumerate() {
        let (Some(ours), Some(one)) = (source.tables.get(place), weighed.tables.get_mut(place))
        else {
            continue;
        };
        let needs = |at: &&u32| {
            let leads = ours.leads.get(**at as usize).into_iter().flatten();
            let mut gone = leads.filter_map(|(table, row)| Some(gone.get(*table)?.contains(row)));
            gone.any(|is_gone| is_gone)
        };
        one.counts.need_gone = writes.iter().filter(needs).count() as u64;
    }
    for (place, gone) in gone.iter().enumerate() {
        let ids = source.tables.get(place).map(|ours| &ours.short_ids);
        let short = |at: &u32| ids?.get(*at as usize).copied();
        let ids = gone.iter().filter_map(short).collect();
        weighed.untouched.left_out.push(ids);
    }
    weighed
}

impl TableWeighed {
    fn take(&mut self, verdict: Verdict) {
        let counts = &mut self.counts;
        match verdict.action {
            Action::Delete => counts.delete += 1,
            Action::KeptChange => counts.kept_changes += 1,
            Action::KeptGone => counts.kept_gone += 1,
            Action::Converged => counts.converged += 1,
            Action::Conflict => counts.conflicts += 1,
            _ => {}
        }
        let is_decided = verdict.is_conflict && verdict.action != Action::Conflict;
        counts.decided += u64::from(is_decided);
    }

    /// The rows of the next base, from what the destination has afterwards.
    pub(super) fn next(&self, after: &[RowDigest]) -> Vec<BaseRow> {
        let found = |key: Digest| {
            let at = after.binary_search_by_key(&key, |row| row.key).ok()?;
            after.get(at).map(|row| row.row)
        };
        let rows = self.next.iter().filter_map(|next| {
            let (source, dest) = next_base(next.state, next.verdict, found(next.key))?;
            Some(BaseRow {
                key: next.key,
                source,
                dest,
            })
        });
        rows.collect()
    }
}

/// One row on up to three sides.
struct Row<'r> {
    key: Digest,
    has_base: bool,
    base: Option<&'r BaseRow>,
    source: Option<&'r RowDigest>,
    dest: Option<&'r RowDigest>,
}

impl Row<'_> {
    fn state(&self) -> State<Digest> {
        State {
            base: match (self.has_base, self.base) {
                (false, _) => Base::Unknown,
                (true, None) => Base::Absent,
                (true, Some(row)) => Base::Row {
                    source: row.source,
                    dest: row.dest,
                },
            },
            source: self.source.map(|row| row.row),
            dest: self.dest.map(|row| row.row),
        }
    }
}

/// The rows of three sides, each in the order of their keys, beside each other.
struct Joined<'r> {
    has_base: bool,
    base: &'r [BaseRow],
    source: &'r [RowDigest],
    dest: &'r [RowDigest],
}

impl<'r> Joined<'r> {
    fn of(
        base: Option<&'r [BaseRow]>,
        source: &'r [RowDigest],
        dest: &'r [RowDigest],
    ) -> Joined<'r> {
        Joined {
            has_base: base.is_some(),
            base: base.unwrap_or_default(),
            source,
            dest,
        }
    }
}

fn take<'r, T>(rows: &mut &'r [T], key: Digest, of: impl Fn(&T) -> Digest) -> Option<&'r T> {
    let (first, rest) = rows.split_first()?;
    (of(first) == key).then(|| {
        *rows = rest;
        first
    })
}

impl<'r> Iterator for Joined<'r> {
    type Item = Row<'r>;

    fn next(&mut self) -> Option<Row<'r>> {
        let keys = [
            self.base.first().map(|row| row.key),
            self.source.first().map(|row| row.key),
            self.dest.first().map(|row| row.key),
        ];
        let key = keys.into_iter().flatten().min()?;
        Some(Row {
            key,
            has_base: self.has_base,
            base: take(&mut self.base, key, |row| row.key),
            source: take(&mut self.source, key, |row| row.key),
            dest: take(&mut self.dest, key, |row| row.key),
        })
    }
}

/// Which side has the later value in the column; `None` where that is not known, or neither is.
fn later(
    table: &TablePlan,
    column: &str,
    (ours, source): (&TableDigests, &RowDigest),
    (theirs, dest): (&TableDigests, &RowDigest),
) -> Option<Side> {
    let sql_type = &table.columns.get(table.position(column)?)?.sql_type;
    let source = ours.newer.as_ref()?.get(0, source.at);
    let dest = theirs.newer.as_ref()?.get(0, dest.at);
    match compared(sql_type, &source, &dest)? {
        Ordering::Greater => Some(Side::Source),
        Ordering::Less => Some(Side::Dest),
        Ordering::Equal => None,
    }
}

/// Numbers and times; `None` for what has no order that both databases share.
fn compared(sql_type: &SqlType, one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Int(one), Value::Int(other)) => Some(one.cmp(other)),
        (Value::Float(one), Value::Float(other)) => one.partial_cmp(other),
        (Value::Numeric(one), Value::Numeric(other)) => {
            Some(compare_text(sql_type, one.as_str(), other.as_str()))
        }
        (Value::Text(one), Value::Text(other)) if sql_type.is_temporal() => {
            Some(compare_text(sql_type, one, other))
        }
        _ => None,
    }
}

/// Whether a column can say which of two rows is newer.
pub(super) fn can_say(sql_type: &SqlType) -> bool {
    let is_number = matches!(
        sql_type,
        SqlType::Int2
            | SqlType::Int4
            | SqlType::Int8
            | SqlType::Float4
            | SqlType::Float8
            | SqlType::Numeric { .. }
    );
    is_number || sql_type.is_temporal()
}

/// Whether a policy asks for a column.
pub(crate) fn asks(rules: Rules) -> bool {
    rules.on_conflict == Some(Policy::Newer)
}
