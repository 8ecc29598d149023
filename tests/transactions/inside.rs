//! What may follow a step inside of a transaction.

use std::time::Duration;

use db_adapter::ErrorKind;

use crate::effect::Effect;
use crate::model::{Allow, Seen, refuses, says};
use crate::op::{Fails, Op};
use crate::step::{End, How, Mode};
use crate::world::{State, Tx};

/// A statement that takes longer was sent long before.
const SURELY_SENT: Option<Duration> = Some(Duration::from_millis(20));

impl Tx {
    /// An operation in the innermost level.
    pub(crate) fn run(&self, op: &Op, how: How, seen: &Seen, allow: Allow) -> Vec<Tx> {
        if let Seen::Dropped(false) = seen {
            return vec![self.clone()];
        }
        match (self.state, op, seen) {
            // whatever the state of the transaction is, the call never reaches it
            (_, Op::Wrong(wrong, _), Seen::Err(kind, _))
                if wrong.is_of_the_builder() && *kind == ErrorKind::InvalidQuery =>
            {
                vec![self.clone()]
            }
            // nor does a mistake that is found by what is known of the table: nobody has noticed yet
            // that the connection is gone
            (State::Lost, Op::Wrong(wrong, _), Seen::Err(kind, _)) if wrong.kind() == *kind => {
                vec![self.clone()]
            }
            (State::Good, ..) => {
                let mut next = self.run_good(op, how, seen, allow);
                let stays = matches!(seen, Seen::Dropped(_)) && self.unended;
                let cut = op.is_stream() && !op.is_read_to_its_end(seen);
                next.iter_mut().for_each(|tx| tx.unended = stays || cut);
                if cut && how.limit().is_some() {
                    // its time may have been over when it was dropped
                    next.push(self.clone().in_state(State::Aborted));
                }
                next
            }
            (state, _, seen) => self.run_failed(state, how, seen),
        }
    }

    /// What does nothing any more.
    fn run_failed(&self, state: State, how: How, seen: &Seen) -> Vec<Tx> {
        use ErrorKind::*;
        let same = vec![self.clone()];
        match (state, seen) {
            (_, Seen::Dropped(_)) => same,
            (_, Seen::Err(TransactionAborted, _)) => same,
            (_, Seen::Err(Timeout, _)) if how.limit().is_some() => same,
            (State::Lost, Seen::Err(Connection | OutcomeUnknown, _)) => same,
            _ => Vec::new(),
        }
    }

    fn run_good(&self, op: &Op, how: How, seen: &Seen, allow: Allow) -> Vec<Tx> {
        use ErrorKind::*;
        let same = || vec![self.clone()];
        let aborted = || vec![self.clone().in_state(State::Aborted)];
        // not to be told apart from here: it was interrupted, or it had not begun
        let cancelled = || match allow.interrupts && op.writes() {
            true => [aborted(), vec![self.clone().in_state(State::Lost)]].concat(),
            false => aborted(),
        };
        let either = || [same(), cancelled()].concat();
        let is_wrong = matches!(op, Op::Wrong(..));
        match seen {
            // how far a call with a mistake came is its own business
            Seen::Dropped(_) if is_wrong => return either(),
            Seen::Dropped(_) if matches!(op, Op::Fails(Fails::Stream)) => {
                return either();
            }
            Seen::Dropped(_) if op.is_stream() => return same(),
            // it may not have written yet
            Seen::Dropped(_) if matches!(op, Op::Pour(..)) => return either(),
            seen if op.is_cut(&self.rows, seen) => return cancelled(),
            Seen::Dropped(_) if self.unended => return either(),
            Seen::Dropped(_) => return cancelled(),
            Seen::Err(Timeout | OutcomeUnknown, _) if how.limit().is_some() => {
                return match op {
                    Op::SlowRead(_) | Op::SlowWrite(..)
                        if how.limit() >= SURELY_SENT && !self.unended =>
                    {
                        cancelled()
                    }
                    _ => either(),
                };
            }
            Seen::Err(SchemaChanged, _) if allow.altered => return aborted(),
            Seen::Err(SerializationFailure, _) if allow.conflict => return aborted(),
            Seen::Err(Connection | OutcomeUnknown | TransactionAborted, _) if allow.lost => {
                return vec![self.clone().in_state(State::Lost)];
            }
            Seen::Err(ReadOnly, _) if self.read_only && op.is_write() => return aborted(),
            _ => {}
        }
        match (op.effect(&self.rows), seen) {
            // a transaction that may not write answers so, if it does not find the mistake first
            (Effect::Done(..) | Effect::Failed(_), _) if self.read_only && op.writes() => {
                Vec::new()
            }
            (Effect::Done(answer, rows), seen) if says(seen, &answer) => {
                let mut next = self.clone();
                next.rows = rows;
                vec![next]
            }
            (Effect::Refused(expected), Seen::Err(kind, _)) if expected == *kind => same(),
            (effect, Seen::Err(kind, _)) if refuses(&effect, *kind) => aborted(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn run_outer(&self, op: &Op, seen: &Seen) -> Vec<Tx> {
        use ErrorKind::*;
        let is_own = |kind| matches!(op.effect(&self.rows), Effect::Refused(own) if own == kind);
        match seen {
            Seen::Err(SavepointOpen, _) | Seen::Dropped(_) => vec![self.clone()],
            Seen::Err(TransactionAborted | Connection, _) if self.state != State::Good => {
                vec![self.clone()]
            }
            Seen::Err(InvalidQuery, _) if is_own(InvalidQuery) => vec![self.clone()],
            _ => Vec::new(),
        }
    }

    /// A savepoint begins.
    pub(crate) fn savepoint(&self, mode: Mode, how: How, seen: &Seen, allow: Allow) -> Vec<Tx> {
        use ErrorKind::*;
        let same = vec![self.clone()];
        match seen {
            Seen::Dropped(false) => same,
            Seen::Err(InvalidQuery, _) if mode != Mode::Plain => same,
            seen if self.state != State::Good => self.run_failed(self.state, how, seen),
            Seen::Ok(_) if mode == Mode::Plain => {
                let mut next = self.clone();
                next.savepoints.push(self.rows.clone());
                vec![next]
            }
            // it may have been waiting
            Seen::Dropped(true) => {
                let mut same = self.clone();
                same.unended = true;
                vec![same, self.clone().in_state(State::Aborted)]
            }
            Seen::Err(Timeout, _) if how.limit().is_some() => {
                vec![self.clone(), self.clone().in_state(State::Aborted)]
            }
            Seen::Err(Connection | OutcomeUnknown | TransactionAborted, _) if allow.lost => {
                vec![self.clone().in_state(State::Lost)]
            }
            _ => Vec::new(),
        }
    }

    /// The end of the innermost savepoint.
    pub(crate) fn end_savepoint(&self, end: End, seen: &Seen, allow: Allow) -> Vec<Tx> {
        use ErrorKind::*;
        let mut kept = self.clone();
        kept.savepoints.pop();
        let undone = self.clone().undone(0);
        let lost = kept.clone().in_state(State::Lost);
        let is_lost = matches!(
            seen,
            Seen::Err(Connection | OutcomeUnknown | TransactionAborted, _)
        );
        match (self.state, end, seen) {
            (State::Lost, End::Drop, _) => vec![lost],
            (State::Lost, _, Seen::Dropped(_)) => vec![lost],
            (State::Lost, ..) if is_lost => vec![lost],
            (State::Lost, ..) => Vec::new(),
            (_, End::Drop, _) => vec![undone],
            (_, _, Seen::Dropped(false)) => vec![undone],
            (_, End::Rollback, Seen::Ok(_)) => vec![Tx {
                unended: false,
                ..undone
            }],
            (_, End::Rollback, Seen::Dropped(true)) => {
                vec![undone.clone(), undone.in_state(State::Aborted)]
            }
            (State::Good, End::Commit, Seen::Ok(_)) => vec![kept],
            (State::Good, End::Commit, Seen::Dropped(true)) => {
                let aborted = undone.clone().in_state(State::Aborted);
                vec![kept, undone, aborted]
            }
            // the handle is gone with it, so it is undone
            (State::Aborted, End::Commit, Seen::Err(TransactionAborted, _)) => vec![undone],
            (State::Aborted, End::Commit, Seen::Dropped(true)) => {
                vec![undone.clone(), undone.in_state(State::Aborted)]
            }
            _ if is_lost && allow.lost => vec![lost],
            _ => Vec::new(),
        }
    }
}
