//! Placeholder of the sqlite backend.

use crate::client::{BoxFuture, BoxStream, DatabaseClient};
use crate::query::{Operation, Outcome};
use crate::{ConnectOptions, Error, Result, Row};

/// Placeholder.
#[derive(Debug, Clone)]
pub struct SqliteAdapter {}

impl SqliteAdapter {
    /// Placeholder.
    pub async fn connect_with(_options: ConnectOptions) -> Result<Self> {
        Err(Error::Closed)
    }
}

impl DatabaseClient for SqliteAdapter {
    fn run(&self, _operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async { Err(Error::Closed) })
    }

    fn run_stream(&self, _operation: Operation) -> BoxStream<'_, Result<Row>> {
        Box::pin(futures_util::stream::empty())
    }
}
