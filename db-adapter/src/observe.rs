//! A `tracing` span for each operation: what, on which table, how many rows, how long. Never a
//! value, never SQL text of a caller.

use std::future::Future;
use std::time::{Duration, Instant};

use tracing::Instrument;

use crate::Result;
use crate::query::{Operation, Outcome};

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
    let (verb, table) = operation.describe();
    let table = table.map(ToString::to_string).unwrap_or_default();
    let span = tracing::debug_span!("db_adapter", backend, operation = verb, table);
    let started = Instant::now();
    let result = run.instrument(span.clone()).await;
    let _entered = span.entered();
    let elapsed = started.elapsed();
    let ms = elapsed.as_secs_f64() * 1000.0;
    match &result {
        Ok(outcome) => {
            let (rows, affected) = (outcome.rows.len(), outcome.affected);
            tracing::debug!(backend, operation = verb, table, rows, affected, ms, "done");
        }
        Err(error) => {
            let kind = error.kind();
            tracing::debug!(backend, operation = verb, table, ?kind, ms, "failed");
        }
    }
    if elapsed > slow {
        tracing::warn!(backend, operation = verb, table, ms, "slow operation");
    }
    result
}
