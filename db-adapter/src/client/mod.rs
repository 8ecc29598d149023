//! The client: a small object-safe trait that backends and users implement, and an extension
//! trait with the verbs that callers use.

mod builders;
mod call;
mod capabilities;
mod closure;
mod collect;
mod delete;
mod insert;
mod read;
mod returning;
mod settled;
mod sql_text;
mod typed;
mod update;
mod verbs;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use db_adapter_core::DatabaseSchema;
use futures_core::Stream;

pub use builders::Begin;
pub use capabilities::Capabilities;
pub use delete::DeleteBuilder;
pub use insert::{InsertBuilder, InsertManyBuilder, InsertOrIgnoreBuilder};
pub use read::{CountBuilder, ExistsBuilder, SelectBuilder};
pub use returning::ReturningBuilder;
pub use settled::Settled;
pub use sql_text::{ExecuteBuilder, ExecuteScriptBuilder, QueryBuilder};
pub use update::{UpdateBuilder, UpdateManyBuilder};
pub use verbs::DatabaseClientExt;

use crate::query::{Operation, Outcome, RowSink};
use crate::schema::IntrospectOptions;
use crate::transaction::{Transaction, TxOptions};
use crate::{Error, Result, Row};

/// A future that can be named, boxed and sent.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A stream that can be named, boxed and sent.
pub type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = T> + Send + 'a>>;

/// A database, or a transaction of one, or something of yours in front of one.
///
/// Callers use the verbs of [`DatabaseClientExt`], which the prelude brings. This trait is what
/// an implementation provides; it is object-safe, so `Arc<dyn DatabaseClient>` is what an
/// application passes around. A wrapper forwards:
///
/// ```
/// use db_adapter::{BoxFuture, BoxStream, Capabilities, DatabaseClient, Operation, Outcome, Result, Row};
///
/// /// Refuses everything that writes.
/// struct ReadOnly<C>(C);
///
/// impl<C: DatabaseClient> DatabaseClient for ReadOnly<C> {
///     fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
///         Box::pin(async move {
///             if !operation.is_read() {
///                 return Err(db_adapter::Error::unsupported("writing", "this wrapper", "use the inner client"));
///             }
///             self.0.run(operation).await
///         })
///     }
///
///     fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
///         self.0.run_stream(operation)
///     }
///
///     fn capabilities(&self) -> Result<Capabilities> {
///         // begin_with is left out: transactions are then refused with a clear error
///         let mut can = self.0.capabilities()?;
///         can.transactions = false;
///         Ok(can)
///     }
/// }
/// ```
pub trait DatabaseClient: Send + Sync + AsClient {
    /// Runs one operation to its end.
    ///
    /// Dropping the future half-way cancels the statement on the server and loses no connection;
    /// [`settle`](DatabaseClient::settle) tells what became of it. Inside a transaction it aborts
    /// the transaction, unless it only waited for other statements of it.
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>>;

    /// [`run`](DatabaseClient::run) with a time limit, after which the statement is cancelled on
    /// the server. Callers use `.timeout(..)` of a verb.
    ///
    /// # Errors
    /// [`Error::Timeout`] when nothing was changed, [`Error::OutcomeUnknown`] when the database
    /// did not say in time whether it was; [`Error::Unsupported`] unless an implementation
    /// provides it. A wrapper forwards it.
    fn run_within(&self, operation: Operation, limit: Duration) -> BoxFuture<'_, Result<Outcome>> {
        let _ = (operation, limit);
        Box::pin(async { Err(no_timeouts()) })
    }

    /// [`run_stream`](DatabaseClient::run_stream) with a limit for the time until its end.
    ///
    /// # Errors
    /// As [`run_within`](DatabaseClient::run_within).
    fn run_stream_within(
        &self,
        operation: Operation,
        limit: Duration,
    ) -> BoxStream<'_, Result<Row>> {
        let _ = (operation, limit);
        Box::pin(futures_util::stream::iter([Err(no_timeouts())]))
    }

    /// Runs a [`Select`](Operation::Select) or [`Query`](Operation::Query), within a limit if there is
    /// one, and puts its rows into the sink instead of into an outcome; gives their number. So the
    /// verbs get rows that the caller wants as a type of its own.
    ///
    /// By itself this is [`run`](DatabaseClient::run) or [`run_within`](DatabaseClient::run_within),
    /// so that a wrapper sees every row that passes. One that wants to see none forwards it, and
    /// no row has to be made. Of a text that writes, the database's own client looks at the rows
    /// before it keeps what was done, and so before a wrapper has changed them.
    ///
    /// # Errors
    /// As [`run`](DatabaseClient::run) and [`run_within`](DatabaseClient::run_within).
    fn run_into(
        &self,
        operation: Operation,
        limit: Option<Duration>,
        rows: RowSink,
    ) -> BoxFuture<'_, Result<u64>> {
        let run = match limit {
            Some(limit) => self.run_within(operation, limit),
            None => self.run(operation),
        };
        Box::pin(async move { Ok(rows.give(run.await?.rows)) })
    }

    /// Waits until the database has answered to every operation and transaction that was dropped
    /// half-way, and tells what became of those since the last call. A program that is
    /// interrupted drops its work, and says this.
    ///
    /// # Errors
    /// [`Error::Unsupported`] unless an implementation provides it; a wrapper forwards it.
    fn settle(&self) -> BoxFuture<'_, Result<Settled>> {
        Box::pin(async {
            Err(Error::unsupported(
                "waiting for dropped operations",
                "this client",
                "ask the client inside",
            ))
        })
    }

    /// Runs a [`Select`](Operation::Select) or [`Query`](Operation::Query) and hands out its rows
    /// as they come, in constant memory.
    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>>;

    /// Begins a transaction; inside of one, a savepoint.
    ///
    /// # Errors
    /// [`Error::Unsupported`] unless an implementation provides it.
    fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
        let _ = options;
        Box::pin(async {
            Err(Error::unsupported(
                "a transaction",
                "this client",
                "begin it on the client inside",
            ))
        })
    }

    /// The schema of the database, as it is now, in one consistent reading. Callers use
    /// [`SchemaIntrospector`](crate::schema::SchemaIntrospector).
    ///
    /// # Errors
    /// [`Error::Unsupported`] unless an implementation provides it; a wrapper forwards it.
    fn introspect(&self, options: IntrospectOptions) -> BoxFuture<'_, Result<DatabaseSchema>> {
        let _ = options;
        Box::pin(async {
            Err(Error::unsupported(
                "introspection",
                "this client",
                "ask the client inside",
            ))
        })
    }

    /// What the database behind it can do. Nothing is asked of the database.
    ///
    /// ```
    /// use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// let db = db_adapter::connect("sqlite::memory:").await?;
    /// let can = db.capabilities()?;
    /// assert!(can.transactional_ddl && !can.row_security);
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::Unsupported`] unless an implementation provides it: what nobody knows must not pass
    /// for what cannot be. A wrapper forwards it. [`Error::TransactionEnded`] of a transaction that
    /// has ended.
    fn capabilities(&self) -> Result<Capabilities> {
        Err(Error::unsupported(
            "telling what the database can do",
            "this client",
            "ask the client inside, or forward `capabilities`",
        ))
    }

    /// Closes every connection, after the operations under way. An open transaction is one: end or
    /// drop it first, or this waits for it. Twice is fine.
    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

fn no_timeouts() -> Error {
    Error::unsupported(
        "a time-out",
        "this client",
        "set it on the client inside, or forward `run_within`",
    )
}

/// Any client as a trait object; implemented for everything.
#[doc(hidden)]
pub trait AsClient {
    fn as_client(&self) -> &dyn DatabaseClient;
}

impl<T: DatabaseClient> AsClient for T {
    fn as_client(&self) -> &dyn DatabaseClient {
        self
    }
}

macro_rules! forward {
    ($($ty:ty),*) => { $(
        impl<T: DatabaseClient + ?Sized> DatabaseClient for $ty {
            fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
                (**self).run(operation)
            }

            fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
                (**self).run_stream(operation)
            }

            fn run_within(
                &self,
                operation: Operation,
                limit: Duration,
            ) -> BoxFuture<'_, Result<Outcome>> {
                (**self).run_within(operation, limit)
            }

            fn run_stream_within(
                &self,
                operation: Operation,
                limit: Duration,
            ) -> BoxStream<'_, Result<Row>> {
                (**self).run_stream_within(operation, limit)
            }

            fn run_into(
                &self,
                operation: Operation,
                limit: Option<Duration>,
                rows: RowSink,
            ) -> BoxFuture<'_, Result<u64>> {
                (**self).run_into(operation, limit, rows)
            }

            fn settle(&self) -> BoxFuture<'_, Result<Settled>> {
                (**self).settle()
            }

            fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
                (**self).begin_with(options)
            }

            fn introspect(&self, options: IntrospectOptions) -> BoxFuture<'_, Result<DatabaseSchema>> {
                (**self).introspect(options)
            }

            fn capabilities(&self) -> Result<Capabilities> {
                (**self).capabilities()
            }

            fn close(&self) -> BoxFuture<'_, Result<()>> {
                (**self).close()
            }
        }
    )* };
}

forward!(&T, Box<T>, Arc<T>);
