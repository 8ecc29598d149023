//! What can be done only when all the rows are there: references to tables that are restored
//! later, and references that lead in a circle.

use super::apply::{Batch, Work, apply};
use super::differing::differing;
use super::fingerprint::Fingerprint;
use super::holding::Led;
use super::keys::Fate;
use super::ledger::{Ledger, Sent};
use super::owner::Owner;
use super::plan::{RefPlan, TablePlan, Target};
use super::row::Resolved;
use super::source::Origin;
use crate::transaction::Transaction;
use crate::{Error, Result, Row, Value};

/// Rows that are sent at once.
const ROWS: usize = 5000;

/// What is left to do.
#[derive(Default)]
pub(super) struct Afterwards {
    pub(super) put_off: Vec<PutOff>,
}

/// A reference that a row does not have yet: a new one has NULL, another one what it had.
pub(super) struct PutOff {
    pub(super) place: usize,
    pub(super) reference: usize,
    pub(super) row: u32,
    pub(super) key: Fingerprint,
    pub(super) origin: Origin,
    /// Whether the row stays as it is, and has failed where what it refers to in the source is missing.
    pub(super) stays: bool,
}

/// The names of some columns.
pub(super) fn names<'t>(table: &'t TablePlan, columns: &[usize]) -> Vec<&'t str> {
    let columns = columns.iter().filter_map(|c| table.columns.get(*c));
    columns.map(|column| column.name.as_str()).collect()
}

impl Afterwards {
    /// Does it; false when there is no point in going on.
    pub(super) async fn run(self, tx: &Transaction, ledger: &mut Ledger<'_>) -> Result<bool> {
        ledger.is_late = true;
        let mut put_off = self.put_off;
        put_off.sort_by_key(|one| (one.place, one.reference));
        let mut rest = put_off.as_slice();
        while let Some(first) = rest.first() {
            let same = |one: &PutOff| (one.place, one.reference) == (first.place, first.reference);
            let count = rest.iter().take(ROWS).take_while(|one| same(one)).count();
            let (now, later) = rest.split_at(count);
            rest = later;
            if !set(tx, ledger, now).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Sets one reference of some rows of one table.
async fn set(tx: &Transaction, ledger: &mut Ledger<'_>, rows: &[PutOff]) -> Result<bool> {
    let Some(first) = rows.first() else {
        return Ok(true);
    };
    let place = first.place;
    let lost = || {
        Error::internal(format!(
            "reference {} of table {place} of the plan is to be set, and there is none",
            first.reference
        ))
    };
    let table = ledger.plan(place).ok_or_else(lost)?;
    let reference = table.refs.get(first.reference).ok_or_else(lost)?;
    let owner = Owner::of(table)?;
    let mut batch = Batch::default();
    let mut existed = Vec::new();
    for row in rows {
        let known = ledger.remap.known.get(place);
        let fate = known.map_or(Fate::Failed, |known| known.fate(row.row));
        if fate == Fate::Failed {
            continue;
        }
        let target = target(ledger, reference, row.key);
        let found = target.as_ref().and_then(|(_, found)| *found);
        if row.stays {
            if target.is_none() && !is_missing(ledger, table, reference, row) {
                return Ok(false);
            }
            continue;
        }
        let fields = match target {
            Some((values, _)) => reference.fields.iter().copied().zip(values).collect(),
            None if fate == Fate::Existed && ledger.keeps() => continue,
            None => match nothing(ledger, table, reference, row) {
                Ok(fields) => fields,
                Err(goes_on) if goes_on => continue,
                Err(_) => return Ok(false),
            },
        };
        let is_null = |(_, value): &(usize, Value)| value.is_null();
        if fate == Fate::New && fields.iter().all(is_null) {
            continue; // it has that
        }
        batch.rows.push(row_of(ledger, table, row, fields));
        let now = |column| match table.user == Some(column) {
            true => ledger.users.get(place).cloned().unwrap_or_default(),
            false => now(ledger, table, row, column),
        };
        let owner = owner.as_ref().map(|owner| owner.row(now));
        batch.owned.extend(owner);
        batch.sent.push(Sent {
            row: (fate == Fate::Existed && ledger.remap.options.records).then_some(row.row),
            origin: row.origin.clone(),
            resolved: Resolved {
                found: found.into_iter().collect(),
                ..Resolved::default()
            },
        });
        existed.push((fate == Fate::Existed).then_some(row.row));
    }
    if !ledger.remap.options.records {
        return send(tx, ledger, place, batch, &existed).await;
    }
    // new rows are told of already
    let (mut new, mut there) = (Batch::default(), Batch::default());
    let mut rows = Vec::new();
    let mut owned = batch.owned.into_iter();
    for ((row, sent), existed) in batch.rows.into_iter().zip(batch.sent).zip(existed) {
        let to = match existed {
            Some(row) => {
                rows.push(Some(row));
                &mut there
            }
            None => &mut new,
        };
        to.rows.push(row);
        to.owned.extend(owned.next());
        to.sent.push(sent);
    }
    if !ledger.remap.options.looks && !send(tx, ledger, place, new, &[]).await? {
        return Ok(false);
    }
    if there.rows.is_empty() {
        return Ok(true);
    }
    let (count, sent) = (there.rows.len() as u64, rows);
    let found = differing(tx, ledger, place, there, true).await?;
    ledger.spoiled |= found.same + found.differ < count;
    if found.stopped {
        return Ok(false);
    }
    let row = |at: &usize| sent.get(*at).copied().flatten();
    let rows: Vec<Option<u32>> = found.places.iter().map(row).collect();
    send(tx, ledger, place, found.batch, &rows).await
}

/// Sends one reference of some rows; `existed` are those that were there.
async fn send(
    tx: &Transaction,
    ledger: &mut Ledger<'_>,
    place: usize,
    batch: Batch,
    existed: &[Option<u32>],
) -> Result<bool> {
    let count = batch.rows.len() as u64;
    if count == 0 {
        return Ok(true);
    }
    let done = apply(tx, ledger, place, Work::Update, batch).await?;
    // the rows are there, and so are their children
    ledger.spoiled |= done.taken < count;
    for at in &done.changed {
        if let Some(Some(row)) = existed.get(*at)
            && ledger.updated.insert((place, *row))
        {
            ledger.count(place, |table| {
                table.updated += 1;
                table.skipped = table.skipped.saturating_sub(1);
            });
        }
    }
    Ok(!done.stopped)
}

/// A row that was to stay as it is has failed; whether others can go on.
fn is_missing(
    ledger: &mut Ledger<'_>,
    table: &TablePlan,
    reference: &RefPlan,
    row: &PutOff,
) -> bool {
    let goes_on = nothing(ledger, table, reference, row).err();
    ledger.count(row.place, |table| {
        table.skipped = table.skipped.saturating_sub(1);
    });
    goes_on.unwrap_or(true)
}

/// What a reference becomes whose row is missing or failed. The error says whether others can go
/// on.
fn nothing(
    ledger: &mut Ledger<'_>,
    table: &TablePlan,
    reference: &RefPlan,
    row: &PutOff,
) -> Result<Vec<(usize, Value)>, bool> {
    let mut values = vec![Value::Null; table.columns.len()];
    match ledger.remap.null(table, reference, &mut values) {
        Ok(()) => {
            ledger.nulled(row.place, &row.origin, 1);
            let fields = reference.nulled.iter();
            Ok(fields.map(|field| (*field, Value::Null)).collect())
        }
        Err(reason) => {
            let reason = match failed(ledger, reference, row.key) {
                Some(why) => format!("{} failed: {why}", ledger.remap.words(table, reference)),
                None => reason,
            };
            // the row is there already, perhaps with children
            ledger.spoiled = true;
            Err(ledger.fail(row.place, Some(row.row), &row.origin, reason))
        }
    }
}

/// Why the row failed that had this key, where it did and that is named.
fn failed<'l>(ledger: &'l Ledger<'_>, reference: &RefPlan, key: Fingerprint) -> Option<&'l str> {
    let Target::Table { table, key_set, .. } = reference.target else {
        return None;
    };
    let row = ledger.remap.known.get(table)?.find(key_set, key)?;
    ledger.why(table, row)
}

/// The values of a reference to the row that had this key, and that row where it is to be looked at; `None` when it is not there.
fn target(
    ledger: &Ledger<'_>,
    reference: &RefPlan,
    key: Fingerprint,
) -> Option<(Vec<Value>, Option<Led>)> {
    let Target::Table { table, key_set, .. } = reference.target else {
        return None;
    };
    let known = ledger.remap.known.get(table)?;
    let row = known.find(key_set, key)?;
    let remap = &ledger.remap;
    let values = || {
        (
            remap.values_of(reference, table, row),
            remap.holds(reference, row),
        )
    };
    (known.fate(row) != Fate::Failed).then(values)
}

/// What a column has that is remembered of each row.
fn now(ledger: &Ledger<'_>, table: &TablePlan, row: &PutOff, column: usize) -> Value {
    let known = ledger.remap.known.get(row.place);
    let value = known.zip(table.kept_at(column));
    value
        .map(|(known, kept)| known.value(kept, row.row))
        .unwrap_or_default()
}

/// The key of a row and the fields of its reference.
fn row_of(
    ledger: &Ledger<'_>,
    table: &TablePlan,
    row: &PutOff,
    fields: Vec<(usize, Value)>,
) -> Row {
    let key = table
        .key
        .iter()
        .map(|column| now(ledger, table, row, *column));
    let set: Vec<(usize, Value)> = fields
        .into_iter()
        .filter(|(field, _)| !table.key.contains(field))
        .collect();
    let mut columns = table.key.clone();
    columns.extend(set.iter().map(|(field, _)| field));
    let values = key.chain(set.into_iter().map(|(_, value)| value));
    names(table, &columns).into_iter().zip(values).collect()
}
