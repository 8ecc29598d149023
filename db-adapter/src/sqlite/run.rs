//! One operation on one connection, in a transaction or not, by the connection's own thread: which
//! statements it is, whether they need a transaction of their own, and whether what was known of the
//! tables is still true.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use db_adapter_core::TableName;

use super::call::{Call, Kind};
use super::caller::{changes_rows, changes_tables, is_judged, is_read};
use super::catalog::{Catalog, Table};
use super::connection::Connection;
use super::database::Database;
use super::error::{Context, is_stale, translate};
use super::rows::{Gone, RowSender};
use crate::abandoned::Fate;
use crate::query::{Backend, Operation, Outcome};
use crate::{Error, Filter, Result};

/// A connection at work on one operation.
pub(super) struct Work<'c> {
    pub(super) connection: &'c Connection,
    pub(super) database: &'c Database,
    pub(super) catalog: &'c Catalog,
    pub(super) call: &'c Call,
    /// Whether a transaction is open already.
    pub(super) in_transaction: bool,
    /// Whether a statement of the operation has been sent: from then on its failure is one of
    /// the transaction.
    pub(super) sent: bool,
    /// Whether all that failed was to read what a statement gave.
    pub(super) unreadable: bool,
    /// The version of the schema of tables that were known before, which may be another one by now.
    known: Option<i64>,
    /// The version of the schema of the tables that the statements are made for.
    pub(super) expected: Option<i64>,
    /// The highest row numbers that the transaction gave out in advance.
    pub(super) reserved: Option<&'c mut HashMap<TableName, i64>>,
}

/// How often an operation is run again because another program changes the schema meanwhile.
const REFRESHES: u32 = 100;
/// So often at once; then others get a moment to come to an end.
const AT_ONCE: u32 = 10;
const MOMENT: Duration = Duration::from_millis(1);

/// No version of any schema: what was known has to be looked at.
const DOUBTFUL: i64 = i64::MIN;

impl<'c> Work<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        database: &'c Database,
        catalog: &'c Catalog,
        call: &'c Call,
        in_transaction: bool,
    ) -> Self {
        Work {
            connection,
            database,
            catalog,
            call,
            in_transaction,
            sent: false,
            unreadable: false,
            known: None,
            expected: None,
            reserved: None,
        }
    }

    /// Runs an operation to its end; again when the tables were not as they were known, and
    /// nothing was done yet.
    pub(super) fn run_current(&mut self, operation: &Operation) -> Result<Outcome> {
        let mut refreshes = 0;
        loop {
            match self.run(operation) {
                Err(error) if self.was_outdated(operation, &error) && refreshes < REFRESHES => {
                    refreshes += 1;
                    pause(refreshes);
                    self.catalog.clear();
                    self.sent = false;
                    self.unreadable = false;
                }
                result => return result,
            }
        }
    }

    /// The same for the rows of a select or a query, before the first one was given away.
    pub(super) fn stream_current(
        &mut self,
        operation: &Operation,
        rows: &mut RowSender,
    ) -> Result<(), Gone> {
        let mut refreshes = 0;
        loop {
            match self.stream(operation, rows) {
                Err(Gone::Failed(error))
                    if !rows.has_begun
                        && refreshes < REFRESHES
                        && self.was_outdated(operation, &error) =>
                {
                    refreshes += 1;
                    pause(refreshes);
                    self.catalog.clear();
                    self.sent = false;
                }
                result => return result,
            }
        }
    }

    /// Whether an error may come from tables that are not as they were known. Outside of
    /// transactions it did nothing: SQLite finds what is unknown before it runs a statement, and
    /// undoes one that fails. Inside, a statement that was sent has failed for good.
    fn was_outdated(&self, operation: &Operation, error: &Error) -> bool {
        let did_nothing =
            !self.in_transaction || !self.sent || (is_schema_change(error) && is_read(operation));
        if !is_stale(error) || !did_nothing {
            return false;
        }
        // also while the table was looked up, of which nothing is known then
        if is_schema_change(error) {
            return true;
        }
        let version = self.connection.read_version();
        self.known
            .is_some_and(|known| version.is_ok_and(|version| version != known))
    }

    /// Whether an error of the operation is one of its transaction: PostgreSQL's do not mind what
    /// was not sent, nor what we cannot read.
    pub(super) fn failed(&self, operation: &Operation) -> bool {
        self.sent && !(self.unreadable && is_read(operation))
    }

    fn run(&mut self, operation: &Operation) -> Result<Outcome> {
        self.known = None;
        self.expected = None;
        if !self.in_transaction && Self::wants_transaction(operation) {
            return self.atomically(operation);
        }
        match operation {
            Operation::Select(select) => self.select(select),
            Operation::Count(matching) => self.count(matching),
            Operation::Exists(matching) => self.exists(matching),
            Operation::Insert(insert) => self.insert(insert),
            Operation::Update(update) => self.update(update),
            Operation::UpdateMany(update) => self.update_many(update),
            Operation::Differences(asked) => self.differences(&asked.update),
            Operation::Delete(delete) => self.delete(delete),
            Operation::Load(load) => self.load(load),
            Operation::AllocateKeys(allocate) => self.allocate_keys(allocate),
            Operation::AdvanceSequence(advance) => self.advance_sequence(advance),
            Operation::Lock(_) | Operation::LockShared(_) => self.lock(),
            Operation::Alone(_) => Err(Error::unsupported(
                "a statement outside of any transaction",
                "SQLite",
                "each statement of SQLite can be part of a transaction",
            )),
            Operation::Query(statement) => self.query(statement).and_then(|outcome| {
                if is_judged(statement) {
                    operation.judge(&outcome)?;
                }
                Ok(outcome)
            }),
            Operation::Execute(statement) => self.execute(statement),
            Operation::ExecuteScript(script) => self.execute_script(script),
            Operation::Ping => self.ping(),
            Operation::ServerVersion => self.server_version(),
            Operation::Backend => Ok(Backend::Sqlite.outcome()),
        }
    }

    fn stream(&mut self, operation: &Operation, rows: &mut RowSender) -> Result<(), Gone> {
        self.known = None;
        self.expected = None;
        match operation {
            Operation::Select(select) => self.stream_select(select, rows),
            Operation::Query(statement) if !self.in_transaction && changes_rows(statement) => {
                self.stream_atomically(operation, rows)
            }
            Operation::Query(statement) => self.stream_query(statement, rows),
            other => Err(Gone::Failed(Error::unsupported(
                format!("a stream of {}", other.describe().0),
                "SQLite",
                "stream a select or a query",
            ))),
        }
    }

    /// Whether the operation is to be undone as a whole when it fails. SQLite does not undo a single
    /// statement in every case: `ON CONFLICT FAIL` and `RAISE(FAIL)` keep the rows from before the
    /// one that failed.
    fn wants_transaction(operation: &Operation) -> bool {
        match operation {
            Operation::Insert(insert) => !insert.rows.is_empty(),
            Operation::Load(load) => !load.rows.is_empty(),
            Operation::Update(_) | Operation::UpdateMany(_) | Operation::Delete(_) => true,
            Operation::ExecuteScript(_) => true,
            Operation::Query(statement) | Operation::Execute(statement) => {
                changes_rows(statement) || changes_tables(statement)
            }
            _ => false,
        }
    }

    /// Runs an operation in a transaction of its own. What is left open after an error is rolled
    /// back by whoever called this.
    fn atomically(&mut self, operation: &Operation) -> Result<Outcome> {
        let translated = |error| translate(&error, &self.database.context());
        self.connection
            .execute("BEGIN IMMEDIATE")
            .map_err(translated)?;
        let mut inner = Work::new(
            self.connection,
            self.database,
            self.catalog,
            self.call,
            true,
        );
        let result = inner.run(operation);
        self.known = inner.known;
        let result = result.and_then(|outcome| {
            if !self.call.shield() {
                return Err(super::answer::timed_out());
            }
            self.connection.execute("COMMIT").map_err(translated)?;
            Ok(outcome)
        });
        if result.is_err() {
            self.call.shield();
            // should this fail, the thread closes the connection
            let _ = self.connection.roll_back();
        }
        result
    }

    /// The same for a statement whose rows are given away: who does not take them all undoes it.
    fn stream_atomically(
        &mut self,
        operation: &Operation,
        rows: &mut RowSender,
    ) -> Result<(), Gone> {
        let translated = |error| translate(&error, &self.database.context());
        let begun = self.connection.execute("BEGIN IMMEDIATE");
        begun.map_err(|error| Gone::Failed(translated(error)))?;
        let mut inner = Work::new(
            self.connection,
            self.database,
            self.catalog,
            self.call,
            true,
        );
        let result = inner.stream(operation, rows);
        self.known = inner.known;
        let result = result.and_then(|()| {
            if !self.call.shield() {
                return Err(Gone::Failed(super::answer::timed_out()));
            }
            let committed = self.connection.execute("COMMIT");
            committed.map_err(|error| Gone::Failed(translated(error)))
        });
        if result.is_err() {
            self.call.shield();
            // should this fail, the thread closes the connection
            let _ = self.connection.roll_back();
        }
        result
    }

    /// An error once the call was cancelled: before each statement, and between rows that are made
    /// ready.
    pub(super) fn goes_on(&self) -> Result<()> {
        match self.call.is_cancelled() {
            true => Err(super::answer::timed_out()),
            false => Ok(()),
        }
    }

    /// The table as it is known, unless the connection knows of a newer schema.
    pub(super) fn table(&mut self, name: &TableName) -> Result<Arc<Table>> {
        let known = self.catalog.known(name).filter(|table| {
            let version = self.connection.version();
            !table.extra.is_main || version.is_none_or(|v| v == table.extra.version)
        });
        let Some(table) = known else {
            let table = self.catalog.table(self.connection, name)?;
            self.expected = table.extra.is_main.then_some(table.extra.version);
            // it may be another one before the statement runs
            self.known = self.known.or(self.expected);
            return Ok(table);
        };
        let version = match table.extra.is_main {
            true => table.extra.version,
            false => DOUBTFUL,
        };
        self.known = match self.known {
            Some(other) if other != version => Some(DOUBTFUL),
            _ => Some(version),
        };
        self.expected = table.extra.is_main.then_some(table.extra.version);
        Ok(table)
    }

    /// The tables that a filter refers to.
    pub(super) fn others(&mut self, filter: &Filter) -> Result<Vec<(TableName, Arc<Table>)>> {
        let mut others = Vec::new();
        for name in filter.tables() {
            others.push((name.clone(), self.table(name)?));
        }
        Ok(others)
    }

    pub(super) fn context<'t>(&self, table: Option<&'t TableName>) -> Context<'t>
    where
        'c: 't,
    {
        Context {
            table,
            ..self.database.context()
        }
    }
}

fn pause(refreshes: u32) {
    if refreshes > AT_ONCE {
        std::thread::sleep(MOMENT);
    }
}

/// Whether the schema changed under the statement, which then did nothing.
fn is_schema_change(error: &Error) -> bool {
    matches!(error, Error::SchemaChanged { .. })
}

/// What became of a call that ended so.
pub(super) fn fate<T>(call: &Call, result: &Result<T>) -> Fate {
    match (call.kind, result) {
        (Kind::Read, _) => Fate::OnlyRead,
        (_, Ok(_)) => Fate::Completed,
        (_, Err(Error::OutcomeUnknown { .. })) => Fate::Unknown,
        (_, Err(_)) => Fate::RolledBack,
    }
}
