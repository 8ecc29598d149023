//! The builders of the verbs that take SQL text.

use super::builders::awaitable;
use super::call::Call;
use super::{BoxStream, DatabaseClient};
use crate::query::{Operation, Statement};
use crate::{Error, Result, Row, Value};

/// SQL that gives rows; made by [`DatabaseClientExt::query`](super::DatabaseClientExt::query).
/// Awaiting it gives all the rows.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct QueryBuilder<'a> {
    call: Call<'a>,
    statement: Statement,
}

impl<'a> QueryBuilder<'a> {
    pub(super) fn new(client: &'a dyn DatabaseClient, sql: &str) -> Self {
        QueryBuilder {
            call: Call::new(client),
            statement: Statement {
                sql: sql.to_owned(),
                binds: Vec::new(),
            },
        }
    }

    /// Gives `:name` a value.
    pub fn bind(mut self, name: impl AsRef<str>, value: impl Into<Value>) -> Self {
        self.statement
            .binds
            .push((name.as_ref().to_owned(), value.into()));
        self
    }

    /// The rows as they come, in constant memory.
    pub fn stream(self) -> BoxStream<'a, Result<Row>> {
        self.call.run_stream(Operation::Query(self.statement))
    }

    /// The one row.
    ///
    /// # Errors
    /// [`Error::NoRowsMatched`] and [`Error::TooManyRows`].
    pub async fn one(self) -> Result<Row> {
        self.optional().await?.ok_or_else(|| Error::NoRowsMatched {
            table: "the query".to_owned(),
        })
    }

    /// The row, if there is one.
    ///
    /// # Errors
    /// [`Error::TooManyRows`].
    pub async fn optional(self) -> Result<Option<Row>> {
        let mut rows = self.finish().await?;
        match rows.len() {
            0 | 1 => Ok(rows.pop()),
            _ => Err(Error::TooManyRows { table: None }),
        }
    }

    async fn finish(self) -> Result<Vec<Row>> {
        Ok(self.call.run(Operation::Query(self.statement)).await?.rows)
    }
}

awaitable!(QueryBuilder => Vec<Row>);

/// One SQL statement; made by [`DatabaseClientExt::execute`](super::DatabaseClientExt::execute).
/// Awaiting it gives the number of changed rows.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct ExecuteBuilder<'a> {
    call: Call<'a>,
    statement: Statement,
}

impl<'a> ExecuteBuilder<'a> {
    pub(super) fn new(client: &'a dyn DatabaseClient, sql: &str) -> Self {
        ExecuteBuilder {
            call: Call::new(client),
            statement: Statement {
                sql: sql.to_owned(),
                binds: Vec::new(),
            },
        }
    }

    /// Gives `:name` a value.
    pub fn bind(mut self, name: impl AsRef<str>, value: impl Into<Value>) -> Self {
        self.statement
            .binds
            .push((name.as_ref().to_owned(), value.into()));
        self
    }

    async fn finish(self) -> Result<u64> {
        Ok(self
            .call
            .run(Operation::Execute(self.statement))
            .await?
            .affected)
    }
}

awaitable!(ExecuteBuilder => u64);

/// Many SQL statements; made by
/// [`DatabaseClientExt::execute_script`](super::DatabaseClientExt::execute_script).
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct ExecuteScriptBuilder<'a> {
    call: Call<'a>,
    sql: String,
}

impl<'a> ExecuteScriptBuilder<'a> {
    pub(super) fn new(client: &'a dyn DatabaseClient, sql: &str) -> Self {
        ExecuteScriptBuilder {
            call: Call::new(client),
            sql: sql.to_owned(),
        }
    }

    async fn finish(self) -> Result<()> {
        self.call
            .run(Operation::ExecuteScript(self.sql))
            .await
            .map(drop)
    }
}

awaitable!(ExecuteScriptBuilder => ());
