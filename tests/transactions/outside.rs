//! What may follow a step outside of a transaction, and the end of one.

use db_adapter::ErrorKind;

use crate::effect::{Answer, Effect, is_late};
use crate::model::{Allow, Event, Seen, refuses, says};
use crate::op::Op;
use crate::step::{End, How, Mode};
use crate::world::{State, Tx, World};

impl World {
    /// The states that may follow.
    pub(crate) fn after(&self, event: &Event<'_>, seen: &Seen, allow: Allow) -> Vec<World> {
        match (event, &self.tx) {
            (Event::Begin(mode, how), None) => self.begin(*mode, *how, seen, allow),
            (Event::Run(op, how), None) => {
                let worlds = self.landings();
                let all = worlds.iter().flat_map(|w| w.run(op, *how, seen, allow));
                all.collect()
            }
            (Event::Peek, _) => self.peek(seen, allow),
            (_, None) => Vec::new(),
            (event, Some(tx)) => self.inside(tx, event, seen, allow),
        }
    }

    fn begin(&self, mode: Mode, how: How, seen: &Seen, allow: Allow) -> Vec<World> {
        let none = vec![self.clone()];
        match seen {
            Seen::Ok(_) => {
                let tx = Tx::of(&self.rows, mode == Mode::ReadOnly);
                vec![self.clone().with_tx(Some(tx))]
            }
            Seen::Dropped(_) => none,
            Seen::Err(ErrorKind::PoolTimeout, _) if allow.exhausted => none,
            Seen::Err(ErrorKind::Timeout, _) if how.limit().is_some() => none,
            Seen::Err(ErrorKind::Connection, _) if allow.lost => none,
            Seen::Err(..) => Vec::new(),
        }
    }

    /// Outside of a transaction.
    fn run(&self, op: &Op, how: How, seen: &Seen, allow: Allow) -> Vec<World> {
        let none = vec![self.clone()];
        let unknown = |dropped| match op.writes() {
            true => vec![self.clone().with_pending(op, dropped)],
            false => none.clone(),
        };
        let limited = how.limit().is_some();
        match seen {
            Seen::Dropped(false) => return none,
            Seen::Dropped(true) => return unknown(true),
            Seen::Err(ErrorKind::Timeout, _) if limited => return none,
            Seen::Err(ErrorKind::OutcomeUnknown, _) if limited || allow.lost || allow.altered => {
                return unknown(false);
            }
            Seen::Err(ErrorKind::SchemaChanged, _)
                if allow.altered && allow.undoes && op.writes() =>
            {
                return none;
            }
            Seen::Err(ErrorKind::PoolTimeout, _) if allow.exhausted => return none,
            Seen::Err(ErrorKind::Connection, _) if allow.lost => return none,
            Seen::Err(ErrorKind::SerializationFailure, _) if !self.pending.is_empty() => {
                return none;
            }
            _ => {}
        }
        if let (Op::Pour(n, which, _), true) = (op, op.is_cut(&self.rows, seen)) {
            return vec![self.clone().with_pending(&Op::Pour(*n, *which, None), true)];
        }
        let effect = match op.effect(&self.rows) {
            Effect::Done(_, rows) if is_late(&rows) => {
                Effect::Failed(vec![ErrorKind::ForeignKeyViolation])
            }
            effect => effect,
        };
        match (effect, seen) {
            (Effect::Done(answer, rows), seen) if says(seen, &answer) => {
                let mut next = self.clone();
                next.rows = rows;
                vec![next]
            }
            (effect, Seen::Err(kind, _)) if refuses(&effect, *kind) => none,
            _ => Vec::new(),
        }
    }

    /// What another session sees: nothing that is not committed.
    fn peek(&self, seen: &Seen, allow: Allow) -> Vec<World> {
        match seen {
            Seen::Ok(Answer::Rows(rows)) => {
                let is = |world: &World| world.rows.values().eq(rows.iter());
                self.landings().into_iter().filter(is).collect()
            }
            Seen::Err(ErrorKind::PoolTimeout, _) if allow.exhausted => vec![self.clone()],
            Seen::Err(ErrorKind::Connection, _) if allow.lost => vec![self.clone()],
            _ => Vec::new(),
        }
    }

    fn inside(&self, tx: &Tx, event: &Event<'_>, seen: &Seen, allow: Allow) -> Vec<World> {
        let next = match event {
            Event::Begin(mode, how) => tx.savepoint(*mode, *how, seen, allow),
            Event::Run(op, how) => tx.run(op, *how, seen, allow),
            Event::RunOuter(op) => tx.run_outer(op, seen),
            Event::EndOuter(up, end) => return self.end_outer(tx, *up, *end, seen),
            Event::End(end) if tx.savepoints.is_empty() => {
                return self.end(tx, *end, seen, allow);
            }
            Event::End(end) => tx.end_savepoint(*end, seen, allow),
            // behind a stream that was not read to its end
            Event::Waited => vec![Tx {
                unended: true,
                ..tx.clone()
            }],
            Event::Peek => vec![tx.clone()],
        };
        let worlds = next.into_iter();
        worlds.map(|tx| self.clone().with_tx(Some(tx))).collect()
    }

    /// The end of the transaction itself.
    fn end(&self, tx: &Tx, end: End, seen: &Seen, allow: Allow) -> Vec<World> {
        use ErrorKind::*;
        let none = vec![self.clone().with_tx(None)];
        let may_be_lost = allow.lost || tx.state == State::Lost;
        match (end, seen) {
            (End::Drop, _) => none,
            (End::Rollback, Seen::Ok(_) | Seen::Dropped(_)) => none,
            (End::Rollback, Seen::Err(Connection | OutcomeUnknown | TransactionAborted, _))
                if may_be_lost =>
            {
                none
            }
            (End::Rollback, Seen::Err(..)) => Vec::new(),
            (End::Commit, Seen::Dropped(false)) => none,
            (End::Commit, Seen::Dropped(true)) => vec![self.clone().with_pending_commit(true)],
            (End::Commit, Seen::Ok(_)) => match tx.state {
                State::Good if !is_late(&tx.rows) => {
                    let mut next = self.clone().with_tx(None);
                    next.rows = tx.rows.clone();
                    vec![next]
                }
                _ => Vec::new(),
            },
            (End::Commit, Seen::Err(kind, _)) => match kind {
                TransactionAborted if tx.state != State::Good || allow.lost => none,
                ForeignKeyViolation if tx.state == State::Good && is_late(&tx.rows) => none,
                SerializationFailure if tx.state == State::Good && allow.conflict => none,
                Connection if may_be_lost => none,
                OutcomeUnknown if tx.state == State::Lost => none,
                OutcomeUnknown if allow.lost => vec![self.clone().with_pending_commit(false)],
                _ => Vec::new(),
            },
        }
    }

    /// The end of a level while a savepoint inside of it is open: refused, and since the handle
    /// is gone the level is undone, with all inside of it.
    fn end_outer(&self, tx: &Tx, up: usize, end: End, seen: &Seen) -> Vec<World> {
        let refused = matches!(seen, Seen::Err(ErrorKind::SavepointOpen, _));
        if end != End::Drop && !refused {
            return Vec::new();
        }
        let tx = (up < tx.savepoints.len()).then(|| tx.clone().undone(up));
        vec![self.clone().with_tx(tx)]
    }
}
