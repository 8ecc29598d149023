//! What can be done only when all the rows are there: references to tables that are restored
//! later, and references that lead in a circle.

use super::apply::{Batch, Work, apply, swallowed};
use super::fingerprint::Fingerprint;
use super::keys::Fate;
use super::ledger::{Ledger, Sent};
use super::owner::Owner;
use super::plan::{RefPlan, TablePlan, Target};
use super::row::Resolved;
use crate::transaction::Transaction;
use crate::{Error, Result, Row, Value};

/// Rows that are sent at once.
const ROWS: usize = 5000;

/// What is left to do.
#[derive(Default)]
pub(super) struct Afterwards {
    pub(super) put_off: Vec<PutOff>,
    pub(super) late: Vec<Late>,
}

/// A reference of a new row that is NULL until now.
pub(super) struct PutOff {
    pub(super) place: usize,
    pub(super) reference: usize,
    pub(super) row: u32,
    pub(super) key: Fingerprint,
    pub(super) line: u64,
    pub(super) number: u64,
}

/// A row that was there, whose new values are known only now.
pub(super) struct Late {
    pub(super) place: usize,
    /// The columns to send, the key's first.
    pub(super) columns: Vec<usize>,
    pub(super) values: Vec<Value>,
    /// Whose it is until now, where that is asked.
    pub(super) owned: Option<Row>,
    pub(super) sent: Sent,
}

/// The names of some columns.
pub(super) fn names<'t>(table: &'t TablePlan, columns: &[usize]) -> Vec<&'t str> {
    let columns = columns.iter().filter_map(|c| table.columns.get(*c));
    columns.map(|column| column.name.as_str()).collect()
}

impl Afterwards {
    /// Does it; false when there is no point in going on.
    pub(super) async fn run(self, tx: &Transaction, ledger: &mut Ledger<'_>) -> Result<bool> {
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
        let mut late = self.late.into_iter().peekable();
        while let Some(place) = late.peek().map(|late| late.place) {
            let mut batch = Batch::default();
            while batch.rows.len() < ROWS
                && let Some(one) = late.next_if(|late| late.place == place)
            {
                resolve(ledger, one, &mut batch);
            }
            let done = apply(tx, ledger, place, Work::Update, batch).await?;
            ledger.count(place, |table| {
                table.updated += done.written;
                table.skipped += done.taken - done.written.min(done.taken);
            });
            if done.stopped {
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
    for row in rows {
        if ledger
            .remap
            .known
            .get(place)
            .map(|known| known.fate(row.row))
            != Some(Fate::New)
        {
            continue;
        }
        match target(ledger, reference, row.key) {
            Some(values) => {
                batch
                    .rows
                    .push(row_of(ledger, table, reference, row, values));
                let now = |column| match table.user == Some(column) {
                    true => ledger.users.get(place).cloned().unwrap_or_default(),
                    false => now(ledger, table, row, column),
                };
                batch
                    .owned
                    .extend(owner.as_ref().map(|owner| owner.row(now)));
                batch.sent.push(Sent {
                    row: None,
                    line: row.line,
                    number: row.number,
                    resolved: Resolved::default(),
                });
            }
            None => {
                let mut values = vec![Value::Null; table.columns.len()];
                match ledger.remap.null(table, reference, &mut values) {
                    Ok(()) => ledger.nulled(place, row.line, row.number, 1),
                    Err(reason) => {
                        // the row is there already, perhaps with children
                        ledger.spoiled = true;
                        if !ledger.fail(place, row.line, row.number, reason) {
                            return Ok(false);
                        }
                    }
                }
            }
        }
    }
    let count = batch.rows.len() as u64;
    if count == 0 {
        return Ok(true);
    }
    let done = apply(tx, ledger, place, Work::Refer, batch).await?;
    ledger.spoiled |= done.taken < count;
    if done.written < done.taken {
        // the rows are there, and so are their children
        return Err(swallowed(table, "a reference"));
    }
    Ok(!done.stopped)
}

/// The values of a reference to the row that had this key; `None` when it is not there.
fn target(ledger: &Ledger<'_>, reference: &RefPlan, key: Fingerprint) -> Option<Vec<Value>> {
    let Target::Table { table, key_set, .. } = reference.target else {
        return None;
    };
    let known = ledger.remap.known.get(table)?;
    let row = known.find(key_set, key)?;
    (known.fate(row) != Fate::Failed).then(|| ledger.remap.values_of(reference, table, row))
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
    reference: &RefPlan,
    row: &PutOff,
    values: Vec<Value>,
) -> Row {
    let key = table
        .key
        .iter()
        .map(|column| now(ledger, table, row, *column));
    let fields = reference.fields.iter().zip(values);
    let set: Vec<(usize, Value)> = fields
        .map(|(field, value)| (*field, value))
        .filter(|(field, _)| !table.key.contains(field))
        .collect();
    let mut columns = table.key.clone();
    columns.extend(set.iter().map(|(field, _)| field));
    let values = key.chain(set.into_iter().map(|(_, value)| value));
    names(table, &columns).into_iter().zip(values).collect()
}

/// Adds a row whose references are all known now.
fn resolve(ledger: &mut Ledger<'_>, mut late: Late, batch: &mut Batch) {
    let Some(table) = ledger.plan(late.place) else {
        return;
    };
    for (at, key) in std::mem::take(&mut late.sent.resolved.later) {
        let Some(reference) = table.refs.get(at) else {
            continue;
        };
        match target(ledger, reference, key) {
            Some(values) => {
                for (field, value) in reference.fields.iter().zip(values) {
                    if let Some(cell) = late.values.get_mut(*field) {
                        *cell = value;
                    }
                }
            }
            None => {
                if let Err(reason) = ledger.remap.null(table, reference, &mut late.values) {
                    // its children may be there already
                    ledger.spoiled = true;
                    ledger.refused(late.place, &late.sent, reason);
                    return;
                }
                late.sent.resolved.nulled += 1;
            }
        }
    }
    let values = late
        .columns
        .iter()
        .filter_map(|c| late.values.get(*c).cloned());
    batch.rows.push(
        names(table, &late.columns)
            .into_iter()
            .zip(values)
            .collect(),
    );
    batch.owned.extend(late.owned);
    batch.sent.push(late.sent);
}
