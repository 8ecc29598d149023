//! What attempts to connect have come to: why each server gave no connection, and for those who wait for
//! one until their time is over, which server does not answer. It makes no connection.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error_words::CHECK_NETWORK;
use super::wanted::Wanted;
use crate::Error;

/// An attempt that has waited for less says nothing of the server.
const NOTICEABLE: Duration = Duration::from_millis(50);

/// The attempts of a pool.
pub(super) struct Attempts {
    wanted: Wanted,
    noticeable: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// In the order in which they began.
    under_way: BTreeMap<u64, Progress>,
    begun: u64,
    /// When the last one was given up, and why, unless one has come to an end since.
    given_up: Option<(Instant, Error)>,
}

struct Progress {
    since: Instant,
    /// The servers that gave no connection.
    misses: Vec<(String, Error)>,
    /// The one that is asked now.
    asked: Option<(String, Instant)>,
    /// Those that come after it.
    others: Vec<String>,
}

impl Attempts {
    /// `wait`: how long somebody waits for a connection.
    pub(super) fn new(wanted: Wanted, wait: Duration) -> Arc<Self> {
        Arc::new(Attempts {
            wanted,
            noticeable: NOTICEABLE.min(wait / 2),
            state: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One begins.
    pub(super) fn begin(self: &Arc<Self>) -> Attempt {
        let mut state = self.state();
        state.begun += 1;
        let number = state.begun;
        let progress = Progress {
            since: Instant::now(),
            misses: Vec::new(),
            asked: None,
            others: Vec::new(),
        };
        state.under_way.insert(number, progress);
        Attempt {
            attempts: Arc::clone(self),
            number,
        }
    }

    /// Which servers do not answer, for somebody who waits for a connection since then; `None` where
    /// that is not why he has none.
    pub(super) fn silence(&self, since: Instant) -> Option<Error> {
        let state = self.state();
        let oldest = state.under_way.values().next();
        let oldest = oldest.and_then(|progress| self.told(progress));
        oldest.or_else(|| {
            let (at, error) = state.given_up.as_ref()?;
            (*at >= since).then(|| error.clone())
        })
    }

    fn told(&self, progress: &Progress) -> Option<Error> {
        let (place, asked) = progress.asked.as_ref()?;
        if progress.since.elapsed() < self.noticeable {
            return None;
        }
        let mut misses = progress.misses.clone();
        misses.push((place.clone(), silent(place, asked.elapsed())));
        for place in &progress.others {
            let error = Error::connection(place, "there was no time left to ask it", "");
            misses.push((place.clone(), error));
        }
        Some(none_of(misses, self.wanted))
    }
}

/// One attempt. Dropped before its end, it was given up.
pub(super) struct Attempt {
    attempts: Arc<Attempts>,
    number: u64,
}

impl Attempt {
    fn progress(&self, change: impl FnOnce(&mut Progress)) {
        if let Some(progress) = self.attempts.state().under_way.get_mut(&self.number) {
            change(progress);
        }
    }

    /// A server is asked now, and the others after it if it gives no connection.
    pub(super) fn asks(&self, place: &str, others: Vec<String>) {
        self.progress(|progress| {
            progress.asked = Some((place.to_owned(), Instant::now()));
            progress.others = others;
        });
    }

    /// The server that was asked gives none.
    pub(super) fn missed(&self, error: Error) {
        self.progress(|progress| {
            if let Some((place, _)) = progress.asked.take() {
                progress.misses.push((place, error));
            }
        });
    }

    /// What is said when no server would do.
    pub(super) fn error(&self) -> Error {
        let mut misses = Vec::new();
        self.progress(|progress| misses = std::mem::take(&mut progress.misses));
        none_of(misses, self.attempts.wanted)
    }

    /// A server has answered, be it by a refusal: whoever waits learns of it by himself.
    pub(super) fn ended(self) {
        let mut state = self.attempts.state();
        state.under_way.remove(&self.number);
        state.given_up = None;
    }

    /// The reason why there is no connection; others who wait for one have it as well.
    pub(super) fn failed(self, error: &Error) {
        let mut state = self.attempts.state();
        state.under_way.remove(&self.number);
        state.given_up = Some((Instant::now(), error.clone()));
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut state = self.attempts.state();
        let Some(progress) = state.under_way.remove(&self.number) else {
            return;
        };
        if let Some(error) = self.attempts.told(&progress) {
            state.given_up = Some((Instant::now(), error));
        }
    }
}

/// A server that has let a connection wait for so long.
pub(super) fn silent(place: &str, time: Duration) -> Error {
    Error::connection(
        place,
        format!("the server did not answer within {:?}", rounded(time)),
        CHECK_NETWORK,
    )
}

/// As somebody would say it who has looked at a clock.
fn rounded(time: Duration) -> Duration {
    const STEP: u128 = 10;
    let millis = time.as_millis();
    match millis >= 10 * STEP {
        true => Duration::from_millis(u64::try_from(millis - millis % STEP).unwrap_or(u64::MAX)),
        false => Duration::from_micros(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)),
    }
}

/// What is said when no server would do: that of the only one, or each with its reason.
fn none_of(mut misses: Vec<(String, Error)>, wanted: Wanted) -> Error {
    let hint = match wanted {
        Wanted::Any => "check that one of them runs, and that host and port are right",
        _ => "check that one of them runs and is the one that `target_session_attrs` asks for",
    };
    if misses.len() == 1
        && let Some((place, miss)) = misses.pop()
    {
        return match miss {
            Error::Connection {
                message,
                hint: None,
                ..
            } => Error::connection(place, message, hint),
            miss => miss,
        };
    }
    let reasons = misses.iter().map(|(place, miss)| {
        let reason = match miss {
            Error::Connection { message, .. } => message.clone(),
            other => other.to_string(),
        };
        format!("`{place}`: {reason}")
    });
    let message = format!(
        "none of the servers would do; {}",
        reasons.collect::<Vec<_>>().join("; ")
    );
    let places = misses.iter().map(|(place, _)| place.as_str());
    Error::connection(places.collect::<Vec<_>>().join(", "), message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_told_of_each_server() {
        let since = Instant::now();
        let attempts = Attempts::new(Wanted::Any, Duration::ZERO);
        assert!(attempts.silence(since).is_none(), "nobody was asked");
        let attempt = attempts.begin();
        attempt.asks("a:1", vec!["b:2".to_owned(), "c:3".to_owned()]);
        attempt.missed(Error::connection("a:1", "nothing listens there", ""));
        attempt.asks("b:2", vec!["c:3".to_owned()]);
        let told = attempts.silence(since).unwrap().to_string();
        for part in [
            "`a:1`: nothing",
            "`b:2`: the server did not",
            "`c:3`: there",
        ] {
            assert!(told.contains(part), "{told}");
        }
        // also when it was given up since, until a server answers
        drop(attempt);
        assert!(attempts.silence(since).is_some());
        assert!(attempts.silence(Instant::now()).is_none(), "of old");
        attempts.begin().ended();
        assert!(attempts.silence(since).is_none());
    }

    #[test]
    fn what_has_just_begun_says_nothing_of_the_server() {
        let since = Instant::now();
        let attempts = Attempts::new(Wanted::Any, Duration::from_secs(5));
        let attempt = attempts.begin();
        attempt.asks("a:1", Vec::new());
        assert!(attempts.silence(since).is_none());
    }
}
