//! The connection of a thread: its prepared statements, which version of the schema it has, and
//! whether a transaction is open on it. It knows no operation and no row.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, Statement, StatementStatus};

use super::call::Bell;
use super::database::Database;
use super::encode::{MOST_PARAMS, Param};
use super::error::{Context, in_table, translate};
use super::pool::Role;
use super::sum::Refusal;
use crate::{Error, Result};

/// How often a connection that reads looks whether its file is still there.
const LOOKS: Duration = Duration::from_millis(100);

/// Whether a statement is kept prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Prepared,
    /// Its text hardly comes again.
    Not,
}

/// A statement that is ready to run.
pub(super) enum Ready<'c> {
    Cached(CachedStatement<'c>),
    Once(Statement<'c>),
}

impl<'c> std::ops::Deref for Ready<'c> {
    type Target = Statement<'c>;

    fn deref(&self) -> &Statement<'c> {
        match self {
            Ready::Cached(statement) => statement,
            Ready::Once(statement) => statement,
        }
    }
}

impl std::ops::DerefMut for Ready<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Ready::Cached(statement) => statement,
            Ready::Once(statement) => statement,
        }
    }
}

pub(super) struct Connection {
    raw: rusqlite::Connection,
    pub(super) bell: Arc<Bell>,
    pub(super) opened: Instant,
    pub(super) role: Role,
    /// Why a sum was refused.
    sums: Refusal,
    /// When it was last seen that the file is still there.
    seen: Cell<Instant>,
    /// The version of the schema that the connection has in memory, as far as it was looked at.
    /// A statement that runs as it was prepared runs on that version: SQLite prepares it anew
    /// when it is another one.
    version: Cell<Option<i64>>,
    /// Whether a setting is not what it is on every connection.
    is_spoiled: Cell<bool>,
}

impl Connection {
    pub(super) fn new(
        raw: rusqlite::Connection,
        bell: Arc<Bell>,
        role: Role,
        sums: Refusal,
    ) -> Self {
        Connection {
            raw,
            bell,
            opened: Instant::now(),
            role,
            sums,
            seen: Cell::new(Instant::now()),
            version: Cell::new(None),
            is_spoiled: Cell::new(false),
        }
    }

    /// Why a statement failed.
    pub(super) fn failed(&self, error: &rusqlite::Error, context: &Context<'_>) -> Error {
        match (self.sums.take(), context.table) {
            (Some((column, details)), Some(table)) => {
                let refused = in_table(Err::<(), _>(details), table, &column);
                refused.err().unwrap_or_else(|| translate(error, context))
            }
            _ => translate(error, context),
        }
    }

    /// An error when the file is no longer the one that was opened. For the connection that writes
    /// it is looked at each time, for one that reads now and then.
    pub(super) fn check_file(&self, database: &Database) -> Result<()> {
        if self.role == Role::Reader {
            if self.seen.get().elapsed() < LOOKS {
                return Ok(());
            }
            self.seen.set(Instant::now());
        }
        database.file.check(&database.target)
    }

    pub(super) fn prepare(&self, sql: &str, keep: Keep) -> rusqlite::Result<Ready<'_>> {
        Ok(match keep {
            Keep::Prepared => Ready::Cached(self.raw.prepare_cached(sql)?),
            Keep::Not => Ready::Once(self.raw.prepare(sql)?),
        })
    }

    /// Runs a statement without parameters to its end.
    pub(super) fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        let mut statement = self.raw.prepare_cached(sql)?;
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// How many rows the last statement that writes has changed.
    pub(super) fn changes(&self) -> u64 {
        self.raw.changes()
    }

    pub(super) fn is_in_transaction(&self) -> bool {
        !self.raw.is_autocommit()
    }

    /// Whether the connection can take the next job: SQLite itself says so, and its settings are ours.
    pub(super) fn is_clean(&self) -> bool {
        self.raw.is_autocommit() && !self.is_spoiled.get()
    }

    /// Switches foreign keys on or off, and with them whether names in views and triggers follow a table that gets
    /// another name; gives whether SQLite did so. Inside of a transaction it does nothing. Until they are on again
    /// the connection is not clean.
    pub(super) fn enforce_foreign_keys(&self, on: bool) -> rusqlite::Result<bool> {
        self.is_spoiled.set(true);
        // not from the cache: it is set while the text is read
        let (keys, names) = match on {
            true => (
                "PRAGMA foreign_keys = ON",
                "PRAGMA legacy_alter_table = OFF",
            ),
            false => (
                "PRAGMA foreign_keys = OFF",
                "PRAGMA legacy_alter_table = ON",
            ),
        };
        self.raw.execute_batch(keys)?;
        self.raw.execute_batch(names)?;
        let has = |sql: &str| self.raw.query_row(sql, [], |row| row.get::<_, bool>(0));
        let is_done = has("PRAGMA foreign_keys")? == on && has("PRAGMA legacy_alter_table")? != on;
        self.is_spoiled.set(!(on && is_done));
        Ok(is_done)
    }

    /// Undoes what is open. Where that fails the connection is not clean, and is closed.
    pub(super) fn roll_back(&self) -> rusqlite::Result<()> {
        if !self.is_in_transaction() {
            return Ok(());
        }
        self.execute("ROLLBACK")
    }

    /// The settings that a caller's statement may have changed and that are ours.
    pub(super) fn restore_waiting(&self, limit: std::time::Duration) -> rusqlite::Result<()> {
        super::busy::install(&self.raw, &self.bell, limit)
    }

    pub(super) fn version(&self) -> Option<i64> {
        self.version.get()
    }

    pub(super) fn set_version(&self, version: i64) {
        self.version.set(Some(version));
    }

    /// Asks for the version of the schema.
    pub(super) fn read_version(&self) -> rusqlite::Result<i64> {
        let mut statement = self.raw.prepare_cached("PRAGMA schema_version")?;
        let mut rows = statement.raw_query();
        let version = match rows.next()? {
            Some(row) => row.get(0)?,
            None => 0,
        };
        self.version.set(Some(version));
        Ok(version)
    }

    /// After the first step of a statement that was prepared just now, or anew: the schema may be
    /// another one than the connection had.
    pub(super) fn notice(&self, statement: &Statement<'_>, is_new: bool) -> rusqlite::Result<()> {
        let anew = statement.reset_status(StatementStatus::RePrepare) > 0;
        if is_new || anew || self.version.get().is_none() {
            self.read_version()?;
        }
        Ok(())
    }
}

/// Whether a statement has never run.
pub(super) fn is_new(statement: &Statement<'_>) -> bool {
    statement.get_status(StatementStatus::Run) == 0
}

/// Gives a statement its parameters.
pub(super) fn bind(statement: &mut Statement<'_>, params: &[Param]) -> Result<()> {
    if params.len() > MOST_PARAMS {
        return Err(Error::invalid_query(
            format!(
                "the statement has {} values, SQLite takes {MOST_PARAMS}",
                params.len()
            ),
            "split the lists of the filter",
        ));
    }
    for (i, param) in params.iter().enumerate() {
        statement
            .raw_bind_parameter(i + 1, param)
            .map_err(|_| Error::conversion("the value cannot be bound"))?;
    }
    Ok(())
}
