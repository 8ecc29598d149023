//! A `tracing` span for each operation: what, on which table, how many rows, how long. Never a
//! value, never SQL text of a caller, for which its label stands. What is dropped before its end says so in its span too.
//! What runs in a span is given pinned (`Unpin`): a wrapper that takes a future by value holds it twice, as its
//! argument and as what it waits for, and each small operation would pay for that memory.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_core::Stream;
use futures_util::StreamExt;
use tracing::{Instrument, Span};

use crate::client::BoxStream;
use crate::query::{Operation, Outcome};
use crate::{ConnectOptions, Error, Result, Row};

/// Whose operations are observed.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    backend: &'static str,
    slow: Duration,
    profile: Option<Box<str>>,
}

impl Source {
    pub(crate) fn new(backend: &'static str, options: &ConnectOptions) -> Self {
        Source {
            backend,
            slow: options.slow_threshold,
            profile: options.profile.as_deref().map(Into::into),
        }
    }

    fn span(
        &self,
        operation: &str,
        table: Option<impl std::fmt::Display>,
        label: Option<&str>,
    ) -> Span {
        tracing::debug_span!(
            "db_adapter",
            backend = self.backend,
            profile = self.profile.as_deref(),
            operation,
            table = table.map(tracing::field::display),
            label
        )
    }
}

/// One observed operation; its fields are the span's, its end an event inside. Dropped without
/// one, it was given up half-way.
struct Observed {
    span: Span,
    started: Instant,
    slow: Duration,
    ended: AtomicBool,
}

impl Observed {
    fn start(source: &Source, slow: Duration, operation: &Operation) -> Self {
        let (verb, table) = operation.describe();
        Self::of(source.span(verb, table, operation.label()), slow)
    }

    fn of(span: Span, slow: Duration) -> Self {
        Observed {
            span,
            started: Instant::now(),
            slow,
            ended: AtomicBool::new(false),
        }
    }

    /// `rows` is what came back or was changed.
    fn end(&self, result: Result<u64, &Error>) {
        self.ended.store(true, Ordering::Relaxed);
        let elapsed = self.started.elapsed();
        let ms = milliseconds(elapsed);
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

impl Drop for Observed {
    fn drop(&mut self) {
        if !*self.ended.get_mut() {
            let ms = milliseconds(self.started.elapsed());
            // no word on whether it was slow: who drops it did not want to wait
            self.span.in_scope(|| tracing::debug!(ms, "dropped"));
        }
    }
}

fn milliseconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1e6).round() / 1e3
}

/// Runs an operation in its span; warns when it took longer than the threshold.
#[cfg(feature = "postgres-no-tls")]
pub(crate) async fn observed<F>(source: &Source, operation: &Operation, run: F) -> Result<Outcome>
where
    F: Future<Output = Result<Outcome>> + Unpin,
{
    let observed = Observed::start(source, source.slow, operation);
    let result = run.instrument(observed.span.clone()).await;
    observed.end(result.as_ref().map(|o| o.affected.max(o.rows.len() as u64)));
    result
}

/// An operation that is observed and given away: it is described before.
#[cfg(feature = "sqlite")]
pub(crate) struct Observing(Observed);

#[cfg(feature = "sqlite")]
impl Observing {
    pub(crate) fn start(source: &Source, operation: &Operation) -> Self {
        Observing(Observed::start(source, source.slow, operation))
    }

    /// For a stream, which never warns: a consumer that is slow makes it long.
    pub(crate) fn start_stream(source: &Source, operation: &Operation) -> Self {
        Observing(Observed::start(source, Duration::MAX, operation))
    }

    pub(crate) async fn run<F>(self, run: F) -> Result<Outcome>
    where
        F: Future<Output = Result<Outcome>> + Unpin,
    {
        let Observing(observed) = self;
        let result = run.instrument(observed.span.clone()).await;
        observed.end(result.as_ref().map(|o| o.affected.max(o.rows.len() as u64)));
        result
    }

    pub(crate) fn stream<'a>(self, rows: BoxStream<'a, Result<Row>>) -> BoxStream<'a, Result<Row>> {
        Box::pin(ObservedRows {
            rows,
            observed: self.0,
            count: 0,
            failed: None,
            ended: false,
        })
    }
}

/// The rows of an operation in its span, which ends with the stream. A consumer that is slow
/// makes it long, so a stream never warns.
#[cfg(feature = "postgres-no-tls")]
pub(crate) fn observed_stream<'a>(
    source: &Source,
    operation: &Operation,
    rows: BoxStream<'a, Result<Row>>,
) -> BoxStream<'a, Result<Row>> {
    Box::pin(ObservedRows {
        rows,
        observed: Observed::start(source, Duration::MAX, operation),
        count: 0,
        failed: None,
        ended: false,
    })
}

/// By hand, not as a block: it stands between every row and its reader.
struct ObservedRows<'a> {
    rows: BoxStream<'a, Result<Row>>,
    observed: Observed,
    count: u64,
    failed: Option<Error>,
    ended: bool,
}

impl Stream for ObservedRows<'_> {
    type Item = Result<Row>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Row>>> {
        let this = &mut *self;
        let rows = &mut this.rows;
        let polled = this.observed.span.in_scope(|| rows.poll_next_unpin(cx));
        match &polled {
            Poll::Ready(Some(Ok(_))) => this.count += 1,
            Poll::Ready(Some(Err(error))) => this.failed = Some(error.clone()),
            Poll::Ready(None) if !this.ended => {
                this.ended = true;
                let result = this.failed.as_ref().map_or(Ok(this.count), Err);
                this.observed.end(result);
            }
            _ => {}
        }
        polled
    }
}

impl Drop for ObservedRows<'_> {
    fn drop(&mut self) {
        // who has seen the error need not ask for the end behind it
        if let (false, Some(error)) = (self.ended, &self.failed) {
            self.observed.end(Err(error));
        }
    }
}

/// Runs what is no [`Operation`] in a span of its own: `begin`, `commit`, `rollback`.
pub(crate) async fn observed_control<F, T>(
    source: &Source,
    operation: &'static str,
    run: F,
) -> Result<T>
where
    F: Future<Output = Result<T>> + Unpin,
{
    let span = source.span(operation, None::<&str>, None);
    let observed = Observed::of(span, source.slow);
    let result = run.instrument(observed.span.clone()).await;
    observed.end(result.as_ref().map(|_| 0));
    result
}
