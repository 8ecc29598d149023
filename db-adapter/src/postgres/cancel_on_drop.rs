//! An operation whose future or stream is dropped is cancelled on the server.

use std::sync::Arc;

use super::cancel::Cancellable;
use super::pool::Pool;

/// Cancels an operation whose future or stream is dropped.
pub(super) struct CancelOnDrop<'a> {
    cancellable: &'a Cancellable,
    pool: &'a Arc<Pool>,
    armed: bool,
    /// Of streams only those of what writes: what is left of another one is read away, and the
    /// transaction goes on.
    writes_only: bool,
}

impl<'a> CancelOnDrop<'a> {
    pub(super) fn of_future(cancellable: &'a Cancellable, pool: &'a Arc<Pool>) -> Self {
        CancelOnDrop::new(cancellable, pool, false)
    }

    pub(super) fn of_stream(cancellable: &'a Cancellable, pool: &'a Arc<Pool>) -> Self {
        CancelOnDrop::new(cancellable, pool, true)
    }

    fn new(cancellable: &'a Cancellable, pool: &'a Arc<Pool>, writes_only: bool) -> Self {
        CancelOnDrop {
            cancellable,
            pool,
            armed: true,
            writes_only,
        }
    }

    pub(super) fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        let is_meant = !self.writes_only || self.cancellable.pours_written();
        if self.armed && is_meant {
            self.cancellable.cancel_in_background(self.pool);
        }
    }
}
