//! Makes a row of one table ready to be sent: its keys, its references, the columns that it writes. Which row
//! is new and which is changed, `table` has decided.

use std::sync::Arc;

use super::afterwards::PutOff;
use super::fingerprint::Fingerprints;
use super::keys::Fate;
use super::ledger::Sent;
use super::numbers::Needed;
use super::options::{Keys, OnError};
use super::part::{cell, cell_mut};
use super::plan::{RefPlan, TablePlan};
use super::reading::Shape;
use super::row::Item;
use super::spelling::stays;
use super::table::TableRun;
use crate::client::{DatabaseClient as _, DatabaseClientExt as _};
use crate::query::{AdvanceSequence, Operation};
use crate::transaction::Transaction;
use crate::{Error, Result, Row, Value};

impl TableRun<'_, '_> {
    /// A row that is there gets other values.
    pub(super) async fn change(&mut self, mut item: Item, row: u32) -> Result<()> {
        let table = self.table;
        let shape = self.shape(&item)?;
        let layout = &shape.layout;
        let of = &self.ledger.remap.fingerprints;
        let mut refused = None;
        let keeps_keys = self.ledger.remap.options.keys == Keys::Keep;
        for (kept, column) in table.kept.iter().enumerate() {
            let there = self.present.value(kept, row);
            let is_given = layout.written.contains(column) && table.user != Some(*column);
            if is_given && !keeps_keys && refused.is_none() {
                refused = cannot_become(table, of, &item, (*column, &there));
            }
            let cell = cell_mut(&mut item.values, *column)?;
            if !is_given || table.key.contains(column) || stays(table, of, *column, &there, cell) {
                *cell = there;
            }
        }
        if let Some(reason) = refused {
            self.fail(&item, reason);
            return Ok(());
        }
        if let Some(reason) = self.is_followed(&item, row).await? {
            self.fail(&item, reason);
            return Ok(());
        }
        self.lead_to_itself(&mut item)?;
        if self.is_taken_otherwise(&item, Some(row)).await? {
            return Ok(());
        }
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
        let options = self.ledger.remap.options;
        let is_kept = options.records && table.shared && !options.overwrite_shared;
        let now = |column: &usize| match table.kept_at(*column).filter(|_| is_kept) {
            Some(kept) => self.present.value(kept, row),
            None => item.values.get(*column).cloned().unwrap_or_default(),
        };
        let now = table.kept.iter().map(now).collect();
        let row = self.remember_as(&old, Fate::Existed, now);
        let sent = sent(&mut item, row);
        let uncompared = sent.resolved.kept.len() as u64;
        self.ledger.count(self.place, |table| {
            table.record.uncompared += uncompared;
        });
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
            self.ledger.count(self.place, |table| {
                table.skipped += 1;
                table.record.unchanged += 1;
            });
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
                origin: sent.origin.clone(),
                stays: false,
            });
        }
        Ok(())
    }

    pub(super) async fn create(&mut self, mut item: Item) -> Result<()> {
        // there is nothing to keep
        item.resolved.nulled += u32::try_from(item.resolved.kept.len()).unwrap_or(u32::MAX);
        self.take_keys(&mut item).await?;
        self.created += 1;
        self.refer_ahead(&mut item).await?;
        self.lead_to_itself(&mut item)?;
        if self.is_taken_otherwise(&item, None).await? {
            return Ok(());
        }
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

    /// Whether another row has a key of this one, written otherwise: then it has failed. `there`: as it is there.
    async fn is_taken_otherwise(&mut self, item: &Item, there: Option<u32>) -> Result<bool> {
        if self.respelled.is_empty() {
            return Ok(false);
        }
        let table = self.table;
        let there = there.map(|row| {
            let kept = |column| Some(self.present.value(table.kept_at(column)?, row));
            let columns = 0..table.columns.len();
            columns
                .map(|column| kept(column).unwrap_or_default())
                .collect::<Vec<Value>>()
        });
        let of = &self.ledger.remap.fingerprints;
        let respelled = &mut self.respelled;
        let taken = respelled.take(self.tx, of, table, &item.values, there.as_deref());
        let Some(columns) = taken.await? else {
            return Ok(false);
        };
        self.fail(
            item,
            format!("another row has its `{columns}`, written otherwise"),
        );
        Ok(true)
    }

    /// Gives a new row keys of the database.
    async fn take_keys(&mut self, item: &mut Item) -> Result<()> {
        if self.take_key_of_before(item) {
            return Ok(());
        }
        let table = self.table;
        for column in &table.numbered {
            let key = self.number((self.place, table), *column).await?;
            *cell_mut(&mut item.values, *column)? = key;
        }
        Ok(())
    }

    /// A key of the database for a row of this table, or of one that comes later.
    pub(super) async fn number(
        &mut self,
        (place, table): (usize, &TablePlan),
        column: usize,
    ) -> Result<Value> {
        let at_hand = (self.queue.len() + self.waiting.len()) as u64 + 1;
        let is_own = place == self.place;
        let left = self.table.rows.map(|rows| rows.saturating_sub(self.read));
        let aborts = self.ledger.remap.options.on_error == OnError::Abort;
        // each row that is there is one of the source's at most
        let least = self
            .table
            .rows
            .filter(|_| is_own && aborts && self.created == 0);
        let needed = Needed {
            at_hand,
            to_come: if is_own { left } else { table.rows },
            least: least.map_or(0, |rows| rows.saturating_sub(self.present.len())),
        };
        let numbers = &mut self.ledger.numbers;
        numbers.take(self.tx, (place, table), column, needed).await
    }

    /// A row that refers to itself goes on to do so.
    fn lead_to_itself(&self, item: &mut Item) -> Result<()> {
        for at in std::mem::take(&mut item.resolved.itself) {
            let Some(reference) = self.table.refs.get(at) else {
                continue;
            };
            let super::plan::Target::Table { key_set, .. } = reference.target else {
                continue;
            };
            let set = self.table.key_sets.get(key_set).into_iter().flatten();
            for (field, column) in reference.fields.iter().zip(set) {
                let value = cell(&item.values, *column)?.clone();
                *cell_mut(&mut item.values, *field)? = value;
            }
        }
        Ok(())
    }
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

/// Why a row that is there cannot get the value that the item has for a part of its key. To a key of one column,
/// which the row keeps, all references are led.
fn cannot_become(
    table: &TablePlan,
    of: &Fingerprints,
    item: &Item,
    (column, there): (usize, &Value),
) -> Option<String> {
    let (plan, given) = (table.columns.get(column)?, item.values.get(column)?);
    let is_data = table.key.len() > 1
        && table.key.contains(&column)
        && !table.numbered.contains(&column)
        && !table.natural.contains(&column)
        && !table.refs.iter().any(|r| r.fields.contains(&column));
    let of_one = |value| of.of([(value, &plan.meaning)]);
    (is_data && of_one(there) != of_one(given)).then(|| {
        format!(
            "the row is there with another `{}`, which is a part of its primary key",
            plan.name
        )
    })
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
        origin: item.origin.clone(),
        resolved: std::mem::take(&mut item.resolved),
    }
}
