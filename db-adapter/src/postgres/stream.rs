//! Rows as they come, in constant memory. A stream that is dropped before its end closes its
//! connection, so that nobody has to wait for what the server still sends.

use std::sync::Arc;

use futures_util::TryStreamExt;

use super::adapter::{RETRIES, Shared};
use super::connection::{Failure, decode, named_as, stream};
use super::dialect::Postgres;
use super::encode::Param;
use super::error::{explain, worded};
use super::run::Work;
use super::transaction::PgTransaction;
use crate::client::BoxStream;
use crate::query::Operation;
use crate::row::Header;
use crate::sql;
use crate::stream::{Sink, generate};
use crate::{Error, Result, Row};

/// A text that is ready to be run, and the names of its columns.
type Parts = (String, Vec<Param>, Arc<Header>);

impl Work<'_> {
    async fn parts(&mut self, operation: &Operation) -> Result<Parts, Failure> {
        match operation {
            Operation::Select(select) => {
                let others = self.others(&select.filter).await?;
                let table = self.table(&select.table).await?;
                let (sql, outputs) = sql::select::<Postgres>(&table, &others, select)?;
                let header = Header::new(outputs.into_iter().map(|output| output.name))?;
                Ok((sql.text, sql.params, header))
            }
            Operation::Query(statement) => {
                let (described, params) = self.query_parts(statement).await?;
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

    /// The same in a transaction of its own where a pooler wants one.
    async fn pour_pooled(
        &mut self,
        operation: &Operation,
        sink: &mut Sink<Result<Row>>,
    ) -> Result<(), (Failure, bool)> {
        let begun = self.begin_if(self.shared.is_pooled()).await;
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
        let mut rows =
            stream(self.conn, sql, params).map_err(|error| early(Failure::Ours(error)))?;
        let mut plan = None;
        let mut poured = false;
        loop {
            let row = rows.try_next().await;
            let row = row.map_err(|error| (Failure::Driver(error), poured))?;
            let Some(row) = row else { return Ok(()) };
            if plan.is_none() {
                header = named_as(&row, header).map_err(early)?;
            }
            let values = decode(&mut plan, &row).map_err(|failure| (failure, poured))?;
            poured = true;
            sink.send(Ok(Row::from_parts(Arc::clone(&header), values)))
                .await;
        }
    }
}

/// On a connection of the pool.
pub(super) fn pooled(shared: &Arc<Shared>, operation: Operation) -> BoxStream<'_, Result<Row>> {
    generate(move |mut sink| async move {
        if let Err(error) = pour_pooled(shared, &operation, &mut sink).await {
            sink.send(Err(error)).await;
        }
    })
}

async fn pour_pooled(
    shared: &Shared,
    operation: &Operation,
    sink: &mut Sink<Result<Row>>,
) -> Result<()> {
    let (mut refreshed, mut retries) = (false, 0);
    let mut lease = shared.lease(false).await?;
    loop {
        let mut work = Work::new(lease.work()?, shared, &shared.catalog, false);
        let Err((failure, poured)) = work.pour_pooled(operation, sink).await else {
            lease.done();
            return Ok(());
        };
        let lost = failure.is_lost() || !work.roll_back_if_begun().await;
        if !lost && !poured && !refreshed && work.is_outdated(&failure) {
            refreshed = true;
            work.refresh().await;
            continue;
        }
        let error = explain(&failure, work.context(operation.describe().0));
        if !lost {
            lease.done();
        } else if !poured && retries < RETRIES && operation.is_read() {
            retries += 1;
            drop(lease);
            lease = shared.lease(true).await?;
            continue;
        }
        return Err(error);
    }
}

/// On the connection of a transaction, which has to stay: what an abandoned stream leaves is
/// read away by the next statement.
pub(super) fn in_transaction(
    transaction: &mut PgTransaction,
    operation: Operation,
) -> BoxStream<'_, Result<Row>> {
    generate(move |mut sink| async move {
        transaction.look_for_changes(&operation);
        let mut outdated = false;
        let result = match transaction.work() {
            Ok(mut work) => match work.pour(&operation, &mut sink).await {
                Ok(()) => Ok(false),
                Err((failure, _)) => {
                    outdated = work.forget_if_outdated(&failure);
                    let context = work.context(operation.describe().0);
                    let lost = failure.is_lost();
                    worded(Err::<bool, _>(failure), context).map_err(|error| (error, lost))
                }
            },
            Err(error) => Err((error, false)),
        };
        if outdated {
            transaction.outdated();
        }
        match result {
            Ok(lost) => transaction.done(lost),
            Err((error, lost)) => {
                transaction.done(lost);
                sink.send(Err(error)).await;
            }
        }
    })
}
