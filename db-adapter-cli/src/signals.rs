//! The signals that end a run: Ctrl-C, SIGTERM, and the SIGHUP of a terminal that is gone. One that
//! the process was started with as ignored, by `nohup` or for a job in the background, stays so.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Where the kernel of Linux says which signals a process ignores.
#[cfg(unix)]
const STATUS: &str = "/proc/self/status";

/// The signals, from the moment that this is made.
pub(crate) struct Signals {
    #[cfg(unix)]
    listening: Vec<Signal>,
}

#[cfg(unix)]
impl Signals {
    /// To be called in a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        let status = std::fs::read_to_string(STATUS).ok();
        let ignored = status.as_deref().and_then(ignored);
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let heard = kinds.into_iter().filter(|kind| match ignored {
            Some(ignored) => !contains(ignored, *kind),
            // for all we know it is `nohup` that has started us
            None => *kind != SignalKind::hangup(),
        });
        let listening: io::Result<Vec<Signal>> = heard.map(signal).collect();
        Ok(Signals {
            listening: listening?,
        })
    }

    /// The next one.
    pub(crate) async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let mut signals = self.listening.iter_mut();
            match signals.any(|signal| signal.poll_recv(context).is_ready()) {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
    }
}

#[cfg(not(unix))]
impl Signals {
    /// To be called in a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Signals {})
    }

    /// The next one.
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // there is none to come
            std::future::pending::<()>().await;
        }
    }
}

/// The ignored signals in the status of a process, a bit for each: `0000000000000001` is SIGHUP.
#[cfg(unix)]
fn ignored(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

#[cfg(unix)]
fn contains(signals: u64, kind: SignalKind) -> bool {
    let bit = u32::try_from(kind.as_raw_value() - 1);
    bit.is_ok_and(|bit| signals.checked_shr(bit).unwrap_or(0) & 1 == 1)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_read_from_the_status() {
        let status = "Name:\tx\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001003\n";
        let ignored = ignored(status).unwrap();
        assert!(contains(ignored, SignalKind::hangup()));
        assert!(contains(ignored, SignalKind::interrupt()));
        assert!(!contains(ignored, SignalKind::terminate()));
        assert_eq!(super::ignored("Name:\tx\n"), None);
    }
}
