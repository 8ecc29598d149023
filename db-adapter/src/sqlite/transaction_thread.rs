//! An open transaction, by the thread that holds it: it fails as one on PostgreSQL does. After a
//! failed, dropped or timed-out statement nothing more is done and nothing is committed, unless a
//! savepoint from before is rolled back to. The thread leaves only when SQLite says that nothing is
//! open any more.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use db_adapter_core::TableName;

use super::answer::timed_out;
use super::call::{Call, Kind, Turn};
use super::caller::{is_read, may_change_schema};
use super::catalog::Catalog;
use super::connection::Connection;
use super::database::Database;
use super::error::translate;
use super::job::{Begin, after_ddl, cancelled};
use super::rows::{Gone, RowSender};
use super::run::{Work, fate};
use super::thread::Place;
use super::transaction::Command;
use crate::query::{Operation, Outcome};
use crate::transaction::{Savepoint, Step};
use crate::{Error, Result, sql};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// A statement failed, or nobody took its answer.
    Failed,
    /// SQLite rolled the whole transaction back by itself, savepoints included.
    Gone,
}

struct Open<'c> {
    connection: &'c Connection,
    database: &'c Database,
    read_only: bool,
    /// Set by the client when it did not take an answer.
    untaken: Arc<AtomicBool>,
    /// The transaction's own view of the tables, once it may have changed them: that must not
    /// be seen by others before the commit, nor after a rollback.
    own_catalog: Option<Catalog>,
    /// The highest row numbers that were given out in advance.
    reserved: HashMap<TableName, i64>,
    state: State,
}

/// Begins a transaction and works for it until it ends.
pub(super) fn work(
    connection: &Connection,
    database: &Database,
    beginning: Turn,
    call: &Call,
    begin: Begin,
    place: &mut Place,
) {
    let keys = match begin.foreign_keys_off {
        true => ForeignKeys::off(connection, database).map(Some),
        false => Ok(None),
    };
    let started = keys.and_then(|keys| {
        start(connection, database, begin.read_only)?;
        Ok(keys)
    });
    let (begun, keys) = match started {
        Ok(keys) => (Ok(()), keys),
        Err(error) => (Err(error), None),
    };
    let begun = match begun {
        Ok(()) if call.shield() => Ok(()),
        Ok(()) => Err(timed_out()),
        Err(error) => Err(cancelled(call, error)),
    };
    if let Err(error) = begun {
        call.shield();
        // should this fail, the thread closes the connection
        let _ = connection.roll_back();
        drop(keys);
        beginning.end(call.fate_of_nothing());
        place.will_return();
        let _ = begin.reply.send(Err(error));
        return;
    }
    begin.whole.begin(&connection.bell, true);
    let turn = Turn::new(Arc::clone(&begin.whole));
    beginning.end(call.fate_of_nothing());
    // a client that is gone is noticed below: it has dropped its end of the commands
    let _ = begin.reply.send(Ok(()));
    let mut open = Open {
        connection,
        database,
        read_only: begin.read_only,
        untaken: begin.untaken,
        own_catalog: None,
        reserved: HashMap::new(),
        state: State::Good,
    };
    while let Ok(command) = begin.commands.recv() {
        match command {
            Command::Run {
                operation,
                call,
                reply,
            } => {
                let turn = Turn::new(Arc::clone(&call));
                let result = open.run(&operation, &call);
                turn.end(fate(&call, &result));
                let _ = reply.send(result);
            }
            Command::Stream {
                operation,
                call,
                rows,
            } => open.stream(&operation, call, rows),
            Command::Savepoint {
                savepoint,
                step,
                reply,
            } => {
                let _ = reply.send(open.savepoint(savepoint, step));
            }
            Command::Commit(reply) => {
                let result = open.commit(&begin.whole);
                drop(keys);
                turn.end(fate(&begin.whole, &result));
                place.will_return();
                let _ = reply.send(result);
                return;
            }
            Command::RollBack(reply) => {
                let result = open.roll_back();
                drop(keys);
                turn.end(begin.whole.fate_of_nothing());
                place.will_return();
                let _ = reply.send(result);
                return;
            }
        }
    }
    // the client dropped it; should this fail, the thread closes the connection
    let _ = open.roll_back();
    drop(keys);
    turn.end(begin.whole.fate_of_nothing());
}

/// Foreign keys that are off until this is dropped, behind the transaction.
struct ForeignKeys<'c>(&'c Connection);

impl<'c> ForeignKeys<'c> {
    fn off(connection: &'c Connection, database: &Database) -> Result<Self> {
        let keys = ForeignKeys(connection);
        match connection.enforce_foreign_keys(false) {
            Ok(true) => Ok(keys),
            Ok(false) => Err(Error::unsupported(
                "switching foreign keys off",
                "this SQLite",
                "make the table anew by hand",
            )),
            Err(error) => Err(translate(&error, &database.context())),
        }
    }
}

impl Drop for ForeignKeys<'_> {
    fn drop(&mut self) {
        // where it fails the connection is not clean, and the thread closes it
        let _ = self.0.enforce_foreign_keys(true);
    }
}

fn start(connection: &Connection, database: &Database, read_only: bool) -> Result<()> {
    let translated = |error| translate(&error, &database.context());
    let begin = match read_only {
        true => "BEGIN",
        false => "BEGIN IMMEDIATE",
    };
    connection.execute(begin).map_err(translated)?;
    if read_only {
        // the snapshot is taken by the first read, so it is read now
        let read = connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1");
        read.map_err(translated)?;
    }
    // from here on the schema is the same to the end: what others have changed is seen before the
    // first statement is made
    connection.read_version().map_err(translated)?;
    Ok(())
}

impl Open<'_> {
    fn check(&mut self) -> Result<()> {
        if self.untaken.swap(false, Ordering::AcqRel) {
            self.fail();
        }
        match self.state {
            State::Good => Ok(()),
            State::Failed | State::Gone => Err(Error::TransactionAborted),
        }
    }

    /// After a statement that failed: SQLite may have ended the transaction by itself.
    fn fail(&mut self) {
        self.state = match self.connection.is_in_transaction() {
            true => State::Failed,
            false => State::Gone,
        };
    }

    /// Before a statement.
    fn enter(&mut self, operation: &Operation, call: &Call) -> Result<()> {
        let is_cancelled = !call.begin(&self.connection.bell, false);
        self.check()?;
        if is_cancelled {
            self.fail();
            return Err(timed_out());
        }
        if self.read_only && !is_read(operation) {
            // PostgreSQL's server refuses it, and the transaction with it
            self.fail();
            return Err(Error::ReadOnly {
                what: "the transaction".to_owned(),
            });
        }
        if may_change_schema(operation) {
            self.own_catalog = Some(Catalog::new(self.database.catalog.rounding));
        }
        Ok(())
    }

    fn work<'s>(&'s mut self, call: &'s Call) -> Work<'s> {
        let catalog = self.own_catalog.as_ref().unwrap_or(&self.database.catalog);
        let mut work = Work::new(self.connection, self.database, catalog, call, true);
        work.reserved = Some(&mut self.reserved);
        work
    }

    fn run(&mut self, operation: &Operation, call: &Call) -> Result<Outcome> {
        self.enter(operation, call)?;
        let mut work = self.work(call);
        let result = work.run_current(operation);
        let failed = work.failed(operation);
        if result.is_err() && (failed || call.is_cancelled()) {
            self.fail();
        }
        if may_change_schema(operation) {
            let _ = self.connection.restore_waiting(self.database.lock_timeout);
        }
        result.map_err(|error| cancelled(call, error))
    }

    fn stream(&mut self, operation: &Operation, call: Arc<Call>, mut rows: RowSender) {
        let turn = Turn::new(Arc::clone(&call));
        if rows.is_gone() {
            // dropped before it began: nothing has failed
            return turn.end(call.fate_of_nothing());
        }
        if let Err(error) = self.enter(operation, &call) {
            turn.end(call.fate_of_nothing());
            rows.end(Err(error));
            return;
        }
        let mut work = self.work(&call);
        let result = work.stream_current(operation, &mut rows);
        let failed = work.failed(operation);
        let result = match result {
            Ok(()) | Err(Gone::Reader) => Ok(()),
            Err(Gone::Late) => {
                self.fail();
                turn.end(call.fate_of_nothing());
                return rows.end_late();
            }
            // its reader went away, and it was interrupted for that
            Err(Gone::Failed(_)) if rows.is_gone() && self.connection.is_in_transaction() => Ok(()),
            Err(Gone::Failed(error)) => {
                if failed || call.is_cancelled() {
                    self.fail();
                }
                Err(cancelled(&call, error))
            }
        };
        turn.end(fate(&call, &result));
        rows.end(result);
    }

    fn savepoint(&mut self, savepoint: Savepoint, step: Step) -> Result<()> {
        let undoes = step == Step::Undo;
        if let Err(error) = self.check()
            && !(undoes && self.state == State::Failed)
        {
            return Err(error);
        }
        let command = sql::savepoint(savepoint, step);
        if let Err(error) = self.connection.execute(&command) {
            self.fail();
            return Err(translate(&error, &self.database.context()));
        }
        if undoes {
            self.state = State::Good;
            // tables may be as they were before
            if let Some(catalog) = &self.own_catalog {
                catalog.clear();
                let version = self.connection.read_version();
                version.map_err(|error| translate(&error, &self.database.context()))?;
            }
        }
        Ok(())
    }

    fn commit(&mut self, whole: &Call) -> Result<()> {
        let result = match self.check() {
            // SQLite ended it by itself, without an error of a statement of ours
            Ok(()) if !self.connection.is_in_transaction() => Err(Error::TransactionAborted),
            // dropped, so that nobody would hear of the commit
            Ok(()) if whole.is_cancelled() => Err(Error::TransactionAborted),
            Ok(()) => self.send_commit(),
            Err(error) => Err(error),
        };
        if self.own_catalog.take().is_some() {
            after_ddl(self.connection, self.database);
        }
        match result {
            Ok(()) if self.connection.is_in_transaction() => Err(Error::internal(
                "SQLite took a commit and left the transaction open",
            )),
            Ok(()) => Ok(()),
            Err(error) => {
                // what is left of it goes; why it failed matters more than an error of that
                let _ = self.connection.roll_back();
                Err(error)
            }
        }
    }

    fn send_commit(&self) -> Result<()> {
        if !self.read_only {
            self.database.file.check(&self.database.target)?;
        }
        let committed = self.connection.execute("COMMIT");
        committed.map_err(|error| translate(&error, &self.database.context()))
    }

    fn roll_back(&mut self) -> Result<()> {
        let result = self.connection.roll_back();
        result.map_err(|error| translate(&error, &self.database.context()))
    }
}

/// What a transaction counts as when it is dropped.
pub(super) fn kind(read_only: bool) -> Kind {
    match read_only {
        true => Kind::Read,
        false => Kind::Write,
    }
}
