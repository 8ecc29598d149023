//! A `tracing` span for each operation: what, on which table, how many rows, how long. Never a
//! value, never SQL text of a caller.

use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tracing::{Instrument, Span};

use crate::Result;
use crate::Row;
use crate::client::BoxStream;
use crate::query::{Operation, Outcome};

/// One observed operation; its fields are the span's, its end an event inside.
struct Observed {
    span: Span,
    started: Instant,
    slow: Duration,
}

impl Observed {
    fn start(backend: &'static str, slow: Duration, operation: &Operation) -> Self {
        let (verb, table) = operation.describe();
        let table = table.map(tracing::field::display);
        Self::of(
            tracing::debug_span!("db_adapter", backend, operation = verb, table),
            slow,
        )
    }

    fn of(span: Span, slow: Duration) -> Self {
        Observed {
            span,
            started: Instant::now(),
            slow,
        }
    }

    /// `rows` is what came back or was changed.
    fn end(&self, result: Result<u64, &crate::Error>) {
        let elapsed = self.started.elapsed();
        let ms = elapsed.as_secs_f64() * 1000.0;
        self.span.in_scope(|| {
            match result {
                Ok(rows) => tracing::debug!(rows, ms, "done"),
                Err(error) => tracing::debug!(kind = ?error.kind(), ms, "failed"),
            }
            if elapsed > self.slow {
                tracing::warn!(ms, "slow operation");
            }
        });
    }
}

/// Runs an operation in its span; warns when it took longer than the threshold.
pub(crate) async fn observed<F>(
    backend: &'static str,
    slow: Duration,
    operation: &Operation,
    run: F,
) -> Result<Outcome>
where
    F: Future<Output = Result<Outcome>>,
{
    let observed = Observed::start(backend, slow, operation);
    let result = run.instrument(observed.span.clone()).await;
    observed.end(result.as_ref().map(|o| o.affected.max(o.rows.len() as u64)));
    result
}

/// The rows of an operation in its span, which ends with the stream. A consumer that is slow
/// makes it long, so a stream never warns.
pub(crate) fn observed_stream<'a>(
    backend: &'static str,
    operation: &Operation,
    mut rows: BoxStream<'a, Result<Row>>,
) -> BoxStream<'a, Result<Row>> {
    let observed = Observed::start(backend, Duration::MAX, operation);
    crate::stream::generate(move |mut sink| async move {
        let mut count = 0;
        let mut failed = None;
        while let Some(row) = rows.next().instrument(observed.span.clone()).await {
            match &row {
                Ok(_) => count += 1,
                Err(error) => failed = Some(error.clone()),
            }
            sink.send(row).await;
        }
        observed.end(failed.as_ref().map_or(Ok(count), Err));
    })
}

/// Runs what is no [`Operation`] in a span of its own: `begin`, `commit`, `rollback`.
pub(crate) async fn observed_control<F, T>(
    backend: &'static str,
    slow: Duration,
    operation: &'static str,
    run: F,
) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let observed = Observed::of(tracing::debug_span!("db_adapter", backend, operation), slow);
    let result = run.instrument(observed.span.clone()).await;
    observed.end(result.as_ref().map(|_| 0));
    result
}
