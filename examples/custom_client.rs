//! Clients of yours, in front of any other: one counts operations, one refuses to write.
//!
//!     cargo run --example custom_client

#![allow(clippy::print_stdout, reason = "it is an example")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use db_adapter::prelude::*;
use db_adapter::{
    BoxFuture, BoxStream, Capabilities, Error, Operation, Outcome, Result, Transaction, TxOptions,
};

/// Counts what passes, and says what it was. An operation is data; its `Debug` shows no values.
struct Counting<C> {
    inner: C,
    operations: AtomicUsize,
}

impl<C: DatabaseClient> DatabaseClient for Counting<C> {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        let number = self.operations.fetch_add(1, Ordering::Relaxed) + 1;
        let (verb, table) = operation.describe();
        let table = table.map(ToString::to_string).unwrap_or_default();
        Box::pin(async move {
            let outcome = self.inner.run(operation).await?;
            println!(
                "  [{number}] {verb} {table}: {} rows, {} affected",
                outcome.rows.len(),
                outcome.affected
            );
            Ok(outcome)
        })
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        self.operations.fetch_add(1, Ordering::Relaxed);
        self.inner.run_stream(operation)
    }

    // operations inside a transaction are not counted: they go to the inner client's
    fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
        self.inner.begin_with(options)
    }

    fn capabilities(&self) -> Result<Capabilities> {
        self.inner.capabilities()
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        self.inner.close()
    }
}

/// Lets only reading pass. SQL text is not looked at: it counts as writing.
struct ReadOnly<C>(C);

impl<C: DatabaseClient> DatabaseClient for ReadOnly<C> {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        if operation.is_read() {
            return self.0.run(operation);
        }
        let (verb, _) = operation.describe();
        let error = Error::unsupported(verb, "a read-only client", "use the client inside");
        Box::pin(async { Err(error) })
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        if operation.is_read() {
            return self.0.run_stream(operation);
        }
        let error =
            Error::unsupported("a stream of SQL text", "a read-only client", "use `select`");
        Box::pin(futures_util::stream::iter([Err(error)]))
    }

    // no `begin_with`: a transaction is refused, which is what we want here
    fn capabilities(&self) -> Result<Capabilities> {
        let mut can = self.0.capabilities()?;
        can.transactions = false;
        can.savepoints = false;
        Ok(can)
    }
}

/// Knows nothing of wrappers: it takes what an application passes around.
async fn report(db: &dyn DatabaseClient) -> Result<()> {
    let open = db
        .select("tasks", "id, title")
        .filter(row! { "done": false })
        .order_by("id")
        .await?;
    println!("{} open: {}", open.len(), open.to_json());
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let database = db_adapter::connect("sqlite::memory:").await?;
    database.execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title text NOT NULL, done boolean NOT NULL DEFAULT false)").await?;

    let counting = Arc::new(Counting {
        inner: database,
        operations: AtomicUsize::new(0),
    });
    counting
        .insert_many(
            "tasks",
            ["write", "test", "ship"].map(|title| row! { "title": title }),
        )
        .await?;
    counting
        .update("tasks", row! { "done": true }, row! { "title": "write" })
        .await?;
    report(&counting).await?;

    let read_only: Arc<dyn DatabaseClient> = Arc::new(ReadOnly(Arc::clone(&counting)));
    report(&read_only).await?;
    for refused in [
        read_only.delete("tasks", Filter::all()).await.map(drop),
        read_only.begin().await.map(drop),
    ] {
        if let Err(error) = refused {
            println!("{error}");
        }
    }
    println!("{} operations", counting.operations.load(Ordering::Relaxed));
    counting.close().await
}
