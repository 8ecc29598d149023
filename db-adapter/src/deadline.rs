//! Until when an operation may wait. It never runs anything by itself.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::{Error, Result};

/// The moment at which an operation gives up, if there is one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// It waits as long as it takes.
    pub(crate) const NONE: Deadline = Deadline(None);

    /// So long from now; a span beyond the clock's range is none.
    pub(crate) fn after(limit: impl Into<Option<Duration>>) -> Self {
        let limit = limit.into();
        Deadline(limit.and_then(|limit| Instant::now().checked_add(limit)))
    }

    /// The earlier of this and a span from now.
    pub(crate) fn at_most(self, limit: Duration) -> Self {
        let Deadline(Some(other)) = Deadline::after(limit) else {
            return self;
        };
        Deadline(Some(self.0.map_or(other, |mine| mine.min(other))))
    }

    /// Whether it waits as long as it takes.
    pub(crate) fn is_none(self) -> bool {
        self.0.is_none()
    }

    /// Whether the moment has come.
    pub(crate) fn has_passed(self) -> bool {
        self.0.is_some_and(|at| Instant::now() >= at)
    }

    /// Waits for the moment, where there is one.
    #[cfg(feature = "postgres-no-tls")]
    pub(crate) async fn come(self) {
        match self.0 {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// How long it is until the moment; `None` where there is none.
    #[cfg(feature = "sqlite")]
    pub(crate) fn left(self) -> Option<Duration> {
        let at = self.0?;
        Some(at.saturating_duration_since(Instant::now()))
    }

    /// What the future gives, unless the moment comes first; it is then given up. It comes pinned, so
    /// that it is held once, and its owner drops it.
    pub(crate) async fn limit<F: Future + Unpin>(self, future: F) -> Option<F::Output> {
        match self.0 {
            // outside of a runtime there are no timers: asking for one would panic
            Some(at) if tokio::runtime::Handle::try_current().is_ok() => {
                tokio::time::timeout_at(at, future).await.ok()
            }
            _ => Some(future.await),
        }
    }

    /// The same for a wait that changes nothing, in words.
    pub(crate) async fn wait<F: Future + Unpin>(self, what: &str, future: F) -> Result<F::Output> {
        self.limit(future).await.ok_or_else(|| Error::Timeout {
            what: what.to_owned(),
        })
    }
}
