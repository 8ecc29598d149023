//! The bookkeeping of transactions and savepoints over one connection, the same for every SQL
//! backend: who may run now, what was dropped, when the connection goes back.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use db_adapter_core::DatabaseSchema;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::{Savepoint, Step, Transaction, TransactionClient, TxOptions};
use crate::client::{BoxFuture, BoxStream, Capabilities, DatabaseClient};
use crate::deadline::Deadline;
use crate::query::{Operation, Outcome, RowSink};
use crate::schema::IntrospectOptions;
use crate::{Error, Result, Row};

/// What a statement of a transaction waits for first.
const QUEUE: &str = "the wait for the transaction's other statements";

/// A connection on which a transaction is open. Dropping it rolls back.
pub(crate) trait TxConnection: Send + 'static {
    /// What the database can do.
    const CAPABILITIES: Capabilities;

    /// Runs one operation inside the transaction. Dropping the future aborts the transaction, as
    /// a failed statement does.
    fn run(&mut self, operation: Operation, deadline: Deadline) -> BoxFuture<'_, Result<Outcome>>;

    /// The rows of a select or query, as they come. Dropping the stream aborts nothing.
    fn stream(&mut self, operation: Operation, deadline: Deadline) -> BoxStream<'_, Result<Row>>;

    /// Begins, undoes or releases a savepoint.
    fn savepoint(&mut self, savepoint: Savepoint, step: Step) -> BoxFuture<'_, Result<()>>;

    /// Prepares the session for a reading of the schema, in a savepoint that is undone after it.
    fn before_reading(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Reads the schema by queries of a client, which is a savepoint of this transaction.
    fn introspect(
        client: &dyn DatabaseClient,
        options: IntrospectOptions,
    ) -> BoxFuture<'_, Result<DatabaseSchema>>;

    /// Commits; an error unless the database committed.
    fn commit(self) -> BoxFuture<'static, Result<()>>;

    /// Rolls back.
    fn rollback(self) -> BoxFuture<'static, Result<()>>;
}

/// Begins the bookkeeping for a connection that has just begun a transaction.
pub(crate) fn begin<C: TxConnection>(connection: C) -> Transaction {
    Transaction::new(Level {
        session: Arc::new(Session {
            connection: Arc::new(AsyncMutex::new(Some(connection))),
            state: Mutex::new(State {
                levels: vec![0],
                dropped: Vec::new(),
                ended: false,
            }),
            next_level: AtomicU64::new(1),
        }),
        id: 0,
    })
}

struct Session<C> {
    /// Statements of one transaction queue here. Empty after the end.
    connection: Arc<AsyncMutex<Option<C>>>,
    state: Mutex<State>,
    next_level: AtomicU64,
}

struct State {
    /// The transaction and the savepoints that are open, outermost first.
    levels: Vec<u64>,
    /// Savepoints that were dropped: rolled back before the next statement.
    dropped: Vec<u64>,
    ended: bool,
}

impl<C: TxConnection> Session<C> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection, for the innermost level and nobody else, with dropped savepoints undone.
    async fn lock(self: &Arc<Self>, level: u64) -> Result<Turn<C>> {
        let mut turn = self.turn(level).await?;
        loop {
            let dropped = self.state().dropped.first().copied();
            let Some(id) = dropped else { break };
            let open = turn.open()?;
            open.savepoint(Savepoint(id), Step::Undo).await?;
            // undone: should this be dropped before the release, the savepoint is left over
            // under a name that nobody uses again
            self.state().dropped.retain(|d| *d != id);
            open.savepoint(Savepoint(id), Step::Release).await?;
        }
        Ok(turn)
    }

    /// The connection as it is. Enough for who undoes the whole level, dropped savepoints with it:
    /// one that was dropped while it was released may be gone, and cannot be undone by itself.
    async fn turn(self: &Arc<Self>, level: u64) -> Result<Turn<C>> {
        self.check(level)?;
        let connection = Arc::clone(&self.connection).lock_owned().await;
        let turn = Turn {
            connection: Some(connection),
            session: Arc::clone(self),
        };
        // others had their turn meanwhile
        self.check(level)?;
        Ok(turn)
    }

    fn check(&self, level: u64) -> Result<()> {
        let state = self.state();
        match state.levels.last() {
            _ if state.ended => Err(Error::TransactionEnded),
            Some(innermost) if *innermost == level => Ok(()),
            _ if state.levels.contains(&level) => Err(Error::SavepointOpen),
            _ => Err(Error::TransactionEnded),
        }
    }

    /// Gives the connection back, unless somebody else has it now.
    fn release(&self) {
        if let Ok(mut connection) = self.connection.try_lock() {
            drop(connection.take());
        }
    }
}

/// The right to use the connection, until it is dropped.
struct Turn<C: TxConnection> {
    connection: Option<OwnedMutexGuard<Option<C>>>,
    session: Arc<Session<C>>,
}

impl<C: TxConnection> Turn<C> {
    fn open(&mut self) -> Result<&mut C> {
        self.connection
            .as_mut()
            .and_then(|guard| guard.as_mut())
            .ok_or(Error::TransactionEnded)
    }

    fn take(&mut self) -> Result<C> {
        self.connection
            .as_mut()
            .and_then(|guard| guard.take())
            .ok_or(Error::TransactionEnded)
    }
}

impl<C: TxConnection> Drop for Turn<C> {
    fn drop(&mut self) {
        // first unlock, then look: when the transaction is dropped in between, one of the two
        // sees the other
        self.connection = None;
        if self.session.state().ended {
            self.session.release();
        }
    }
}

/// The transaction itself (0) or one of its savepoints.
struct Level<C> {
    session: Arc<Session<C>>,
    id: u64,
}

impl<C: TxConnection> DatabaseClient for Level<C> {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(self.run_until(operation, Deadline::NONE))
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        self.stream_until(operation, Deadline::NONE)
    }

    fn run_within(&self, operation: Operation, limit: Duration) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(self.run_until(operation, Deadline::after(limit)))
    }

    fn run_stream_within(
        &self,
        operation: Operation,
        limit: Duration,
    ) -> BoxStream<'_, Result<Row>> {
        self.stream_until(operation, Deadline::after(limit))
    }

    fn run_into(
        &self,
        operation: Operation,
        limit: Option<Duration>,
        rows: RowSink,
    ) -> BoxFuture<'_, Result<u64>> {
        let operation = operation.into_sink(rows.clone());
        Box::pin(async move {
            let outcome = self.run_until(operation, Deadline::after(limit)).await?;
            Ok(rows.given(outcome))
        })
    }

    fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
        Box::pin(async move {
            let asked = TxOptions {
                timeout: None,
                ..options
            };
            if asked != TxOptions::default() {
                return Err(Error::invalid_query(
                    "a savepoint has no isolation level and no access mode of its own",
                    "set them on the outer `begin()`",
                ));
            }
            let deadline = Deadline::after(options.timeout);
            let (_, savepoint) = deadline.wait(QUEUE, pin!(self.savepoint())).await??;
            Ok(savepoint)
        })
    }

    fn capabilities(&self) -> Result<Capabilities> {
        Ok(C::CAPABILITIES)
    }

    fn introspect(&self, options: IntrospectOptions) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(async move {
            let (id, reading) = self.savepoint().await?;
            let mut turn = self.session.lock(id).await?;
            turn.open()?.before_reading().await?;
            // the queries of the reading wait for their turn
            drop(turn);
            let schema = C::introspect(&reading, options).await?;
            reading.rollback().await?;
            Ok(schema)
        })
    }
}

impl<C: TxConnection> Level<C> {
    async fn run_until(&self, operation: Operation, deadline: Deadline) -> Result<Outcome> {
        let mut turn = deadline
            .wait(QUEUE, pin!(self.session.lock(self.id)))
            .await??;
        turn.open()?.run(operation, deadline).await
    }

    fn stream_until(&self, operation: Operation, deadline: Deadline) -> BoxStream<'_, Result<Row>> {
        crate::stream::generate(move |mut sink| async move {
            let turn = deadline.wait(QUEUE, pin!(self.session.lock(self.id))).await;
            let mut turn = match turn.and_then(|turn| turn) {
                Ok(turn) => turn,
                Err(error) => return sink.send(Err(error)).await,
            };
            let open = match turn.open() {
                Ok(open) => open,
                Err(error) => return sink.send(Err(error)).await,
            };
            let mut rows = open.stream(operation, deadline);
            while let Some(row) = futures_util::StreamExt::next(&mut rows).await {
                sink.send(row).await;
            }
        })
    }

    async fn savepoint(&self) -> Result<(u64, Transaction)> {
        let mut turn = self.session.lock(self.id).await?;
        let id = self.session.next_level.fetch_add(1, Ordering::Relaxed);
        turn.open()?.savepoint(Savepoint(id), Step::Set).await?;
        self.session.state().levels.push(id);
        let savepoint = Transaction::new(Level {
            session: Arc::clone(&self.session),
            id,
        });
        Ok((id, savepoint))
    }
}

impl<C: TxConnection> TransactionClient for Level<C> {
    fn end(&self, commit: bool) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut turn = match commit {
                true => self.session.lock(self.id).await?,
                false => self.session.turn(self.id).await?,
            };
            if self.id == 0 {
                let open = turn.take()?;
                self.session.state().ended = true;
                return if commit {
                    open.commit().await
                } else {
                    open.rollback().await
                };
            }
            let open = turn.open()?;
            if !commit {
                open.savepoint(Savepoint(self.id), Step::Undo).await?;
                // all of them are inside of the innermost level
                self.session.state().dropped.clear();
            }
            open.savepoint(Savepoint(self.id), Step::Release).await?;
            self.session.state().levels.pop();
            Ok(())
        })
    }

    fn abandon(&self) {
        let mut state = self.session.state();
        if state.ended {
            return;
        }
        if self.id == 0 {
            state.ended = true;
            drop(state);
            // a statement that is running now gives the connection back when it is done
            self.session.release();
        } else if let Some(depth) = state.levels.iter().position(|level| *level == self.id) {
            // savepoints inside of it are undone with it, those too that were dropped before: one
            // that was dropped while it was released may be gone, and cannot be undone by itself
            state.levels.truncate(depth);
            state.dropped.retain(|dropped| *dropped < self.id);
            state.dropped.push(self.id);
        }
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
