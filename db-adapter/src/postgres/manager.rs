//! Which connections are still good: how the pool's are made, and what is asked of one before it is
//! used again. It never begins or ends anything on them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};

use super::attempts::Attempts;
use super::connect::Plan;
use super::connection::Connection;
use crate::{Error, ErrorKind, Result};

/// A connection that was unused for so long is asked whether it is alive: the server may be gone,
/// and a write that is sent to nobody has an unknown outcome.
const TRUSTED: Duration = Duration::from_secs(5);

/// Makes connections, and looks at those that come back.
pub(super) struct Manager {
    pub(super) plan: Arc<Plan>,
    pub(super) limits: Limits,
    pub(super) losses: Arc<Losses>,
    /// When a write was last refused: a server can be made read only without a restart.
    pub(super) refusals: Arc<Losses>,
    /// For those who wait for a connection.
    pub(super) attempts: Arc<Attempts>,
    /// How long all servers of the URL together may take.
    pub(super) in_all: Option<Duration>,
}

/// When a connection was last found to be gone. Servers and poolers end many at once, so those
/// that were not used since are asked before they are.
#[derive(Default)]
pub(super) struct Losses(Mutex<Option<Instant>>);

impl Losses {
    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One was found now.
    pub(super) fn now(&self) {
        *self.lock() = Some(Instant::now());
    }

    /// Whether one was found within this time.
    fn since(&self, time: Duration) -> bool {
        self.lock().is_some_and(|last| last.elapsed() <= time)
    }
}

/// How long connections are kept.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) idle: Option<Duration>,
    pub(super) lifetime: Option<Duration>,
    pub(super) min_connections: u32,
}

impl Limits {
    pub(super) fn allow(&self, connection: &Connection, metrics: &Metrics) -> bool {
        let young = self
            .lifetime
            .is_none_or(|most| connection.born().elapsed() < most);
        young && self.idle.is_none_or(|most| metrics.last_used() < most)
    }
}

/// A place of the pool with its connection.
pub(super) type Place = managed::Object<Manager>;

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection> {
        let attempt = self.attempts.begin();
        // boxed: connecting is rare, and large; every operation would carry it about
        let opened = Box::pin(self.plan.open(self.in_all, &attempt)).await;
        match &opened {
            Err(error) if error.kind() == ErrorKind::Connection => attempt.failed(error),
            _ => attempt.ended(),
        }
        opened
    }

    async fn recycle(
        &self,
        connection: &mut Connection,
        metrics: &Metrics,
    ) -> RecycleResult<Error> {
        if !connection.is_clean() {
            return Err(RecycleError::message("it is not clean"));
        }
        if !connection.is_heard().await {
            return Err(RecycleError::message("its runtime does not run"));
        }
        if !self.limits.allow(connection, metrics) {
            return Err(RecycleError::message("it is too old"));
        }
        let distrusted = metrics.last_used() >= TRUSTED || self.losses.since(metrics.last_used());
        if distrusted {
            let attempt = self.attempts.begin();
            attempt.asks(connection.server(), Vec::new());
            if !Box::pin(connection.answers()).await {
                return Err(RecycleError::message("it does not answer"));
            }
            attempt.ended();
        }
        let doubtful = self.plan.wants_writes() && self.refusals.since(metrics.last_used());
        if doubtful && !Box::pin(self.plan.can_be_written(connection)).await {
            return Err(RecycleError::message(
                "its server is not the wanted one any more",
            ));
        }
        Ok(())
    }
}
