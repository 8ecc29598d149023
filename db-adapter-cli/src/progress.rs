//! One line that says how far long work is: rows, share and rate. Only for terminals; it is gone
//! when the work is done. Writes through what the printer gives it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Nobody reads faster.
const PAUSE: Duration = Duration::from_millis(100);
/// Back to the start of the line, and away with what stands there.
const CLEAR: &str = "\r\x1b[2K";

/// The line; without a terminal it is never written.
pub(crate) struct Progress {
    say: Option<fn(&str)>,
    started: Instant,
    told: Mutex<Option<Instant>>,
}

impl Progress {
    pub(crate) fn new(say: Option<fn(&str)>) -> Self {
        Progress {
            say,
            started: Instant::now(),
            told: Mutex::new(None),
        }
    }

    /// So many rows of so many are done, now of this table.
    pub(crate) fn rows(&self, table: &str, rows: u64, total: u64) {
        let Some(say) = self.say else { return };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        // work that is over at once needs no line
        let before = told.unwrap_or(self.started);
        if now.duration_since(before) >= PAUSE {
            *told = Some(now);
            let line = line(table, rows, total, now.duration_since(self.started));
            say(&format!("{CLEAR}{line}"));
        }
    }

    /// So many steps of so many are done, and now this one.
    pub(crate) fn step(&self, step: usize, steps: usize, summary: &str) {
        let Some(say) = self.say else { return };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        *told = Some(Instant::now());
        let summary: String = summary.chars().take(60).collect();
        let summary = crate::cell::escaped(&summary);
        say(&format!("{CLEAR}step {step} of {steps}: {summary}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let told = self.told.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let (Some(say), Some(_)) = (self.say, told) {
            say(CLEAR);
        }
    }
}

fn line(table: &str, rows: u64, total: u64, elapsed: Duration) -> String {
    let percent = (rows * 100).checked_div(total).unwrap_or(100);
    let rate = rows as f64 / elapsed.as_secs_f64().max(0.001);
    let table: String = table.chars().take(30).collect();
    format!(
        "{rows} of {total} rows ({percent}%), {rate:.0} rows/s, {}",
        crate::cell::escaped(&table)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_rows_share_and_rate() {
        let line = line("books\u{1b}", 500, 2000, Duration::from_secs(2));
        assert!(
            line.starts_with("500 of 2000 rows (25%), 250 rows/s, books"),
            "{line}"
        );
        assert!(!line.contains('\u{1b}'));
        assert!(super::line("t", 0, 0, Duration::ZERO).contains("(100%)"));
    }
}
