//! How the connection of a thread is opened: its settings, and what a failure means.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::OpenFlags;

use super::call::{Bell, Call};
use super::connection::Connection;
use super::database::Database;
use super::error::{self, translate};
use super::location::Mode;
use super::pool::Role;
use super::sum::Refusal;
use super::{busy, collation, sum};
use crate::{Error, Result};

/// Statements kept prepared on each connection.
const STATEMENTS: usize = 300;
/// After so many steps SQLite looks whether the call was cancelled: microseconds.
const STEPS: i32 = 1000;
/// Between two attempts to change the journal, for which SQLite does not wait by itself.
const AGAIN: Duration = Duration::from_millis(10);

/// Opens a connection of the calling thread, for a call that can be cancelled meanwhile.
pub(super) fn open(database: &Database, role: Role, call: &Call) -> Result<Connection> {
    let started = Instant::now();
    database.file.check(&database.target)?;
    if let Some((message, hint)) = database.location.no_file() {
        return Err(Error::connection(&database.target, message, hint));
    }
    let opened = open_raw(database, role).map_err(|error| opening(&error, database))?;
    let bell = Arc::new(Bell::new(opened.get_interrupt_handle()));
    call.begin(&bell, false);
    let prepared = loop {
        let goes_on = || !call.is_cancelled() && started.elapsed() < database.lock_timeout;
        match prepare(&opened, &bell, database, role) {
            Err(error) if is_busy(&error) && goes_on() => std::thread::park_timeout(AGAIN),
            result => break result,
        }
    };
    let sums = prepared.map_err(|error| opening(&error, database))?;
    database.file.opened(&database.location, &database.target)?;
    Ok(Connection::new(opened, bell, role, sums))
}

fn open_raw(database: &Database, role: Role) -> rusqlite::Result<rusqlite::Connection> {
    // one thread uses it; `ATTACH` may name a URI
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let Some(file) = &database.location.file else {
        // not `SQLITE_OPEN_MEMORY`: every file that is attached would be in memory too
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let flags = flags | access;
        return rusqlite::Connection::open_in_memory_with_flags(flags);
    };
    let (file, may_be_made) = database.file.place(file);
    let access = match (database.location.mode, role) {
        (Mode::ReadOnly, _) => OpenFlags::SQLITE_OPEN_READ_ONLY,
        (Mode::Create, Role::Writer) if may_be_made => {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        }
        _ => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    rusqlite::Connection::open_with_flags(file, flags | access)
}

fn prepare(
    connection: &rusqlite::Connection,
    bell: &Arc<Bell>,
    database: &Database,
    role: Role,
) -> rusqlite::Result<Refusal> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    busy::install(connection, bell, database.lock_timeout)?;
    let watched = Arc::clone(bell);
    connection.progress_handler(STEPS, Some(move || watched.is_stopping()))?;
    collation::register(connection)?;
    let sums = sum::register(connection)?;
    let read_only = database.location.mode == Mode::ReadOnly;
    if !database.is_in_memory() && !read_only {
        match role {
            Role::Writer => {
                // the journal's mode stays in the file
                set(connection, "PRAGMA journal_mode = WAL")?;
                set(connection, CACHE)?;
            }
            Role::Reader => set(connection, "PRAGMA query_only = ON")?,
        }
        set(connection, synchronous(database))?;
    } else if role == Role::Reader || (database.is_in_memory() && read_only) {
        set(connection, "PRAGMA query_only = ON")?;
    }
    set(connection, "PRAGMA foreign_keys = ON")?;
    // a file that is no database shows when it is read
    set(connection, "SELECT 1 FROM sqlite_schema LIMIT 1")?;
    Ok(sums)
}

/// What the one writer may keep of the file, in KiB: many rows in any order change pages everywhere, and with the
/// 2 MiB that SQLite has by itself each of them would be written to the journal and read again for nearly every row.
const CACHE: &str = "PRAGMA cache_size = -16384";

/// In WAL mode `NORMAL` answers commits that are not on disk yet.
fn synchronous(database: &Database) -> &'static str {
    match database.synchronous_commit {
        true => "PRAGMA synchronous = FULL",
        false => "PRAGMA synchronous = NORMAL",
    }
}

/// Runs a statement, whatever it gives.
fn set(connection: &rusqlite::Connection, sql: &str) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error::code(error).is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// An error of opening the file, with what to do.
fn opening(error: &rusqlite::Error, database: &Database) -> Error {
    match error::code(error) {
        Some(code) if code & 0xff == 14 => {
            let (message, hint) = database.location.why_not();
            Error::connection(&database.target, message, hint)
        }
        _ => translate(error, &database.context()),
    }
}
