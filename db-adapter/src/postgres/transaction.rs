//! A transaction on a connection of the pool.

use std::sync::Arc;

use db_adapter_core::DatabaseSchema;

use super::adapter::Shared;
use super::catalog::Catalog;
use super::connection::{Failure, Lease, execute_raw};
use super::error::{Context, explain};
use super::introspect;
use super::run::Work;
use super::statement::changes_schema;
use crate::client::{BoxFuture, BoxStream, DatabaseClient};
use crate::deadline::Deadline;
use crate::observe::{controlled, observed, observed_stream};
use crate::query::{Operation, Outcome};
use crate::schema::IntrospectOptions;
use crate::transaction::session::TxConnection;
use crate::{Error, Result, Row};

/// Ends a transaction honestly: a bare `COMMIT` succeeds as well where the transaction has
/// failed, or has ended, and the driver does not tell. The savepoint is refused then, and with it
/// the whole text.
pub(super) const COMMIT: &str = "SAVEPOINT db_adapter_commit; COMMIT";

/// A connection on which a transaction is open.
pub(super) struct PgTransaction {
    /// Empty after the end.
    lease: Option<Lease>,
    shared: Arc<Shared>,
    /// Once the transaction has run text that may change the schema: what only it can see must
    /// not get into the cache of all.
    local: Option<Catalog>,
    /// Names of the open savepoints.
    savepoints: Vec<String>,
    /// An operation of several statements was dropped half-way, under so many savepoints.
    torn: Option<usize>,
    lost: bool,
    /// A statement of this connection was made from what is no longer true of the schema.
    outdated: bool,
}

impl PgTransaction {
    pub(super) fn new(lease: Lease, shared: Arc<Shared>) -> Self {
        PgTransaction {
            lease: Some(lease),
            shared,
            local: None,
            savepoints: Vec::new(),
            torn: None,
            lost: false,
            outdated: false,
        }
    }

    fn context(&self, operation: &'static str) -> Context<'_> {
        Context {
            operation,
            table: None,
            sent: None,
            target: &self.shared.target,
            may_have_written: false,
        }
    }

    /// Text that may change the schema separates this transaction's view of it from the others'.
    pub(super) fn look_for_changes(&mut self, operation: &Operation) {
        let text = match operation {
            Operation::Query(statement) | Operation::Execute(statement) => &statement.sql,
            Operation::ExecuteScript(script) => script,
            _ => return,
        };
        if changes_schema(text) {
            match &self.local {
                Some(local) => local.clear(),
                None => self.local = Some(Catalog::default()),
            }
        }
    }

    /// What an operation needs, with the connection marked as busy.
    pub(super) fn work(&mut self) -> Result<Work<'_>> {
        let lease = self.lease.as_mut().ok_or(Error::TransactionEnded)?;
        let catalog = self.local.as_ref().unwrap_or(&self.shared.catalog);
        Ok(Work::new(lease.work()?, &self.shared, catalog, true))
    }

    /// The connection's prepared statements are of no use any more.
    pub(super) fn outdated(&mut self) {
        self.outdated = true;
    }

    /// The operation came to its end.
    pub(super) fn done(&mut self, lost: bool) {
        self.lost |= lost;
        if let (Some(lease), false) = (&mut self.lease, lost) {
            lease.done();
        }
    }

    async fn run_once(&mut self, operation: &Operation) -> Result<Outcome> {
        self.look_for_changes(operation);
        let torn = self.torn;
        let many = matches!(
            operation,
            Operation::Insert(_) | Operation::UpdateMany(_) | Operation::Load(_)
        );
        if many {
            self.torn.get_or_insert(self.savepoints.len());
        }
        let mut work = self.work()?;
        let mut result = work.run(operation).await;
        if let Err(failure @ Failure::Ours(_)) = &result {
            // nothing was sent, so the transaction goes on
            if work.is_outdated(failure) {
                work.catalog.clear();
                result = work.run(operation).await;
            }
        }
        let lost = result.as_ref().is_err_and(Failure::is_lost);
        let outdated = result
            .as_ref()
            .is_err_and(|failure| work.forget_if_outdated(failure));
        let worded =
            result.map_err(|failure| explain(&failure, work.context(operation.describe().0)));
        self.torn = torn;
        self.outdated |= outdated;
        self.done(lost);
        worded
    }

    async fn control_once(&mut self, sql: String) -> Result<()> {
        let lease = self.lease.as_mut().ok_or(Error::TransactionEnded)?;
        let result = execute_raw(lease.work()?, sql.clone()).await;
        let lost = result.as_ref().is_err_and(Failure::is_lost);
        self.done(lost);
        match result {
            Ok(_) => {
                self.follow(&sql);
                Ok(())
            }
            Err(failure) => Err(explain(&failure, self.context("savepoint"))),
        }
    }

    /// Keeps track of the savepoints.
    fn follow(&mut self, sql: &str) {
        if let Some(name) = sql.strip_prefix("SAVEPOINT ") {
            self.savepoints.push(name.to_owned());
        } else if let Some(name) = sql.strip_prefix("ROLLBACK TO SAVEPOINT ") {
            if let Some(depth) = self.savepoints.iter().position(|n| n == name) {
                self.savepoints.truncate(depth + 1);
                // what was torn inside is undone; a table made inside is gone
                self.torn = self.torn.filter(|torn| *torn <= depth);
                if let Some(local) = &self.local {
                    local.clear();
                }
            }
        } else if let Some(name) = sql.strip_prefix("RELEASE SAVEPOINT ")
            && let Some(depth) = self.savepoints.iter().position(|n| n == name)
        {
            self.savepoints.truncate(depth);
            self.torn = self.torn.map(|torn| torn.min(depth));
        }
    }

    async fn end(mut self, sql: &'static str) -> Result<()> {
        let mut lease = self.lease.take().ok_or(Error::TransactionEnded)?;
        let result = execute_raw(lease.work()?, sql.to_owned()).await;
        self.forget_local();
        match result {
            Ok(_) => {
                // a connection with outdated statements is closed
                if !self.outdated {
                    lease.done();
                }
                Ok(())
            }
            Err(failure) if failure.is_lost() => {
                if sql == COMMIT {
                    return Err(Error::OutcomeUnknown {
                        operation: "commit".to_owned(),
                    });
                }
                // the server undoes the transaction by itself
                Err(explain(&failure, self.context("rollback")))
            }
            Err(failure) => {
                // the transaction may still be open, and failed
                if execute_raw(lease.work()?, "ROLLBACK".to_owned())
                    .await
                    .is_ok()
                    && !self.outdated
                {
                    lease.done();
                }
                Err(explain(&failure, self.context("commit")))
            }
        }
    }

    /// The schema as the transaction has left it is not what the cache says.
    fn forget_local(&self) {
        if self.local.is_some() {
            self.shared.catalog.clear();
            self.shared.statements.clear();
        }
    }
}

impl TxConnection for PgTransaction {
    fn run(&mut self, operation: Operation, _deadline: Deadline) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move {
            let shared = Arc::clone(&self.shared);
            observed(&shared.source, &operation, self.run_once(&operation)).await
        })
    }

    fn stream(&mut self, operation: Operation, _deadline: Deadline) -> BoxStream<'_, Result<Row>> {
        let shared = Arc::clone(&self.shared);
        let rows = super::stream::in_transaction(self, operation.clone());
        observed_stream(&shared.source, &operation, rows)
    }

    fn control(&mut self, sql: String) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.control_once(sql))
    }

    const BEFORE_READING: Option<&'static str> = Some(introspect::SETTINGS);

    fn introspect(
        client: &dyn DatabaseClient,
        options: IntrospectOptions,
    ) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(introspect::introspect(client, options))
    }

    fn commit(self) -> BoxFuture<'static, Result<()>> {
        let source = self.shared.source.clone();
        Box::pin(controlled(source, "commit", async move {
            if self.lost {
                return Err(Error::TransactionAborted);
            }
            if self.torn.is_some() {
                self.end("ROLLBACK").await?;
                return Err(Error::TransactionAborted);
            }
            self.end(COMMIT).await
        }))
    }

    fn rollback(self) -> BoxFuture<'static, Result<()>> {
        let source = self.shared.source.clone();
        Box::pin(controlled(source, "rollback", self.end("ROLLBACK")))
    }
}

impl Drop for PgTransaction {
    fn drop(&mut self) {
        let Some(mut lease) = self.lease.take() else {
            return;
        };
        self.forget_local();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return; // the lease closes the connection, and so the server rolls back
        };
        if lease.is_clean() && !self.outdated {
            runtime.spawn(async move {
                if let Ok(conn) = lease.work()
                    && execute_raw(conn, "ROLLBACK".to_owned()).await.is_ok()
                {
                    lease.done();
                }
            });
        }
    }
}
