//! The adapter: its pools, and which of them an operation needs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use db_adapter_core::DatabaseSchema;
use sqlx::pool::PoolConnection;
use sqlx::{Executor, Pool, Sqlite};

use super::caller::{is_read, may_change_schema};
use super::catalog::Catalog;
use super::error::{Context, is_stale, translate};
use super::location::{Location, Mode};
use super::pool::{self, opening, status};
use super::run::Session;
use super::transaction::Connection;
use crate::client::{BoxFuture, BoxStream, DatabaseClient};
use crate::observe::{Source, observed, observed_control, observed_stream};
use crate::query::{Operation, Outcome};
use crate::schema::IntrospectOptions;
use crate::transaction::{Transaction, TxOptions, session};
use crate::{ConnectOptions, Error, PoolStatus, Result, Row};

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

/// A writer that is only on its way back into its pool is there by then.
const SOON: Duration = Duration::from_millis(250);

/// What the clones and the transactions of an adapter share.
pub(super) struct Shared {
    writer: Pool<Sqlite>,
    /// The same as the writer for a database in memory.
    readers: Pool<Sqlite>,
    in_memory: bool,
    pub(super) catalog: Catalog,
    /// The file, for messages.
    pub(super) target: String,
    location: Location,
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
        if options.read_only && location.file.is_some() {
            location.mode = Mode::ReadOnly;
        }
        let (writer, readers) = pool::open(&options, &location).await?;
        Ok(SqliteAdapter {
            shared: Arc::new(Shared {
                writer,
                readers,
                in_memory: location.file.is_none(),
                catalog: Catalog::default(),
                target: location.name(),
                location,
                source: Source::new("sqlite", &options),
            }),
        })
    }

    /// How the connections are used right now: those that read and the one that writes.
    pub fn pool_status(&self) -> PoolStatus {
        let shared = &self.shared;
        let mut status = pool::status(&shared.writer);
        if !shared.in_memory {
            let readers = pool::status(&shared.readers);
            status.open += readers.open;
            status.idle += readers.idle;
            status.max_connections += readers.max_connections;
        }
        status
    }
}

impl Shared {
    fn context(&self) -> Context {
        Context {
            target: self.target.clone(),
            ..Context::default()
        }
    }

    fn waited(&self, error: sqlx::Error, pool: &Pool<Sqlite>) -> Error {
        match error {
            sqlx::Error::PoolTimedOut => {
                let status = status(pool);
                Error::PoolTimeout {
                    in_use: status.open.saturating_sub(status.idle),
                    max_connections: status.max_connections,
                }
            }
            error => opening(error, &self.location),
        }
    }

    async fn acquire(&self, pool: &Pool<Sqlite>) -> Result<PoolConnection<Sqlite>> {
        pool.acquire()
            .await
            .map_err(|error| self.waited(error, pool))
    }

    async fn run(&self, operation: &Operation) -> Result<Outcome> {
        let reads = is_read(operation);
        let result = match self.run_on(self.pool(reads), operation).await {
            // its words looked like reading: a function or a pragma that writes
            Err(Error::ReadOnly { .. }) if reads && !operation.is_read() => {
                self.run_on(&self.writer, operation).await
            }
            // temporary tables and attached databases are the writer's alone
            Err(error @ Error::UndefinedTable { .. }) if reads => {
                match tokio::time::timeout(SOON, self.writer.acquire()).await {
                    Ok(Ok(connection)) => self.run_over(connection, operation).await,
                    // a transaction has it, perhaps the caller's own
                    _ => Err(error),
                }
            }
            result => result,
        };
        if may_change_schema(operation) {
            self.catalog.clear();
        }
        result
    }

    fn pool(&self, reads: bool) -> &Pool<Sqlite> {
        if reads { &self.readers } else { &self.writer }
    }

    async fn run_on(&self, pool: &Pool<Sqlite>, operation: &Operation) -> Result<Outcome> {
        let connection = self.acquire(pool).await?;
        self.run_over(connection, operation).await
    }

    async fn run_over(
        &self,
        mut connection: PoolConnection<Sqlite>,
        operation: &Operation,
    ) -> Result<Outcome> {
        let mut session = Session::new(&mut connection, &self.catalog, &self.target, false);
        let result = session.run(operation).await;
        match result {
            // it did nothing: what is unknown to SQLite is found before it runs
            Err(error) if session.from_cache && is_stale(&error) => {
                self.catalog.clear();
                session.run(operation).await
            }
            result => result,
        }
    }

    /// See [`heal`](super::run::heal).
    pub(super) async fn heal_writer(&self) {
        if let Ok(mut connection) = self.writer.acquire().await {
            super::run::heal(&mut connection).await;
        }
    }

    async fn begin(
        &self,
        pool: &Pool<Sqlite>,
        sql: &'static str,
    ) -> Result<sqlx::Transaction<'static, Sqlite>> {
        let result = pool.begin_with(sql).await;
        result.map_err(|error| match error {
            error @ (sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => {
                self.waited(error, pool)
            }
            error => translate(error, &self.context()),
        })
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
        let mut transaction = if options.read_only {
            self.begin(&self.readers, "BEGIN").await?
        } else {
            self.begin(&self.writer, "BEGIN IMMEDIATE").await?
        };
        if options.read_only {
            // the snapshot is taken by the first read, so it is read now
            (&mut *transaction)
                .execute("SELECT 1 FROM sqlite_schema LIMIT 1")
                .await
                .map_err(|error| translate(error, &self.context()))?;
        }
        Ok(session::begin(Connection::new(
            transaction,
            Arc::clone(self),
            options.read_only,
        )))
    }
}

impl DatabaseClient for SqliteAdapter {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move {
            let run = self.shared.run(&operation);
            observed(&self.shared.source, &operation, run).await
        })
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        let described = operation.clone();
        let rows = crate::stream::generate(move |mut sink| async move {
            let shared = &self.shared;
            let mut connection = match shared.acquire(shared.pool(is_read(&operation))).await {
                Ok(connection) => connection,
                Err(error) => return sink.send(Err(error)).await,
            };
            let mut session = Session::new(&mut connection, &shared.catalog, &shared.target, false);
            let mut result = session.stream(&operation, &mut sink).await;
            if let Err(error) = &result {
                // a table that changed is found before the first row
                if session.from_cache && is_stale(error) {
                    shared.catalog.clear();
                    result = session.stream(&operation, &mut sink).await;
                }
            }
            if may_change_schema(&operation) {
                shared.catalog.clear();
            }
            if let Err(error) = result {
                sink.send(Err(error)).await;
            }
        });
        observed_stream(&self.shared.source, &described, rows)
    }

    fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
        Box::pin(observed_control(
            &self.shared.source,
            "begin",
            self.shared.begin_with(options),
        ))
    }

    fn introspect(&self, options: IntrospectOptions) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(observed_control(
            &self.shared.source,
            "introspect",
            self.shared.introspect(options),
        ))
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            // the writer last: it then puts the journal back into the file
            self.shared.readers.close().await;
            self.shared.writer.close().await;
            Ok(())
        })
    }
}

/// The file and the pool's use, and nothing of the URL's parameters.
impl fmt::Debug for SqliteAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteAdapter")
            .field("database", &self.shared.target)
            .field("pool", &self.pool_status())
            .finish_non_exhaustive()
    }
}
