//! Running statements on one connection: the rows of a result, what stopped it, and the loan of
//! a connection from the pool.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgRow, PgSeverity};
use sqlx::{AssertSqlSafe, Column, Executor, Postgres, Row as _};

use super::decode::Plan;
use super::encode::{Param, arguments};
use crate::row::Header;
use crate::{Error, Result, Row, Value};

/// What stopped an operation, before it is put into words.
#[derive(Debug)]
pub(super) enum Failure {
    Driver(sqlx::Error),
    Ours(Error),
    /// The result has a type that the catalog did not tell of: the table was changed meanwhile.
    Stale,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Ours(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Failure::Driver(error)
    }
}

impl Failure {
    /// The server's own error.
    pub(super) fn server(&self) -> Option<&PgDatabaseError> {
        match self {
            Failure::Driver(sqlx::Error::Database(error)) => {
                error.try_downcast_ref::<PgDatabaseError>()
            }
            _ => None,
        }
    }

    /// The SQLSTATE.
    pub(super) fn code(&self) -> &str {
        self.server().map_or("", PgDatabaseError::code)
    }

    /// Whether the connection is gone.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Failure::Driver(sqlx::Error::Database(_)) => self.server().is_some_and(|error| {
                matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
                    || error.code().starts_with("08")
            }),
            Failure::Driver(error) => matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::WorkerCrashed
            ),
            _ => false,
        }
    }
}

/// A query with its parameters, whose text states their wire types.
fn query(
    sql: String,
    params: Vec<Param>,
    persistent: bool,
) -> Result<sqlx::query::Query<'static, Postgres, sqlx::postgres::PgArguments>> {
    Ok(sqlx::query_with(AssertSqlSafe(sql), arguments(params)?).persistent(persistent))
}

/// The decoded values of a query of our own.
pub(super) async fn fetch_plain(
    conn: &mut Session,
    sql: String,
    params: Vec<Param>,
) -> Result<Vec<Vec<Value>>, Failure> {
    let mut plan = None;
    let mut out = Vec::new();
    let mut rows = query(sql, params, conn.persistent)?.fetch(&mut **conn);
    while let Some(row) = rows.try_next().await? {
        out.push(decode(&mut plan, &row)?);
    }
    Ok(out)
}

/// The rows of a query.
pub(super) async fn fetch(
    conn: &mut Session,
    sql: String,
    params: Vec<Param>,
    header: &Arc<Header>,
) -> Result<Vec<Row>, Failure> {
    let mut plan = None;
    let mut header = Arc::clone(header);
    let mut out = Vec::new();
    let mut rows = query(sql, params, conn.persistent)?.fetch(&mut **conn);
    while let Some(row) = rows.try_next().await? {
        if plan.is_none() {
            header = named_as(&row, header)?;
        }
        let values = decode(&mut plan, &row)?;
        out.push(Row::from_parts(Arc::clone(&header), values));
    }
    Ok(out)
}

/// The header if these are the names of the row's columns, else one with those: a text of a
/// caller with `*` has other columns once its table was changed.
pub(super) fn named_as(row: &PgRow, header: Arc<Header>) -> Result<Arc<Header>, Failure> {
    let columns = row.columns().iter().map(Column::name);
    if header.names().eq(columns.clone()) {
        return Ok(header);
    }
    Ok(Header::new(columns)?)
}

/// The rows of a query as the driver gives them.
pub(super) fn stream<'a>(
    conn: &'a mut Session,
    sql: String,
    params: Vec<Param>,
) -> Result<futures_core::stream::BoxStream<'a, sqlx::Result<PgRow>>> {
    Ok(query(sql, params, conn.persistent)?.fetch(&mut **conn))
}

/// Decodes by the plan, which the first row makes.
pub(super) fn decode(plan: &mut Option<Plan>, row: &PgRow) -> Result<Vec<Value>, Failure> {
    if plan.is_none() {
        *plan = Plan::of(row);
    }
    match plan {
        Some(plan) => Ok(plan.decode(row)?),
        None => Err(Failure::Stale),
    }
}

/// Runs a statement and gives the number of rows that it changed.
pub(super) async fn execute(
    conn: &mut Session,
    sql: String,
    params: Vec<Param>,
) -> Result<u64, Failure> {
    let query = query(sql, params, conn.persistent)?;
    Ok(query.execute(&mut **conn).await?.rows_affected())
}

/// Runs text without parameters, by the simple protocol, and gives the number of changed rows.
pub(super) async fn execute_raw(conn: &mut Session, sql: String) -> Result<u64, Failure> {
    let raw = sqlx::raw_sql(AssertSqlSafe(sql));
    let done = (&mut **conn).execute(raw).await?;
    Ok(done.rows_affected())
}

/// A connection, and how statements are sent on it.
pub(super) struct Session {
    conn: PoolConnection<Postgres>,
    /// Whether prepared statements may outlive a transaction: not behind a transaction pooler.
    persistent: bool,
}

impl Session {
    pub(super) fn is_persistent(&self) -> bool {
        self.persistent
    }
}

impl Deref for Session {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.conn
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.conn
    }
}

/// A connection on loan from the pool. It goes back only when the last work on it came to its
/// end; after work that was dropped half-way it is closed, since what the server still sends
/// could be without bound.
pub(super) struct Lease {
    session: Option<Session>,
    clean: bool,
    in_use: Arc<AtomicU32>,
}

impl Lease {
    pub(super) fn new(
        conn: PoolConnection<Postgres>,
        persistent: bool,
        in_use: &Arc<AtomicU32>,
    ) -> Self {
        in_use.fetch_add(1, Ordering::Relaxed);
        Lease {
            session: Some(Session { conn, persistent }),
            clean: true,
            in_use: Arc::clone(in_use),
        }
    }

    /// The connection for work, until [`Lease::done`].
    pub(super) fn work(&mut self) -> Result<&mut Session> {
        self.clean = false;
        match &mut self.session {
            Some(session) => Ok(session),
            None => Err(Error::Closed),
        }
    }

    /// The work came to its end; with what failure does not matter unless the connection is lost.
    pub(super) fn done(&mut self) {
        self.clean = true;
    }

    pub(super) fn is_clean(&self) -> bool {
        self.clean
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.in_use.fetch_sub(1, Ordering::Relaxed);
        let Some(Session { mut conn, .. }) = self.session.take() else {
            return;
        };
        if tokio::runtime::Handle::try_current().is_err() {
            // the driver would want to spawn, which panics outside of a runtime: close the socket
            drop(conn.detach());
        } else if !self.clean {
            conn.close_on_drop();
        }
    }
}
