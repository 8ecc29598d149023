//! Restores one table: lets `remap` decide about each row that is read, and sends what is new or
//! changed.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use futures_util::future::join;

use super::afterwards::{Afterwards, PutOff};
use super::apply::Batch;
use super::colliding::Colliding;
use super::equality::learn;
use super::existing::present;
use super::externals::Externals;
use super::keys::Fate;
use super::ledger::{Ledger, Sent};
use super::owner::Owner;
use super::owners::user_now;
use super::plan::{Asked, RefPlan, TablePlan};
use super::reading::{BYTES, ROWS, ReadRows, Reading, Shape};
use super::remap::{Placed, Present, not_put_off};
use super::rewritten::rewritten;
use super::roots::Reason;
use super::row::Item;
use super::source::Source;
use super::spelling::{of_user, stays};
use super::waiting::Waiting;
use crate::client::{DatabaseClient as _, DatabaseClientExt as _};
use crate::query::{AdvanceSequence, AllocateKeys, Operation};
use crate::transaction::Transaction;
use crate::{Error, Result, Row, Value};

/// What rows that wait for others may take.
const WAITING_BYTES: usize = 32 << 20;

/// One table under way.
pub(super) struct TableRun<'a, 'p> {
    pub(super) tx: &'a Transaction,
    pub(super) ledger: &'a mut Ledger<'p>,
    pub(super) afterwards: &'a mut Afterwards,
    pub(super) place: usize,
    pub(super) table: &'p TablePlan,
    user: Value,
    /// The columns whose values the database compares.
    asked: Vec<Asked>,
    owner: Option<Owner>,
    present: Present,
    externals: Externals,
    /// Why none of its rows can be restored.
    ownerless: Option<String>,
    shapes: Vec<Arc<Shape>>,
    queue: VecDeque<Item>,
    waiting: Waiting,
    /// Keys of the database that no row has yet, for each numbered column.
    keys: Vec<VecDeque<Value>>,
    /// Whether it was made sure that these are not behind rows that are there.
    numbers_go_on: bool,
    pub(super) new: Batch,
    pub(super) changed: Batch,
    /// The rows of `changed`, as others refer to them.
    pub(super) changing: HashSet<u32>,
    pub(super) bytes: usize,
    /// Rows that wait until others have given their unique values away.
    pub(super) collided: Colliding,
    pub(super) stopped: bool,
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
        let (user, ownerless) = match user_now(tx, ledger.remap.plan, place, user.clone()).await? {
            Ok(now) => (now, None),
            Err(why) => (user, Some(why)),
        };
        let present = present(tx, &mut ledger.remap, table, &user).await?;
        let asked = ledger.remap.plan.asked(table);
        if let Some(column) = table.user {
            // it may be spelt otherwise in the rows that are there
            let mut values = vec![Value::Null; table.columns.len()];
            values.splice(column..=column, [user.clone()]);
            let remap = &mut ledger.remap;
            let (samples, rows) = (&remap.plan.samples, std::iter::once(values.as_slice()));
            learn(tx, samples, &mut remap.fingerprints, &asked, rows).await?;
        }
        Ok(TableRun {
            tx,
            ledger,
            afterwards,
            place,
            table,
            user,
            asked,
            owner: Owner::of(table)?,
            present,
            externals: Externals::default(),
            ownerless,
            shapes: Vec::new(),
            queue: VecDeque::new(),
            waiting: Waiting::default(),
            keys: table.numbered.iter().map(|_| VecDeque::new()).collect(),
            numbers_go_on: false,
            new: Batch::default(),
            changed: Batch::default(),
            changing: HashSet::new(),
            bytes: 0,
            collided: Colliding::default(),
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
        let mut reading = Reading::new(remap.plan, self.table, remap.fingerprints.clone());
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
        self.complete().await?;
        self.flush().await?;
        self.exchange(true).await?;
        Ok(!self.stopped)
    }

    /// What still waits when the last row was read.
    async fn complete(&mut self) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let remap = &self.ledger.remap;
        let none = Waiting::default();
        waiting.complete(|item| remap.awaits(self.place, item, &none));
        self.waiting = waiting;
        self.work_off().await?;
        if self.waiting.is_empty() || self.stopped {
            return Ok(());
        }
        // they would be lost without a word
        Err(Error::internal(format!(
            "{} rows of `{}` wait for others at the end of the table",
            self.waiting.len(),
            self.table.name
        )))
    }

    async fn take_up(&mut self, rows: ReadRows) -> Result<()> {
        for (line, number, why) in rows.unfit {
            let row = self.remember(&why.old_keys, Fate::Failed, |_| Value::Null);
            let (place, reason) = (self.place, why.reason);
            self.stopped |= !self.ledger.fail(place, row, (line, number), reason);
        }
        self.place_all(rows.items).await
    }

    async fn place_all(&mut self, mut items: Vec<Item>) -> Result<()> {
        if let Some(reason) = self.ownerless.clone() {
            items
                .iter()
                .for_each(|item| self.fail(item, reason.clone()));
            return Ok(());
        }
        let remap = &mut self.ledger.remap;
        if !self.asked.is_empty() {
            let rows = items.iter().map(|item| item.values.as_slice());
            let samples = &remap.plan.samples;
            learn(self.tx, samples, &mut remap.fingerprints, &self.asked, rows).await?;
            for item in &mut items {
                item.compare_again(remap.plan, self.table, &remap.fingerprints);
            }
        }
        let (plan, of) = (remap.plan, &remap.fingerprints);
        for item in &mut items {
            if let Some(cell) = self.table.user.and_then(|c| item.values.get_mut(c)) {
                *cell = of_user(plan, self.table, of, cell, &self.user);
            }
        }
        let missing = self
            .externals
            .missing(self.tx, remap, self.table, &mut items)
            .await?;
        let rewritten = rewritten(self.tx, self.table, &items).await?;
        let mut gone: Vec<(usize, String)> = Vec::new();
        for (at, column) in rewritten {
            if let Some(column) = self.table.columns.get(column) {
                let (name, sql_type) = (&column.name, &column.sql_type);
                let reason =
                    format!("column `{name}`: {sql_type} does not take the value as it is");
                gone.push((at, reason));
            }
        }
        for (at, reference) in missing {
            if let Some(reference) = self.table.refs.get(reference) {
                let words = self.ledger.remap.words(self.table, reference);
                gone.push((at, format!("{words} is not in the destination")));
            }
        }
        gone.sort_by_key(|(at, _)| *at);
        gone.dedup_by_key(|(at, _)| *at);
        let mut gone = gone.into_iter().peekable();
        for (at, item) in items.into_iter().enumerate() {
            match gone.next_if(|(place, _)| *place == at) {
                Some((_, reason)) => self.fail(&item, reason),
                None => self.queue.push_back(item),
            }
        }
        self.work_off().await
    }

    /// Decides about the rows of the queue, and about those that they release, which come before
    /// the next of the file.
    async fn work_off(&mut self) -> Result<()> {
        while let Some(item) = self.next() {
            self.decide(item).await?;
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

    fn next(&mut self) -> Option<Item> {
        self.waiting.next_ready().or_else(|| self.queue.pop_front())
    }

    async fn decide(&mut self, item: Item) -> Result<()> {
        let unsent = self.new.sent.first().and_then(|sent| sent.row);
        let remap = &self.ledger.remap;
        let mut placed = remap.place(self.place, &mut self.present, item, &self.waiting, unsent);
        if let Placed::Unsure(item) = placed {
            self.flush().await?;
            let remap = &self.ledger.remap;
            placed = remap.match_row(self.place, &mut self.present, item);
        }
        match placed {
            Placed::Unsure(item) => {
                return Err(Error::internal(format!(
                    "the row on line {} of `{}` cannot be found, although all before it were sent",
                    item.line, self.table.name
                )));
            }
            Placed::Failed(item, reason) => self.fail(&item, reason),
            Placed::Waits(mut item, awaited) => {
                let full = self.waiting.bytes() > WAITING_BYTES;
                if full && self.can_be_put_off() {
                    item.put_off = (0..self.table.refs.len()).collect();
                    self.queue.push_front(item);
                } else {
                    self.waiting.add(item, awaited);
                }
            }
            Placed::Same(item, row) => {
                self.ledger.count(self.place, |table| table.skipped += 1);
                self.found(&item, row);
                let (present, table) = (&self.present, self.table);
                let now: Vec<Value> = (0..table.kept.len())
                    .map(|kept| present.value(kept, row))
                    .collect();
                self.remember_as(&item.old_keys, Fate::Existed, now);
            }
            Placed::Changed(item, row) => self.change(item, row).await?,
            Placed::New(item) => self.create(item).await?,
        }
        Ok(())
    }

    /// A row that is there and stays as it is, as far as its natural key says which one it is.
    fn found(&mut self, item: &Item, row: u32) {
        if !self.ledger.lasting.is_watching() {
            return;
        }
        let (table, present) = (self.table, &self.present);
        let key = table.key.iter().filter_map(|column| {
            let name = &table.columns.get(*column)?.name;
            Some((name.as_str(), present.value(table.kept_at(*column)?, row)))
        });
        let is_key = |column: &&usize| !table.key.contains(column);
        let natural = table.natural.iter().chain(&table.user).filter(is_key);
        let natural = natural.filter_map(|column| {
            let name = &table.columns.get(*column)?.name;
            Some((name.as_str(), item.values.get(*column)?.clone()))
        });
        let known: Row = key.chain(natural).collect();
        self.ledger.written(self.place, &known, None);
    }

    /// Whether a row can come before the rows of its table that it refers to.
    fn can_be_put_off(&self) -> bool {
        let mut together = self.table.refs.iter().filter(|r| r.target.is_together());
        together.all(|reference| not_put_off(self.table, reference).is_none())
    }

    fn fail(&mut self, item: &Item, reason: impl Into<Reason>) {
        let row = self.remember(&item.old_keys, Fate::Failed, |_| Value::Null);
        let at = (item.line, item.number);
        self.stopped |= !self.ledger.fail(self.place, row, at, reason);
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
            for (key_set, key) in old.iter().enumerate() {
                if let Some(key) = key {
                    self.waiting.release((key_set, *key));
                }
            }
        }
        Some(row)
    }

    /// A row that is there gets other values.
    async fn change(&mut self, mut item: Item, row: u32) -> Result<()> {
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
            is_whose || is_fixed || unchanged.any(is_its)
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
                line: sent.line,
                number: sent.number,
            });
        }
        Ok(())
    }

    async fn create(&mut self, mut item: Item) -> Result<()> {
        // there is nothing to keep
        item.resolved.nulled += u32::try_from(item.resolved.kept.len()).unwrap_or(u32::MAX);
        self.take_keys(&mut item).await?;
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

    /// Keys of the database, for all rows at hand that may need one.
    async fn allocate(&mut self, column: &str) -> Result<Vec<Value>> {
        if !self.numbers_go_on {
            self.numbers_go_on = true;
            go_on(self.tx, self.table).await?;
        }
        let count = (self.queue.len() + self.waiting.len()) as u64 + 1;
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
