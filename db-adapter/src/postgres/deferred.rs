//! Whether a database has triggers or constraints that wait for the commit, as it was when that was last
//! asked. Asked behind a transaction pooler only, and rarely: most databases have none, and each question
//! takes a round trip.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::Row as _;
use sqlx::postgres::PgRow;

/// Asks whether there is anything of the kind, and ends the transaction that follows a commit.
pub(super) const ASK_AND_END: &str =
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgdeferrable); ROLLBACK";

/// Somebody may make such a trigger meanwhile; until it is noticed, the `COMMIT` that it runs in is not cancelled.
const REMEMBERED: Duration = Duration::from_secs(10);

/// When there was last found to be nothing.
#[derive(Debug, Default)]
pub(super) struct Deferred(Mutex<Option<Instant>>);

impl Deferred {
    fn none_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something may wait for a commit.
    pub(super) fn may_be(&self) -> bool {
        self.none_at().is_none_or(|at| at.elapsed() >= REMEMBERED)
    }

    /// The answer to [`ASK_AND_END`].
    pub(super) fn heard(&self, rows: &[PgRow]) {
        let answer = rows.first().and_then(|row| row.try_get_raw(0).ok());
        let is_none = answer.is_some_and(|answer| matches!(answer.as_str(), Ok("f")));
        self.set(is_none);
    }

    fn set(&self, is_none: bool) {
        *self.none_at() = is_none.then(Instant::now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_believed_only_when_it_was_said() {
        let deferred = Deferred::default();
        assert!(deferred.may_be());
        deferred.set(true);
        assert!(!deferred.may_be());
        deferred.heard(&[]);
        assert!(deferred.may_be());
    }
}
