//! The reader's side of a stream: pieces of rows from the thread, a deadline, and the end of the work
//! when the reader is gone.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::answer::{GRACE, lost, timed_out};
use super::call::{Call, Kind};
use super::rows::{Last, RowReceiver};
use crate::deadline::Deadline;
use crate::stream::Sink;
use crate::{Error, Result, Row};

/// What a thread gives of a statement; dropping it ends the statement.
pub(super) struct Pieces {
    receiver: RowReceiver,
    call: Arc<Call>,
    operation: &'static str,
    /// Told when the reader goes before the end of a statement that writes: nobody knows what it did.
    untaken: Option<Arc<AtomicBool>>,
    deadline: Deadline,
    is_late: bool,
    ended: bool,
    /// How it ended, which comes behind the last rows.
    result: Option<Result<()>>,
}

impl Pieces {
    pub(super) fn new(
        receiver: RowReceiver,
        call: Arc<Call>,
        operation: &'static str,
        deadline: Deadline,
    ) -> Self {
        Pieces {
            receiver,
            call,
            operation,
            untaken: None,
            deadline,
            is_late: false,
            ended: false,
            result: None,
        }
    }

    pub(super) fn or_tell(mut self, untaken: Arc<AtomicBool>) -> Self {
        self.untaken = Some(untaken);
        self
    }

    /// The next rows; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Result<Vec<Row>>> {
        if self.ended {
            return None;
        }
        if let Some(result) = self.result.take() {
            self.ended = true;
            return result.err().map(Err);
        }
        if !self.is_late && self.deadline.has_passed() {
            // also where the next rows are there already: a slow reader keeps to its limit, too
            self.is_late = true;
            self.call.cancel();
        }
        if !self.is_late {
            let in_time = self.deadline.limit(pin!(self.receiver.pieces.recv())).await;
            match in_time {
                Some(piece) => return self.take(piece),
                None => {
                    // what the thread says then is the truth
                    self.is_late = true;
                    self.call.cancel();
                }
            }
        }
        let late = Deadline::after(GRACE)
            .limit(pin!(self.receiver.pieces.recv()))
            .await;
        match late {
            Some(piece) => self.take(piece),
            None => {
                self.ended = true;
                self.call.abandon();
                Some(Err(match self.call.kind {
                    Kind::Read => timed_out(),
                    Kind::Write | Kind::Part => Error::OutcomeUnknown {
                        operation: self.operation.to_owned(),
                    },
                }))
            }
        }
    }

    fn take(&mut self, piece: Option<Vec<Row>>) -> Option<Result<Vec<Row>>> {
        if let Some(rows) = piece {
            return Some(Ok(rows));
        }
        match self.receiver.end.take() {
            Some(Last { rows, result }) if rows.is_empty() => {
                self.ended = true;
                result.err().map(Err)
            }
            Some(Last { rows, result }) => {
                self.result = Some(result);
                Some(Ok(rows))
            }
            None => {
                self.ended = true;
                Some(Err(lost(self.call.kind, self.operation)))
            }
        }
    }

    /// All that come.
    pub(super) async fn hand_on(&mut self, sink: &mut Sink<Result<Vec<Row>>>) {
        while let Some(piece) = self.next().await {
            sink.send(piece).await;
        }
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        // first: so the thread can tell that nobody reads from that the time was over
        self.receiver.pieces.close();
        if !self.ended {
            if let Some(untaken) = &self.untaken {
                untaken.store(true, Ordering::Release);
            }
            self.call.abandon();
        }
    }
}
