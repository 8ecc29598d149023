//! Sends the rows of one table that are ready. A row that collides with another one waits until that one has
//! given its unique values away, and what refers to it waits for it. Decides about no row of the source.

use super::afterwards::PutOff;
use std::sync::Arc;

use super::apply::{Applied, Batch, Work, apply};
use super::colliding::set_aside;
use super::differing::{Differing, differing};
use super::exchange::exchange;
use super::keys::Fate;
use super::ledger::Sent;
use super::outcome::MOST_RECORDED;
use super::reference::{not_put_off, set_null};
use super::row::Item;
use super::table::TableRun;
use crate::{Result, Row};

impl TableRun<'_, '_> {
    /// Sends what is ready, new rows first.
    pub(super) async fn flush(&mut self) -> Result<()> {
        self.bytes = 0;
        let (new, changed) = (
            std::mem::take(&mut self.new),
            std::mem::take(&mut self.changed),
        );
        if !new.rows.is_empty() && self.ledger.remap.options.looks {
            self.look_at_new(&new);
        } else if !new.rows.is_empty() {
            let keys = self.told_of_new(&new);
            let done = apply(self.tx, self.ledger, self.place, Work::Load, new).await?;
            self.stopped |= done.stopped;
            self.ledger
                .count(self.place, |table| table.inserted += done.written);
            self.tell_new(keys, done.written);
        }
        self.changing.clear();
        let refers = |sent: &&Sent| !sent.resolved.together.is_empty();
        let referring: Vec<Sent> = changed.sent.iter().filter(refers).cloned().collect();
        let mut batch = changed;
        if self.ledger.remap.options.records && !batch.rows.is_empty() {
            let found = differing(self.tx, self.ledger, self.place, batch, false).await?;
            self.stopped |= found.stopped;
            self.count_compared(&found);
            batch = found.batch;
        }
        while !batch.rows.is_empty() && !self.stopped {
            let has_more: Vec<Option<u32>> = batch.sent.iter().map(has_more).collect();
            let mut done = apply(self.tx, self.ledger, self.place, Work::Exchange, batch).await?;
            self.collided.extend(std::mem::take(&mut done.collided));
            self.count_changed(&done);
            let changed = done.changed.iter().filter_map(|at| *has_more.get(*at)?);
            self.ledger
                .updated
                .extend(changed.map(|row| (self.place, row)));
            let Some(rest) = done.rest else { break };
            let (tx, table) = (self.tx, self.table);
            let (free, collided) = set_aside(tx, self.ledger, self.place, table, rest).await?;
            self.collided.extend(collided);
            batch = free;
        }
        self.look_again(referring);
        Ok(())
    }

    /// New rows that are only told of.
    fn look_at_new(&mut self, new: &Batch) {
        for sent in &new.sent {
            self.ledger.taken(self.place, sent, 0);
        }
        let count = new.rows.len() as u64;
        self.ledger.count(self.place, |t| t.inserted += count);
        self.tell_new(self.told_of_new(new), count);
    }

    /// The keys of new rows, as many as are still to be told.
    fn told_of_new(&self, new: &Batch) -> Vec<Arc<Row>> {
        let table = self.ledger.summary.tables.get(self.place);
        let told = table.map_or(0, |table| table.record.new.named.len());
        let keys = new.sent.iter().filter_map(|sent| sent.origin.key.clone());
        keys.take(MOST_RECORDED.saturating_sub(told)).collect()
    }

    fn tell_new(&mut self, keys: Vec<Arc<Row>>, count: u64) {
        self.ledger.count(self.place, |table| {
            table.record.new.count += count;
            table.record.new.named.extend(keys);
        });
    }

    /// What is known of rows that are there, before any of them is written.
    fn count_compared(&mut self, found: &Differing) {
        let written = found.batch.rows.len() as u64;
        let only_told = found.differ - written.min(found.differ);
        let is_kept = self.table.shared && !self.ledger.remap.options.overwrite_shared;
        self.ledger.count(self.place, |table| {
            table.skipped += found.same;
            match is_kept {
                true => table.skipped += only_told,
                false => table.updated += only_told,
            }
        });
    }

    fn count_changed(&mut self, done: &Applied) {
        self.stopped |= done.stopped;
        self.ledger.count(self.place, |table| {
            table.updated += done.written;
            table.skipped += done.taken - done.written.min(done.taken);
        });
    }

    /// Sends the rows that collided with others; those that still do wait on, unless it is the `last` time.
    pub(super) async fn exchange(&mut self, last: bool) -> Result<()> {
        let rows = self.collided.take();
        if rows.is_empty() || self.stopped {
            return Ok(());
        }
        let has_more: Vec<u32> = rows.iter().filter_map(|row| has_more(&row.sent)).collect();
        let mut done = exchange(self.tx, self.ledger, self.place, rows, last).await?;
        self.collided.give_back(std::mem::take(&mut done.collided));
        self.count_changed(&done);
        let known = self.ledger.remap.known.get(self.place);
        let is_changed = |row: &u32| {
            let is_there = known.is_some_and(|known| known.fate(*row) != Fate::Failed);
            is_there && !self.collided.contains(*row)
        };
        let changed: Vec<u32> = has_more.into_iter().filter(is_changed).collect();
        self.ledger
            .updated
            .extend(changed.into_iter().map(|row| (self.place, row)));
        Ok(())
    }

    /// What refers to a row that collides cannot know yet whether that will be changed: the reference is set
    /// afterwards, or where it cannot be, the row is decided about now.
    pub(super) async fn settle(&mut self, item: &mut Item) -> Result<()> {
        if !self.refers_to_colliding(item) {
            return Ok(());
        }
        if self.collided.is_new() {
            self.exchange(false).await?;
        }
        for other in std::mem::take(&mut item.resolved.together) {
            let waits = self.collided.contains(other.row);
            let reference = self.table.refs.get(other.reference).filter(|_| waits);
            match reference {
                Some(reference) if not_put_off(self.table, reference).is_none() => {
                    set_null(reference, &mut item.values);
                    item.resolved.later.push((other.reference, other.old));
                    continue;
                }
                Some(_) => self.exchange(true).await?,
                None => {}
            }
            item.resolved.together.push(other);
        }
        Ok(())
    }

    /// Where a reference stays if its row fails: to a row that may still fail it is set afterwards, since what
    /// the reference has now could not be given back.
    pub(super) fn wait_for_changes(&self, item: &mut Item) {
        for other in std::mem::take(&mut item.resolved.together) {
            let reference = self.table.refs.get(other.reference);
            let can_wait = reference.is_some_and(|r| not_put_off(self.table, r).is_none());
            match can_wait && self.changing.contains(&other.row) {
                true => item.resolved.later.push((other.reference, other.old)),
                false => item.resolved.together.push(other),
            }
        }
    }

    /// References that were sent with rows which collide now: what becomes of them is looked at afterwards.
    fn look_again(&mut self, sent: Vec<Sent>) {
        for sent in sent {
            let Some(row) = sent.row.filter(|row| !self.collided.contains(*row)) else {
                continue;
            };
            for other in &sent.resolved.together {
                let reference = self.table.refs.get(other.reference);
                let can_wait = reference.is_some_and(|r| not_put_off(self.table, r).is_none());
                if can_wait && self.collided.contains(other.row) {
                    self.afterwards.put_off.push(PutOff {
                        place: self.place,
                        reference: other.reference,
                        row,
                        key: other.old,
                        origin: sent.origin.clone(),
                        stays: false,
                    });
                }
            }
        }
    }

    fn refers_to_colliding(&self, item: &Item) -> bool {
        let mut together = item.resolved.together.iter();
        together.any(|other| self.collided.contains(other.row))
    }
}

/// The row, where one of its references is set afterwards.
fn has_more(sent: &Sent) -> Option<u32> {
    let more = !sent.resolved.later.is_empty();
    sent.row.filter(|_| more)
}
