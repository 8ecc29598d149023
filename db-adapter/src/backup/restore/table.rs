//! Restores one table: lets `remap` decide about each row that is read, and sends what is new or
//! changed.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::join;

use super::afterwards::{Afterwards, Late, PutOff};
use super::apply::{Batch, Work, apply};
use super::existing::{Externals, present};
use super::keys::Fate;
use super::ledger::{Ledger, Sent};
use super::owner::Owner;
use super::plan::TablePlan;
use super::reading::{BYTES, ROWS, ReadRows, Reading, Shape};
use super::remap::{Patience, Placed, Present};
use super::row::Item;
use super::source::Source;
use super::waiting::Waiting;
use crate::client::{DatabaseClient as _, DatabaseClientExt as _};
use crate::query::{AdvanceSequence, AllocateKeys, Operation};
use crate::transaction::Transaction;
use crate::{Error, Result, Row, Value};

/// What rows that wait for others may take.
const WAITING_BYTES: usize = 32 << 20;

/// One table under way.
pub(super) struct TableRun<'a, 'p> {
    tx: &'a Transaction,
    ledger: &'a mut Ledger<'p>,
    afterwards: &'a mut Afterwards,
    place: usize,
    table: &'p TablePlan,
    user: Value,
    owner: Option<Owner>,
    present: Present,
    externals: Externals,
    shapes: Vec<Arc<Shape>>,
    queue: VecDeque<(Item, Patience)>,
    waiting: Waiting,
    /// Keys of the database that no row has yet, for each numbered column.
    keys: Vec<VecDeque<Value>>,
    /// Whether it was made sure that these are not behind rows that are there.
    numbers_go_on: bool,
    new: Batch,
    changed: Batch,
    bytes: usize,
    stopped: bool,
}

impl<'a, 'p> TableRun<'a, 'p> {
    /// Reads what is there of the table at `place`.
    pub(super) async fn begin(
        tx: &'a Transaction,
        ledger: &'a mut Ledger<'p>,
        afterwards: &'a mut Afterwards,
        place: usize,
        table: &'p TablePlan,
        user: Value,
    ) -> Result<Self> {
        let present = present(tx, &ledger.remap, table, &user).await?;
        Ok(TableRun {
            tx,
            ledger,
            afterwards,
            place,
            table,
            user,
            owner: Owner::of(table)?,
            present,
            externals: Externals::default(),
            shapes: Vec::new(),
            queue: VecDeque::new(),
            waiting: Waiting::default(),
            keys: table.numbered.iter().map(|_| VecDeque::new()).collect(),
            numbers_go_on: false,
            new: Batch::default(),
            changed: Batch::default(),
            bytes: 0,
            stopped: false,
        })
    }

    /// Restores all its rows; false when there is no point in going on. `read` is told how many
    /// rows each batch has.
    pub(super) async fn run(
        mut self,
        source: &mut Source,
        mut read: impl FnMut(u64),
    ) -> Result<bool> {
        let remap = &self.ledger.remap;
        let user = std::mem::take(&mut self.user);
        let mut reading = Reading::new(remap.plan, self.table, remap.fingerprints, user);
        let mut rows = reading.next(source).await?;
        while rows.count > 0 {
            let count = rows.count;
            self.shapes.clone_from(&reading.shapes);
            self.take_up(rows).await?;
            // while the database takes these rows, the next are read
            let (flushed, ahead) = join(self.flush(), reading.next(source)).await;
            flushed?;
            read(count);
            if self.stopped {
                return Ok(false);
            }
            rows = ahead?;
        }
        while !self.waiting.is_empty() {
            self.queue = self.waiting.break_up().into();
            self.work_off().await?;
        }
        self.flush().await?;
        Ok(!self.stopped)
    }

    async fn take_up(&mut self, rows: ReadRows) -> Result<()> {
        for (line, number, why) in rows.unfit {
            self.remember(&why.old_keys, Fate::Failed, |_| Value::Null);
            self.stopped |= !self.ledger.fail(self.place, line, number, why.reason);
        }
        self.place_all(rows.items).await
    }

    async fn place_all(&mut self, mut items: Vec<Item>) -> Result<()> {
        let remap = &self.ledger.remap;
        let missing = self
            .externals
            .missing(self.tx, remap, self.table, &items)
            .await?;
        let mut gone: Vec<(usize, String)> = Vec::new();
        for (at, reference) in missing {
            if gone.last().is_none_or(|(last, _)| *last != at)
                && let Some(reference) = self.table.refs.get(reference)
            {
                let words = self.ledger.remap.words(self.table, reference);
                gone.push((at, format!("{words} is not in the destination")));
            }
        }
        gone.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        gone.dedup_by_key(|(at, _)| *at);
        let mut failed = Vec::new();
        for (at, reason) in gone {
            failed.push((items.remove(at), reason));
        }
        for (item, reason) in failed.into_iter().rev() {
            self.fail(&item, reason);
        }
        let items = items.into_iter();
        self.queue.extend(items.map(|item| (item, Patience::Waits)));
        self.work_off().await
    }

    /// Decides about the rows of the queue, and about those that they release.
    async fn work_off(&mut self) -> Result<()> {
        while let Some((item, patience)) = self.queue.pop_front() {
            self.decide(item, patience).await?;
            if self.stopped {
                return Ok(());
            }
            // after the last one, others do it
            let full = self.new.rows.len() >= ROWS || self.bytes >= BYTES;
            if full && !self.queue.is_empty() {
                self.flush().await?;
            }
        }
        Ok(())
    }

    async fn decide(&mut self, item: Item, patience: Patience) -> Result<()> {
        let remap = &self.ledger.remap;
        match remap.place(self.place, &mut self.present, item, patience) {
            Placed::Failed(item, reason) => self.fail(&item, reason),
            Placed::Waits(item, key) => {
                let full = self.waiting.bytes() > WAITING_BYTES;
                if full && patience == Patience::Waits && self.can_be_put_off() {
                    self.queue.push_front((item, Patience::WillCome));
                } else {
                    self.waiting.add(item, key);
                }
            }
            Placed::Same(item, row) => {
                self.ledger.count(self.place, |table| table.skipped += 1);
                let (present, table) = (&self.present, self.table);
                let now: Vec<Value> = (0..table.kept.len())
                    .map(|kept| present.value(kept, row))
                    .collect();
                self.remember_as(&item.old_keys, Fate::Existed, now);
            }
            Placed::Changed(item, row) => self.change(item, row),
            Placed::New(item) => self.create(item).await?,
        }
        Ok(())
    }

    /// Whether a row can come before the row of its table that it refers to.
    fn can_be_put_off(&self) -> bool {
        self.table.refs.iter().all(|reference| {
            let natural = |column| self.table.natural.contains(column);
            reference.required
                || (!reference.nulled.is_empty() && !reference.fields.iter().any(natural))
        })
    }

    fn fail(&mut self, item: &Item, reason: String) {
        self.remember(&item.old_keys, Fate::Failed, |_| Value::Null);
        self.stopped |= !self.ledger.fail(self.place, item.line, item.number, reason);
    }

    /// Lets others find the row, and lets those go on that waited for it.
    fn remember(
        &mut self,
        old: &[Option<super::fingerprint::Fingerprint>],
        fate: Fate,
        now: impl Fn(usize) -> Value,
    ) -> Option<u32> {
        let now = self.table.kept.iter().map(|column| now(*column)).collect();
        self.remember_as(old, fate, now)
    }

    fn remember_as(
        &mut self,
        old: &[Option<super::fingerprint::Fingerprint>],
        fate: Fate,
        now: Vec<Value>,
    ) -> Option<u32> {
        if !self.table.is_tracked() {
            return None;
        }
        let known = self.ledger.remap.known.get_mut(self.place)?;
        let row = known.add(old, now, fate);
        if !self.waiting.is_empty() {
            for key in old.iter().flatten() {
                let released = self.waiting.release(*key);
                let released = released.into_iter().map(|item| (item, Patience::Waits));
                self.queue.extend(released);
            }
        }
        Some(row)
    }

    /// A row that is there gets other values.
    fn change(&mut self, mut item: Item, row: u32) {
        let table = self.table;
        let Some(shape) = self.shapes.get(item.layout).map(Arc::clone) else {
            return;
        };
        let layout = &shape.layout;
        for (kept, column) in table.kept.iter().enumerate() {
            if (table.key.contains(column) || !layout.written.contains(column))
                && let Some(cell) = item.values.get_mut(*column)
            {
                *cell = self.present.value(kept, row);
            }
        }
        self.lead_to_itself(&mut item);
        let old = std::mem::take(&mut item.old_keys);
        let until_now = |column: usize| match table.kept_at(column) {
            Some(kept) if table.user != Some(column) => self.present.value(kept, row),
            _ => item.values.get(column).cloned().unwrap_or_default(),
        };
        let owned = self.owner.as_ref().map(|owner| owner.row(until_now));
        let now = |column: usize| item.values.get(column).cloned().unwrap_or_default();
        let row = self.remember(&old, Fate::Existed, now);
        let is_fixed = |column: &usize| table.columns.get(*column).is_some_and(|c| c.fixed);
        let columns: Vec<usize> = layout
            .written
            .iter()
            .copied()
            .filter(|column| !table.key.contains(column) && !is_fixed(column))
            .collect();
        let sent = sent(&mut item, row);
        if columns.is_empty() {
            self.ledger.count(self.place, |table| table.skipped += 1);
            return;
        }
        let columns: Vec<usize> = table.key.iter().copied().chain(columns).collect();
        if sent.resolved.later.is_empty() {
            let names = super::afterwards::names(table, &columns);
            let values = columns.iter().filter_map(|c| item.values.get(*c).cloned());
            let row: Row = names.into_iter().zip(values).collect();
            self.bytes += item.weight();
            self.changed.rows.push(row);
            self.changed.owned.extend(owned);
            self.changed.sent.push(sent);
        } else {
            self.afterwards.late.push(Late {
                place: self.place,
                columns,
                values: item.values,
                owned,
                sent,
            });
        }
    }

    async fn create(&mut self, mut item: Item) -> Result<()> {
        self.take_keys(&mut item).await?;
        self.lead_to_itself(&mut item);
        let old = std::mem::take(&mut item.old_keys);
        let now = |column: usize| item.values.get(column).cloned().unwrap_or_default();
        let row = self.remember(&old, Fate::New, now);
        self.bytes += item.weight();
        let sent = sent(&mut item, row);
        if let Some(row) = row {
            let put_off = sent.resolved.later.iter();
            self.afterwards
                .put_off
                .extend(put_off.map(|(reference, key)| PutOff {
                    place: self.place,
                    reference: *reference,
                    row,
                    key: *key,
                    line: sent.line,
                    number: sent.number,
                }));
        }
        let shape = self.shapes.get(item.layout).ok_or_else(|| {
            Error::internal(format!(
                "a row of `{}` is of a shape that was not read",
                self.table.name
            ))
        })?;
        let Shape { layout, header } = &**shape;
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
                // it would go in under the key of the file
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

    /// Keys of the database, no more than there are rows that may need one.
    async fn allocate(&mut self, column: &str) -> Result<Vec<Value>> {
        if !self.numbers_go_on {
            self.numbers_go_on = true;
            go_on(self.tx, self.table).await?;
        }
        let count = self.queue.len() as u64 + 1;
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

    /// Sends what is ready, new rows first.
    async fn flush(&mut self) -> Result<()> {
        self.bytes = 0;
        let (new, changed) = (
            std::mem::take(&mut self.new),
            std::mem::take(&mut self.changed),
        );
        if !new.rows.is_empty() {
            let done = apply(self.tx, self.ledger, self.place, Work::Load, new).await?;
            self.stopped |= done.stopped;
            self.ledger
                .count(self.place, |table| table.inserted += done.written);
        }
        if !changed.rows.is_empty() && !self.stopped {
            let done = apply(self.tx, self.ledger, self.place, Work::Update, changed).await?;
            self.stopped |= done.stopped;
            self.ledger.count(self.place, |table| {
                table.updated += done.written;
                table.skipped += done.taken - done.written.min(done.taken);
            });
        }
        Ok(())
    }
}

/// Rows that were brought with numbers of their own have left the sequence behind. A role that may
/// not set it can still take numbers of one that is right.
async fn go_on(tx: &Transaction, table: &TablePlan) -> Result<()> {
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

fn sent(item: &mut Item, row: Option<u32>) -> Sent {
    Sent {
        row,
        line: item.line,
        number: item.number,
        resolved: std::mem::take(&mut item.resolved),
    }
}
