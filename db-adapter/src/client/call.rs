//! A client together with the time that one operation on it may take: what every builder runs
//! its operation with.

use std::fmt;
use std::time::Duration;

use super::{BoxStream, DatabaseClient};
use crate::query::{Operation, Outcome, RowSink};
use crate::{Result, Row};

/// Whom a builder asks, and how long it waits.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    client: &'a dyn DatabaseClient,
    pub(super) limit: Option<Duration>,
}

/// Without the client: it is not known how that is shown.
impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl<'a> Call<'a> {
    pub(super) fn new(client: &'a dyn DatabaseClient) -> Self {
        Call {
            client,
            limit: None,
        }
    }

    pub(super) async fn run(self, operation: Operation) -> Result<Outcome> {
        match self.limit {
            Some(limit) => self.client.run_within(operation, limit).await,
            None => self.client.run(operation).await,
        }
    }

    pub(super) async fn run_into(self, operation: Operation, rows: RowSink) -> Result<u64> {
        self.client.run_into(operation, self.limit, rows).await
    }

    pub(super) fn run_stream(self, operation: Operation) -> BoxStream<'a, Result<Row>> {
        match self.limit {
            Some(limit) => self.client.run_stream_within(operation, limit),
            None => self.client.run_stream(operation),
        }
    }
}
