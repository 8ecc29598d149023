//! The PostgreSQL client: a pool, and operations on its connections.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use db_adapter_core::DatabaseSchema;
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::{closest, statement};

use super::caller::Statements;
use super::cancel::{Cancellable, patience, until};
use super::catalog::Catalog;
use super::connection::{Begin, Connection};
use super::error::{Context, explain, schema_changed};
use super::failure::Failure;
use super::lease::{Flight, Lease};
use super::pool::Pool;
use super::run::Work;
use super::session_settings::SessionSettings;
use super::staleness::Staleness;
use super::transaction::PgTransaction;
use crate::client::{BoxFuture, BoxStream, Capabilities, DatabaseClient, DatabaseClientExt};
use crate::deadline::Deadline;
use crate::observe::{Source, observed, observed_control, observed_stream};
use crate::query::{Backend, Operation, Outcome, RowSink};
use crate::schema::IntrospectOptions;
use crate::transaction::{Isolation, Transaction, TxOptions, session};
use crate::{ConnectOptions, Error, ErrorKind, PoolStatus, Result, Row, Settled};

/// Those in a transaction, and behind a pooler of transactions.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    transactions: true,
    savepoints: true,
    snapshots: true,
    transactional_ddl: true,
    load: true,
    sequences: true,
    schemas: true,
    row_security: true,
    set_constraints: true,
    own_types: true,
    named_rows: true,
    spelled_times: false,
    row_locks: true,
    alone: false,
    stored_sql: false,
};

/// How often a read is tried again on another connection. A server that ends all connections does
/// so one by one: the second one may still answer, and be gone a moment later.
pub(super) const RETRIES: u32 = 2;

/// How often an operation is sent again because somebody changes the schema meanwhile.
pub(super) const REFRESHES: u32 = 5;

/// How often a reading of the schema is begun again.
const READINGS: u32 = 10;

/// A client of a PostgreSQL database, over a pool of connections.
///
/// Cloning is cheap and shares the pool. It never has more connections than
/// [`max_connections`](ConnectOptions::max_connections), also when operations are dropped before
/// their end: such a statement is cancelled on the server, and its place is free again when the
/// server has answered. Only to ask for that, one connection more may be open for a moment, when
/// all others are busy.
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
    pub(super) pool: Arc<Pool>,
    pub(super) catalog: Catalog,
    pub(super) statements: Statements,
    pub(super) source: Source,
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
    /// As [`connect`](PostgresAdapter::connect); [`Error::Config`] when the database does not have the
    /// schema that the settings name.
    pub async fn connect_with(options: ConnectOptions) -> Result<Self> {
        let schema = options.schema.as_deref();
        schema.map_or(Ok(()), check_schema_name)?;
        let adapter = PostgresAdapter {
            shared: Arc::new(Shared {
                pool: Pool::connect(&options).await?,
                catalog: Catalog::new(options.rounding),
                statements: Statements::default(),
                source: Source::new("postgres", &options),
            }),
        };
        if let Some(name) = schema
            && let Err(error) = adapter.check_schema(name).await
        {
            // why there is no adapter matters more than how its connections end
            let _ = adapter.close().await;
            return Err(error);
        }
        Ok(adapter)
    }

    /// The server takes any search path, and then finds none of the tables.
    async fn check_schema(&self, name: &str) -> Result<()> {
        let schemas = "SELECT nspname::text AS name FROM pg_catalog.pg_namespace";
        let rows = self.query(schemas).await?;
        let names = rows.iter().filter_map(|row| row.get_index(0)?.as_str());
        let names: Vec<&str> = names.collect();
        if names.contains(&name) {
            return Ok(());
        }
        let hint = match closest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "create it over a connection without the setting `schema`".to_owned(),
        };
        let message = format!("there is no schema `{name}` in the database");
        Err(Error::config(message, hint))
    }

    /// How the pool is used right now.
    pub fn pool_status(&self) -> PoolStatus {
        self.shared.pool.status()
    }
}

fn check_schema_name(name: &str) -> Result<()> {
    match name.is_empty() || name.contains('\0') {
        true => Err(Error::config(
            "the setting `schema` is empty or holds a NUL character",
            "name a schema of the database, or leave the setting out",
        )),
        false => Ok(()),
    }
}

impl fmt::Debug for PostgresAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresAdapter")
            .field("target", &self.shared.target())
            .field("pool", &self.pool_status())
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Host and port, for messages.
    pub(super) fn target(&self) -> &str {
        self.pool.plan().target()
    }

    /// Whether a transaction pooler stands between us and the server.
    pub(super) fn is_pooled(&self) -> bool {
        self.pool.plan().is_pooled()
    }

    /// Whether nothing may be written.
    pub(super) fn is_read_only(&self) -> bool {
        self.pool.plan().session().is_read_only()
    }

    /// What is set inside of each transaction, where sessions are not ours.
    pub(super) fn local(&self) -> Option<&SessionSettings> {
        let plan = self.pool.plan();
        plan.is_pooled().then(|| plan.session())
    }

    /// How a transaction begins.
    pub(super) fn beginning(&self, options: TxOptions) -> Begin {
        let mut sql = String::from("BEGIN");
        sql.push_str(match options.isolation {
            None => "",
            Some(Isolation::ReadCommitted) => " ISOLATION LEVEL READ COMMITTED",
            Some(Isolation::RepeatableRead) => " ISOLATION LEVEL REPEATABLE READ",
            Some(Isolation::Serializable) => " ISOLATION LEVEL SERIALIZABLE",
        });
        let read_only = options.read_only || self.is_read_only();
        if read_only {
            sql.push_str(" READ ONLY");
            if !self.is_pooled() {
                // once something was read, the server lets nobody make it a writing one; behind a
                // pooler the settings are read
                sql.push_str("; SELECT 1");
            }
        }
        let repeats_reads = options
            .isolation
            .map(|isolation| isolation != Isolation::ReadCommitted);
        Begin {
            sql,
            read_only,
            repeats_reads,
        }
    }

    /// Runs one operation on a connection of the pool.
    async fn run(
        &self,
        operation: &Operation,
        deadline: Deadline,
        cancellable: Option<&Cancellable>,
    ) -> Result<Outcome> {
        if matches!(operation, Operation::Backend) {
            return Ok(Backend::Postgres.outcome());
        }
        let mut lost = 0;
        loop {
            let mut lease = self.pool.lease(deadline).await?;
            match self
                .run_on(&mut lease, operation, cancellable, lost > 0)
                .await
            {
                Ok(outcome) => return Ok(outcome),
                // nothing is lost by reading again, unless a view may have written
                Err((error, true))
                    if operation.is_read()
                        && lost < RETRIES
                        && error.kind() != ErrorKind::OutcomeUnknown =>
                {
                    lost += 1;
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    /// The same on one connection; the error with whether the connection is lost. `again`: it was sent
    /// over another one before, which was lost.
    async fn run_on(
        &self,
        lease: &mut Lease,
        operation: &Operation,
        cancellable: Option<&Cancellable>,
        again: bool,
    ) -> Result<Outcome, (Error, bool)> {
        let conn = lease
            .work(flight(operation))
            .map_err(|error| (error, false))?;
        if let Some(cancellable) = cancellable {
            conn.watch(cancellable).await;
        }
        let result = self.repeat(conn, operation, again).await;
        conn.unwatch().await;
        match &result {
            Err((_, true)) => {
                lease.lost();
                self.pool.lost_one();
            }
            _ => lease.landed(),
        }
        if let Err((Error::ReadOnly { .. }, _)) = &result {
            self.pool.refused_write();
        }
        result
    }

    /// Runs it, again as long as the schema changes under it and nothing was done.
    async fn repeat(
        &self,
        conn: &mut Connection,
        operation: &Operation,
        again: bool,
    ) -> Result<Outcome, (Error, bool)> {
        let mut refreshes = 0;
        loop {
            let mut work = Work::new(conn, self, &self.catalog, false);
            work.again = again;
            let failure = match work.run_pooled(operation).await {
                Ok(outcome) => return Ok(outcome),
                Err(failure) => failure,
            };
            let begun = work.is_open();
            let error = match cancelled_in_parts(&failure, operation) && !begun {
                true => no_answer(operation),
                false => explain(&failure, work.context(operation.describe().0)),
            };
            if failure.is_lost() || !work.roll_back_if_begun().await {
                return Err((error, true));
            }
            if begun && !work.may_repeat(&failure) && work.staleness(&failure) == Staleness::Certain
            {
                let error = schema_changed(work.context(operation.describe().0));
                Box::pin(work.refresh()).await;
                return Err((error, false));
            }
            if refreshes == REFRESHES || !work.may_repeat(&failure) {
                if matches!(failure, Failure::Stale | Failure::Replaced) {
                    // the next operation is not to fail as well
                    Box::pin(work.refresh()).await;
                }
                let error = Box::pin(work.blame(error, &failure, operation)).await;
                return Err((error, false));
            }
            refreshes += 1;
            match work.staleness(&failure) {
                Staleness::Certain => Box::pin(work.refresh()).await,
                Staleness::Suspected => match Box::pin(work.look_again()).await {
                    Ok(true) => {}
                    Ok(false) => {
                        let error = Box::pin(work.blame(error, &failure, operation)).await;
                        return Err((error, false));
                    }
                    Err(failure) => return Err((error, failure.is_lost())),
                },
                Staleness::No => {
                    let error = Box::pin(work.blame(error, &failure, operation)).await;
                    return Err((error, false));
                }
            }
        }
    }

    /// The same with a time limit.
    async fn run_within(&self, operation: &Operation, limit: Duration) -> Result<Outcome> {
        let deadline = Deadline::after(limit);
        let cancellable = Cancellable::new(deadline);
        let work = pin!(self.run(operation, deadline, Some(&cancellable)));
        let patience = patience(flight(operation));
        let ended = until(deadline, patience, &cancellable, &self.pool, work).await;
        match ended {
            Some(Ok(_)) if cancellable.cut_short() && !operation.is_read() => {
                Err(no_answer(operation))
            }
            Some(ended) => ended,
            None => Err(no_answer(operation)),
        }
    }

    /// The schema; "cache lookup failed" (XX000) says that something was dropped since the snapshot
    /// was taken, as an expression does that the server cannot write any more.
    async fn introspect(self: &Arc<Self>, options: IntrospectOptions) -> Result<DatabaseSchema> {
        for _ in 0..READINGS {
            match self.read_schema(options.clone()).await {
                Err(Error::Database { code, .. }) if code == "XX000" => {}
                Err(Error::SchemaChanged { .. }) => {}
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
            ..TxOptions::default()
        };
        let reading = self.begin(snapshot).await?;
        let schema = reading.introspect(options).await?;
        reading.commit().await?;
        Ok(schema)
    }

    async fn begin(self: &Arc<Self>, options: TxOptions) -> Result<Transaction> {
        if options.foreign_keys_off {
            return Err(Error::unsupported(
                "a transaction without foreign keys",
                "PostgreSQL",
                "drop the constraints in the transaction, and add them again",
            ));
        }
        let deadline = Deadline::after(options.timeout);
        let begin = deadline
            .limit(pin!(self.begin_on_any(options, deadline)))
            .await;
        begin.unwrap_or_else(|| {
            Err(Error::Timeout {
                what: "the transaction could not begin".to_owned(),
            })
        })
    }

    async fn begin_on_any(
        self: &Arc<Self>,
        options: TxOptions,
        deadline: Deadline,
    ) -> Result<Transaction> {
        let begin = self.beginning(options);
        let mut lost = 0;
        loop {
            let mut lease = self.pool.lease(deadline).await?;
            match lease.work(Flight::Read)?.begin(&begin, self.local()).await {
                Ok(()) => {
                    lease.landed();
                    return Ok(session::begin(PgTransaction::new(lease, Arc::clone(self))));
                }
                // nothing was done on it
                Err(failure) if failure.is_lost() && lost < RETRIES => {
                    lease.lost();
                    self.pool.lost_one();
                    lost += 1;
                }
                Err(failure) => {
                    let context = Context {
                        operation: "begin",
                        table: None,
                        sent: None,
                        target: self.target(),
                        may_have_written: false,
                    };
                    return Err(explain(&failure, context));
                }
            }
        }
    }
}

/// What is under way while an operation runs.
pub(super) fn flight(operation: &Operation) -> Flight {
    let text = match operation {
        Operation::Query(statement) | Operation::Execute(statement) => &statement.sql,
        Operation::Alone(_) => return Flight::Parts,
        operation if operation.is_read() => return Flight::Read,
        _ => return Flight::Write,
    };
    match statement::Statement::new(text, SqlDialect::Postgres).commits_in_parts() {
        true => Flight::Parts,
        false => Flight::Write,
    }
}

/// A statement that was cancelled changed nothing, unless it had committed before.
fn cancelled_in_parts(failure: &Failure, operation: &Operation) -> bool {
    failure.is_cancelled() && flight(operation) == Flight::Parts
}

/// The database was asked to cancel, and has not answered.
pub(super) fn no_answer(operation: &Operation) -> Error {
    if operation.is_read() {
        return Error::Timeout {
            what: "the database did not answer".to_owned(),
        };
    }
    Error::OutcomeUnknown {
        operation: operation.describe().0.to_owned(),
    }
}

impl DatabaseClient for PostgresAdapter {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move {
            let run = pin!(self.shared.run(&operation, Deadline::NONE, None));
            observed(&self.shared.source, &operation, run).await
        })
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        let rows = super::stream::pooled(&self.shared, operation.clone(), None);
        observed_stream(&self.shared.source, &operation, rows)
    }

    fn run_within(&self, operation: Operation, limit: Duration) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move {
            let run = pin!(self.shared.run_within(&operation, limit));
            observed(&self.shared.source, &operation, run).await
        })
    }

    fn run_stream_within(
        &self,
        operation: Operation,
        limit: Duration,
    ) -> BoxStream<'_, Result<Row>> {
        let rows = super::stream::pooled(&self.shared, operation.clone(), Some(limit));
        observed_stream(&self.shared.source, &operation, rows)
    }

    fn run_into(
        &self,
        operation: Operation,
        limit: Option<Duration>,
        rows: RowSink,
    ) -> BoxFuture<'_, Result<u64>> {
        let operation = operation.into_sink(rows.clone());
        Box::pin(async move {
            let outcome = match limit {
                Some(limit) => self.run_within(operation, limit).await?,
                None => self.run(operation).await?,
            };
            Ok(rows.given(outcome))
        })
    }

    fn settle(&self) -> BoxFuture<'_, Result<Settled>> {
        Box::pin(async { Ok(self.shared.pool.abandoned.settle().await) })
    }

    fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
        Box::pin(async move {
            let begin = pin!(self.shared.begin(options));
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
        Ok(Capabilities {
            // behind a pooler of transactions the session is another client's by then
            alone: !self.shared.is_pooled(),
            ..CAPABILITIES
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            self.shared.pool.close().await;
            Ok(())
        })
    }
}
