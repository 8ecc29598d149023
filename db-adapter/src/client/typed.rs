//! What becomes of the rows that a builder gets: they stay rows, or are read into a type of the
//! caller's. It asks no database by itself.

use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::BoxStream;
use super::call::Call;
use super::collect::{Slot, by_serde};
use crate::query::{Operation, RowSink, Wanted};
use crate::{ErrorKind, Result, Row};

/// How rows become what a builder gives. Functions, so that rows that stay rows are handed on as
/// they are.
pub(super) struct Reader<T> {
    row: fn(Row) -> Result<T>,
    all: All<T>,
    stream: for<'s> fn(BoxStream<'s, Result<Row>>) -> BoxStream<'s, Result<T>>,
}

/// All the rows of a result.
enum All<T> {
    /// They are made, and stay.
    Rows(fn(Vec<Row>) -> Vec<T>),
    /// None of them is kept.
    Sink(fn() -> (RowSink, Slot<T>)),
}

impl<T> Clone for Reader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Reader<T> {}

impl<T> Clone for All<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for All<T> {}

impl<T> std::fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", std::any::type_name::<T>())
    }
}

impl Reader<Row> {
    /// Rows as they are.
    pub(super) const PLAIN: Self = Reader {
        row: Ok,
        all: All::Rows(|rows| rows),
        stream: |rows| rows,
    };
}

impl<T: DeserializeOwned + Send + 'static> Reader<T> {
    /// By serde, one row after the other.
    pub(super) const SERDE: Self = Reader {
        row: |row| row.deserialize(),
        all: All::Sink(by_serde),
        stream: |rows| Box::pin(rows.map(|row| row?.deserialize())),
    };
}

impl<T> Reader<T> {
    pub(super) fn row(self, row: Row) -> Result<T> {
        (self.row)(row)
    }

    /// Runs a select or a query.
    pub(super) async fn all(self, call: Call<'_>, operation: Operation) -> Result<Vec<T>> {
        self.so_many(call, operation, Wanted::Any).await
    }

    /// The same for so many rows. What writes is judged by the client as well, which undoes it then.
    pub(super) async fn so_many(
        self,
        call: Call<'_>,
        operation: Operation,
        wanted: Wanted,
    ) -> Result<Vec<T>> {
        match self.all {
            All::Rows(as_they_are) => {
                let operation = operation.wanting(wanted, None);
                let rows = call.run(operation).await?.rows;
                wanted.check(rows.len())?;
                Ok(as_they_are(rows))
            }
            All::Sink(new) => {
                let (sink, slot) = new();
                let operation = operation.wanting(wanted, Some(&sink));
                match call.run_into(operation, sink).await {
                    // of a row that is not of the type the client gives a sign alone
                    Err(error) if !slot.has_failed() || error.kind() != ErrorKind::Internal => {
                        Err(error)
                    }
                    _ => {
                        wanted.check(slot.rows())?;
                        slot.take()
                    }
                }
            }
        }
    }

    pub(super) fn stream(self, rows: BoxStream<'_, Result<Row>>) -> BoxStream<'_, Result<T>> {
        (self.stream)(rows)
    }
}
