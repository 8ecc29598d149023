//! A transaction on SQLite that fails as one on PostgreSQL does: after a failed statement nothing
//! more is done, and nothing is committed, unless a savepoint from before is rolled back to.

use std::collections::HashMap;
use std::sync::Arc;

use db_adapter_core::{DatabaseSchema, TableName};
use sqlx::{AssertSqlSafe, Executor, Sqlite};

use super::adapter::Shared;
use super::caller::{is_read, may_change_schema};
use super::catalog::Catalog;
use super::error::{Context, translate};
use super::introspect;
use super::run::{Session, ensure_open};
use crate::client::{BoxFuture, BoxStream, DatabaseClient};
use crate::deadline::Deadline;
use crate::observe::{controlled, observed, observed_stream};
use crate::query::{Operation, Outcome};
use crate::schema::IntrospectOptions;
use crate::transaction::session::TxConnection;
use crate::{Error, Result, Row};

pub(super) struct Connection {
    transaction: sqlx::Transaction<'static, Sqlite>,
    shared: Arc<Shared>,
    /// The transaction's own view of the tables, once it may have changed them: that must not
    /// be seen by others before the commit, nor after a rollback.
    own_catalog: Option<Catalog>,
    /// The highest row numbers that were given out in advance.
    reserved: HashMap<TableName, i64>,
    read_only: bool,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// A statement failed, or was dropped half-way.
    Failed,
    /// SQLite rolled the whole transaction back by itself, savepoints included.
    Gone,
}

impl Connection {
    pub(super) fn new(
        transaction: sqlx::Transaction<'static, Sqlite>,
        shared: Arc<Shared>,
        read_only: bool,
    ) -> Self {
        Connection {
            transaction,
            shared,
            own_catalog: None,
            reserved: HashMap::new(),
            read_only,
            state: State::Good,
        }
    }

    fn context(&self) -> Context {
        Context {
            target: self.shared.target.clone(),
            ..Context::default()
        }
    }

    fn check(&self) -> Result<()> {
        match self.state {
            State::Good => Ok(()),
            State::Failed | State::Gone => Err(Error::TransactionAborted),
        }
    }

    /// Before a statement: until it is known to be done, a write counts as failed, should its
    /// future be dropped.
    fn enter(&mut self, operation: &Operation) -> Result<()> {
        self.check()?;
        let reads = is_read(operation);
        if self.read_only && !reads {
            // PostgreSQL's server refuses it, and the transaction with it
            self.state = State::Failed;
            return Err(Error::ReadOnly {
                what: "the transaction".to_owned(),
            });
        }
        if may_change_schema(operation) {
            self.own_catalog = Some(Catalog::default());
        }
        self.state = if reads { State::Good } else { State::Failed };
        Ok(())
    }

    fn session(&mut self) -> Session<'_> {
        let catalog = self.own_catalog.as_ref().unwrap_or(&self.shared.catalog);
        let mut session = Session::new(&mut self.transaction, catalog, &self.shared.target, true);
        session.reserved = Some(&mut self.reserved);
        session
    }

    /// After a statement: what was sent and failed aborts the transaction.
    async fn leave(&mut self, failed: bool, sent: bool) {
        if !(failed && sent) {
            self.state = State::Good;
            return;
        }
        self.state = State::Failed;
        if ensure_open(&mut self.transaction).await {
            self.state = State::Gone;
        }
    }

    async fn run_one(&mut self, operation: &Operation) -> Result<Outcome> {
        self.enter(operation)?;
        let mut session = self.session();
        let result = session.run(operation).await;
        // PostgreSQL's transactions do not mind what we cannot read either
        let sent = session.sent && !(session.unreadable && is_read(operation));
        self.leave(result.is_err(), sent).await;
        result
    }

    async fn control_one(&mut self, sql: String) -> Result<()> {
        let undoes = sql.starts_with("ROLLBACK TO");
        match self.state {
            State::Good => {}
            State::Failed if undoes => {}
            State::Failed | State::Gone => return Err(Error::TransactionAborted),
        }
        let result = (&mut *self.transaction).execute(AssertSqlSafe(sql)).await;
        if let Err(error) = result {
            self.leave(true, true).await;
            return Err(translate(error, &self.context()));
        }
        if undoes {
            self.state = State::Good;
            // tables may be as they were before
            if let Some(catalog) = &self.own_catalog {
                catalog.clear();
            }
        }
        Ok(())
    }
}

impl TxConnection for Connection {
    fn run(&mut self, operation: Operation, _deadline: Deadline) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move {
            let shared = Arc::clone(&self.shared);
            let run = self.run_one(&operation);
            observed(&shared.source, &operation, run).await
        })
    }

    fn stream(&mut self, operation: Operation, _deadline: Deadline) -> BoxStream<'_, Result<Row>> {
        let described = operation.clone();
        let source = self.shared.source.clone();
        let rows = crate::stream::generate(move |mut sink| async move {
            if let Err(error) = self.enter(&operation) {
                return sink.send(Err(error)).await;
            }
            let mut session = self.session();
            let result = session.stream(&operation, &mut sink).await;
            let sent = session.sent;
            self.leave(result.is_err(), sent).await;
            if let Err(error) = result {
                sink.send(Err(error)).await;
            }
        });
        observed_stream(&source, &described, rows)
    }

    fn control(&mut self, sql: String) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.control_one(sql))
    }

    fn introspect(
        client: &dyn DatabaseClient,
        options: IntrospectOptions,
    ) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(introspect::introspect(client, options))
    }

    fn commit(mut self) -> BoxFuture<'static, Result<()>> {
        let source = self.shared.source.clone();
        Box::pin(controlled(source, "commit", async move {
            if self.state != State::Good {
                // what is left of it goes; the abort matters more than an error of that
                let _ = self.transaction.rollback().await;
                return Err(Error::TransactionAborted);
            }
            let context = self.context();
            let changed_schema = self.own_catalog.take().is_some();
            let result = self.transaction.commit().await;
            if changed_schema {
                self.shared.catalog.clear();
            }
            if result.is_err() && !self.read_only {
                self.shared.heal_writer().await;
            }
            result.map_err(|error| translate(error, &context))
        }))
    }

    fn rollback(self) -> BoxFuture<'static, Result<()>> {
        let source = self.shared.source.clone();
        Box::pin(controlled(source, "rollback", async move {
            let context = self.context();
            let result = self.transaction.rollback().await;
            result.map_err(|error| translate(error, &context))
        }))
    }
}
