//! One operation on one connection: inside of a transaction or on a connection of the pool.

use std::collections::BTreeMap;
use std::sync::Arc;

use db_adapter_core::TableName;

use super::adapter::Shared;
use super::blame::{self, Suspect};
use super::catalog::{Catalog, PgTable};
use super::connection::Connection;
use super::error::Context;
use super::failure::Failure;
use super::sent::Sent;
use super::sequence::Held;
use super::snapshot::names_tables;
use super::statement::fetch_plain;
use crate::query::{Backend, Operation, Outcome};
use crate::transaction::TxOptions;
use crate::{Error, Filter, Result, Row};

/// An operation under way.
pub(super) struct Work<'a> {
    pub(super) conn: &'a mut Connection,
    pub(super) shared: &'a Shared,
    pub(super) catalog: &'a Catalog,
    /// Whether the transaction is the caller's.
    pub(super) in_transaction: bool,
    /// Whether it was sent once before, over a connection that was then lost.
    pub(super) again: bool,
    /// Statements that may write and were sent, or are the next one to be.
    pub(super) writes: u32,
    /// Whether the end of a transaction of our own was sent.
    committing: bool,
    /// The tables whose descriptions were known already.
    pub(super) known: Vec<TableName>,
    /// The tables of the statement, where they have to be those of a snapshot.
    pub(super) used: BTreeMap<TableName, Arc<PgTable>>,
    /// Whose the text is that runs now.
    pub(super) text: Text,
    pub(super) table: Option<Arc<PgTable>>,
    pub(super) sent: Option<Sent>,
    /// Parameters of a caller's text whose values only the server can judge.
    pub(super) judged: Vec<Suspect>,
    /// Whether it writes, and its caller may not take what it gives.
    pub(super) judges: bool,
}

/// Whose text it is: if it is refused, either the caller or the schema is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// Made by us from descriptions of tables.
    Ours,
    /// The caller's, and nobody knows yet whether it can be run.
    Callers,
    /// The caller's, with the types that the server has told.
    Described,
    /// The same, as it was told once before.
    Known,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        conn: &'a mut Connection,
        shared: &'a Shared,
        catalog: &'a Catalog,
        in_transaction: bool,
    ) -> Self {
        Work {
            conn,
            shared,
            catalog,
            in_transaction,
            again: false,
            writes: 0,
            committing: false,
            known: Vec::new(),
            used: BTreeMap::new(),
            text: Text::Ours,
            table: None,
            sent: None,
            judged: Vec::new(),
            judges: false,
        }
    }

    /// The error with the column or parameter that it is about, where the server has named none.
    pub(super) async fn blame(
        &mut self,
        error: Error,
        failure: &Failure,
        operation: &Operation,
    ) -> Error {
        let error = blame::named_sum(error, failure, operation, self.table.as_deref());
        let found = blame::suspects(failure, operation, self.table.as_deref());
        let judged = match blame::may_be_of_a_reader(failure.code()) {
            true => std::mem::take(&mut self.judged),
            false => Vec::new(),
        };
        let suspects = if self.sent.is_some() { judged } else { found };
        // behind a transaction pooler a statement alone may not find what was prepared for it
        let pooled = self.shared.is_pooled() && !suspects.is_empty();
        if pooled {
            self.committing = false;
        }
        let guilty = match self.begin_if(pooled).await {
            Ok(()) => blame::guilty(self.conn, failure, &suspects).await,
            Err(_) => None,
        };
        if pooled {
            // a connection that does not answer is not given back
            let _ = self.roll_back_if_begun().await;
        }
        match guilty.or_else(|| blame::only(failure, &suspects).filter(|_| self.sent.is_none())) {
            Some(suspect) => blame::named(error, suspect),
            None => error,
        }
    }

    /// Whether what is done here can still be undone.
    pub(super) fn is_open(&self) -> bool {
        self.in_transaction || (self.begun() && !self.committing)
    }

    /// Whether a transaction of our own is open, for an operation of many statements.
    fn begun(&self) -> bool {
        !self.in_transaction && self.conn.is_open()
    }

    /// A statement that may write is about to be sent.
    pub(super) fn writing(&mut self) {
        self.writes += 1;
        self.conn.set_writes_next(true);
    }

    /// It has changed no row after all.
    pub(super) fn only_read(&mut self) {
        self.writes = self.writes.saturating_sub(1);
    }

    /// Whether one was sent: after that it may have been done.
    pub(super) fn wrote(&self) -> bool {
        self.writes > u32::from(self.conn.is_about_to_write())
    }

    /// The operation on a connection of the pool, in a transaction of its own where one is
    /// needed: behind a transaction pooler, since a statement has to be run where it was
    /// prepared, and where nothing may be written, since the session's own setting is lost when
    /// somebody shares sessions without telling.
    pub(super) async fn run_pooled(&mut self, operation: &Operation) -> Result<Outcome, Failure> {
        let alone = self.is_alone(operation);
        self.begin_if(alone).await?;
        let outcome = self.run_judged(operation).await?;
        self.commit_if_begun().await?;
        Ok(outcome)
    }

    /// Whether a single operation needs a transaction of its own.
    pub(super) fn is_alone(&self, operation: &Operation) -> bool {
        self.shared.is_pooled()
            || (self.shared.is_read_only() && !operation.is_read())
            // a statement waits for locks with the snapshot that it begins with
            || (self.conn.repeats_reads() && names_tables(operation))
    }

    /// The operation; a failure as well where what it did is not to be kept.
    pub(super) async fn run_judged(&mut self, operation: &Operation) -> Result<Outcome, Failure> {
        self.judges = false;
        let ran = self.run(operation).await;
        let outcome = self.of_snapshot(ran).await?;
        if self.judges {
            operation.judge(&outcome)?;
        }
        Ok(outcome)
    }

    pub(super) fn context(&self, operation: &'static str) -> Context<'_> {
        Context {
            operation,
            table: self.table.as_deref(),
            sent: self.sent.as_ref(),
            target: self.shared.target(),
            // in a transaction that may not write nothing that was written is committed
            may_have_written: self.wrote() && !self.is_open() && !self.shared.is_read_only(),
        }
    }

    pub(super) async fn run(&mut self, operation: &Operation) -> Result<Outcome, Failure> {
        match operation {
            Operation::Select(select) => self.select(select).await,
            Operation::Count(matching) => self.count(matching).await,
            Operation::Exists(matching) => self.exists(matching).await,
            Operation::Insert(insert) => self.insert(insert).await,
            Operation::Update(update) => self.update(update).await,
            Operation::UpdateMany(update) => self.update_many(update).await,
            Operation::Differences(asked) => self.differences(asked).await,
            Operation::Delete(delete) => self.delete(delete).await,
            Operation::Load(load) => self.load(load).await,
            Operation::AllocateKeys(allocate) => self.allocate_keys(allocate).await,
            Operation::AdvanceSequence(advance) => self.advance_sequence(advance).await,
            Operation::Lock(name) => self.lock(name, Held::Alone).await,
            Operation::LockShared(name) => self.lock(name, Held::Shared).await,
            Operation::Alone(alone) => self.alone(alone).await,
            Operation::Query(statement) => self.query(statement).await,
            Operation::Execute(statement) => self.execute(statement).await,
            Operation::ExecuteScript(script) => self.script(script).await,
            Operation::Ping => {
                fetch_plain(self.conn, "SELECT 1".to_owned(), Vec::new()).await?;
                Ok(Outcome::default())
            }
            Operation::ServerVersion => self.server_version().await,
            Operation::Backend => Ok(Backend::Postgres.outcome()),
        }
    }

    pub(super) async fn table(&mut self, name: &TableName) -> Result<Arc<PgTable>, Failure> {
        let (table, known) = match self.again {
            // what was read by the lost connection may not be what the cache tells of
            true => (self.catalog.fresh(self.conn, name).await?, false),
            false => self.catalog.table(self.conn, name).await?,
        };
        if known {
            self.known.push(name.clone());
        }
        if table.extra.effects.of_reading {
            if self.again {
                return Err(Error::OutcomeUnknown {
                    operation: "read".to_owned(),
                }
                .into());
            }
            // a function may try to write also where nothing may be written
            self.begin_if(self.shared.is_read_only()).await?;
            self.writing();
        }
        self.uses(&table);
        self.table = Some(Arc::clone(&table));
        Ok(table)
    }

    /// The table that rows are written to. Where a key of theirs would be left out, since the table has
    /// no such column, it is looked up once more: nothing in the statement would tell that the
    /// column is there by now.
    pub(super) async fn table_of<'r>(
        &mut self,
        name: &TableName,
        rows: impl Iterator<Item = &'r Row>,
    ) -> Result<Arc<PgTable>, Failure> {
        let table = self.table(name).await?;
        let is_left_out = |key: &str| key.starts_with('_') && table.position(key).is_none();
        let mut before: Option<&Row> = None;
        for row in rows {
            if before.is_none_or(|before| !row.has_names_of(before)) && row.names().any(is_left_out)
            {
                let fresh = self.catalog.fresh(self.conn, name).await?;
                self.table = Some(Arc::clone(&fresh));
                return Ok(fresh);
            }
            before = Some(row);
        }
        Ok(table)
    }

    /// The tables that a filter refers to.
    pub(super) async fn others(
        &mut self,
        filter: &Filter,
    ) -> Result<Vec<(TableName, Arc<PgTable>)>, Failure> {
        let mut others = Vec::new();
        for name in filter.tables() {
            others.push((name.clone(), self.table(name).await?));
        }
        Ok(others)
    }

    /// Many statements are one transaction.
    pub(super) async fn begin_if(&mut self, many: bool) -> Result<(), Failure> {
        if many && !self.is_open() {
            let begin = self.shared.beginning(TxOptions::default());
            self.conn.begin(&begin, self.shared.local()).await?;
        }
        Ok(())
    }

    pub(super) async fn commit_if_begun(&mut self) -> Result<(), Failure> {
        if self.begun() {
            self.check_snapshot().await?;
            self.conn.may_send()?;
            self.committing = true;
            self.conn.commit().await?;
        }
        Ok(())
    }

    /// Ends what [`Work::begin_if`] began for something that only read.
    pub(super) async fn end_reading(&mut self) -> Result<(), Failure> {
        match self.begun() {
            true => self.conn.roll_back().await,
            false => Ok(()),
        }
    }

    /// Ends what [`Work::begin_if`] began, after a failure; whether the connection is still good.
    pub(super) async fn roll_back_if_begun(&mut self) -> bool {
        !self.begun() || self.conn.roll_back().await.is_ok()
    }
}
