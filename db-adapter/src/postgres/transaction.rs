//! A transaction on a connection of the pool.

use std::pin::pin;
use std::sync::Arc;

use db_adapter_core::DatabaseSchema;

use super::adapter::{CAPABILITIES, Shared, flight};
use super::caller::changes_schema;
use super::cancel::{Cancellable, patience, until};
use super::cancel_on_drop::CancelOnDrop;
use super::catalog::Catalog;
use super::error::{Context, explain};
use super::failure::Failure;
use super::introspect;
use super::lease::{Answer, Flight, Lease, gone, in_bounds};
use super::pool::Pool;
use super::run::Work;
use super::snapshot::sets_isolation;
use super::staleness::Staleness;
use super::statement::execute_raw;
use super::verdict::{After, Verdict, no_answer_verdict};
use crate::client::{BoxFuture, BoxStream, Capabilities, DatabaseClient};
use crate::deadline::Deadline;
use crate::observe::{observed, observed_control, observed_stream};
use crate::query::{Operation, Outcome};
use crate::schema::IntrospectOptions;
use crate::transaction::session::TxConnection;
use crate::transaction::{Savepoint, Step};
use crate::{Error, Result, Row, sql};

/// The SQLSTATE of a savepoint that does not exist.
const NO_SUCH_SAVEPOINT: &str = "3B001";

/// A connection on which a transaction is open.
pub(super) struct PgTransaction {
    /// Empty after the end. Dropped with the transaction open, it rolls back.
    lease: Option<Lease>,
    shared: Arc<Shared>,
    /// Once the transaction has run text that may change the schema: what only it can see must
    /// not get into the cache of all.
    local: Option<Catalog>,
    /// The open savepoints, outermost first.
    savepoints: Vec<Savepoint>,
    /// Something failed or was dropped half-way, under so many savepoints: until one of them is
    /// rolled back to, nothing more is done and nothing is committed.
    failed: Option<usize>,
    /// What is prepared on the connection may be of a schema that the transaction has changed.
    outdated: bool,
}

impl PgTransaction {
    pub(super) fn new(lease: Lease, shared: Arc<Shared>) -> Self {
        PgTransaction {
            lease: Some(lease),
            shared,
            local: None,
            savepoints: Vec::new(),
            failed: None,
            outdated: false,
        }
    }

    fn context(&self, operation: &'static str) -> Context<'_> {
        Context {
            operation,
            table: None,
            sent: None,
            target: self.shared.target(),
            may_have_written: false,
        }
    }

    fn lease(&mut self) -> Result<&mut Lease> {
        self.lease.as_mut().ok_or(Error::TransactionEnded)
    }

    pub(super) fn pool(&self) -> Result<&Arc<Pool>> {
        let lease = self.lease.as_ref().ok_or(Error::TransactionEnded)?;
        Ok(lease.pool())
    }

    /// Before an operation: what was prepared for a schema that the transaction itself has changed
    /// since. The server would refuse to run it, and the transaction with it.
    async fn forget_outdated(&mut self) -> Result<(), Failure> {
        if !self.outdated {
            return Ok(());
        }
        let lease = self.lease()?;
        lease.work(Flight::Read)?.forget_statements().await?;
        lease.landed();
        self.outdated = false;
        Ok(())
    }

    /// Text that may change the schema separates this transaction's view of it from the others'.
    fn look_for_changes(&mut self, operation: &Operation) -> Result<()> {
        let text = match operation {
            Operation::Query(statement) | Operation::Execute(statement) => &statement.sql,
            Operation::ExecuteScript(script) => script,
            _ => return Ok(()),
        };
        if sets_isolation(text) {
            self.lease()?.snapshot()?.may_be_kept();
        }
        if changes_schema(text) {
            match &self.local {
                Some(local) => local.clear(),
                None => self.local = Some(Catalog::new(self.shared.catalog.rounding)),
            }
            self.outdated = true;
        }
        Ok(())
    }

    /// Before an operation: whether it may begin.
    pub(super) async fn enter(&mut self, operation: &Operation) -> Result<()> {
        if self.failed.is_some() {
            return Err(Error::TransactionAborted);
        }
        if self.lease()?.is_in_copy() {
            // it was dropped, and not even a savepoint can be rolled back to
            self.failed = Some(0);
            return Err(Error::TransactionAborted);
        }
        // a stream may have been dropped before its end; an error at its end is the transaction's
        match self.lease()?.settle(false).await {
            Ok(Answer::Done | Answer::CutShort) => {}
            Ok(Answer::Refused) => {
                self.failed = Some(self.savepoints.len());
                return Err(Error::TransactionAborted);
            }
            Err(failure) => {
                self.failed = Some(self.savepoints.len());
                return Err(explain(&failure, self.context(operation.describe().0)));
            }
        }
        if let Err(failure) = self.forget_outdated().await {
            self.failed = Some(self.savepoints.len());
            return Err(explain(&failure, self.context(operation.describe().0)));
        }
        self.look_for_changes(operation)
    }

    /// The same within a time limit. What a dropped stream has left may take long to read away; an
    /// operation that only waits for that changes nothing, and does not fail the transaction.
    pub(super) async fn enter_by(
        &mut self,
        deadline: Deadline,
        operation: &Operation,
    ) -> Result<()> {
        let entered = deadline.limit(pin!(self.enter(operation))).await;
        entered.unwrap_or_else(|| {
            Err(Error::Timeout {
                what: format!(
                    "the transaction's earlier stream did not end, and the {} was not begun",
                    operation.describe().0
                ),
            })
        })
    }

    /// What an operation needs, with the connection marked as busy.
    pub(super) async fn work(
        &mut self,
        flight: Flight,
        cancellable: Option<&Cancellable>,
    ) -> Result<Work<'_>> {
        let lease = self.lease.as_mut().ok_or(Error::TransactionEnded)?;
        let catalog = self.local.as_ref().unwrap_or(&self.shared.catalog);
        let conn = lease.work(flight)?;
        if let Some(cancellable) = cancellable {
            conn.watch(cancellable).await;
        }
        Ok(Work::new(conn, &self.shared, catalog, true))
    }

    /// The operation came to its end. Dropped here, where a request to cancel it is awaited, nobody has
    /// heard of it: what had failed before this, stays so.
    pub(super) async fn leave<T>(&mut self, ended: Result<T, Verdict>) -> Result<T> {
        let depth = self.savepoints.len();
        let mut after = After::Ready;
        let mut aborts = false;
        let result = match ended {
            Ok(value) => Ok(value),
            Err(verdict) => {
                if verdict.aborts {
                    self.failed = Some(depth);
                }
                aborts = verdict.aborts;
                after = verdict.after;
                Err(verdict.error)
            }
        };
        let lease = self.lease()?;
        if let Err(Error::ReadOnly { .. }) = &result {
            lease.pool().refused_write();
        }
        match after {
            After::Ready => lease.work(Flight::None)?.unwatch().await,
            After::Busy => {} // it is ended before the next statement, or with the transaction
            After::Lost => lease.lost(),
        }
        if !aborts {
            self.failed = None;
        }
        result
    }

    /// One operation. Dropped before its end, it is cancelled, and the transaction has failed.
    async fn run_once(&mut self, operation: &Operation, deadline: Deadline) -> Result<Outcome> {
        self.enter_by(deadline, operation).await?;
        let pool = Arc::clone(self.pool()?);
        let cancellable = Cancellable::new(deadline);
        let guard = CancelOnDrop::of_future(&cancellable, &pool);
        self.failed = Some(self.savepoints.len());
        let mut work = self.work(flight(operation), Some(&cancellable)).await?;
        let patience = patience(flight(operation));
        let ended = {
            let work = pin!(run_in(&mut work, operation));
            until(deadline, patience, &cancellable, &pool, work).await
        };
        let ended = ended.unwrap_or_else(|| Err(no_answer_verdict(operation)));
        guard.disarm();
        self.leave(ended).await
    }

    /// One step of a savepoint.
    async fn savepoint_once(&mut self, savepoint: Savepoint, step: Step) -> Result<()> {
        let undoes = step == Step::Undo;
        let sent = self.send(sql::savepoint(savepoint, step), undoes).await?;
        match sent {
            Err(failure) if undoes && failure.code() == NO_SUCH_SAVEPOINT => {
                self.lease()?.landed();
                self.released(savepoint);
                Ok(())
            }
            sent => {
                self.sent(sent)?;
                if undoes {
                    self.lease()?.snapshot()?.forget();
                }
                self.follow(savepoint, step);
                Ok(())
            }
        }
    }

    async fn settings_once(&mut self) -> Result<()> {
        let sent = self.send(introspect::SETTINGS.to_owned(), false).await?;
        self.sent(sent)
    }

    /// Sends a command of ours; an error of its own where it is not sent. One that `undoes` is sent
    /// in a failed transaction too.
    async fn send(&mut self, command: String, undoes: bool) -> Result<Result<(), Failure>> {
        if (self.failed.is_some() && !undoes) || self.lease()?.is_in_copy() {
            return Err(Error::TransactionAborted);
        }
        let settled = self.lease()?.settle(undoes).await;
        if matches!(settled, Ok(Answer::Refused)) && !undoes {
            self.failed = Some(self.savepoints.len());
            return Err(Error::TransactionAborted);
        }
        Ok(match settled {
            // a COPY was dropped: what the driver reads next may be its end
            Ok(_) if self.lease()?.is_out_of_step() => Err(gone()),
            Ok(_) => {
                let conn = self.lease()?.work(Flight::Write)?;
                execute_raw(conn, command).await.map(drop)
            }
            Err(failure) => Err(failure),
        })
    }

    /// What became of a command of ours.
    fn sent(&mut self, sent: Result<(), Failure>) -> Result<()> {
        if !matches!(&sent, Err(failure) if failure.is_lost()) {
            self.lease()?.landed();
        }
        sent.map_err(|failure| {
            self.failed = Some(self.savepoints.len());
            explain(&failure, self.context("savepoint"))
        })
    }

    /// The commit of a savepoint was dropped when the server had released it already: what was
    /// done inside of it can be undone only with what is around it.
    fn released(&mut self, savepoint: Savepoint) {
        let depth = self.depth_of(savepoint).unwrap_or(self.savepoints.len());
        self.savepoints.truncate(depth);
        self.failed = Some(self.failed.map_or(depth, |failed| failed.min(depth)));
    }

    fn depth_of(&self, savepoint: Savepoint) -> Option<usize> {
        self.savepoints.iter().position(|open| *open == savepoint)
    }

    /// Keeps track of the savepoints.
    fn follow(&mut self, savepoint: Savepoint, step: Step) {
        match (step, self.depth_of(savepoint)) {
            (Step::Set, _) => self.savepoints.push(savepoint),
            (Step::Undo, Some(depth)) => {
                self.savepoints.truncate(depth + 1);
                // what failed inside is undone; a table made inside is gone
                self.failed = self.failed.filter(|failed| *failed <= depth);
                if let Some(local) = &self.local {
                    local.clear();
                    self.outdated = true;
                }
            }
            (Step::Release, Some(depth)) => {
                self.savepoints.truncate(depth);
                self.failed = self.failed.map(|failed| failed.min(depth));
            }
            // its release was dropped half-way, and noted by `released`
            (Step::Undo | Step::Release, None) => {}
        }
    }

    async fn commit_once(mut self) -> Result<()> {
        let mut lease = self.lease.take().ok_or(Error::TransactionEnded)?;
        let settled = lease.settle(self.failed.is_some()).await;
        let was_refused = matches!(settled, Ok(Answer::Refused) | Err(_));
        let refused = was_refused || self.failed.is_some();
        if refused {
            // whatever it says, nothing is committed: without its connection the server rolls back
            match settled {
                Ok(_) => drop(self.undo(&mut lease).await),
                Err(_) => lease.lost(),
            }
            return Err(Error::TransactionAborted);
        }
        if let Err(error) = self.prove(&mut lease).await {
            drop(self.undo(&mut lease).await);
            return Err(error);
        }
        let conn = lease.work(Flight::Commit)?;
        let may_write = conn.may_write();
        let committed = conn.commit().await;
        self.forget_local();
        match committed {
            Ok(()) => {
                lease.landed();
                Ok(())
            }
            Err(failure) if failure.is_lost() => {
                lease.lost();
                match may_write {
                    true => Err(Error::OutcomeUnknown {
                        operation: "commit".to_owned(),
                    }),
                    // whatever was written, the server has not committed
                    false => Err(explain(&failure, self.context("commit"))),
                }
            }
            Err(failure) => {
                let error = explain(&failure, self.context("commit"));
                lease.landed();
                // the transaction may still be open, and failed
                drop(self.undo(&mut lease).await);
                Err(error)
            }
        }
    }

    /// What streams have given that nobody read to their end has to be what the snapshot has.
    async fn prove(&self, lease: &mut Lease) -> Result<()> {
        if !lease.snapshot()?.is_unproven() {
            return Ok(());
        }
        let catalog = self.local.as_ref().unwrap_or(&self.shared.catalog);
        let mut work = Work::new(lease.work(Flight::Read)?, &self.shared, catalog, true);
        let proven = work.check_snapshot().await;
        let proven = proven.map_err(|failure| {
            if matches!(failure, Failure::Replaced) {
                work.forget_schema();
            }
            (failure.is_lost(), explain(&failure, work.context("commit")))
        });
        match proven {
            Ok(()) => {
                lease.landed();
                Ok(())
            }
            Err((lost, error)) => {
                match lost {
                    true => lease.lost(),
                    false => lease.landed(),
                }
                Err(error)
            }
        }
    }

    async fn roll_back_once(mut self) -> Result<()> {
        let mut lease = self.lease.take().ok_or(Error::TransactionEnded)?;
        let undone = match lease.settle(true).await {
            Ok(_) => self.undo(&mut lease).await,
            Err(failure) => {
                lease.lost();
                Err(failure)
            }
        };
        undone.map_err(|failure| explain(&failure, self.context("rollback")))
    }

    async fn undo(&self, lease: &mut Lease) -> Result<(), Failure> {
        self.forget_local();
        if lease.is_out_of_step() {
            lease.lost();
            return Ok(());
        }
        let undone = in_bounds(lease.work(Flight::Read)?.roll_back()).await;
        match &undone {
            Ok(()) => lease.landed(),
            Err(_) => lease.lost(),
        }
        undone
    }

    /// The schema as the transaction has left it is not what the cache says.
    fn forget_local(&self) {
        if self.local.is_some() {
            self.shared.catalog.clear();
            self.shared.statements.clear();
        }
    }
}

/// Runs an operation once, or twice where a read met a table that is not what it was: nothing is
/// aborted by that.
async fn run_in(work: &mut Work<'_>, operation: &Operation) -> Result<Outcome, Verdict> {
    let failure = match work.run_judged(operation).await {
        Ok(outcome) => return Ok(outcome),
        Err(failure) => failure,
    };
    let again = match (&failure, work.staleness(&failure)) {
        (Failure::Stale, Staleness::Certain) if !work.wrote() => {
            work.refresh().await;
            true
        }
        // refused by the server, which answers no question in a failed transaction
        (_, Staleness::Suspected) if failure.server().is_some() => false,
        (_, Staleness::Suspected) => match work.look_again().await {
            Ok(changed) => changed,
            // the question itself has failed, and the transaction with it
            Err(failure) => return Err(work.verdict(&failure, operation)),
        },
        _ => false,
    };
    if !again {
        return Err(work.verdict(&failure, operation));
    }
    let result = work.run_judged(operation).await;
    result.map_err(|failure| work.verdict(&failure, operation))
}

impl TxConnection for PgTransaction {
    const CAPABILITIES: Capabilities = CAPABILITIES;

    fn run(&mut self, operation: Operation, deadline: Deadline) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move {
            let shared = Arc::clone(&self.shared);
            let run = pin!(self.run_once(&operation, deadline));
            observed(&shared.source, &operation, run).await
        })
    }

    fn stream(&mut self, operation: Operation, deadline: Deadline) -> BoxStream<'_, Result<Row>> {
        let shared = Arc::clone(&self.shared);
        let rows = super::stream::in_transaction(self, operation.clone(), deadline);
        observed_stream(&shared.source, &operation, rows)
    }

    fn savepoint(&mut self, savepoint: Savepoint, step: Step) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.savepoint_once(savepoint, step))
    }

    fn before_reading(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.settings_once())
    }

    fn introspect(
        client: &dyn DatabaseClient,
        options: IntrospectOptions,
    ) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(introspect::introspect(client, options))
    }

    fn commit(self) -> BoxFuture<'static, Result<()>> {
        let source = self.shared.source.clone();
        Box::pin(async move {
            let commit = pin!(self.commit_once());
            observed_control(&source, "commit", commit).await
        })
    }

    fn rollback(self) -> BoxFuture<'static, Result<()>> {
        let source = self.shared.source.clone();
        Box::pin(async move {
            let rollback = pin!(self.roll_back_once());
            observed_control(&source, "rollback", rollback).await
        })
    }
}

impl Drop for PgTransaction {
    fn drop(&mut self) {
        if self.lease.is_some() {
            self.forget_local();
        }
    }
}
