//! Waiting for a state instead of for a time: as short as possible on an idle machine, as long as
//! needed on a busy one. Never forever.

use std::time::{Duration, Instant};

use crate::oracle::Oracle;

const LIMIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

/// Asks until the condition holds.
///
/// # Panics
/// When it does not within half a minute: the message has `what`.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !holds().await {
        assert!(Instant::now() < deadline, "not within {LIMIT:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

impl Oracle {
    /// Asks until the first value of the answer is `expected`: so many sessions wait, so many rows
    /// are there.
    ///
    /// # Panics
    /// When it is not within half a minute, or the statement fails.
    pub async fn until(&mut self, sql: &str, expected: &str) {
        let what = format!("`{expected}` as the answer to {sql}");
        until(&what, async || {
            self.scalar_text(sql).await.as_deref() == Some(expected)
        })
        .await;
    }
}
