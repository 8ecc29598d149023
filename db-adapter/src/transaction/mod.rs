//! A transaction as a client: committed on purpose, rolled back otherwise.

mod savepoint;
#[cfg(feature = "_runtime")]
pub(crate) mod session;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use db_adapter_core::DatabaseSchema;

pub(crate) use savepoint::{Savepoint, Step};

use crate::client::{BoxFuture, BoxStream, Capabilities, DatabaseClient};
use crate::query::{Operation, Outcome, RowSink};
use crate::schema::IntrospectOptions;
use crate::{Error, Result, Row};

/// How a transaction begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TxOptions {
    /// It may not write.
    pub read_only: bool,
    /// Its isolation level; `None` is the backend's own.
    pub isolation: Option<Isolation>,
    /// How long beginning it may take, the wait for a connection included.
    pub timeout: Option<Duration>,
    /// Foreign keys are not enforced in it, and names in views and triggers do not follow a table that gets
    /// another name: for making a table anew. Of SQLite alone, where nothing else may write meanwhile; both are as
    /// before when it has ended, however it ends.
    pub foreign_keys_off: bool,
}

impl TxOptions {
    /// As strict as the backend can.
    pub fn serializable() -> Self {
        TxOptions {
            isolation: Some(Isolation::Serializable),
            ..TxOptions::default()
        }
    }
}

/// What a transaction sees of others. SQLite has only the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// All statements see one snapshot.
    RepeatableRead,
    /// As if transactions ran one after another; conflicts are
    /// [`Error::SerializationFailure`].
    Serializable,
}

/// What a backend provides to make a [`Transaction`].
pub trait TransactionClient: DatabaseClient {
    /// Ends it. A commit must be an error when the database did not commit.
    fn end(&self, commit: bool) -> BoxFuture<'_, Result<()>>;

    /// It was dropped without an end: roll back without waiting.
    fn abandon(&self);
}

struct Shared {
    client: Box<dyn TransactionClient>,
    ended: AtomicBool,
}

impl Shared {
    fn live(&self) -> Result<&dyn TransactionClient> {
        if self.ended.load(Ordering::Acquire) {
            return Err(Error::TransactionEnded);
        }
        Ok(&*self.client)
    }
}

/// A transaction, or a savepoint inside of one: a [`DatabaseClient`] whose writes become
/// permanent by [`commit`](Transaction::commit) and are undone by
/// [`rollback`](Transaction::rollback) or by dropping it.
///
/// Statements of one transaction queue. While a savepoint is open its parent answers
/// [`Error::SavepointOpen`].
///
/// ```
/// use db_adapter::prelude::*;
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> db_adapter::Result<()> {
/// let db = db_adapter::connect("sqlite::memory:").await?;
/// db.execute("CREATE TABLE t (n INTEGER)").await?;
/// let tx = db.begin().await?;
/// tx.insert("t", row! { "n": 1 }).await?;
/// let savepoint = tx.begin().await?;
/// savepoint.insert("t", row! { "n": 2 }).await?;
/// savepoint.rollback().await?;
/// tx.commit().await?;
/// assert_eq!(db.count("t", row! {}).await?, 1);
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction {
    shared: Arc<Shared>,
}

impl Transaction {
    /// A transaction of a backend's or a wrapper's own.
    pub fn new(client: impl TransactionClient + 'static) -> Self {
        Transaction {
            shared: Arc::new(Shared {
                client: Box::new(client),
                ended: AtomicBool::new(false),
            }),
        }
    }

    /// A handle without the power to end the transaction.
    pub(crate) fn handle(&self) -> Tx {
        Tx {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Makes its writes permanent. `Ok` means that the database said so.
    ///
    /// # Errors
    /// [`Error::TransactionAborted`] when an earlier statement failed, so that nothing was
    /// committed; [`Error::OutcomeUnknown`] when the connection was lost on the way.
    pub async fn commit(self) -> Result<()> {
        self.end(true).await
    }

    /// Undoes its writes.
    ///
    /// # Errors
    /// When the connection was lost; the server undoes them then.
    pub async fn rollback(self) -> Result<()> {
        self.end(false).await
    }

    async fn end(&self, commit: bool) -> Result<()> {
        let result = self.shared.live()?.end(commit).await;
        // also after an error nothing more can be done with it; the drop below cleans up
        if result.is_ok() {
            self.shared.ended.store(true, Ordering::Release);
        }
        result
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.shared.ended.swap(true, Ordering::AcqRel) {
            self.shared.client.abandon();
        }
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").finish_non_exhaustive()
    }
}

/// The handle of a transaction inside of
/// [`transaction`](crate::DatabaseClientExt::transaction): everything but its end, which the
/// closure's result decides. Kept beyond it, it answers [`Error::TransactionEnded`].
#[derive(Clone)]
pub struct Tx {
    shared: Arc<Shared>,
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

macro_rules! client_of_shared {
    ($($ty:ty),*) => { $(
        impl DatabaseClient for $ty {
            fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
                match self.shared.live() {
                    Ok(client) => client.run(operation),
                    Err(error) => Box::pin(std::future::ready(Err(error))),
                }
            }

            fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
                match self.shared.live() {
                    Ok(client) => client.run_stream(operation),
                    Err(error) => Box::pin(futures_util::stream::iter([Err(error)])),
                }
            }

            fn run_within(
                &self,
                operation: Operation,
                limit: Duration,
            ) -> BoxFuture<'_, Result<Outcome>> {
                match self.shared.live() {
                    Ok(client) => client.run_within(operation, limit),
                    Err(error) => Box::pin(std::future::ready(Err(error))),
                }
            }

            fn run_stream_within(
                &self,
                operation: Operation,
                limit: Duration,
            ) -> BoxStream<'_, Result<Row>> {
                match self.shared.live() {
                    Ok(client) => client.run_stream_within(operation, limit),
                    Err(error) => Box::pin(futures_util::stream::iter([Err(error)])),
                }
            }

            fn run_into(
                &self,
                operation: Operation,
                limit: Option<Duration>,
                rows: RowSink,
            ) -> BoxFuture<'_, Result<u64>> {
                match self.shared.live() {
                    Ok(client) => client.run_into(operation, limit, rows),
                    Err(error) => Box::pin(std::future::ready(Err(error))),
                }
            }

            fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
                match self.shared.live() {
                    Ok(client) => client.begin_with(options),
                    Err(error) => Box::pin(std::future::ready(Err(error))),
                }
            }

            fn introspect(&self, options: IntrospectOptions) -> BoxFuture<'_, Result<DatabaseSchema>> {
                match self.shared.live() {
                    Ok(client) => client.introspect(options),
                    Err(error) => Box::pin(std::future::ready(Err(error))),
                }
            }

            fn capabilities(&self) -> Result<Capabilities> {
                self.shared.live()?.capabilities()
            }
        }
    )* };
}

client_of_shared!(Transaction, Tx);
