//! The PostgreSQL client: a pool, and operations on its connections.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use db_adapter_core::DatabaseSchema;
use sqlx::PgPool;

use super::catalog::Catalog;
use super::connect::{answers, connect_timeout, local_settings, pool, targets, try_once};
use super::connection::{Failure, Lease, execute_raw};
use super::error::{Context, explain, of_driver};
use super::reach::Targets;
use super::run::Work;
use super::statement::Statements;
use super::transaction::PgTransaction;
use crate::client::{BoxFuture, BoxStream, DatabaseClient};
use crate::observe::{Source, observed, observed_control, observed_stream};
use crate::query::{Operation, Outcome};
use crate::schema::IntrospectOptions;
use crate::transaction::{Isolation, Transaction, TxOptions, session};
use crate::{ConnectOptions, Error, PoolStatus, Result, Row};

/// How often a read is tried again on another connection. A server that ends all connections does
/// so one by one: the second one may still answer, and be gone a moment later.
pub(super) const RETRIES: u32 = 2;

/// How often a reading of the schema is begun again.
const READINGS: u32 = 5;

/// A client of a PostgreSQL database, over a pool of connections.
///
/// Cloning is cheap and shares the pool.
///
/// ```no_run
/// use db_adapter::{PostgresAdapter, prelude::*};
/// # async fn f() -> db_adapter::Result<()> {
/// let db = PostgresAdapter::connect("postgresql://app:secret@localhost:5432/shop").await?;
/// let user = db.insert("users", row! { "name": "Alice" }).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PostgresAdapter {
    shared: Arc<Shared>,
}

/// What the clones of an adapter and its transactions share.
pub(super) struct Shared {
    pool: PgPool,
    targets: Targets,
    /// Hosts and ports, for messages.
    pub(super) target: String,
    pub(super) catalog: Catalog,
    pub(super) statements: Statements,
    pub(super) source: Source,
    /// What begins each transaction behind a transaction pooler.
    local: Option<String>,
    connect_timeout: Duration,
    max_connections: u32,
    /// Connections on loan. The pool's own count has those that are being made as well.
    in_use: Arc<AtomicU32>,
}

impl PostgresAdapter {
    /// Connects with the default settings.
    ///
    /// # Errors
    /// [`Error::Config`] for a URL that cannot be used, [`Error::Connection`] when the server
    /// cannot be reached or has no such database, [`Error::Authentication`] when it refuses the
    /// login. None of them shows the password.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_with(ConnectOptions::new(url)).await
    }

    /// Connects with settings of yours.
    ///
    /// # Errors
    /// As [`connect`](PostgresAdapter::connect).
    pub async fn connect_with(options: ConnectOptions) -> Result<Self> {
        let targets = targets(&options)?;
        let connect_timeout = connect_timeout(&options)?;
        let settings = try_once(&targets, connect_timeout).await?;
        Ok(PostgresAdapter {
            shared: Arc::new(Shared {
                pool: pool(&options, settings),
                target: targets.shown(),
                targets,
                catalog: Catalog::default(),
                statements: Statements::default(),
                source: Source::new("postgres", &options),
                local: local_settings(&options),
                connect_timeout,
                max_connections: options.max_connections,
                in_use: Arc::default(),
            }),
        })
    }

    /// How the pool is used right now.
    pub fn pool_status(&self) -> PoolStatus {
        let pool = &self.shared.pool;
        PoolStatus {
            open: pool.size(),
            idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
            max_connections: self.shared.max_connections,
        }
    }
}

impl fmt::Debug for PostgresAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresAdapter")
            .field("target", &self.shared.target)
            .field("pool", &self.pool_status())
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Whether a transaction pooler stands between us and the server.
    pub(super) fn is_pooled(&self) -> bool {
        self.local.is_some()
    }

    /// `begin`, with what else begins a transaction here.
    pub(super) fn begin_sql(&self, begin: &str) -> String {
        format!("{begin}{}", self.local.as_deref().unwrap_or_default())
    }

    /// A connection of the pool. `tried`: one that answers, after another was found dead.
    pub(super) async fn lease(&self, tried: bool) -> Result<Lease> {
        for _ in 0..=self.max_connections {
            let conn = match self.pool.acquire().await {
                Ok(conn) => conn,
                Err(error) => return Err(self.no_connection(error).await),
            };
            let mut lease = Lease::new(conn, !self.is_pooled(), &self.in_use);
            if !tried || answers(lease.work()?).await {
                lease.done();
                return Ok(lease);
            }
            // dropped unclean, it is closed
        }
        try_once(&self.targets, self.connect_timeout).await?;
        Err(of_driver(&sqlx::Error::PoolTimedOut, &self.target))
    }

    /// Why the pool gave no connection.
    async fn no_connection(&self, error: sqlx::Error) -> Error {
        let in_use = self.in_use.load(Ordering::Relaxed);
        if matches!(error, sqlx::Error::PoolTimedOut) {
            let busy = Error::PoolTimeout {
                in_use,
                max_connections: self.max_connections,
            };
            if in_use >= self.max_connections {
                return busy;
            }
            let limit = self.connect_timeout.min(Duration::from_secs(2));
            return try_once(&self.targets, limit).await.err().unwrap_or(busy);
        }
        let context = Context {
            operation: "connect",
            table: None,
            sent: None,
            target: &self.target,
            may_have_written: false,
        };
        explain(&Failure::Driver(error), context)
    }

    /// Runs one operation on a connection of the pool.
    async fn run(&self, operation: &Operation) -> Result<Outcome> {
        let mut lost = 0;
        loop {
            let mut lease = self.lease(lost > 0).await?;
            match self.run_on(&mut lease, operation).await {
                Ok(outcome) => return Ok(outcome),
                // nothing is lost by reading again
                Err((_, true)) if operation.is_read() && lost < RETRIES => lost += 1,
                Err((error, _)) => return Err(error),
            }
        }
    }

    /// The same on one connection; the error with whether the connection is lost.
    async fn run_on(
        &self,
        lease: &mut Lease,
        operation: &Operation,
    ) -> Result<Outcome, (Error, bool)> {
        let mut refreshed = false;
        loop {
            let conn = lease.work().map_err(|error| (error, false))?;
            let mut work = Work::new(conn, self, &self.catalog, false);
            let failure = match work.run_pooled(operation).await {
                Ok(outcome) => {
                    lease.done();
                    return Ok(outcome);
                }
                Err(failure) => failure,
            };
            let lost = failure.is_lost() || !work.roll_back_if_begun().await;
            if !lost && !refreshed && work.is_outdated(&failure) {
                refreshed = true;
                work.refresh().await;
                continue;
            }
            let error = explain(&failure, work.context(operation.describe().0));
            if !lost {
                lease.done();
            }
            return Err((error, lost));
        }
    }

    /// The schema; "cache lookup failed" (XX000) says that something was dropped since the snapshot
    /// was taken.
    async fn introspect(self: &Arc<Self>, options: IntrospectOptions) -> Result<DatabaseSchema> {
        for _ in 0..READINGS {
            match self.read_schema(options.clone()).await {
                Err(Error::Database { code, .. }) if code == "XX000" => {}
                result => return result,
            }
        }
        self.read_schema(options).await
    }

    /// The schema in one snapshot.
    async fn read_schema(self: &Arc<Self>, options: IntrospectOptions) -> Result<DatabaseSchema> {
        let snapshot = TxOptions {
            read_only: true,
            isolation: Some(Isolation::RepeatableRead),
            timeout: None,
        };
        let reading = self.begin(snapshot).await?;
        let schema = reading.introspect(options).await?;
        reading.commit().await?;
        Ok(schema)
    }

    async fn begin(self: &Arc<Self>, options: TxOptions) -> Result<Transaction> {
        let sql = self.begin_sql(&begin_sql(options));
        let mut reconnected = false;
        loop {
            let mut lease = self.lease(reconnected).await?;
            match execute_raw(lease.work()?, sql.clone()).await {
                Ok(_) => {
                    lease.done();
                    return Ok(session::begin(PgTransaction::new(lease, Arc::clone(self))));
                }
                Err(failure) if failure.is_lost() && !reconnected => reconnected = true,
                Err(failure) => {
                    let context = Context {
                        operation: "begin",
                        table: None,
                        sent: None,
                        target: &self.target,
                        may_have_written: false,
                    };
                    return Err(explain(&failure, context));
                }
            }
        }
    }
}

fn begin_sql(options: TxOptions) -> String {
    let mut sql = String::from("BEGIN");
    sql.push_str(match options.isolation {
        None => "",
        Some(Isolation::ReadCommitted) => " ISOLATION LEVEL READ COMMITTED",
        Some(Isolation::RepeatableRead) => " ISOLATION LEVEL REPEATABLE READ",
        Some(Isolation::Serializable) => " ISOLATION LEVEL SERIALIZABLE",
    });
    if options.read_only {
        sql.push_str(" READ ONLY");
    }
    sql
}

impl DatabaseClient for PostgresAdapter {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move {
            let run = self.shared.run(&operation);
            observed(&self.shared.source, &operation, run).await
        })
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        let rows = super::stream::pooled(&self.shared, operation.clone());
        observed_stream(&self.shared.source, &operation, rows)
    }

    fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
        Box::pin(observed_control(
            &self.shared.source,
            "begin",
            self.shared.begin(options),
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
        Box::pin(async {
            self.shared.pool.close().await;
            Ok(())
        })
    }
}
