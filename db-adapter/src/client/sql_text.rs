//! The builders of the verbs that take SQL text.

use serde::de::DeserializeOwned;

use super::builders::awaitable;
use super::call::Call;
use super::typed::Reader;
use super::{BoxStream, DatabaseClient};
use crate::query::{Operation, Statement};
use crate::{Error, Result, Row, Value};

/// SQL that gives rows; made by [`DatabaseClientExt::query`](super::DatabaseClientExt::query) and
/// [`query_as`](super::DatabaseClientExt::query_as). Awaiting it gives all the rows, as `T`.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct QueryBuilder<'a, T = Row> {
    call: Call<'a>,
    statement: Statement,
    reader: Reader<T>,
}

impl<'a> QueryBuilder<'a> {
    pub(super) fn new(client: &'a dyn DatabaseClient, sql: &str) -> Self {
        QueryBuilder {
            call: Call::new(client),
            statement: Statement::new(sql),
            reader: Reader::PLAIN,
        }
    }

    /// Gives the rows as a type of yours, read by serde as [`Row::deserialize`] does, but without
    /// copying their texts.
    ///
    /// # Errors
    /// [`Error::Conversion`] naming the column, when it is awaited.
    pub fn deserialize<T: DeserializeOwned>(self) -> QueryBuilder<'a, T> {
        QueryBuilder {
            call: self.call,
            statement: self.statement,
            reader: Reader::SERDE,
        }
    }
}

impl<'a, T> QueryBuilder<'a, T> {
    /// Gives `:name` a value.
    pub fn bind(mut self, name: impl AsRef<str>, value: impl Into<Value>) -> Self {
        self.statement
            .binds
            .push((name.as_ref().to_owned(), value.into()));
        self
    }

    /// What this is called in traces, where its text never stands: the field `label` of the span.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// let rows = db.query("SELECT 1 AS one").label("monthly report").await?;
    /// # assert_eq!(rows, [row! { "one": 1 }]);
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.statement.label = Some(label.into());
        self
    }

    /// The rows as they come, in constant memory.
    pub fn stream(self) -> BoxStream<'a, Result<T>>
    where
        T: 'a,
    {
        let rows = self.call.run_stream(Operation::Query(self.statement));
        self.reader.stream(rows)
    }

    /// The one row.
    ///
    /// # Errors
    /// [`Error::NoRowsMatched`] and [`Error::TooManyRows`].
    pub async fn one(self) -> Result<T> {
        self.optional().await?.ok_or_else(|| Error::NoRowsMatched {
            table: "the query".to_owned(),
        })
    }

    /// The row, if there is one.
    ///
    /// # Errors
    /// [`Error::TooManyRows`].
    pub async fn optional(self) -> Result<Option<T>> {
        let query = Operation::Query(self.statement);
        let mut rows = self.call.run(query).await?.rows;
        match rows.len() {
            0 | 1 => rows.pop().map(|row| self.reader.row(row)).transpose(),
            _ => Err(Error::TooManyRows { table: None }),
        }
    }

    async fn finish(self) -> Result<Vec<T>> {
        let outcome = self.call.run(Operation::Query(self.statement)).await?;
        self.reader.rows(outcome.rows)
    }
}

awaitable!(QueryBuilder<T> => Vec<T>);

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
            statement: Statement::new(sql),
        }
    }

    /// Gives `:name` a value.
    pub fn bind(mut self, name: impl AsRef<str>, value: impl Into<Value>) -> Self {
        self.statement
            .binds
            .push((name.as_ref().to_owned(), value.into()));
        self
    }

    /// What this is called in traces, where its text never stands: the field `label` of the span.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.statement.label = Some(label.into());
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
