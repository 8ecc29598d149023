//! One state that a lane may be in: what is committed, what its transaction sees, what was dropped
//! and may still happen. What a lane may be in is a set of these.

use std::collections::BTreeMap;

use crate::effect::{Effect, Record, Rows, is_late};
use crate::op::Op;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) rows: Rows,
    pub(crate) tx: Option<Tx>,
    /// Dropped or of unknown outcome: each happens once or never, until it is settled.
    pub(crate) pending: Vec<Pending>,
    /// So many of the dropped ones have happened.
    pub(crate) landed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tx {
    pub(crate) rows: Rows,
    /// What the open savepoints go back to, outermost first.
    pub(crate) savepoints: Vec<Rows>,
    pub(crate) state: State,
    pub(crate) read_only: bool,
    /// What was dropped before has to end first: an operation may still wait for that.
    pub(crate) unended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Good,
    /// Until a savepoint is rolled back.
    Aborted,
    /// Its connection is gone.
    Lost,
}

/// A write of which nobody has heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    what: Write,
    /// It was dropped: the adapter will tell what became of it.
    dropped: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Write {
    Op(Op),
    /// The commit of a transaction that has done this.
    Commit(BTreeMap<i64, Option<Record>>),
}

impl World {
    pub(crate) fn empty() -> World {
        World {
            rows: Rows::new(),
            tx: None,
            pending: Vec::new(),
            landed: 0,
        }
    }

    /// This one, and those in which some of what is pending has happened by now.
    pub(crate) fn landings(&self) -> Vec<World> {
        let mut all = vec![self.clone()];
        let mut at = 0;
        while at < all.len() {
            for index in 0..all[at].pending.len() {
                let mut next = all[at].clone();
                let pending = next.pending.remove(index);
                let dropped = u64::from(pending.dropped);
                if pending.what.land(&mut next.rows) {
                    next.landed += dropped;
                }
                if !all.contains(&next) {
                    all.push(next);
                }
            }
            at += 1;
        }
        all
    }

    /// Nothing is pending any more: it has happened or never will.
    pub(crate) fn settled(&self) -> Vec<World> {
        let mut all = self.landings();
        all.iter_mut().for_each(|world| world.pending.clear());
        all.dedup();
        all
    }

    pub(crate) fn with_tx(mut self, tx: Option<Tx>) -> World {
        self.tx = tx;
        self
    }

    /// The same, with this perhaps to come.
    pub(crate) fn with_pending(mut self, op: &Op, dropped: bool) -> World {
        if matches!(op.effect(&self.rows), Effect::Refused(_)) {
            return self;
        }
        let what = Write::Op(op.clone());
        self.pending.push(Pending { what, dropped });
        self
    }

    /// The transaction is over; its commit may come.
    pub(crate) fn with_pending_commit(mut self, dropped: bool) -> World {
        if let Some(tx) = self.tx.take()
            && tx.state == State::Good
            && !is_late(&tx.rows)
        {
            let ids = self.rows.keys().chain(tx.rows.keys());
            let changed = ids.filter(|id| self.rows.get(id) != tx.rows.get(id));
            let commit = changed.map(|id| (*id, tx.rows.get(id).cloned())).collect();
            let what = Write::Commit(commit);
            self.pending.push(Pending { what, dropped });
        }
        self
    }
}

impl Write {
    /// Whether it was done: not what cannot be done in this state.
    fn land(self, rows: &mut Rows) -> bool {
        match self {
            Write::Op(op) => match op.effect(rows) {
                Effect::Done(_, after) if !is_late(&after) => {
                    *rows = after;
                    true
                }
                _ => false,
            },
            Write::Commit(changes) => {
                for (id, row) in changes {
                    match row {
                        Some(row) => rows.insert(id, row),
                        None => rows.remove(&id),
                    };
                }
                true
            }
        }
    }
}

impl Tx {
    pub(crate) fn of(rows: &Rows, read_only: bool) -> Tx {
        Tx {
            rows: rows.clone(),
            savepoints: Vec::new(),
            state: State::Good,
            read_only,
            unended: false,
        }
    }

    pub(crate) fn in_state(mut self, state: State) -> Tx {
        self.state = state;
        self
    }

    /// Back to the savepoint that is so many levels above the innermost: before the next
    /// operation, unless it is waited for.
    pub(crate) fn undone(mut self, up: usize) -> Tx {
        self.unended = true;
        self.savepoints
            .truncate(self.savepoints.len().saturating_sub(up));
        if let Some(rows) = self.savepoints.pop() {
            self.rows = rows;
        }
        if self.state == State::Aborted {
            self.state = State::Good;
        }
        self
    }
}
