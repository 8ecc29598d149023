//! How many connections are on loan, and who waits for their return. It knows nothing of the
//! connections themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// How long a connection that is cleaned is waited for, before another one is opened.
const SOON: Duration = Duration::from_millis(5);

/// How many connections are on loan.
#[derive(Default)]
pub(super) struct Loans {
    count: AtomicU32,
    /// Those of them that are cleaned.
    cleaning: AtomicU32,
    returned: Notify,
}

impl Loans {
    /// One more.
    pub(super) fn lend(self: &Arc<Self>) -> Loan {
        self.count.fetch_add(1, Ordering::AcqRel);
        Loan {
            loans: Arc::clone(self),
            cleaning: false,
        }
    }

    pub(super) fn count(&self) -> u32 {
        self.count.load(Ordering::Acquire)
    }

    /// Waits a moment where a connection that was just dropped is all but back: who does one thing
    /// after another needs no second one.
    /// `open`: the number of connections.
    pub(super) async fn soon_back(&self, open: impl Fn() -> usize) {
        let idle = || open() > self.count() as usize;
        if self.cleaning.load(Ordering::Acquire) == 0 || idle() {
            return;
        }
        let returned = self.returned.notified();
        if !idle() {
            // later is no error: there may be room for another one
            let _ = tokio::time::timeout(SOON, returned).await;
        }
    }

    /// Waits until none is on loan.
    pub(super) async fn all_back(&self) {
        loop {
            let returned = self.returned.notified();
            if self.count() == 0 {
                return;
            }
            returned.await;
        }
    }
}

/// One connection on loan, as long as this lives.
pub(super) struct Loan {
    loans: Arc<Loans>,
    cleaning: bool,
}

impl Loan {
    /// Nobody uses the connection any more, and it is on its way back.
    pub(super) fn cleans(&mut self) {
        self.cleaning = true;
        self.loans.cleaning.fetch_add(1, Ordering::AcqRel);
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if self.cleaning {
            self.loans.cleaning.fetch_sub(1, Ordering::AcqRel);
        }
        self.loans.count.fetch_sub(1, Ordering::AcqRel);
        self.loans.returned.notify_waiters();
    }
}
