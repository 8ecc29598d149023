//! The adapter: its pools, and which of them an operation needs. What is done, the threads do.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use db_adapter_core::DatabaseSchema;

use super::answer::Answer;
use super::call::{Call, Kind};
use super::caller::is_read;
use super::database::Database;
use super::job::{Begin, Job, Ran, Task};
use super::location::{Location, Mode};
use super::pool::{Limits, Pool, Role};
use super::rows::{Rows, channel};
use super::stream::Pieces;
use super::transaction::SqliteTransaction;
use super::transaction_thread;
use crate::client::{BoxFuture, BoxStream, Capabilities, DatabaseClient};
use crate::deadline::Deadline;
use crate::observe::{Observing, Source, observed_control};
use crate::query::{Backend, Operation, Outcome, RowSink};
use crate::schema::IntrospectOptions;
use crate::stream::{Sink, generate};
use crate::transaction::{Transaction, TxOptions, session};
use crate::{ConnectOptions, Error, PoolStatus, Result, Row, Settled};

/// The same in a transaction. A deferred foreign key of SQLite waits for the end of its transaction.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    transactions: true,
    savepoints: true,
    snapshots: true,
    transactional_ddl: true,
    load: true,
    sequences: true,
    schemas: false,
    row_security: false,
    set_constraints: false,
    own_types: false,
    named_rows: false,
    spelled_times: true,
    row_locks: false,
    alone: false,
    stored_sql: true,
};

/// A client of an SQLite database: a file, or memory.
///
/// A file has one connection that writes, for which writes queue, and up to
/// [`max_connections`](ConnectOptions::max_connections) that read at the same time (WAL). A
/// database in memory has exactly one connection, which lives as long as the adapter and its
/// clones: while a transaction or a stream is open on it, others wait.
///
/// Foreign keys are enforced. Every transaction is serializable.
///
/// ```
/// use db_adapter::prelude::*;
/// use db_adapter::SqliteAdapter;
/// # async fn example() -> db_adapter::Result<()> {
/// let db = SqliteAdapter::connect("sqlite::memory:").await?;
/// db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").await?;
/// assert_eq!(db.insert("users", row! { "name": "Alice" }).await?["id"], 1);
/// # Ok(()) }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct SqliteAdapter {
    shared: Arc<Shared>,
}

/// How long a read waits for the writer, whose temporary tables and attached databases it may mean:
/// a transaction may have it, perhaps the caller's own.
const SOON: Duration = Duration::from_millis(250);

/// What the clones and the transactions of an adapter share.
pub(super) struct Shared {
    /// Dropped first: the writer then is the last to close, and puts the journal into the file.
    readers: Option<Pool>,
    writer: Pool,
    pub(super) database: Arc<Database>,
    acquire_timeout: Duration,
    pub(super) source: Source,
}

impl SqliteAdapter {
    /// Opens a database: `sqlite://relative.db`, `sqlite:///absolute.db`, `sqlite::memory:`, or
    /// a path. A file that is missing is made, unless the URL says `?mode=rw` or `?mode=ro`.
    ///
    /// # Errors
    /// [`Error::Config`] for a URL that cannot be used, [`Error::Connection`] for a file that
    /// cannot be opened or is no database.
    pub async fn connect(url_or_path: &str) -> Result<Self> {
        Self::connect_with(ConnectOptions::new(url_or_path)).await
    }

    /// [`connect`](SqliteAdapter::connect) with settings.
    ///
    /// # Errors
    /// As [`connect`](SqliteAdapter::connect).
    pub async fn connect_with(options: ConnectOptions) -> Result<Self> {
        options.url.check()?;
        let mut location = Location::parse(options.url.expose())?;
        if options.read_only {
            location.mode = Mode::ReadOnly;
        }
        let shared = Shared::new(location, &options)?;
        shared.open().await?;
        if let Some(readers) = &shared.readers {
            readers.queue.start_least();
        }
        Ok(SqliteAdapter {
            shared: Arc::new(shared),
        })
    }

    /// How the connections are used right now: those that read and the one that writes.
    pub fn pool_status(&self) -> PoolStatus {
        let shared = &self.shared;
        let mut status = shared.writer.status();
        if let Some(readers) = &shared.readers {
            let readers = readers.status();
            status.open += readers.open;
            status.idle += readers.idle;
            status.max_connections += readers.max_connections;
        }
        status
    }

    async fn run_until(&self, operation: Operation, deadline: Deadline) -> Result<Outcome> {
        let observing = Observing::start(&self.shared.source, &operation);
        observing
            .run(pin!(self.shared.run(operation, deadline)))
            .await
    }

    fn stream_until(&self, operation: Operation, deadline: Deadline) -> BoxStream<'_, Result<Row>> {
        let shared = &self.shared;
        let observing = Observing::start_stream(&shared.source, &operation);
        let pieces = generate(move |mut sink| async move {
            shared.stream(operation, deadline, &mut sink).await;
        });
        observing.stream(Rows::of(pieces))
    }
}

impl Shared {
    fn new(location: Location, options: &ConnectOptions) -> Result<Self> {
        let database = Arc::new(Database::new(location, options)?);
        let limits = |most: u32| match database.is_in_memory() {
            // the database lives in its connection
            true => Limits {
                most: 1,
                least: 1,
                idle_timeout: None,
                max_lifetime: None,
            },
            false => Limits {
                most,
                least: options.min_connections.min(most),
                idle_timeout: options.idle_timeout,
                max_lifetime: options.max_lifetime,
            },
        };
        let pool = |role, most| Pool::new(Arc::clone(&database), role, limits(most));
        Ok(Shared {
            writer: pool(Role::Writer, 1),
            readers: (!database.is_in_memory())
                .then(|| pool(Role::Reader, options.max_connections)),
            acquire_timeout: options.acquire_timeout,
            source: Source::new("sqlite", options),
            database,
        })
    }

    fn pool(&self, reads: bool) -> &Pool {
        match &self.readers {
            Some(readers) if reads => readers,
            _ => &self.writer,
        }
    }

    fn call(&self, reads: bool) -> Arc<Call> {
        let kind = match reads {
            true => Kind::Read,
            false => Kind::Write,
        };
        Call::new(kind, &self.database.abandoned)
    }

    /// Opens the connection that writes, so that a file that cannot be used shows at once.
    async fn open(&self) -> Result<()> {
        let call = self.call(true);
        let queue = &self.writer.queue;
        let (reply, answer) = Answer::new(Arc::clone(&call), Some(Arc::clone(queue)));
        queue.submit(Job {
            call,
            task: Task::Open(reply),
        });
        answer.until(Deadline::NONE, "connect").await
    }

    /// The pool of an operation: what only reads goes to a reader, but for temporary tables.
    fn pool_of(&self, operation: &Operation) -> &Pool {
        self.pool(is_read(operation) && !self.database.temporary.concerns(operation))
    }

    async fn run(&self, operation: Operation, deadline: Deadline) -> Result<Outcome> {
        if matches!(operation, Operation::Backend) {
            return Ok(Backend::Sqlite.outcome());
        }
        let pool = self.pool_of(&operation);
        let ran = self.run_on(pool, operation, self.acquire_timeout, deadline);
        match ran.await? {
            Ran::Done(outcome) => Ok(outcome),
            Ran::Elsewhere(refused) => Box::pin(self.run_elsewhere(*refused, deadline)).await,
        }
    }

    /// What a reader could not do, on the writer; where that is not to be had soon, the reader's
    /// error stands.
    async fn run_elsewhere(
        &self,
        (operation, error): (Operation, Error),
        deadline: Deadline,
    ) -> Result<Outcome> {
        let wait = match error {
            Error::UndefinedTable { .. } => self.acquire_timeout.min(SOON),
            _ => self.acquire_timeout,
        };
        match self.run_on(&self.writer, operation, wait, deadline).await {
            Ok(Ran::Done(outcome)) => Ok(outcome),
            Ok(Ran::Elsewhere(refused)) => Err(refused.1),
            Err(Error::PoolTimeout { .. }) if wait < self.acquire_timeout => Err(error),
            Err(error) => Err(error),
        }
    }

    async fn run_on(
        &self,
        pool: &Pool,
        operation: Operation,
        wait: Duration,
        deadline: Deadline,
    ) -> Result<Ran> {
        let name = operation.describe().0;
        let call = self.call(is_read(&operation));
        let queue = &pool.queue;
        let (reply, answer) = Answer::new(Arc::clone(&call), Some(Arc::clone(queue)));
        let comes = queue.submit(Job {
            call,
            task: Task::Run { operation, reply },
        });
        match comes {
            true => answer.until(deadline, name).await,
            // by itself: the future of the usual case stays small
            false => Box::pin(answer.queued(wait, deadline, name)).await,
        }
    }

    async fn stream(
        &self,
        operation: Operation,
        deadline: Deadline,
        sink: &mut Sink<Result<Vec<Row>>>,
    ) {
        let reads = is_read(&operation);
        let name = operation.describe().0;
        let call = self.call(reads);
        let queue = &self.pool_of(&operation).queue;
        let (rows, receiver) = channel(deadline);
        // what tells that a connection has come: the call then is not in the queue any more
        let (begun, answer) = Answer::new(Arc::clone(&call), Some(Arc::clone(queue)));
        let job = Job {
            call: Arc::clone(&call),
            task: Task::Stream {
                operation,
                rows,
                begun,
            },
        };
        queue.submit(job);
        if let Err(error) = answer.queued(self.acquire_timeout, deadline, name).await {
            return sink.send(Err(error)).await;
        }
        let mut pieces = Pieces::new(receiver, call, name, deadline);
        pieces.hand_on(sink).await;
    }

    /// The schema in one snapshot.
    async fn introspect(self: &Arc<Self>, options: IntrospectOptions) -> Result<DatabaseSchema> {
        let snapshot = TxOptions {
            read_only: true,
            ..TxOptions::default()
        };
        let reading = self.begin_with(snapshot).await?;
        let schema = reading.introspect(options).await?;
        reading.commit().await?;
        Ok(schema)
    }

    async fn begin_with(self: &Arc<Self>, options: TxOptions) -> Result<Transaction> {
        let deadline = Deadline::after(options.timeout);
        let whole = Call::new(
            transaction_thread::kind(options.read_only),
            &self.database.abandoned,
        );
        let untaken = Arc::new(AtomicBool::new(false));
        let (sender, commands) = mpsc::channel();
        let queue = &self.pool(options.read_only).queue;
        // nothing was done yet that could be of interest when it is dropped
        let call = self.call(true);
        let (reply, answer) = Answer::new(Arc::clone(&call), Some(Arc::clone(queue)));
        let comes = queue.submit(Job {
            call,
            task: Task::Begin(Begin {
                read_only: options.read_only,
                foreign_keys_off: options.foreign_keys_off,
                whole: Arc::clone(&whole),
                commands,
                untaken: Arc::clone(&untaken),
                reply,
            }),
        });
        match comes {
            true => answer.until(deadline, "begin").await?,
            false => {
                answer
                    .queued(self.acquire_timeout, deadline, "begin")
                    .await?
            }
        }
        let transaction = SqliteTransaction::new(Arc::clone(self), whole, untaken, sender);
        Ok(session::begin(transaction))
    }
}

impl DatabaseClient for SqliteAdapter {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(self.run_until(operation, Deadline::NONE))
    }

    fn run_within(&self, operation: Operation, limit: Duration) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(self.run_until(operation, Deadline::after(limit)))
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        self.stream_until(operation, Deadline::NONE)
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

    fn settle(&self) -> BoxFuture<'_, Result<Settled>> {
        Box::pin(async { Ok(self.shared.database.abandoned.settle().await) })
    }

    fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
        Box::pin(async move {
            let begin = pin!(self.shared.begin_with(options));
            observed_control(&self.shared.source, "begin", begin).await
        })
    }

    fn introspect(&self, options: IntrospectOptions) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(async move {
            let introspect = pin!(self.shared.introspect(options));
            observed_control(&self.shared.source, "introspect", introspect).await
        })
    }

    fn capabilities(&self) -> Result<Capabilities> {
        Ok(CAPABILITIES)
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            // what waits for the writer is not to be done while the readers end
            self.shared.writer.refuse();
            // the writer last: it then puts the journal back into the file
            if let Some(readers) = &self.shared.readers {
                readers.close().await;
            }
            self.shared.writer.close().await;
            Ok(())
        })
    }
}

/// The file and the pool's use, and nothing of the URL's parameters.
impl fmt::Debug for SqliteAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteAdapter")
            .field("database", &self.shared.database.target)
            .field("pool", &self.pool_status())
            .finish_non_exhaustive()
    }
}
