//! Turns for others while much is read or written: where the server is always ahead, the driver never waits, and
//! neither limits of time nor other tasks of the thread would be looked at.

/// So many rows at once.
const ROWS: u32 = 256;

/// How many rows of a statement came since others had a turn.
#[derive(Debug, Default)]
pub(super) struct Pace(u32);

impl Pace {
    /// A row was read.
    pub(super) async fn row(&mut self) {
        self.0 += 1;
        if self.0 >= ROWS {
            self.piece().await;
        }
    }

    /// Much was read or written.
    pub(super) async fn piece(&mut self) {
        self.0 = 0;
        tokio::task::yield_now().await;
    }
}
