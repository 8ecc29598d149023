//! How the connections of an adapter are opened: their settings, and what a failure means.

use std::time::{Duration, Instant};

use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Executor, Pool, Sqlite};

use super::collation;
use super::error::{Context, translate};
use super::location::{Location, Mode};
use crate::{ConnectOptions, Error, PoolStatus, Result};

/// How long a connection waits for another program's lock, unless told otherwise.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// Rows that SQLite's thread may be ahead of us. They are taken all at once: taken one by one
/// from a full queue, each would wake that thread for one row more.
pub(super) const ROWS_AHEAD: usize = 256;
/// Statements kept prepared on each connection.
const STATEMENTS: usize = 300;

/// The pool of the one connection that writes, and that of those that read: the same for a
/// database in memory.
pub(super) async fn open(
    options: &ConnectOptions,
    location: &Location,
) -> Result<(Pool<Sqlite>, Pool<Sqlite>)> {
    let lock_timeout = options.lock_timeout.unwrap_or(LOCK_TIMEOUT);
    let connect = connect_options(location, lock_timeout);
    let writer = pool_options(options, location, 1);
    let writer = first_connection(writer, writing(connect.clone(), location), lock_timeout)
        .await
        .map_err(|error| opening(error, location))?;
    let readers = match &location.file {
        None => writer.clone(),
        Some(_) => pool_options(options, location, options.max_connections)
            .connect_lazy_with(connect.create_if_missing(false).pragma("query_only", "ON")),
    };
    Ok((writer, readers))
}

fn connect_options(location: &Location, lock_timeout: Duration) -> SqliteConnectOptions {
    let most = Duration::from_millis(i32::MAX.unsigned_abs().into());
    let options = SqliteConnectOptions::new()
        .busy_timeout(lock_timeout.min(most))
        .statement_cache_capacity(STATEMENTS)
        .row_buffer_size(ROWS_AHEAD)
        .foreign_keys(true)
        .disable_statement_logging();
    let options = collation::register(options);
    match &location.file {
        None => options.in_memory(true).filename(":memory:"),
        Some(file) => options
            .filename(file)
            .read_only(location.mode == Mode::ReadOnly)
            .create_if_missing(location.mode == Mode::Create),
    }
}

/// What only the writing connection does: the journal's mode stays in the file.
fn writing(options: SqliteConnectOptions, location: &Location) -> SqliteConnectOptions {
    if location.file.is_none() || location.mode == Mode::ReadOnly {
        return options;
    }
    options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
}

fn pool_options(options: &ConnectOptions, location: &Location, most: u32) -> PoolOptions<Sqlite> {
    let pool = PoolOptions::new()
        .max_connections(most)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false);
    if location.file.is_none() {
        // the database lives in its connection
        return pool.idle_timeout(None).max_lifetime(None);
    }
    pool.min_connections(options.min_connections.min(most))
        .idle_timeout(options.idle_timeout)
        .max_lifetime(options.max_lifetime)
}

/// Opens the first connection. The change to WAL does not wait for others by itself, so it is
/// tried again until the time for locks is over.
async fn first_connection(
    pool: PoolOptions<Sqlite>,
    options: SqliteConnectOptions,
    lock_timeout: Duration,
) -> Result<Pool<Sqlite>, sqlx::Error> {
    let started = Instant::now();
    loop {
        let opened = async {
            let pool = pool.clone().connect_with(options.clone()).await?;
            // a file that is no database shows when it is read
            pool.execute("SELECT 1 FROM sqlite_schema LIMIT 1").await?;
            Ok(pool)
        };
        match opened.await {
            Err(error) if is_busy(&error) && started.elapsed() < lock_timeout => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            result => return result,
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// An error of opening the file, with what to do.
pub(super) fn opening(error: sqlx::Error, location: &Location) -> Error {
    let context = Context {
        target: location.name(),
        ..Context::default()
    };
    let code = error.as_database_error().and_then(|error| error.code());
    match code.as_deref().and_then(|code| code.parse::<i32>().ok()) {
        Some(code) if code & 0xff == 14 => {
            let (message, hint) = location.why_not();
            Error::connection(location.name(), message, hint)
        }
        Some(code) if code & 0xff == 26 => Error::connection(
            location.name(),
            "the file is no SQLite database",
            "name another one",
        ),
        _ => translate(error, &context),
    }
}

pub(super) fn status(pool: &Pool<Sqlite>) -> PoolStatus {
    PoolStatus {
        open: pool.size(),
        idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
        max_connections: pool.options().get_max_connections(),
    }
}
