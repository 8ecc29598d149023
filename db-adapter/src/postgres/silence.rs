//! Which servers of a URL let a connection wait in vain not long ago, so that the others are asked
//! first. An operation that is given up sooner than a server's time to answer would begin with that
//! server each time, and never come to the next one. It decides nothing but the order.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// For so long a silent server is asked last.
const REMEMBERED: Duration = Duration::from_secs(30);
/// Who is given up sooner says nothing of the server.
const NOTICEABLE: Duration = Duration::from_millis(50);

/// When a server was last found silent.
#[derive(Debug, Default)]
pub(super) struct Silence(Mutex<Option<Instant>>);

impl Silence {
    fn last(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_recent(&self) -> bool {
        self.last().is_some_and(|at| at.elapsed() < REMEMBERED)
    }

    /// A connection is being made. Unless [`Attempt::answered`] is called, the server was silent.
    pub(super) fn attempt(&self) -> Attempt<'_> {
        Attempt {
            silence: self,
            since: Instant::now(),
            answered: false,
        }
    }
}

/// A connection that is being made; dropped when its time is over, or with the operation that
/// waits for it.
pub(super) struct Attempt<'a> {
    silence: &'a Silence,
    since: Instant,
    answered: bool,
}

impl Attempt<'_> {
    /// The server said something, be it a refusal.
    pub(super) fn answered(mut self) {
        self.answered = true;
        *self.silence.last() = None;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.answered && self.since.elapsed() >= NOTICEABLE {
            *self.silence.last() = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_silent_until_it_answers() {
        let silence = Silence::default();
        drop(silence.attempt());
        assert!(!silence.is_recent(), "given up at once");
        let attempt = silence.attempt();
        std::thread::sleep(NOTICEABLE);
        drop(attempt);
        assert!(silence.is_recent());
        silence.attempt().answered();
        assert!(!silence.is_recent());
    }
}
