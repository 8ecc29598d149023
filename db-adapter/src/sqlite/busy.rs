//! The wait for a lock that another connection or program holds: in steps, and over as soon as the
//! call is cancelled.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::call::Bell;

/// The steps of the wait, as SQLite's own; the last one is repeated.
const STEPS: [u64; 12] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

struct Waiting {
    bell: Arc<Bell>,
    limit: Duration,
    since: Instant,
}

thread_local! {
    /// Of the one connection of this thread: SQLite's handler is a function without data of ours.
    static WAITING: RefCell<Option<Waiting>> = const { RefCell::new(None) };
}

/// Lets a connection of this thread wait for locks so long.
pub(super) fn install(
    connection: &rusqlite::Connection,
    bell: &Arc<Bell>,
    limit: Duration,
) -> rusqlite::Result<()> {
    WAITING.with_borrow_mut(|waiting| {
        *waiting = Some(Waiting {
            bell: Arc::clone(bell),
            limit,
            since: Instant::now(),
        });
    });
    connection.busy_handler(Some(goes_on))
}

/// Whether to try again, after a while.
fn goes_on(count: i32) -> bool {
    let step = WAITING.with_borrow_mut(|waiting| {
        let waiting = waiting.as_mut()?;
        if count == 0 {
            waiting.since = Instant::now();
        }
        let left = waiting.limit.checked_sub(waiting.since.elapsed())?;
        if left.is_zero() || waiting.bell.is_hurrying() {
            return None;
        }
        let step = usize::try_from(count).unwrap_or(0).min(STEPS.len() - 1);
        let step = STEPS.get(step).copied().unwrap_or(100);
        Some((
            Duration::from_millis(step).min(left),
            Arc::clone(&waiting.bell),
        ))
    });
    let Some((step, bell)) = step else {
        return false;
    };
    // a cancellation wakes this thread
    std::thread::park_timeout(step);
    !bell.is_hurrying()
}
