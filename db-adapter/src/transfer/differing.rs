//! Which of the rows that are there differ from the source, and in which columns: asked before any of them is
//! written, so that an update writes those columns alone, and that it can be told. Only where rows are told of.

use std::ops::Range;
use std::sync::Arc;

use super::apply::{Batch, FEW, Work, is_of_a_row, of_one_shape, reason};
use super::ledger::{Ledger, Sent};
use super::part::part;
use super::plan::TablePlan;
use crate::client::{DatabaseClient as _, DatabaseClientExt as _};
use crate::query::{Differences, Operation, UpdateMany};
use crate::transaction::Transaction;
use crate::{Error, Result, Row, Value};

/// A batch of which the database was asked what differs.
#[derive(Default)]
pub(super) struct Differing {
    /// The rows that are to be written, with their keys and the columns that differ.
    pub(super) batch: Batch,
    /// The places of these in the batch that was asked about.
    pub(super) places: Vec<usize>,
    /// How many rows stay as they are.
    pub(super) same: u64,
    /// How many differ.
    pub(super) differ: u64,
    pub(super) stopped: bool,
}

/// Asks about rows of the table at `place`, each by its key. `again`: they were told of before, without a reference
/// that had to wait.
pub(super) async fn differing(
    tx: &Transaction,
    ledger: &mut Ledger<'_>,
    place: usize,
    batch: Batch,
    again: bool,
) -> Result<Differing> {
    let table = ledger.plan(place).ok_or_else(|| {
        Error::internal(format!(
            "rows of table {place} of a plan without it are compared"
        ))
    })?;
    let options = ledger.remap.options;
    let keeps = table.shared && !options.overwrite_shared;
    let is_written = !options.looks && !keeps;
    let mut found = Differing::default();
    let mut ranges = of_one_shape(&batch.rows);
    ranges.reverse();
    while let Some(range) = ranges.pop() {
        let sent = part(&batch.sent, range.clone())?;
        let answer = match ask(tx, table, &batch, range.clone(), is_written).await {
            Ok(answer) => answer,
            Err(error) if !is_of_a_row(&error) => return Err(error),
            Err(error) if range.len() == 1 => {
                let reason = reason(error, ledger, table, Work::Update);
                let goes_on = |sent| ledger.refused(place, sent, reason);
                if !sent.first().is_none_or(goes_on) {
                    found.stopped = true;
                    return Ok(found);
                }
                continue;
            }
            Err(_) if range.len() <= FEW => {
                ranges.extend(range.rev().map(|at| at..at + 1));
                continue;
            }
            Err(_) => {
                let middle = range.start + range.len() / 2;
                ranges.extend([middle..range.end, range.start..middle]);
                continue;
            }
        };
        let rows = part(&batch.rows, range.clone())?;
        for (at, ((row, sent), columns)) in range.zip(rows.iter().zip(sent).zip(answer)) {
            let owned = batch.owned.get(at);
            if columns.is_empty() {
                found.same += 1;
                ledger.count(place, |table| table.record.unchanged += u64::from(!again));
                ledger.taken(place, sent, 0);
                ledger.written(place, row, owned);
                continue;
            }
            found.differ += 1;
            if is_written {
                found.batch.rows.push(narrow(table, row, &columns));
                found.batch.owned.extend(owned.cloned());
                found.batch.sent.push(sent.clone());
                found.places.push(at);
            } else {
                ledger.taken(place, sent, 0);
            }
            ledger.differs(place, sent, columns, again);
        }
    }
    Ok(found)
}

/// Of each row of a range the columns that differ; none of one that is as it is to be.
async fn ask(
    tx: &Transaction,
    table: &TablePlan,
    batch: &Batch,
    range: Range<usize>,
    lock: bool,
) -> Result<Vec<Vec<String>>> {
    let keys = table.key.iter().filter_map(|c| table.columns.get(*c));
    let keys = keys.map(|column| column.name.clone()).collect();
    let rows = part(&batch.rows, range.clone())?.to_vec();
    let mut columns = vec![Vec::new(); rows.len()];
    let mut update = UpdateMany::new(table.table.clone(), rows, keys);
    if !batch.owned.is_empty() {
        update.expected = part(&batch.owned, range)?.to_vec();
    }
    update.spelled = true;
    let mut asked = Differences::new(update);
    asked.lock = lock;
    let savepoint = tx.begin().await?;
    let outcome = match savepoint.run(Operation::Differences(asked)).await {
        Ok(outcome) => outcome,
        Err(error) => {
            savepoint.rollback().await?;
            return Err(error);
        }
    };
    savepoint.commit().await?;
    for row in &outcome.rows {
        let place: usize = row.get("place")?;
        let names: Vec<String> = row.get("columns")?;
        let cell = columns.get_mut(place);
        let cell = cell.ok_or_else(|| Error::internal("a row differs that was not asked about"))?;
        *cell = names;
    }
    Ok(columns)
}

/// The key of the row, and these columns of it.
fn narrow(table: &TablePlan, row: &Row, columns: &[String]) -> Row {
    let key = table.key.iter().filter_map(|c| table.columns.get(*c));
    let key: Vec<&str> = key.map(|column| column.name.as_str()).collect();
    let stays = |name: &str| key.contains(&name) || columns.iter().any(|column| column == name);
    let cells = row.iter().filter(|(name, _)| stays(name));
    cells
        .map(|(name, value)| (name, Value::clone(value)))
        .collect()
}

impl Ledger<'_> {
    /// A row that was there has other values in these columns than it is to have.
    fn differs(&mut self, place: usize, sent: &Sent, columns: Vec<String>, again: bool) {
        let options = self.remap.options;
        let keeps = self
            .plan(place)
            .is_some_and(|table| table.shared && !options.overwrite_shared);
        let known = sent.row.map(|row| (place, row));
        let before = known.and_then(|known| self.told.get(&known).copied());
        let Some(table) = self.summary.tables.get_mut(place) else {
            return;
        };
        let record = &mut table.record;
        let rows = match keeps {
            true => &mut record.kept,
            false => {
                for column in &columns {
                    *record.columns.entry(column.clone()).or_default() += 1;
                }
                &mut record.changed
            }
        };
        if let Some(at) = before {
            let named = at.and_then(|at| rows.named.get_mut(at));
            if let Some((_, all)) = named {
                all.extend(columns);
            }
            return;
        }
        let key = sent.origin.key.as_ref().map(Arc::clone);
        let at = rows.add(key.map(|key| (key, columns)));
        // all else of it is as it is to be
        record.unchanged -= u64::from(again).min(record.unchanged);
        if let Some(known) = known {
            self.told.insert(known, at);
        }
    }
}
