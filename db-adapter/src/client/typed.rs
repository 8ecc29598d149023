//! What becomes of the rows that a builder gets: they stay rows, or are read into a type of the
//! caller's. It asks no database.

use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::BoxStream;
use crate::{Result, Row};

/// How rows become what a builder gives. Functions, so that rows that stay rows are handed on as
/// they are.
pub(super) struct Reader<T> {
    row: fn(Row) -> Result<T>,
    rows: fn(Vec<Row>) -> Result<Vec<T>>,
    stream: for<'s> fn(BoxStream<'s, Result<Row>>) -> BoxStream<'s, Result<T>>,
}

impl<T> Clone for Reader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Reader<T> {}

impl<T> std::fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", std::any::type_name::<T>())
    }
}

impl Reader<Row> {
    /// Rows as they are.
    pub(super) const PLAIN: Self = Reader {
        row: Ok,
        rows: Ok,
        stream: |rows| rows,
    };
}

impl<T: DeserializeOwned> Reader<T> {
    /// By serde, one row after the other.
    pub(super) const SERDE: Self = Reader {
        row: |row| row.deserialize(),
        rows: |rows| rows.iter().map(Row::deserialize).collect(),
        stream: |rows| Box::pin(rows.map(|row| row?.deserialize())),
    };
}

impl<T> Reader<T> {
    pub(super) fn row(self, row: Row) -> Result<T> {
        (self.row)(row)
    }

    pub(super) fn rows(self, rows: Vec<Row>) -> Result<Vec<T>> {
        (self.rows)(rows)
    }

    pub(super) fn stream(self, rows: BoxStream<'_, Result<Row>>) -> BoxStream<'_, Result<T>> {
        (self.stream)(rows)
    }
}
