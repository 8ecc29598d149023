//! Rows on their way from a connection's thread to whoever reads them: in pieces that grow, so that
//! the first ones come at once, and never more than a few pieces ahead.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;

use crate::client::BoxStream;
use crate::{Error, Result, Row, Value};

/// The largest piece.
const MOST_ROWS: usize = 256;
/// A piece of large rows is given away earlier.
const MOST_BYTES: usize = 1 << 20;
/// Pieces that the thread may be ahead.
const AHEAD: usize = 2;

/// What comes through the channel. Without an end the thread has failed.
pub(super) enum Piece {
    Rows(Vec<Row>),
    End(Result<()>),
}

/// Why a stream ended before its last row.
pub(super) enum Gone {
    /// Nobody reads it any more.
    Reader,
    Failed(Error),
}

impl From<Error> for Gone {
    fn from(error: Error) -> Self {
        Gone::Failed(error)
    }
}

/// The thread's side.
pub(super) struct RowSender {
    pieces: mpsc::Sender<Piece>,
    rows: Vec<Row>,
    bytes: usize,
    size: usize,
    /// Whether a row was taken for the reader: from then on nothing can begin again.
    pub(super) has_begun: bool,
}

pub(super) fn channel() -> (RowSender, mpsc::Receiver<Piece>) {
    let (pieces, receiver) = mpsc::channel(AHEAD);
    let sender = RowSender {
        pieces,
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
        let sent = self.pieces.blocking_send(Piece::Rows(rows));
        sent.map_err(|_| Gone::Reader)
    }

    /// The last rows, and the error at which it ended. What is left to do is said before the end is,
    /// unless the reader has to be waited for.
    pub(super) fn end(mut self, result: Result<()>, before: impl FnOnce()) -> Result<(), Gone> {
        self.flush()?;
        if self.pieces.capacity() > 0 {
            before();
        }
        let sent = self.pieces.blocking_send(Piece::End(result));
        sent.map_err(|_| Gone::Reader)
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
