//! One call to the thread of a connection, as something that can be cancelled. An interrupt is sent
//! only under the lock that proves that this very call is the one that runs, so it never hits
//! another one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

use rusqlite::InterruptHandle;
use tracing::{Dispatch, Span};

use crate::abandoned::{Abandoned, Entry, Fate};

/// How the thread of a connection is reached while it works on a call.
pub(super) struct Bell {
    interrupt: InterruptHandle,
    thread: Thread,
    /// Ends the statement: SQLite forgets an interrupt that comes before the statement begins.
    stop: AtomicBool,
    /// Ends the wait for the lock of another program.
    hurry: AtomicBool,
}

impl Bell {
    /// For a connection of the thread that calls this.
    pub(super) fn new(interrupt: InterruptHandle) -> Self {
        Bell {
            interrupt,
            thread: std::thread::current(),
            stop: AtomicBool::new(false),
            hurry: AtomicBool::new(false),
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn is_hurrying(&self) -> bool {
        self.hurry.load(Ordering::Relaxed)
    }

    /// Fails the statement that runs, by its own thread: SQLite undoes it.
    pub(super) fn fail_statement(&self) {
        self.interrupt.interrupt();
    }

    fn rest(&self) {
        self.stop.store(false, Ordering::Relaxed);
        self.hurry.store(false, Ordering::Relaxed);
    }
}

/// What a call is, for what is said of it when it is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only reads.
    Read,
    /// It may write.
    Write,
    /// It is a part of a transaction, which is counted as a whole.
    Part,
}

/// A call, from its place in a queue to its end.
pub(super) struct Call {
    pub(super) kind: Kind,
    cancelled: AtomicBool,
    state: Mutex<State>,
    abandoned: Arc<Abandoned>,
}

struct State {
    stage: Stage,
    /// Set when nobody waits for the answer any more.
    dropped: Option<Dropped>,
}

enum Stage {
    Waiting,
    Running {
        bell: Arc<Bell>,
        /// Whether it must not be interrupted: it commits, or is cleaned up.
        shielded: bool,
    },
    Ended(Fate),
}

impl Call {
    pub(super) fn new(kind: Kind, abandoned: &Arc<Abandoned>) -> Arc<Self> {
        Arc::new(Call {
            kind,
            cancelled: AtomicBool::new(false),
            state: Mutex::new(State {
                stage: Stage::Waiting,
                dropped: None,
            }),
            abandoned: Arc::clone(abandoned),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Ends the work on it as soon as possible; the thread still answers.
    pub(super) fn cancel(&self) {
        self.cancel_stage(&self.state().stage);
    }

    fn cancel_stage(&self, stage: &Stage) {
        self.cancelled.store(true, Ordering::Release);
        if let Stage::Running { bell, shielded } = stage {
            bell.hurry.store(true, Ordering::Relaxed);
            if !shielded {
                bell.stop.store(true, Ordering::Relaxed);
                bell.interrupt.interrupt();
            }
            bell.thread.unpark();
        }
    }

    /// Nobody waits for the answer any more: cancels it, and sees to it that its end is told.
    pub(super) fn abandon(&self) {
        let mut state = self.state();
        let dropped = Dropped::new(&self.abandoned, self.kind);
        match state.stage {
            Stage::Ended(fate) => {
                drop(state);
                dropped.tell(fate);
            }
            _ => {
                state.dropped = Some(dropped);
                self.cancel_stage(&state.stage);
            }
        }
    }

    /// The same for one that was still in a queue, from which it was taken.
    pub(super) fn abandon_waiting(&self) {
        self.abandon();
        self.end(self.fate_of_nothing());
    }

    /// By the thread: begins it, unless it was cancelled before.
    pub(super) fn begin(&self, bell: &Arc<Bell>, shielded: bool) -> bool {
        let mut state = self.state();
        bell.rest();
        state.stage = Stage::Running {
            bell: Arc::clone(bell),
            shielded,
        };
        !self.is_cancelled()
    }

    /// By the thread: nothing is interrupted from now on. `false` when it was cancelled before.
    pub(super) fn shield(&self) -> bool {
        let mut state = self.state();
        if let Stage::Running { bell, shielded } = &mut state.stage {
            *shielded = true;
            bell.stop.store(false, Ordering::Relaxed);
        }
        !self.is_cancelled()
    }

    /// By the thread: it has ended, and nothing of it will run any more.
    pub(super) fn end(&self, fate: Fate) {
        let dropped = {
            let mut state = self.state();
            if let Stage::Running { bell, .. } = &state.stage {
                bell.rest();
            }
            state.stage = Stage::Ended(fate);
            state.dropped.take()
        };
        if let Some(dropped) = dropped {
            dropped.tell(fate);
        }
    }

    /// What became of it when it changed nothing.
    pub(super) fn fate_of_nothing(&self) -> Fate {
        match self.kind {
            Kind::Read => Fate::OnlyRead,
            Kind::Write | Kind::Part => Fate::RolledBack,
        }
    }
}

/// Where the end of a dropped call is told: to whoever settles, and in the span of its caller.
struct Dropped {
    entry: Option<Entry>,
    span: Span,
    dispatch: Dispatch,
}

impl Dropped {
    fn new(abandoned: &Arc<Abandoned>, kind: Kind) -> Self {
        Dropped {
            entry: (kind != Kind::Part).then(|| abandoned.enter()),
            span: Span::current(),
            dispatch: tracing::dispatcher::get_default(Clone::clone),
        }
    }

    fn tell(mut self, fate: Fate) {
        tracing::dispatcher::with_default(&self.dispatch, || {
            self.span
                .in_scope(|| tracing::debug!(fate = fate.as_str(), "what became of dropped work"));
        });
        if let Some(entry) = &mut self.entry {
            entry.tell(fate);
        }
    }
}

/// A call that the thread works on: ends it, whatever happens.
pub(super) struct Turn {
    call: Arc<Call>,
    ended: bool,
}

impl Turn {
    pub(super) fn new(call: Arc<Call>) -> Self {
        Turn { call, ended: false }
    }

    pub(super) fn end(mut self, fate: Fate) {
        self.ended = true;
        self.call.end(fate);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.ended {
            self.call.end(match self.call.kind {
                Kind::Read => Fate::OnlyRead,
                Kind::Write | Kind::Part => Fate::Unknown,
            });
        }
    }
}
