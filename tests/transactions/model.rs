//! The transaction state machine as the documents have it: which states are possible after a step,
//! given what was seen of it. None means that the library broke its word.

use db_adapter::ErrorKind;

use crate::effect::{Answer, Effect, is_late};
use crate::op::Op;
use crate::step::{End, How, Mode};
use crate::world::{State, World};

/// What a caller saw of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Ok(Answer),
    Err(ErrorKind, String),
    /// With whether it was polled.
    Dropped(bool),
}

/// What the surroundings allow to happen, beside what the step itself says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allow {
    /// All connections may be in use.
    pub(crate) exhausted: bool,
    /// A backend may have been killed.
    pub(crate) lost: bool,
    /// Another session has altered the table.
    pub(crate) altered: bool,
    /// Others may have conflicted with it.
    pub(crate) conflict: bool,
    /// The interrupt of a write undoes the whole transaction, savepoints included: SQLite does so.
    pub(crate) interrupts: bool,
    /// Each operation is a transaction: a write whose answer cannot be read is undone.
    pub(crate) undoes: bool,
}

/// A step, as far as the model is concerned.
#[derive(Debug, Clone)]
pub(crate) enum Event<'a> {
    Begin(Mode, How),
    Run(&'a Op, How),
    End(End),
    RunOuter(&'a Op),
    EndOuter(usize, End),
    /// Its rows, from outside of its transaction.
    Peek,
    /// It did nothing: it only waited.
    Waited,
}

pub(crate) fn says(seen: &Seen, answer: &Answer) -> bool {
    matches!(seen, Seen::Ok(said) if said == answer)
}

/// Whether this is the error of an operation that fails or is refused.
pub(crate) fn refuses(effect: &Effect, kind: ErrorKind) -> bool {
    match effect {
        Effect::Done(..) => false,
        Effect::Refused(expected) => *expected == kind,
        Effect::Failed(kinds) => kinds.contains(&kind),
        Effect::FailedSomehow => !matches!(
            kind,
            ErrorKind::TransactionAborted
                | ErrorKind::TransactionEnded
                | ErrorKind::Timeout
                | ErrorKind::PoolTimeout
                | ErrorKind::OutcomeUnknown
                | ErrorKind::Connection
                | ErrorKind::SavepointOpen
                | ErrorKind::SchemaChanged
                | ErrorKind::Internal
        ),
    }
}

/// The states that a lane may be in.
#[derive(Debug, Clone)]
pub(crate) struct Worlds(pub(crate) Vec<World>);

impl Worlds {
    pub(crate) fn new() -> Worlds {
        Worlds(vec![World::empty()])
    }

    /// Keeps what agrees with what was seen.
    ///
    /// # Errors
    /// What was possible, when none of it was seen.
    pub(crate) fn observe(
        &mut self,
        event: &Event<'_>,
        seen: &Seen,
        allow: Allow,
    ) -> Result<(), String> {
        let mut next: Vec<World> = Vec::new();
        for world in self
            .0
            .iter()
            .flat_map(|world| world.after(event, seen, allow))
        {
            if !next.contains(&world) {
                next.push(world);
            }
        }
        if next.is_empty() {
            return Err(self.expected(event));
        }
        self.0 = next;
        Ok(())
    }

    /// What would have been right, in words.
    fn expected(&self, event: &Event<'_>) -> String {
        let states = self.0.iter().map(|world| {
            let state = match &world.tx {
                None => "outside of a transaction".to_owned(),
                Some(tx) => format!(
                    "a {}transaction that is {:?}, {} savepoints",
                    if tx.read_only { "read-only " } else { "" },
                    tx.state,
                    tx.savepoints.len()
                ),
            };
            let rows = world.tx.as_ref().map_or(&world.rows, |tx| &tx.rows);
            let effect = match event {
                Event::Run(op, _) => format!("{:?}", brief(op.effect(rows))),
                Event::End(..) if is_late(rows) => {
                    "a row violates the deferred constraint".to_owned()
                }
                _ => String::new(),
            };
            format!("    {state}, {} pending: {effect}", world.pending.len())
        });
        let mut lines: Vec<String> = states.collect();
        lines.dedup();
        format!("possible were\n{}", lines.join("\n"))
    }

    pub(crate) fn settle(&mut self) {
        let worlds = self.0.iter().flat_map(World::settled).collect::<Vec<_>>();
        self.0.clear();
        for world in worlds {
            if !self.0.contains(&world) {
                self.0.push(world);
            }
        }
    }

    pub(crate) fn has_pending(&self) -> bool {
        self.0.iter().any(|world| !world.pending.is_empty())
    }

    pub(crate) fn lose_transactions(&mut self) {
        for world in &mut self.0 {
            if let Some(tx) = world.tx.take() {
                world.tx = Some(tx.in_state(State::Lost));
            }
        }
    }

    /// Whether the innermost transaction is good in all of them.
    pub(crate) fn is_good(&self) -> bool {
        let good = |world: &World| world.tx.as_ref().is_some_and(|tx| tx.state == State::Good);
        self.0.iter().all(good)
    }
}

fn brief(effect: Effect) -> String {
    match effect {
        Effect::Done(answer, _) => format!("Ok({answer:?})"),
        Effect::Refused(kind) => format!("{kind:?}, before anything is sent"),
        Effect::Failed(kinds) => format!("one of {kinds:?} from the server"),
        Effect::FailedSomehow => "an error from the server".to_owned(),
    }
}
