//! Makes a row of one table ready to be sent: its keys, its references, the columns that it writes. Which row
//! is new and which is changed, `table` has decided.

use std::collections::VecDeque;
use std::sync::Arc;

use super::afterwards::PutOff;
use super::keys::Fate;
use super::ledger::Sent;
use super::plan::{RefPlan, TablePlan};
use super::reading::Shape;
use super::row::Item;
use super::spelling::stays;
use super::table::TableRun;
use crate::client::{DatabaseClient as _, DatabaseClientExt as _};
use crate::query::{AdvanceSequence, AllocateKeys, Operation};
use crate::transaction::Transaction;
use crate::{Error, Result, Row, Value};

/// Keys that are taken at once, where so many rows are left.
const FEWEST_KEYS: u64 = 1000;
/// What is more would wait in memory for long.
const MOST_KEYS: u64 = 10_000;

impl TableRun<'_, '_> {
    /// A row that is there gets other values.
    pub(super) async fn change(&mut self, mut item: Item, row: u32) -> Result<()> {
        let table = self.table;
        let shape = self.shape(&item)?;
        let layout = &shape.layout;
        let of = &self.ledger.remap.fingerprints;
        for (kept, column) in table.kept.iter().enumerate() {
            let Some(cell) = item.values.get_mut(*column) else {
                continue;
            };
            let there = self.present.value(kept, row);
            let is_given = layout.written.contains(column) && table.user != Some(*column);
            if !is_given || table.key.contains(column) || stays(table, of, *column, &there, cell) {
                *cell = there;
            }
        }
        self.lead_to_itself(&mut item);
        self.settle(&mut item).await?;
        if self.ledger.keeps() {
            self.wait_for_changes(&mut item);
        }
        let old = std::mem::take(&mut item.old_keys);
        let until_now = |column: usize| match table.kept_at(column) {
            Some(kept) if table.user != Some(column) => self.present.value(kept, row),
            _ => item.values.get(column).cloned().unwrap_or_default(),
        };
        let owned = self.owner.as_ref().map(|owner| owner.row(until_now));
        let now = |column: usize| item.values.get(column).cloned().unwrap_or_default();
        let row = self.remember(&old, Fate::Existed, now);
        let sent = sent(&mut item, row);
        self.put_off(&sent)?;
        // what it refers to now stays until it is known what comes instead, or for good
        let later = sent.resolved.later.iter().map(|(at, _)| *at);
        let unchanged: Vec<usize> = later.chain(sent.resolved.kept.iter().copied()).collect();
        let stays = |column: &usize| {
            let is_fixed = table.columns.get(*column).is_some_and(|c| c.fixed);
            let mut unchanged = unchanged.iter().filter_map(|at| table.refs.get(*at));
            // the user is the same one, however it is written there
            let is_whose = table.key.contains(column) || table.user == Some(*column);
            let is_its = |r: &RefPlan| match r.nulled.is_empty() {
                true => r.fields.contains(column),
                false => r.nulled.contains(column),
            };
            is_whose || is_fixed || is_same_array(table, *column) || unchanged.any(is_its)
        };
        let written = layout.written.iter().copied();
        let columns: Vec<usize> = written.filter(|column| !stays(column)).collect();
        if columns.is_empty() {
            self.ledger.count(self.place, |table| table.skipped += 1);
            return Ok(());
        }
        let columns: Vec<usize> = table.key.iter().copied().chain(columns).collect();
        let names = super::afterwards::names(table, &columns);
        let values = columns.iter().filter_map(|c| item.values.get(*c).cloned());
        self.bytes += item.weight();
        self.changing.extend(sent.row);
        self.changed
            .rows
            .push(names.into_iter().zip(values).collect());
        self.changed.owned.extend(owned);
        self.changed.sent.push(sent);
        Ok(())
    }

    fn shape(&self, item: &Item) -> Result<Arc<Shape>> {
        let shape = self.shapes.get(item.layout).map(Arc::clone);
        shape.ok_or_else(|| {
            Error::internal(format!(
                "a row of `{}` is of a shape that was not read",
                self.table.name
            ))
        })
    }

    /// The references that are set when all the rows are there.
    fn put_off(&mut self, sent: &Sent) -> Result<()> {
        for (reference, key) in &sent.resolved.later {
            let row = sent.row.ok_or_else(|| {
                Error::internal(format!(
                    "a reference of `{}` is to be set later, and its rows are not remembered",
                    self.table.name
                ))
            })?;
            self.afterwards.put_off.push(PutOff {
                place: self.place,
                reference: *reference,
                row,
                key: *key,
                origin: sent.origin,
            });
        }
        Ok(())
    }

    pub(super) async fn create(&mut self, mut item: Item) -> Result<()> {
        // there is nothing to keep
        item.resolved.nulled += u32::try_from(item.resolved.kept.len()).unwrap_or(u32::MAX);
        self.take_keys(&mut item).await?;
        self.refer_ahead(&mut item).await?;
        self.lead_to_itself(&mut item);
        // whether that row can be changed has to be known before another one refers to it
        let mut together = item.resolved.together.iter();
        if together.any(|other| self.changing.contains(&other.row)) {
            self.flush().await?;
        }
        self.settle(&mut item).await?;
        let old = std::mem::take(&mut item.old_keys);
        let now = |column: usize| item.values.get(column).cloned().unwrap_or_default();
        let row = self.remember(&old, Fate::New, now);
        let sent = sent(&mut item, row);
        self.put_off(&sent)?;
        self.bytes += item.weight();
        let shape = self.shape(&item)?;
        let Shape { layout, header } = &*shape;
        let values = if layout.written.len() == item.values.len() {
            item.values
        } else {
            let mut values = item.values;
            let written = layout.written.iter();
            written
                .filter_map(|column| values.get_mut(*column).map(std::mem::take))
                .collect()
        };
        self.new
            .rows
            .push(Row::from_parts(Arc::clone(header), values));
        self.new.sent.push(sent);
        Ok(())
    }

    /// Gives a new row keys of the database.
    async fn take_keys(&mut self, item: &mut Item) -> Result<()> {
        if self.take_key_of_before(item) {
            return Ok(());
        }
        for (at, column) in self.table.numbered.iter().enumerate() {
            if self.keys.get(at).is_some_and(VecDeque::is_empty) {
                let name = self.table.columns.get(*column).map(|c| c.name.as_str());
                let keys = self.allocate(name.unwrap_or_default()).await?;
                if let Some(pool) = self.keys.get_mut(at) {
                    pool.extend(keys);
                }
            }
            let key = self.keys.get_mut(at).and_then(VecDeque::pop_front);
            match (item.values.get_mut(*column), key) {
                (Some(cell), Some(key)) => *cell = key,
                // it would go in under the key of the source
                _ => {
                    return Err(Error::internal(format!(
                        "a row of `{}` got no new key, although the database gave as many as it was asked for",
                        self.table.name
                    )));
                }
            }
        }
        Ok(())
    }

    /// Keys of the database, for many rows at once.
    async fn allocate(&mut self, column: &str) -> Result<Vec<Value>> {
        if !self.numbers_go_on {
            self.numbers_go_on = true;
            go_on(self.tx, self.table).await?;
        }
        let at_hand = (self.queue.len() + self.waiting.len()) as u64 + 1;
        // as many again: the number of questions grows with the logarithm of the rows, and where most rows are
        // there already, few numbers of the sequence are lost
        let left = self.table.rows.map(|rows| rows.saturating_sub(self.read));
        let to_come = left.unwrap_or(u64::MAX).min(self.allocated);
        let count = chunk(at_hand, to_come);
        self.allocated += count;
        let allocate = AllocateKeys::new(self.table.table.clone(), column, count);
        let rows = self.tx.run(Operation::AllocateKeys(allocate)).await?.rows;
        Ok(rows
            .iter()
            .filter_map(|row| row.get_index(0).cloned())
            .collect())
    }

    /// A row that refers to itself goes on to do so.
    fn lead_to_itself(&self, item: &mut Item) {
        for at in std::mem::take(&mut item.resolved.itself) {
            let Some(reference) = self.table.refs.get(at) else {
                continue;
            };
            let super::plan::Target::Table { key_set, .. } = reference.target else {
                continue;
            };
            let set = self.table.key_sets.get(key_set).into_iter().flatten();
            for (field, column) in reference.fields.iter().zip(set) {
                let value = item.values.get(*column).cloned().unwrap_or_default();
                if let Some(cell) = item.values.get_mut(*field) {
                    *cell = value;
                }
            }
        }
    }
}

/// How many keys are taken at once: those of the rows at hand, within bounds; not one by one where few are at hand,
/// because the others wait or are still to come; and none for rows that will never be.
fn chunk(at_hand: u64, to_come: u64) -> u64 {
    let all = at_hand.saturating_add(to_come);
    at_hand.max(FEWEST_KEYS).min(all).min(MOST_KEYS)
}

/// Rows that were brought with numbers of their own have left the sequence behind. A role that may
/// not set it can still take numbers of one that is right.
pub(super) async fn go_on(tx: &Transaction, table: &TablePlan) -> Result<()> {
    for column in table.numbered.iter().filter_map(|c| table.columns.get(*c)) {
        let savepoint = tx.begin().await?;
        let advance = AdvanceSequence::new(table.table.clone(), column.name.as_str());
        match savepoint.run(Operation::AdvanceSequence(advance)).await {
            Ok(_) => savepoint.commit().await?,
            Err(Error::PermissionDenied { .. }) => savepoint.rollback().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether the column has the same array already, by which the row was found: rows may refer to it by its text,
/// with blanks or without.
fn is_same_array(table: &TablePlan, column: usize) -> bool {
    let found = table.columns.get(column);
    table.natural.contains(&column) && found.is_some_and(|c| c.sql_type.element().is_some())
}

fn sent(item: &mut Item, row: Option<u32>) -> Sent {
    Sent {
        row,
        origin: item.origin,
        resolved: std::mem::take(&mut item.resolved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_chunks_and_none_for_rows_that_will_never_be() {
        for (at_hand, to_come, expected) in [
            (1, 0, 1),
            (3, 0, 3),
            (1, 500, 501),
            (1, 1_000_000, 1000),
            (1, u64::MAX, 1000),
            (5000, 0, 5000),
            (5000, 1_000_000, 5000),
            (200_000, 0, 10_000),
        ] {
            assert_eq!(chunk(at_hand, to_come), expected, "{at_hand} {to_come}");
        }
    }
}
