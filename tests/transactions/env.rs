//! What the lanes of a run share: the adapter, how its connections are used, what other sessions
//! did, and the trace for a reader.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use db_adapter::Settled;

use crate::model::Allow;
use crate::target::{Db, Target};

/// What all lanes of a run share.
#[derive(Debug)]
pub(crate) struct Env {
    pub(crate) target: Target,
    pub(crate) db: Db,
    pub(crate) connections: usize,
    pub(crate) parallel: bool,
    pub(crate) lanes: usize,
    /// Transactions that hold a connection; those of them that may write.
    pub(crate) open: AtomicUsize,
    pub(crate) writing: AtomicUsize,
    pub(crate) altered: AtomicBool,
    pub(crate) killed: AtomicBool,
    /// What the adapter said of dropped work: so many were done, and of so many it does not know.
    pub(crate) completed: AtomicU64,
    pub(crate) unknown: AtomicU64,
    /// Dropped texts that only read, which the adapter cannot know.
    pub(crate) vague: AtomicU64,
    /// What happened, for a reader.
    pub(crate) trace: Mutex<Vec<String>>,
}

impl Env {
    pub(crate) fn note(&self, text: String) {
        self.trace
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(text);
    }

    pub(crate) fn settled(&self, settled: Settled) {
        self.completed
            .fetch_add(settled.completed, Ordering::Relaxed);
        self.unknown.fetch_add(settled.unknown, Ordering::Relaxed);
        self.note(format!("settled: {settled:?}"));
    }

    /// Whether all connections that an operation outside can use may be taken.
    pub(crate) fn is_exhausted(&self, writes: bool) -> bool {
        if self.parallel && self.lanes > 1 {
            return true;
        }
        let open = self.open.load(Ordering::Relaxed);
        match self.target {
            Target::SqliteMemory => open > 0,
            Target::SqliteFile if writes => self.writing.load(Ordering::Relaxed) > 0,
            _ => open >= self.connections,
        }
    }

    pub(crate) fn allow(&self, writes: bool) -> Allow {
        Allow {
            exhausted: self.is_exhausted(writes),
            lost: self.killed.load(Ordering::Relaxed),
            altered: self.altered.load(Ordering::Relaxed),
            conflict: false,
            interrupts: self.target.is_sqlite(),
            undoes: self.target == Target::TransactionPooler,
        }
    }

    pub(crate) fn killed(&self) -> bool {
        self.killed.load(Ordering::Relaxed)
    }
}
