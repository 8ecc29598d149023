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
use super::ledger::Ledger;
use super::options::MissingRef;
use super::owner::Owner;
use super::owners::user_now;
use super::plan::{Asked, TablePlan};
use super::present::Present;
use super::reading::{BYTES, ROWS, ReadRows, Reading, Shape};
use super::reference::not_put_off;
use super::remap::Placed;
use super::respelled::Respelled;
use super::rewritten::rewritten;
use super::roots::Reason;
use super::row::Item;
use super::source::RowSource;
use super::spelling::of_user;
use super::waiting::Waiting;
use crate::transaction::Transaction;
use crate::{Error, Result, Value};

/// What rows that wait for others may take, and how much more for each row that was read. A row that may not
/// wait is written twice.
const WAITING_BYTES: usize = 32 << 20;
const WAITING_BYTES_A_ROW: usize = 100;

/// One table under way.
pub(super) struct TableRun<'a, 'p> {
    pub(super) tx: &'a Transaction,
    pub(super) ledger: &'a mut Ledger<'p>,
    pub(super) afterwards: &'a mut Afterwards,
    pub(super) place: usize,
    pub(super) table: &'p TablePlan,
    pub(super) user: Value,
    /// The columns whose values the database compares.
    asked: Vec<Asked>,
    pub(super) owner: Option<Owner>,
    pub(super) present: Present,
    externals: Externals,
    /// Why none of its rows can be restored.
    ownerless: Option<String>,
    pub(super) shapes: Vec<Arc<Shape>>,
    pub(super) queue: VecDeque<Item>,
    pub(super) waiting: Waiting,
    /// Its keys that the destination may have in another spelling.
    pub(super) respelled: Respelled,
    /// How many new rows it has.
    pub(super) created: u64,
    /// How many rows of the table were read.
    pub(super) read: u64,
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
            Err(why) => {
                let is_told = ledger.is_owner_told(table);
                (user, Some(why).filter(|_| !is_told))
            }
        };
        let present = present(tx, &mut ledger.remap, table, &user).await?;
        let plan = ledger.remap.plan;
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
            respelled: Respelled::of(plan, table),
            created: 0,
            read: 0,
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
    pub(super) async fn run<S: RowSource>(
        mut self,
        source: &mut S,
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
        if self.ledger.remap.options.records && !self.stopped {
            self.tell_only_there().await?;
        }
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
        self.read += rows.count;
        for why in rows.unfit {
            let row = self.remember(&why.old_keys, Fate::Failed, |_| Value::Null);
            let (place, reason) = (self.place, why.reason);
            self.stopped |= !self.ledger.fail(place, row, &why.origin, reason);
        }
        self.place_all(rows.items).await
    }

    async fn place_all(&mut self, mut items: Vec<Item>) -> Result<()> {
        let (columns, sets) = (self.table.columns.len(), self.table.key_sets.len());
        let is_whole = |item: &Item| (item.values.len(), item.old_keys.len()) == (columns, sets);
        if !items.iter().all(is_whole) {
            // what it lacks would be NULL, or would not be found by those that refer to it
            return Err(Error::internal(format!(
                "a row of `{}` does not have the columns of the plan",
                self.table.name
            )));
        }
        if let Some(reason) = self.ownerless.clone() {
            items
                .iter()
                .for_each(|item| self.fail(item, reason.clone()));
            return Ok(());
        }
        self.leave_out(&mut items);
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
        for (at, reference, why) in missing {
            if let Some(reference) = self.table.refs.get(reference) {
                let words = self.ledger.remap.words(self.table, reference);
                gone.push((at, format!("{words} {why}")));
            }
        }
        let left_out = &self.ledger.left_out;
        if !left_out.is_empty() {
            let why = |item: &Item| left_out.get(&(self.place, item.origin.number)).cloned();
            gone.extend(
                (0..)
                    .zip(&items)
                    .filter_map(|(at, item)| Some((at, why(item)?))),
            );
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
    /// the next of the source.
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
                    "row {} of `{}` cannot be found, although all before it were sent",
                    item.origin.number, self.table.name
                )));
            }
            Placed::Failed(item, reason) => self.fail(&item, reason),
            Placed::Waits(mut item, awaited) => {
                let read = usize::try_from(self.read).unwrap_or(usize::MAX);
                let most = read
                    .saturating_mul(WAITING_BYTES_A_ROW)
                    .saturating_add(WAITING_BYTES);
                let full = self.waiting.bytes() > most;
                if full && self.can_be_put_off() {
                    item.put_off = (0..self.table.refs.len()).collect();
                    self.queue.push_front(item);
                } else {
                    self.waiting.add(item, awaited);
                }
            }
            Placed::Same(item, row) => {
                self.ledger.count(self.place, |table| table.skipped += 1);
                self.found(row);
                let (present, table) = (&self.present, self.table);
                let now: Vec<Value> = (0..table.kept.len())
                    .map(|kept| present.value(kept, row))
                    .collect();
                let row = self.remember_as(&item.old_keys, Fate::Existed, now);
                if self.ledger.remap.options.missing_ref == MissingRef::Fail {
                    let later = item.resolved.later.iter().zip(row.into_iter().cycle());
                    self.afterwards
                        .put_off
                        .extend(later.map(|(later, row)| PutOff {
                            place: self.place,
                            reference: later.0,
                            row,
                            key: later.1,
                            origin: item.origin.clone(),
                            stays: true,
                        }));
                }
            }
            Placed::Changed(item, row) if self.is_to_stay(row) => {
                let (present, table) = (&self.present, self.table);
                let now = (0..table.kept.len()).map(|kept| present.value(kept, row));
                let now: Vec<Value> = now.collect();
                self.remember_as(&item.old_keys, Fate::Existed, now);
            }
            Placed::Changed(item, row) => {
                self.found(row);
                self.change(item, row).await?;
            }
            Placed::New(item) => self.create(item).await?,
        }
        Ok(())
    }

    /// A row that is there stays what it was when it was read, but for what the restore writes.
    fn found(&mut self, row: u32) {
        let (table, present) = (self.table, &self.present);
        let Some(cells) = present.as_read(row).cloned() else {
            return; // nothing is looked at once more
        };
        let value = |column: &usize| Some(present.value(table.kept_at(*column)?, row));
        let key: Option<Vec<Value>> = table.key.iter().map(value).collect();
        let ledger = &mut *self.ledger;
        let of = &ledger.remap.fingerprints;
        ledger
            .lasting
            .found(of, (self.place, table), key.unwrap_or_default(), cells);
    }

    /// Whether a row can come before the rows of its table that it refers to.
    fn can_be_put_off(&self) -> bool {
        let mut together = self.table.refs.iter().filter(|r| r.target.is_together());
        together.all(|reference| not_put_off(self.table, reference).is_none())
    }

    pub(super) fn fail(&mut self, item: &Item, reason: impl Into<Reason>) {
        let row = self.remember(&item.old_keys, Fate::Failed, |_| Value::Null);
        let origin = &item.origin;
        self.stopped |= !self.ledger.fail(self.place, row, origin, reason);
    }

    /// Lets others find the row, and lets those go on that waited for it.
    pub(super) fn remember(
        &mut self,
        old: &[Option<super::fingerprint::Fingerprint>],
        fate: Fate,
        now: impl Fn(usize) -> Value,
    ) -> Option<u32> {
        let now = self.table.kept.iter().map(|column| now(*column)).collect();
        self.remember_as(old, fate, now)
    }

    pub(super) fn remember_as(
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
}
