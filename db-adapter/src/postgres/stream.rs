//! Rows as they come, in constant memory. A stream that is dropped before its end is cancelled on
//! the server; in a transaction, which must not fail for that, the next statement reads the rest away.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::Statement;
use futures_util::TryStreamExt;

use super::adapter::{REFRESHES, RETRIES, Shared, flight, no_answer};
use super::cancel::{Cancellable, Unread, patience, unread, until};
use super::cancel_on_drop::CancelOnDrop;
use super::connection::Connection;
use super::encode::Param;
use super::error::{explain, schema_changed};
use super::failure::Failure;
use super::pace::Pace;
use super::run::Work;
use super::staleness::Staleness;
use super::statement::{decode, named_as, stream};
use super::statement_text as text;
use super::transaction::PgTransaction;
use super::verdict::no_answer_verdict;
use crate::client::BoxStream;
use crate::deadline::Deadline;
use crate::query::Operation;
use crate::row::Header;
use crate::sql;
use crate::stream::{Sink, generate};
use crate::{Error, ErrorKind, Result, Row};

/// A text that is ready to be run, and the names of its columns.
type Parts = (String, Vec<Param>, Arc<Header>);

impl Work<'_> {
    async fn parts(&mut self, operation: &Operation) -> Result<Parts, Failure> {
        match operation {
            Operation::Select(select) => {
                sql::check_lock(select, self.in_transaction)?;
                let others = self.others(&select.filter).await?;
                let table = self.table(&select.table).await?;
                let (sql, header) = text::select(&table, &others, select)?;
                Ok((sql.text, sql.params, header))
            }
            Operation::Query(statement) => {
                let (described, params) = self.stream_parts(statement).await?;
                let header = described.header.clone().unwrap_or_default();
                Ok((described.sql.clone(), params, header))
            }
            operation => Err(Error::unsupported(
                format!("a stream of `{}`", operation.describe().0),
                "PostgreSQL",
                "stream a select or a query",
            )
            .into()),
        }
    }

    /// The same in a transaction of its own where one is needed.
    async fn pour_pooled(
        &mut self,
        operation: &Operation,
        sink: &mut Sink<Result<Row>>,
    ) -> Result<(), (Failure, bool)> {
        let alone = self.is_alone(operation);
        let begun = self.begin_if(alone).await;
        begun.map_err(|failure| (failure, false))?;
        self.pour(operation, sink).await?;
        self.commit_if_begun()
            .await
            .map_err(|failure| (failure, true))
    }

    /// Hands out the rows; whether one was handed out before a failure.
    async fn pour(
        &mut self,
        operation: &Operation,
        sink: &mut Sink<Result<Row>>,
    ) -> Result<(), (Failure, bool)> {
        let early = |failure| (failure, false);
        let (sql, params, mut header) = self.parts(operation).await.map_err(early)?;
        if writes(operation) {
            self.conn.set_pours_written();
        }
        self.pours();
        let mut rows = stream(self.conn, sql, params).await.map_err(early)?;
        let mut plan = None;
        let mut poured = false;
        let mut pace = Pace::default();
        loop {
            let row = rows.try_next().await;
            let row = row.map_err(|error| (Failure::Driver(error), poured))?;
            let Some(row) = row else { break };
            if plan.is_none() {
                header = named_as(&row, header).map_err(early)?;
            }
            let values = decode(&mut plan, &row).map_err(|failure| (failure, poured))?;
            poured = true;
            pace.row().await;
            sink.send(Ok(Row::from_parts(Arc::clone(&header), values)))
                .await;
        }
        drop(rows);
        // before it is said to be whole
        let proven = self.check_snapshot().await;
        proven.map_err(|failure| (failure, poured))
    }
}

/// Whether it is a text that changes something by its words. What a function does that a read calls is
/// done to its end, as the read is.
fn writes(operation: &Operation) -> bool {
    match operation {
        Operation::Query(query) => !Statement::new(&query.sql, SqlDialect::Postgres).only_reads(),
        _ => false,
    }
}

/// On a connection of the pool.
pub(super) fn pooled(
    shared: &Arc<Shared>,
    operation: Operation,
    limit: Option<Duration>,
) -> BoxStream<'_, Result<Row>> {
    generate(move |mut sink| async move {
        let deadline = Deadline::after(limit);
        let cancellable = Cancellable::new(deadline);
        let ended = {
            let poured = pin!(pour_pooled(
                shared,
                &operation,
                &mut sink,
                deadline,
                &cancellable
            ));
            let patience = patience(flight(&operation));
            until(deadline, patience, &cancellable, &shared.pool, poured).await
        };
        let ended = match ended {
            Some(Ok(())) if cancellable.cut_short() && !operation.is_read() => None,
            ended => ended,
        };
        if let Err(error) = ended.unwrap_or_else(|| Err(no_answer(&operation))) {
            sink.send(Err(error)).await;
        }
    })
}

async fn pour_pooled(
    shared: &Shared,
    operation: &Operation,
    sink: &mut Sink<Result<Row>>,
    deadline: Deadline,
    cancellable: &Cancellable,
) -> Result<()> {
    let mut lost = 0;
    loop {
        let mut lease = shared.pool.lease(deadline).await?;
        let conn = lease.work(flight(operation))?;
        conn.watch(cancellable).await;
        let unread = Unread::of(conn, cancellable, &shared.pool, deadline, true);
        let result = pour_repeating(shared, conn, operation, sink, lost > 0).await;
        conn.unwatch().await;
        drop(unread);
        if matches!(result, Err(Broken { lost: true, .. })) {
            lease.lost();
            shared.pool.lost_one();
        }
        match result {
            Ok(()) => {
                lease.landed();
                return Ok(());
            }
            Err(Broken {
                lost: true,
                poured: false,
                ref error,
            }) if operation.is_read()
                && lost < RETRIES
                && !cancellable.was_by_force()
                && error.kind() != ErrorKind::OutcomeUnknown =>
            {
                lost += 1;
            }
            Err(broken) => {
                if !broken.lost {
                    lease.landed();
                }
                return Err(of_unread(broken.error, cancellable));
            }
        }
    }
}

/// The connection was not lost but ended by us.
fn of_unread(error: Error, cancellable: &Cancellable) -> Error {
    match error.kind() {
        ErrorKind::Connection if cancellable.was_by_force() => unread(),
        _ => error,
    }
}

/// Why a stream ended early.
struct Broken {
    error: Error,
    /// Whether its connection is gone.
    lost: bool,
    /// Whether a row was handed out before.
    poured: bool,
}

async fn pour_repeating(
    shared: &Shared,
    conn: &mut Connection,
    operation: &Operation,
    sink: &mut Sink<Result<Row>>,
    again: bool,
) -> Result<(), Broken> {
    let mut refreshes = 0;
    loop {
        let mut work = Work::new(conn, shared, &shared.catalog, false);
        work.again = again;
        let Err((failure, poured)) = work.pour_pooled(operation, sink).await else {
            return Ok(());
        };
        let begun = work.is_open();
        let certain = work.staleness(&failure) == Staleness::Certain;
        let context = work.context(operation.describe().0);
        let error = match begun && certain && !work.may_repeat(&failure) {
            true => schema_changed(context),
            false => explain(&failure, context),
        };
        let lost = failure.is_lost() || !work.roll_back_if_begun().await;
        let broken = Broken {
            error,
            lost,
            poured,
        };
        if lost || poured || refreshes == REFRESHES || !work.may_repeat(&failure) {
            if certain && !lost {
                // the next operation is not to fail as well
                work.refresh().await;
            }
            return Err(broken);
        }
        refreshes += 1;
        match work.staleness(&failure) {
            Staleness::Certain => work.refresh().await,
            Staleness::Suspected if matches!(work.look_again().await, Ok(true)) => {}
            Staleness::Suspected | Staleness::No => return Err(broken),
        }
    }
}

/// On the connection of a transaction, which has to stay: what an abandoned stream leaves is
/// read away before the next statement.
pub(super) fn in_transaction(
    transaction: &mut PgTransaction,
    operation: Operation,
    deadline: Deadline,
) -> BoxStream<'_, Result<Row>> {
    generate(move |mut sink| async move {
        if let Err(error) = pour_in_transaction(transaction, &operation, &mut sink, deadline).await
        {
            sink.send(Err(error)).await;
        }
    })
}

/// Pours, again where we have refused the operation by what we know of a table, and it is another one:
/// nothing was sent.
async fn pour_in(
    work: &mut Work<'_>,
    operation: &Operation,
    sink: &mut Sink<Result<Row>>,
) -> Result<(), (Failure, bool)> {
    let (failure, poured) = match work.pour(operation, sink).await {
        Ok(()) => return Ok(()),
        Err(broken) => broken,
    };
    let is_ours = matches!(failure, Failure::Ours(_)) && !poured;
    if !is_ours || work.staleness(&failure) != Staleness::Suspected {
        return Err((failure, poured));
    }
    match work.look_again().await {
        Ok(true) => work.pour(operation, sink).await,
        Ok(false) => Err((failure, false)),
        // the question itself has failed, and the transaction with it
        Err(failure) => Err((failure, false)),
    }
}

async fn pour_in_transaction(
    transaction: &mut PgTransaction,
    operation: &Operation,
    sink: &mut Sink<Result<Row>>,
    deadline: Deadline,
) -> Result<()> {
    transaction.enter_by(deadline, operation).await?;
    let pool = Arc::clone(transaction.pool()?);
    let cancellable = Cancellable::new(deadline);
    let mut work = transaction
        .work(flight(operation), Some(&cancellable))
        .await?;
    let patience = patience(flight(operation));
    let guard = CancelOnDrop::of_stream(&cancellable, &pool);
    let unread = Unread::of(work.conn, &cancellable, &pool, deadline, false);
    let poured = {
        let poured = pin!(pour_in(&mut work, operation, sink));
        until(deadline, patience, &cancellable, &pool, poured).await
    };
    let ended = match poured {
        Some(Ok(())) => Ok(()),
        Some(Err((failure, _))) => Err(work.verdict(&failure, operation)),
        None => Err(no_answer_verdict(operation)),
    };
    guard.disarm();
    drop(unread);
    let left = transaction.leave(ended).await;
    // a request under way tells whether it was us
    cancellable.end().await;
    left.map_err(|error| of_unread(error, &cancellable))
}
