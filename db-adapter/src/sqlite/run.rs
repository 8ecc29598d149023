//! One operation on one connection, in a transaction or not; the pool and the transaction both
//! run it here.

use std::collections::HashMap;
use std::sync::Arc;

use db_adapter_core::{SqlType, TableName};
use futures_util::StreamExt;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Either, Executor};

use super::catalog::{Catalog, Table};
use super::dialect::{Sql, SqliteDialect};
use super::error::{Context, STALE, translate};
use super::pool::ROWS_AHEAD;
use super::{decode, encode};
use crate::query::{Matching, Operation, Outcome, Returning, Select};
use crate::row::Header;
use crate::sql::{self, Output};
use crate::stream::Sink;
use crate::{Error, Filter, Result, Row};

/// A connection at work on one operation.
pub(super) struct Session<'c> {
    pub(super) connection: &'c mut SqliteConnection,
    pub(super) catalog: &'c Catalog,
    /// The database, for messages.
    pub(super) target: &'c str,
    /// Whether a transaction is open already.
    pub(super) in_transaction: bool,
    /// Whether a statement of the operation has been sent: from then on its failure is one of
    /// the transaction.
    pub(super) sent: bool,
    /// Whether all that failed was to read what a statement gave.
    pub(super) unreadable: bool,
    /// Whether a table was taken from the catalogue as it was, which may be out of date.
    pub(super) from_cache: bool,
    /// The highest row numbers that the transaction gave out in advance.
    pub(super) reserved: Option<&'c mut HashMap<TableName, i64>>,
}

impl<'c> Session<'c> {
    pub(super) fn new(
        connection: &'c mut SqliteConnection,
        catalog: &'c Catalog,
        target: &'c str,
        in_transaction: bool,
    ) -> Self {
        Session {
            connection,
            catalog,
            target,
            in_transaction,
            sent: false,
            unreadable: false,
            from_cache: false,
            reserved: None,
        }
    }

    /// Runs an operation to its end.
    pub(super) async fn run(&mut self, operation: &Operation) -> Result<Outcome> {
        if !self.in_transaction && self.wants_transaction(operation).await? {
            return self.atomically(operation).await;
        }
        match operation {
            Operation::Select(select) => self.select(select).await,
            Operation::Count(matching) => self.count(matching).await,
            Operation::Exists(matching) => self.exists(matching).await,
            Operation::Insert(insert) => self.insert(insert).await,
            Operation::Update(update) => self.update(update).await,
            Operation::UpdateMany(update) => self.update_many(update).await,
            Operation::Delete(matching) => self.delete(matching).await,
            Operation::Load(load) => self.load(load).await,
            Operation::AllocateKeys(allocate) => self.allocate_keys(allocate).await,
            Operation::AdvanceSequence(advance) => self.advance_sequence(advance).await,
            Operation::Lock(_) => self.lock(),
            Operation::Query(statement) => self.query(statement).await,
            Operation::Execute(statement) => self.execute(statement).await,
            Operation::ExecuteScript(script) => self.execute_script(script).await,
            Operation::Ping => self.ping().await,
            Operation::ServerVersion => self.server_version().await,
        }
    }

    /// Whether the operation is more than one statement.
    async fn wants_transaction(&mut self, operation: &Operation) -> Result<bool> {
        Ok(match operation {
            Operation::Insert(insert) => insert.rows.len() > 1,
            Operation::Load(load) => load.rows.len() > 1,
            Operation::UpdateMany(_) | Operation::ExecuteScript(_) => true,
            Operation::Update(update) if update.returning == Returning::First => {
                let table = self.table(&update.table).await?;
                !super::write::is_one_statement(&table, update)
            }
            _ => false,
        })
    }

    /// Runs an operation in a transaction of its own.
    async fn atomically(&mut self, operation: &Operation) -> Result<Outcome> {
        let context = self.context(None);
        let mut transaction = self
            .connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| translate(error, &context))?;
        let mut inner = Session::new(&mut transaction, self.catalog, self.target, true);
        let result = Box::pin(inner.run(operation)).await;
        self.from_cache |= inner.from_cache;
        match result {
            Ok(outcome) => match transaction.commit().await {
                Ok(()) => Ok(outcome),
                Err(error) => {
                    heal(self.connection).await;
                    Err(translate(error, &context))
                }
            },
            Err(error) => {
                ensure_open(&mut transaction).await;
                // the error matters more than one of the rollback
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }

    pub(super) async fn table(&mut self, name: &TableName) -> Result<Arc<Table>> {
        if let Some(table) = self.catalog.known(name) {
            self.from_cache = true;
            return Ok(table);
        }
        self.catalog.table(self.connection, name).await
    }

    /// The tables that a filter refers to.
    async fn others(&mut self, filter: &Filter) -> Result<Vec<(TableName, Arc<Table>)>> {
        let mut others = Vec::new();
        for name in filter.tables() {
            others.push((name.clone(), self.table(name).await?));
        }
        Ok(others)
    }

    pub(super) fn context(&self, table: Option<&TableName>) -> Context {
        Context {
            table: table.map(ToString::to_string),
            keys: Vec::new(),
            target: self.target.to_owned(),
        }
    }

    async fn select(&mut self, select: &Select) -> Result<Outcome> {
        let others = self.others(&select.filter).await?;
        let table = self.table(&select.table).await?;
        let (mut sql, outputs) = sql::select::<SqliteDialect>(&table, &others, select)?;
        let context = self.context(Some(&select.table));
        let mut version = self.check_version(&mut sql, &table);
        let (header, types) = plan(&outputs)?;
        let mut rows = Vec::new();
        self.send(sql, true, &context, |row| match version.take() {
            Some(version) => is_current(&row, version),
            None => {
                let values = decode::row(&row, &types)?;
                rows.push(Row::from_parts(Arc::clone(&header), values));
                Ok(())
            }
        })
        .await?;
        Ok(Outcome { rows, affected: 0 })
    }

    /// Lets SQLite tell first which version of the schema it reads, in the same round trip: a
    /// column that another program added would be missing without an error. Gives the version
    /// that the first row must tell.
    fn check_version(&self, sql: &mut Sql, table: &Table) -> Option<i64> {
        if !self.from_cache || self.in_transaction {
            return None;
        }
        sql.text.insert_str(0, "PRAGMA schema_version;\n");
        Some(table.extra.version)
    }

    async fn count(&mut self, matching: &Matching) -> Result<Outcome> {
        let others = self.others(&matching.filter).await?;
        let table = self.table(&matching.table).await?;
        let sql = sql::count::<SqliteDialect>(&table, &others, matching)?;
        let context = self.context(Some(&matching.table));
        let outputs = [Output {
            name: "count".to_owned(),
            sql_type: SqlType::Int8,
        }];
        let (rows, _) = self.fetch(sql, &outputs, &context).await?;
        let count: i64 = rows.first().map_or(Ok(0), |row| row.get("count"))?;
        Ok(Outcome {
            rows: Vec::new(),
            affected: u64::try_from(count).unwrap_or(0),
        })
    }

    async fn exists(&mut self, matching: &Matching) -> Result<Outcome> {
        let others = self.others(&matching.filter).await?;
        let table = self.table(&matching.table).await?;
        let sql = sql::exists::<SqliteDialect>(&table, &others, matching)?;
        let context = self.context(Some(&matching.table));
        let outputs = [Output {
            name: "found".to_owned(),
            sql_type: SqlType::Int8,
        }];
        let (rows, _) = self.fetch(sql, &outputs, &context).await?;
        Ok(Outcome {
            affected: u64::from(!rows.is_empty()),
            rows: Vec::new(),
        })
    }

    async fn ping(&mut self) -> Result<Outcome> {
        // more than the driver's own ping: the file is read
        let sql = Sql::new("SELECT 1 FROM sqlite_schema LIMIT 1");
        let context = self.context(None);
        self.sent = true;
        self.send(sql, true, &context, |_| Ok(())).await?;
        Ok(Outcome::default())
    }

    async fn server_version(&mut self) -> Result<Outcome> {
        let sql = Sql::new("SELECT sqlite_version() AS version");
        let context = self.context(None);
        let outputs = [Output {
            name: "version".to_owned(),
            sql_type: SqlType::Text,
        }];
        let (rows, _) = self.fetch(sql, &outputs, &context).await?;
        Ok(Outcome { rows, affected: 0 })
    }

    /// Runs a statement of ours to its end; gives its rows and how many it changed.
    pub(super) async fn fetch(
        &mut self,
        sql: Sql,
        outputs: &[Output],
        context: &Context,
    ) -> Result<(Vec<Row>, u64)> {
        self.fetch_as(sql, true, outputs, context).await
    }

    /// [`fetch`](Session::fetch), prepared for this once.
    pub(super) async fn fetch_once(
        &mut self,
        sql: Sql,
        outputs: &[Output],
        context: &Context,
    ) -> Result<(Vec<Row>, u64)> {
        self.fetch_as(sql, false, outputs, context).await
    }

    async fn fetch_as(
        &mut self,
        sql: Sql,
        persistent: bool,
        outputs: &[Output],
        context: &Context,
    ) -> Result<(Vec<Row>, u64)> {
        let (header, types) = plan(outputs)?;
        let mut rows = Vec::new();
        let changed = self
            .send(sql, persistent, context, |row| {
                let values = decode::row(&row, &types)?;
                rows.push(Row::from_parts(Arc::clone(&header), values));
                Ok(())
            })
            .await?;
        Ok((rows, changed))
    }

    /// Sends a statement and takes everything that it answers: what fails at its very end,
    /// such as a foreign key, fails after its rows.
    pub(super) async fn send(
        &mut self,
        sql: Sql,
        persistent: bool,
        context: &Context,
        mut row: impl FnMut(SqliteRow) -> Result<()>,
    ) -> Result<u64> {
        let arguments = encode::arguments(sql.params)?;
        let query = sqlx::query_with(AssertSqlSafe(sql.text), arguments).persistent(persistent);
        self.sent = true;
        let mut results = self.connection.fetch_many(query).ready_chunks(ROWS_AHEAD);
        let mut changed = 0;
        let mut unreadable = None;
        while let Some(results) = results.next().await {
            for result in results {
                match result.map_err(|error| translate(error, context))? {
                    Either::Left(done) => changed = done.rows_affected(),
                    Either::Right(found) if unreadable.is_none() => unreadable = row(found).err(),
                    Either::Right(_) => {}
                }
            }
        }
        match unreadable {
            Some(error) => {
                self.unreadable = true;
                Err(error)
            }
            None => Ok(changed),
        }
    }

    /// The rows of a select, as they come.
    pub(super) async fn stream_select(
        &mut self,
        select: &Select,
        sink: &mut Sink<Result<Row>>,
    ) -> Result<()> {
        let others = self.others(&select.filter).await?;
        let table = self.table(&select.table).await?;
        let (mut sql, outputs) = sql::select::<SqliteDialect>(&table, &others, select)?;
        let context = self.context(Some(&select.table));
        let mut version = self.check_version(&mut sql, &table);
        let (header, types) = plan(&outputs)?;
        let arguments = encode::arguments(sql.params)?;
        let query = sqlx::query_with(AssertSqlSafe(sql.text), arguments);
        self.sent = true;
        let mut rows = self.connection.fetch(query).ready_chunks(ROWS_AHEAD);
        while let Some(rows) = rows.next().await {
            for row in rows {
                let row = row.map_err(|error| translate(error, &context))?;
                if let Some(version) = version.take() {
                    is_current(&row, version)?;
                    continue;
                }
                let values = decode::row(&row, &types)?;
                drop(row);
                sink.send(Ok(Row::from_parts(Arc::clone(&header), values)))
                    .await;
            }
        }
        Ok(())
    }

    /// The rows of a select or a query, as they come.
    pub(super) async fn stream(
        &mut self,
        operation: &Operation,
        sink: &mut Sink<Result<Row>>,
    ) -> Result<()> {
        match operation {
            Operation::Select(select) => self.stream_select(select, sink).await,
            Operation::Query(statement) => self.stream_query(statement, sink).await,
            other => Err(Error::unsupported(
                format!("a stream of {}", other.describe().0),
                "SQLite",
                "stream a select or a query",
            )),
        }
    }
}

/// The header and the types of a result.
fn plan(outputs: &[Output]) -> Result<(Arc<Header>, Vec<SqlType>)> {
    let header = Header::new(outputs.iter().map(|output| output.name.as_str()))?;
    let types = outputs.iter().map(|output| output.sql_type.clone());
    Ok((header, types.collect()))
}

/// An error that makes the catalogue be read again, when the schema has another version.
fn is_current(row: &SqliteRow, version: i64) -> Result<()> {
    if decode::stored(row, 0)? == decode::Stored::Int(version) {
        return Ok(());
    }
    Err(Error::Database {
        code: STALE.to_owned(),
        message: "the schema changed meanwhile".to_owned(),
    })
}

/// Makes sure that a transaction is open, so that the driver's `ROLLBACK` finds one: some errors
/// (disk full, `ON CONFLICT ROLLBACK`) end the transaction by themselves, and a driver whose
/// `ROLLBACK` fails takes the connection for being in a transaction for ever.
///
/// Gives whether it had ended.
pub(super) async fn ensure_open(connection: &mut SqliteConnection) -> bool {
    connection.execute("BEGIN").await.is_ok()
}

/// After a commit that failed: where SQLite ended the transaction by itself, the driver still
/// counts it, and only a `ROLLBACK` of its own that succeeds makes it forget.
pub(super) async fn heal(connection: &mut SqliteConnection) {
    let _ = connection.execute("BEGIN").await;
    // refused either way; a driver that counts one transaction too many then rolls back
    drop(connection.begin_with("BEGIN").await);
    let _ = connection.execute("ROLLBACK").await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::ConnectOptions;

    #[tokio::test]
    async fn a_connection_whose_transaction_ended_by_itself_is_healed() {
        let mut connection = sqlx::sqlite::SqliteConnectOptions::new()
            .connect()
            .await
            .unwrap();
        for stuck in [true, false] {
            if stuck {
                let mut transaction = connection.begin_with("BEGIN").await.unwrap();
                transaction.execute("ROLLBACK").await.unwrap();
                assert!(transaction.commit().await.is_err());
                assert!(connection.begin_with("BEGIN").await.is_err());
            }
            heal(&mut connection).await;
            let transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
            transaction.commit().await.unwrap();
        }
    }
}
