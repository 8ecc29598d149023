//! The bookkeeping alone, over a connection that only writes down what it is asked: who may run,
//! what is undone, and that the connection always goes back. Real databases are tested elsewhere.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use db_adapter_core::DatabaseSchema;
use tokio::sync::Semaphore;

use super::{TxConnection, begin};
use crate::client::{BoxFuture, BoxStream, Capabilities, DatabaseClient};
use crate::deadline::Deadline;
use crate::query::{Operation, Outcome};
use crate::schema::IntrospectOptions;
use crate::transaction::{Savepoint, Step, Transaction, TxOptions};
use crate::{DatabaseClientExt, Error, Result, Row};

type Log = Arc<Mutex<Vec<String>>>;

/// Writes down what it is asked; its drop is written down too. A statement is done when it gets
/// through the gate.
struct Recorder(Log, Arc<Semaphore>);

fn note(log: &Log, text: impl Into<String>) {
    log.lock().unwrap().push(text.into());
}

impl Drop for Recorder {
    fn drop(&mut self) {
        note(&self.0, "gone");
    }
}

impl TxConnection for Recorder {
    const CAPABILITIES: Capabilities = Capabilities::NONE;

    fn run(&mut self, operation: Operation, _deadline: Deadline) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move {
            note(&self.0, format!("start {}", operation.describe().0));
            // others get their turn to interfere
            tokio::task::yield_now().await;
            drop(self.1.acquire().await);
            note(&self.0, "done");
            Ok(Outcome::default())
        })
    }

    fn stream(&mut self, _operation: Operation, _deadline: Deadline) -> BoxStream<'_, Result<Row>> {
        Box::pin(futures_util::stream::iter([Ok(Row::new()), Ok(Row::new())]))
    }

    fn savepoint(&mut self, savepoint: Savepoint, step: Step) -> BoxFuture<'_, Result<()>> {
        note(&self.0, format!("{step:?} {}", savepoint.0));
        Box::pin(async { Ok(()) })
    }

    fn introspect(
        _client: &dyn DatabaseClient,
        _options: IntrospectOptions,
    ) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(async { Ok(DatabaseSchema::default()) })
    }

    fn commit(self) -> BoxFuture<'static, Result<()>> {
        note(&self.0, "COMMIT");
        Box::pin(async { Ok(()) })
    }

    fn rollback(self) -> BoxFuture<'static, Result<()>> {
        note(&self.0, "ROLLBACK");
        Box::pin(async { Ok(()) })
    }
}

fn start() -> (Transaction, Log) {
    let (tx, log, gate) = start_behind_a_gate();
    gate.add_permits(1);
    (tx, log)
}

/// No statement is done before the gate gets a permit.
fn start_behind_a_gate() -> (Transaction, Log, Arc<Semaphore>) {
    let (log, gate) = (Log::default(), Arc::new(Semaphore::new(0)));
    let tx = begin(Recorder(Arc::clone(&log), Arc::clone(&gate)));
    (tx, log, gate)
}

async fn until_written(log: &Log, entry: &str) {
    while !written(log).iter().any(|written| written == entry) {
        tokio::task::yield_now().await;
    }
}

fn written(log: &Log) -> Vec<String> {
    log.lock().unwrap().clone()
}

#[tokio::test]
async fn a_dropped_savepoint_is_undone_before_the_next_statement() {
    let (tx, log) = start();
    let savepoint = tx.begin().await.unwrap();
    let inner = savepoint.begin().await.unwrap();
    drop(savepoint);
    // the inner one went with it
    assert_eq!(inner.ping().await, Err(Error::TransactionEnded));
    drop(inner);
    tx.commit().await.unwrap();
    assert_eq!(
        written(&log),
        ["Set 1", "Set 2", "Undo 1", "Release 1", "COMMIT", "gone"]
    );
}

/// The inner one may have been released already, and the outer one undoes it anyway.
#[tokio::test]
async fn a_dropped_savepoint_is_undone_with_what_was_dropped_inside_of_it() {
    let (tx, log) = start();
    let outer = tx.begin().await.unwrap();
    let inner = outer.begin().await.unwrap();
    drop(inner.begin().await.unwrap());
    drop(inner);
    drop(outer);
    tx.commit().await.unwrap();
    let expected = [
        "Set 1",
        "Set 2",
        "Set 3",
        "Undo 1",
        "Release 1",
        "COMMIT",
        "gone",
    ];
    assert_eq!(written(&log), expected);
}

/// It may have been released already, and what is rolled back as a whole undoes it anyway.
#[tokio::test]
async fn a_rollback_does_not_undo_dropped_savepoints_by_themselves() {
    let (tx, log) = start();
    drop(tx.begin().await.unwrap());
    let outer = tx.begin().await.unwrap();
    drop(outer.begin().await.unwrap());
    outer.rollback().await.unwrap();
    drop(tx.begin().await.unwrap());
    tx.rollback().await.unwrap();
    let expected = [
        "Set 1",
        "Undo 1",
        "Release 1",
        "Set 2",
        "Set 3",
        "Undo 2",
        "Release 2",
        "Set 4",
        "ROLLBACK",
        "gone",
    ];
    assert_eq!(written(&log), expected);
}

#[tokio::test]
async fn a_parent_waits_for_nobody_but_says_that_a_savepoint_is_open() {
    let (tx, _log) = start();
    let savepoint = tx.begin().await.unwrap();
    assert_eq!(tx.ping().await, Err(Error::SavepointOpen));
    assert_eq!(
        tx.begin_with(TxOptions::default()).await.map(drop),
        Err(Error::SavepointOpen)
    );
    savepoint.commit().await.unwrap();
    assert_eq!(tx.ping().await, Ok(()));
    let _open = tx.begin().await.unwrap();
    assert_eq!(tx.commit().await, Err(Error::SavepointOpen));
}

#[tokio::test]
async fn statements_of_one_transaction_queue() {
    let (tx, log) = start();
    let (a, b) = tokio::join!(tx.ping(), tx.ping());
    assert_eq!((a, b), (Ok(()), Ok(())));
    assert_eq!(written(&log), ["start ping", "done", "start ping", "done"]);
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn a_dropped_transaction_gives_its_connection_back_at_once() {
    let (tx, log) = start();
    let handle = tx.handle();
    drop(tx);
    assert_eq!(written(&log), ["gone"]);
    assert_eq!(handle.ping().await, Err(Error::TransactionEnded));
}

#[tokio::test]
async fn a_statement_under_way_finishes_and_then_gives_the_connection_back() {
    let (tx, log, gate) = start_behind_a_gate();
    let handle = tx.handle();
    let running = tokio::spawn(async move { handle.ping().await });
    until_written(&log, "start ping").await;
    drop(tx);
    gate.add_permits(1);
    running.await.unwrap().unwrap();
    assert_eq!(written(&log), ["start ping", "done", "gone"]);
}

#[tokio::test]
async fn a_statement_dropped_half_way_gives_the_connection_back_as_well() {
    let (tx, log, _gate) = start_behind_a_gate();
    let handle = tx.handle();
    let kept = tx.handle();
    let running = tokio::spawn(async move { handle.ping().await });
    until_written(&log, "start ping").await;
    drop(tx);
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    assert_eq!(written(&log), ["start ping", "gone"]);
    drop(kept);
}

#[tokio::test]
async fn a_stream_holds_its_turn_until_it_is_dropped() {
    let (tx, log) = start();
    let mut rows = tx.select("t", "*").stream();
    assert!(futures_util::StreamExt::next(&mut rows).await.is_some());
    let waiting = tokio::time::timeout(Duration::from_millis(10), tx.ping()).await;
    assert!(waiting.is_err());
    drop(rows);
    assert_eq!(tx.ping().await, Ok(()));
    drop(tx);
    assert_eq!(written(&log).last().map(String::as_str), Some("gone"));
}
