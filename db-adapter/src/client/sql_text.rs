//! The builders of the verbs that take SQL text.

use serde::de::DeserializeOwned;

use super::builders::awaitable;
use super::call::Call;
use super::typed::Reader;
use super::{BoxStream, DatabaseClient};
use crate::query::{Operation, Statement, Wanted};
use crate::{Error, Filter, Result, Row, Value};

/// SQL that gives rows; made by [`DatabaseClientExt::query`](super::DatabaseClientExt::query) and
/// [`query_as`](super::DatabaseClientExt::query_as). Awaiting it gives all the rows, as `T`.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct QueryBuilder<'a, T = Row> {
    call: Call<'a>,
    /// The first mistake of the call, kept until it is awaited.
    statement: Result<Statement>,
    reader: Reader<T>,
}

impl<'a> QueryBuilder<'a> {
    pub(super) fn new(client: &'a dyn DatabaseClient, sql: &str) -> Self {
        QueryBuilder {
            call: Call::new(client),
            statement: Ok(Statement::new(sql)),
            reader: Reader::PLAIN,
        }
    }

    /// Gives the rows as a type of yours, read by serde as [`Row::deserialize`] does, each as soon
    /// as it arrives: no row is kept.
    ///
    /// # Errors
    /// [`Error::Conversion`] naming the column, when it is awaited.
    pub fn deserialize<T: DeserializeOwned + Send + 'static>(self) -> QueryBuilder<'a, T> {
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
        self.statement = self.statement.map(|text| text.bind(name.as_ref(), value));
        self
    }

    /// Gives `{name}` a filter of a table that the text reads or writes: the condition stands in
    /// the text, in parentheses, with its values as parameters. The table is written as in the text,
    /// `tasks`, or `tasks AS t` where it has an alias there; its columns get the alias before
    /// them. `{name}` may be used several times, and is code only outside of strings, comments and
    /// quoted names.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// # db.execute_script("CREATE TABLE tasks (id INTEGER PRIMARY KEY, owner TEXT, done BOOLEAN);
    /// #     CREATE TABLE users (name TEXT, city TEXT);
    /// #     INSERT INTO tasks VALUES (1, 'ann', false), (2, 'ann', true), (3, 'bob', false);
    /// #     INSERT INTO users VALUES ('ann', 'Bonn'), ('bob', 'Rome')").await?;
    /// let open: Filter = row! { "done": false, "owner": op::is_in(["ann", "bob"]) };
    /// let cities = db
    ///     .query("SELECT u.city, count(*) AS n FROM tasks t JOIN users u ON u.name = t.owner
    ///             WHERE {open} AND u.city <> :city GROUP BY u.city")
    ///     .filter("open", "tasks AS t", open)
    ///     .bind("city", "Rome")
    ///     .await?;
    /// assert_eq!(cities, [row! { "city": "Bonn", "n": 1 }]);
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// When it is awaited: [`Error::UndefinedTable`], [`Error::UndefinedColumn`] and
    /// [`Error::InvalidValue`] as from a select, [`Error::InvalidQuery`] for a name in braces without
    /// a filter and for a filter that the text does not use, and [`Error::EmptyFilter`] for one
    /// without a condition in a text that writes: [`Filter::all`] says that it is meant.
    pub fn filter(
        mut self,
        name: impl AsRef<str>,
        table: impl AsRef<str>,
        filter: impl Into<Filter>,
    ) -> Self {
        self.statement = self
            .statement
            .and_then(|text| text.filter(name.as_ref(), table, filter));
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
        self.statement = self.statement.map(|text| text.label(label));
        self
    }

    /// The rows as they come, in constant memory.
    pub fn stream(self) -> BoxStream<'a, Result<T>>
    where
        T: 'a,
    {
        let rows = match self.statement {
            Ok(statement) => self.call.run_stream(Operation::Query(statement)),
            Err(error) => Box::pin(futures_util::stream::iter([Err(error)])),
        };
        self.reader.stream(rows)
    }

    /// The one row. A text that changes rows is undone where it gives another number of rows, or one that
    /// is not a `T`; in a transaction, nothing of that is committed any more.
    ///
    /// # Errors
    /// [`Error::NoRowsMatched`] and [`Error::TooManyRows`].
    pub async fn one(self) -> Result<T> {
        let row = self.at_most_one(Wanted::One).await?;
        row.ok_or_else(|| Error::NoRowsMatched {
            table: "the query".to_owned(),
        })
    }

    /// The row, if there is one. A text that changes rows is undone where it gives more than one, or one
    /// that is not a `T`; in a transaction, nothing of that is committed any more.
    ///
    /// # Errors
    /// [`Error::TooManyRows`].
    pub async fn optional(self) -> Result<Option<T>> {
        self.at_most_one(Wanted::AtMostOne).await
    }

    /// The client judges only what writes.
    async fn at_most_one(self, wanted: Wanted) -> Result<Option<T>> {
        let query = Operation::Query(self.statement?);
        let mut rows = self.reader.so_many(self.call, query, wanted).await?;
        Ok(rows.pop())
    }

    async fn finish(self) -> Result<Vec<T>> {
        let query = Operation::Query(self.statement?);
        self.reader.all(self.call, query).await
    }
}

awaitable!(QueryBuilder<T> => Vec<T>);

/// One SQL statement; made by [`DatabaseClientExt::execute`](super::DatabaseClientExt::execute).
/// Awaiting it gives the number of changed rows.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct ExecuteBuilder<'a> {
    call: Call<'a>,
    /// The first mistake of the call, kept until it is awaited.
    statement: Result<Statement>,
}

impl<'a> ExecuteBuilder<'a> {
    pub(super) fn new(client: &'a dyn DatabaseClient, sql: &str) -> Self {
        ExecuteBuilder {
            call: Call::new(client),
            statement: Ok(Statement::new(sql)),
        }
    }

    /// Gives `:name` a value.
    pub fn bind(mut self, name: impl AsRef<str>, value: impl Into<Value>) -> Self {
        self.statement = self.statement.map(|text| text.bind(name.as_ref(), value));
        self
    }

    /// Gives `{name}` a filter of a table that the text reads or writes; see
    /// [`QueryBuilder::filter`].
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// # db.execute_script("CREATE TABLE tasks (id INTEGER PRIMARY KEY, tries INTEGER); INSERT INTO tasks VALUES (1, 0), (2, 0)").await?;
    /// let changed = db
    ///     .execute("UPDATE tasks SET tries = tries + 1 WHERE {mine}")
    ///     .filter("mine", "tasks", row! { "id": [1, 7] })
    ///     .await?;
    /// assert_eq!(changed, 1);
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn filter(
        mut self,
        name: impl AsRef<str>,
        table: impl AsRef<str>,
        filter: impl Into<Filter>,
    ) -> Self {
        self.statement = self
            .statement
            .and_then(|text| text.filter(name.as_ref(), table, filter));
        self
    }

    /// What this is called in traces, where its text never stands: the field `label` of the span.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.statement = self.statement.map(|text| text.label(label));
        self
    }

    async fn finish(self) -> Result<u64> {
        Ok(self
            .call
            .run(Operation::Execute(self.statement?))
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
