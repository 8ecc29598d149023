//! Rows on their way from a connection's thread to whoever reads them: in pieces that grow, so that
//! the first ones come at once, and never more than a few pieces ahead. The thread waits for the reader
//! until the time limit and no longer, and not at all with the last piece.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::client::BoxStream;
use crate::deadline::Deadline;
use crate::{Error, Result, Row, Value};

/// The largest piece.
const MOST_ROWS: usize = 256;
/// A piece of large rows is given away earlier.
const MOST_BYTES: usize = 1 << 20;
/// How long the thread rests before it looks again whether the reader has taken a piece.
const SHORTEST_PAUSE: Duration = Duration::from_micros(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(5);
/// Pieces that the thread may be ahead.
const AHEAD: usize = 2;

/// The end of a stream, which lies beside the channel until its reader comes to it. Without one the
/// thread has failed.
pub(super) struct Last {
    pub(super) rows: Vec<Row>,
    pub(super) result: Result<()>,
}

/// Where the thread puts the end.
#[derive(Clone, Default)]
pub(super) struct End(Arc<Mutex<Option<Last>>>);

impl End {
    fn put(&self, last: Last) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
    }

    pub(super) fn take(&self) -> Option<Last> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Why a stream ended before its last row.
pub(super) enum Gone {
    /// Nobody reads it any more.
    Reader,
    /// Nobody has read it when its time was over.
    Late,
    Failed(Error),
}

impl From<Error> for Gone {
    fn from(error: Error) -> Self {
        Gone::Failed(error)
    }
}

/// The thread's side.
pub(super) struct RowSender {
    pieces: mpsc::Sender<Vec<Row>>,
    end: End,
    deadline: Deadline,
    rows: Vec<Row>,
    bytes: usize,
    size: usize,
    /// Whether a row was taken for the reader: from then on nothing can begin again.
    pub(super) has_begun: bool,
}

/// The reader's side of the channel.
pub(super) struct RowReceiver {
    pub(super) pieces: mpsc::Receiver<Vec<Row>>,
    pub(super) end: End,
}

pub(super) fn channel(deadline: Deadline) -> (RowSender, RowReceiver) {
    let (pieces, receiver) = mpsc::channel(AHEAD);
    let end = End::default();
    let receiver = RowReceiver {
        pieces: receiver,
        end: end.clone(),
    };
    let sender = RowSender {
        pieces,
        end,
        deadline,
        rows: Vec::new(),
        bytes: 0,
        size: 1,
        has_begun: false,
    };
    (sender, receiver)
}

impl RowSender {
    pub(super) fn push(&mut self, row: Row) -> Result<(), Gone> {
        self.has_begun = true;
        self.bytes += row.iter().map(|(_, value)| weight(value)).sum::<usize>();
        self.rows.push(row);
        if self.rows.len() < self.size && self.bytes < MOST_BYTES {
            return Ok(());
        }
        self.size = (self.size * 2).min(MOST_ROWS);
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Gone> {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        if self.deadline.is_none() {
            let sent = self.pieces.blocking_send(rows);
            return sent.map_err(|_| Gone::Reader);
        }
        self.send_in_time(rows)
    }

    /// Waits for the reader until the time limit: he may have stopped reading for good, and the statement
    /// would keep its lock and its place.
    fn send_in_time(&mut self, mut rows: Vec<Row>) -> Result<(), Gone> {
        let mut pause = SHORTEST_PAUSE;
        loop {
            rows = match self.pieces.try_send(rows) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(_)) => return Err(Gone::Reader),
                Err(TrySendError::Full(rows)) => rows,
            };
            let left = self.deadline.left().unwrap_or_default();
            if left.is_zero() {
                return Err(Gone::Late);
            }
            std::thread::park_timeout(pause.min(left));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The last rows, and how it ended. The reader is not waited for.
    pub(super) fn end(mut self, result: Result<()>) {
        let rows = std::mem::take(&mut self.rows);
        self.end.put(Last { rows, result });
    }

    /// It was ended at its time limit, and what the reader has not taken is not worth keeping.
    pub(super) fn end_late(self) {
        self.end.put(Last {
            rows: Vec::new(),
            result: Err(super::answer::timed_out()),
        });
    }

    /// Whether nobody reads any more.
    pub(super) fn is_gone(&self) -> bool {
        self.pieces.is_closed()
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Json(json) => json.as_str().len(),
        Value::Array(values) => values.iter().map(weight).sum(),
        _ => 0,
    }
}

/// The reader's side: the rows of the pieces.
pub(super) struct Rows<'a> {
    pieces: BoxStream<'a, Result<Vec<Row>>>,
    rows: std::vec::IntoIter<Row>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(pieces: BoxStream<'a, Result<Vec<Row>>>) -> BoxStream<'a, Result<Row>> {
        Box::pin(Rows {
            pieces,
            rows: Vec::new().into_iter(),
        })
    }
}

impl Stream for Rows<'_> {
    type Item = Result<Row>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Row>>> {
        loop {
            if let Some(row) = self.rows.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            match self.pieces.as_mut().poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(rows))) => self.rows = rows.into_iter(),
            }
        }
    }
}
