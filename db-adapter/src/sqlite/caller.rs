//! SQL text of the caller: which connection it needs, its parameters, the types of its results.

use std::sync::Arc;

use db_adapter_core::SqlType;
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::{self, statements};
use futures_util::StreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Column as _, Either, Executor, Row as _};

use super::catalog::{Origins, untyped};
use super::dialect::Sql;
use super::encode::{self, bare};
use super::error::{Context, translate};
use super::pool::ROWS_AHEAD;
use super::run::Session;
use super::{catalog, decode};
use crate::error::InvalidValue;
use crate::query::{Operation, Outcome, Statement};
use crate::row::Header;
use crate::sql::{parameters, refuse_transaction_control, single_statement};
use crate::stream::Sink;
use crate::{Error, Result, Row};

/// Read before a caller's query, so that this connection sees what others changed in the schema:
/// else `SELECT *` is prepared with the columns of old, and the driver breaks on the new ones.
const REFRESH: &str = "SELECT 1 FROM sqlite_schema LIMIT 0;\n";

/// A caller's text, which may turn out to be none or several statements.
fn of(statement: &Statement) -> statement::Statement<'_> {
    statement::Statement::new(&statement.sql, SqlDialect::Sqlite)
}

/// Whether an operation can run on a connection that only reads.
pub(super) fn is_read(operation: &Operation) -> bool {
    match operation {
        Operation::Query(statement) | Operation::Execute(statement) => of(statement).only_reads(),
        operation => operation.is_read(),
    }
}

/// Whether an operation may change the schema or settings.
pub(super) fn may_change_schema(operation: &Operation) -> bool {
    match operation {
        Operation::ExecuteScript(_) => true,
        Operation::Query(statement) | Operation::Execute(statement) => {
            of(statement).may_change_schema()
        }
        _ => false,
    }
}

/// The statement with `:name` as `?n`, and its values.
fn prepare(statement: &Statement) -> Result<Sql> {
    let only = single_statement(&statement.sql, SqlDialect::Sqlite)?;
    refuse_transaction_control(only)?;
    let names: Vec<&str> = statement.binds.iter().map(|(name, _)| &**name).collect();
    let found = parameters(only.text(), &names, SqlDialect::Sqlite, true)?;
    let mut sql = Sql::new("");
    for bind in &found.binds {
        if let Some((name, value)) = statement.binds.get(*bind) {
            if value.as_str().is_some_and(|text| text.contains('\0')) {
                // no backend takes one, so that what one stores another can
                let details = InvalidValue::new("text cannot hold a NUL character");
                return Err(Error::from(details).in_column(name));
            }
            sql.params.push(bare(value));
        }
    }
    for (i, part) in found.parts.iter().enumerate() {
        sql.push(part);
        if let Some(place) = found.uses.get(i) {
            sql.push(&format!("?{}", place + 1));
        }
    }
    Ok(sql)
}

/// How the rows of a query are read; made from the first of them.
struct Plan {
    header: Arc<Header>,
    types: Vec<SqlType>,
}

impl Plan {
    fn of(row: &SqliteRow, origins: &Origins) -> Result<Plan> {
        let columns = row.columns();
        let types = columns.iter().map(|column| {
            let origin = column.origin();
            let known = origin.table_column().and_then(|origin| {
                let columns = origins.get(&*origin.table)?;
                columns.get(&*origin.name).cloned()
            });
            known.unwrap_or_else(untyped)
        });
        Ok(Plan {
            types: types.collect(),
            header: Header::new(columns.iter().map(|column| column.name()))?,
        })
    }

    fn row(&self, row: &SqliteRow) -> Result<Row> {
        let values = decode::row(row, &self.types)?;
        Ok(Row::from_parts(Arc::clone(&self.header), values))
    }
}

impl Session<'_> {
    pub(super) async fn query(&mut self, statement: &Statement) -> Result<Outcome> {
        let mut sql = prepare(statement)?;
        sql.text.insert_str(0, REFRESH);
        let origins = self.catalog.origins(self.connection).await?;
        let context = self.context(None);
        let mut plan: Option<Plan> = None;
        let mut rows = Vec::new();
        let sent = self
            .send(sql, false, &context, |row| {
                let plan = match &plan {
                    Some(plan) => plan,
                    None => plan.insert(Plan::of(&row, &origins)?),
                };
                rows.push(plan.row(&row)?);
                Ok(())
            })
            .await;
        match sent {
            Ok(_) => Ok(Outcome { rows, affected: 0 }),
            Err(error) => Err(self.suggesting(error).await),
        }
    }

    pub(super) async fn stream_query(
        &mut self,
        statement: &Statement,
        sink: &mut Sink<Result<Row>>,
    ) -> Result<()> {
        let mut sql = prepare(statement)?;
        sql.text.insert_str(0, REFRESH);
        let origins = self.catalog.origins(self.connection).await?;
        let context = self.context(None);
        let arguments = encode::arguments(sql.params)?;
        let query = sqlx::query_with(AssertSqlSafe(sql.text), arguments).persistent(false);
        self.sent = true;
        let mut results = self.connection.fetch_many(query).ready_chunks(ROWS_AHEAD);
        let mut plan: Option<Plan> = None;
        while let Some(results) = results.next().await {
            for result in results {
                let result = result.map_err(|error| translate(error, &context))?;
                let Either::Right(row) = result else { continue };
                let plan = match &plan {
                    Some(plan) => plan,
                    None => plan.insert(Plan::of(&row, &origins)?),
                };
                let row = plan.row(&row)?;
                sink.send(Ok(row)).await;
            }
        }
        Ok(())
    }

    pub(super) async fn execute(&mut self, statement: &Statement) -> Result<Outcome> {
        let sql = prepare(statement)?;
        // the driver tells of a statement that changes no rows what an earlier one changed
        let counts = of(statement).counts_rows();
        let context = self.context(None);
        match self.send(sql, false, &context, |_| Ok(())).await {
            Ok(changed) => Ok(Outcome {
                rows: Vec::new(),
                affected: if counts { changed } else { 0 },
            }),
            Err(error) => Err(self.suggesting(error).await),
        }
    }

    pub(super) async fn execute_script(&mut self, script: &str) -> Result<Outcome> {
        let mut texts = Vec::new();
        for statement in statements(script, SqlDialect::Sqlite) {
            refuse_transaction_control(statement)?;
            parameters(statement.text(), &[], SqlDialect::Sqlite, true)?;
            texts.push(statement.text());
        }
        let context: Context = self.context(None);
        for text in texts {
            let sql = Sql::new(text);
            if let Err(error) = self.send(sql, false, &context, |_| Ok(())).await {
                return Err(self.suggesting(error).await);
            }
        }
        Ok(Outcome::default())
    }

    /// Adds the nearest name to the error of an unknown table.
    async fn suggesting(&mut self, error: Error) -> Error {
        match &error {
            Error::UndefinedTable {
                table,
                suggestion: None,
            } => catalog::undefined(self.connection, table)
                .await
                .unwrap_or(error),
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn statement(sql: &str, binds: &[(&str, i64)]) -> Statement {
        Statement {
            sql: sql.into(),
            binds: binds
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Value::Int(*value)))
                .collect(),
        }
    }

    #[test]
    fn parameters_are_numbered() {
        let sql = prepare(&statement("SELECT :b, ':a', :a, :b", &[("a", 1), ("b", 2)])).unwrap();
        assert_eq!(sql.text, "SELECT ?1, ':a', ?2, ?1");
        assert_eq!(sql.params, [encode::Param::Int(2), encode::Param::Int(1)]);
    }
}
