//! What became of operations that were dropped before their end: how many the database has not
//! answered to yet, and what it said of the others.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::Settled;

/// What is known of one dropped operation or transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It only read.
    OnlyRead,
    /// The database says that it changed nothing.
    RolledBack,
    /// The database says that it was done.
    Completed,
    /// Nobody said.
    Unknown,
}

impl Fate {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Fate::OnlyRead => "it only read",
            Fate::RolledBack => "rolled back",
            Fate::Completed => "completed",
            Fate::Unknown => "unknown",
        }
    }
}

/// The dropped operations of one adapter.
#[derive(Debug, Default)]
pub(crate) struct Abandoned {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Those that the database has not answered to.
    open: u64,
    settled: Settled,
}

impl Abandoned {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more; its fate is unknown until it is told.
    pub(crate) fn enter(self: &Arc<Self>) -> Entry {
        self.state().open += 1;
        Entry {
            abandoned: Arc::clone(self),
            fate: Fate::Unknown,
        }
    }

    /// Waits until there is an answer to all of them, and gives the counts since the last time.
    pub(crate) async fn settle(&self) -> Settled {
        loop {
            let changed = self.changed.notified();
            {
                let mut state = self.state();
                if state.open == 0 {
                    return std::mem::take(&mut state.settled);
                }
            }
            changed.await;
        }
    }
}

/// A dropped operation until its fate is known.
pub(crate) struct Entry {
    abandoned: Arc<Abandoned>,
    fate: Fate,
}

impl Entry {
    pub(crate) fn tell(&mut self, fate: Fate) {
        self.fate = fate;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut state = self.abandoned.state();
        state.open = state.open.saturating_sub(1);
        let settled = &mut state.settled;
        match self.fate {
            Fate::OnlyRead => {}
            Fate::RolledBack => settled.rolled_back += 1,
            Fate::Completed => settled.completed += 1,
            Fate::Unknown => settled.unknown += 1,
        }
        drop(state);
        self.abandoned.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn settling_waits_for_the_last_one_and_counts_once() {
        let abandoned = Arc::new(Abandoned::default());
        let mut first = abandoned.enter();
        let second = abandoned.enter();
        let waiting = tokio::spawn({
            let abandoned = Arc::clone(&abandoned);
            async move { abandoned.settle().await }
        });
        tokio::task::yield_now().await;
        first.tell(Fate::RolledBack);
        drop(first);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(second);
        let settled = waiting.await.unwrap();
        assert_eq!((settled.rolled_back, settled.unknown), (1, 1));
        assert!(abandoned.settle().await.is_empty());
    }
}
