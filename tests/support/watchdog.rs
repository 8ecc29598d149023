//! A limit of time for each test, for plain `cargo test`, which has none: a test that hangs is
//! named on stderr and its program ends with a failure. Under nextest it does nothing, because
//! there the runner has the limit and shows what the test said.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Overrides the limit, in seconds.
pub const LIMIT_VARIABLE: &str = "DB_ADAPTER_TESTS_LIMIT";

/// The tests under way in this program, by number, since when.
static RUNNING: Mutex<BTreeMap<u64, (String, Instant)>> = Mutex::new(BTreeMap::new());

thread_local! {
    /// Kept by the thread of a test until it ends: libtest runs each in a thread of its own.
    static TEST: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// Begins the limit of the test that calls it, once. Everything in the harness that can wait
/// calls it; a test that uses nothing of the harness and starts processes or threads should.
pub fn watch() {
    let Some(name) = test_name() else { return };
    TEST.with_borrow_mut(|test| {
        if test.is_none() && std::env::var_os("NEXTEST").is_none() {
            *test = Some(Running::start(name));
        }
    });
}

/// libtest names the thread of a test after it; workers of tokio are no tests, nor is `main`.
fn test_name() -> Option<String> {
    let thread = thread::current();
    let name = thread.name()?;
    (name != "main" && !name.starts_with("tokio-")).then(|| name.to_owned())
}

struct Running(u64);

impl Running {
    fn start(name: String) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        static WATCHDOG: Once = Once::new();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        running().insert(number, (name, Instant::now()));
        WATCHDOG.call_once(|| {
            let limit = limit();
            thread::spawn(move || guard(limit));
        });
        Self(number)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        running().remove(&self.0);
    }
}

fn running() -> MutexGuard<'static, BTreeMap<u64, (String, Instant)>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Five minutes, as in `.config/nextest.toml`; an hour for the long forms.
fn limit() -> Duration {
    let seconds = match std::env::var(LIMIT_VARIABLE) {
        Ok(text) => text.parse().expect("a number of seconds as the limit"),
        Err(_) if crate::long() => 3600,
        Err(_) => 300,
    };
    Duration::from_secs(seconds)
}

fn guard(limit: Duration) {
    loop {
        thread::sleep((limit / 10).min(Duration::from_secs(1)));
        let over: Vec<_> = running()
            .values()
            .filter(|(_, since)| since.elapsed() > limit)
            .map(|(name, _)| name.clone())
            .collect();
        if !over.is_empty() {
            end(&over, limit);
        }
    }
}

/// Ends the program: a thread that hangs cannot be ended alone. What children it has left end with
/// their standard input.
fn end(names: &[String], limit: Duration) -> ! {
    let mut message = String::new();
    for name in names {
        message += &format!("\ntest {name} ... FAILED: still running after {limit:?}\n");
    }
    message += "hint: run it alone, with `-- --exact NAME --nocapture`, to see how far it comes\n";
    // not eprintln: libtest would keep it for a test that never ends
    let _ = std::io::stderr().write_all(message.as_bytes());
    std::process::exit(101)
}
