//! A sequence of steps, as data that can be read: what is printed when it fails.

use std::time::Duration;

use crate::op::Op;
use crate::target::Target;

/// How far a future is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// To its end.
    Await,
    /// Polled so often, then dropped; with `woken` not before the waker was called once more.
    Polls { count: u32, woken: bool },
    /// Dropped after so many microseconds, by tokio's `timeout`.
    Elapse(u32),
    /// With `.timeout(..)` of so many microseconds.
    Within(u32),
}

impl How {
    pub(crate) fn limit(self) -> Option<Duration> {
        match self {
            How::Within(us) => Some(Duration::from_micros(us.into())),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Commit,
    Rollback,
    Drop,
}

/// How a transaction begins; savepoints have none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Plain,
    ReadOnly,
    RepeatableRead,
    Serializable,
}

/// What another session does to the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alter {
    Add,
    Drop,
    Rename,
    /// Of the column that no operation names.
    RetypeNote(&'static str),
    RetypeV(&'static str),
}

/// What the closure of a closure form does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inner {
    pub(crate) op: Op,
    pub(crate) how: How,
    /// In a savepoint of its own, with this end.
    pub(crate) savepoint: Option<End>,
    /// Its error is ignored; otherwise the closure ends with it.
    pub(crate) caught: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// A transaction, or inside of one a savepoint.
    Begin {
        mode: Mode,
        how: How,
    },
    /// In the innermost savepoint, or outside of transactions.
    Run {
        op: Op,
        how: How,
    },
    /// Of the innermost savepoint or of the transaction.
    End {
        end: End,
        how: How,
    },
    /// An operation of a transaction whose savepoint is open: the one so many levels up.
    RunOuter {
        up: usize,
        op: Op,
    },
    /// Likewise its end.
    EndOuter {
        up: usize,
        end: End,
    },
    /// Waits behind a stream of the same transaction, and is dropped.
    Behind {
        op: Op,
        polls: u32,
    },
    /// Looks at its rows by the adapter, outside of its transaction.
    Peek,
    /// `transaction`, or `transaction_retrying` with so many attempts.
    Closure {
        attempts: Option<u32>,
        body: Vec<Inner>,
        good: bool,
        how: How,
    },
    Alter(Alter),
    /// Another session terminates every backend.
    Kill,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) lane: usize,
    pub(crate) action: Action,
}

/// Everything that is random about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) target: Target,
    pub(crate) connections: u32,
    pub(crate) lanes: usize,
    /// Each lane is a task of its own; otherwise the steps run one after the other.
    pub(crate) parallel: bool,
    pub(crate) steps: Vec<Step>,
}

impl Plan {
    pub(crate) fn kills(&self) -> bool {
        self.steps.iter().any(|step| step.action == Action::Kill)
    }

    pub(crate) fn alters(&self) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(step.action, Action::Alter(_)))
    }
}
