//! The builders of the verbs that take SQL text.

use serde::de::DeserializeOwned;

use super::builders::awaitable;
use super::call::Call;
use super::typed::Reader;
use super::undoing::end;
use super::{BoxStream, DatabaseClient};
use crate::query::{Operation, Statement};
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

    /// The one row.
    ///
    /// # Errors
    /// [`Error::NoRowsMatched`] and [`Error::TooManyRows`].
    pub async fn one(self) -> Result<T> {
        self.optional().await?.ok_or_else(|| Error::NoRowsMatched {
            table: "the query".to_owned(),
        })
    }

    /// The row, if there is one. A text that changes rows is run in a transaction of its own, or in a
    /// savepoint: where it gives more than one row, nothing was changed.
    ///
    /// # Errors
    /// [`Error::TooManyRows`].
    pub async fn optional(self) -> Result<Option<T>> {
        let (call, reader, statement) = (self.call, self.reader, self.statement?);
        match call.undoing(&statement).await? {
            None => at_most_one(call, reader, statement).await,
            Some(transaction) => {
                let given = at_most_one(call.on(&transaction), reader, statement).await;
                end(transaction, given).await
            }
        }
    }

    async fn finish(self) -> Result<Vec<T>> {
        let (call, reader, statement) = (self.call, self.reader, self.statement?);
        // rows as they are can always be given
        let undoing = match reader.may_fail() {
            true => call.undoing(&statement).await?,
            false => None,
        };
        let query = Operation::Query(statement);
        match undoing {
            None => reader.all(call, query).await,
            Some(transaction) => {
                let given = reader.all(call.on(&transaction), query).await;
                end(transaction, given).await
            }
        }
    }
}

async fn at_most_one<T>(
    call: Call<'_>,
    reader: Reader<T>,
    statement: Statement,
) -> Result<Option<T>> {
    let mut rows = call.run(Operation::Query(statement)).await?.rows;
    match rows.len() {
        0 | 1 => rows.pop().map(|row| reader.row(row)).transpose(),
        _ => Err(Error::TooManyRows { table: None }),
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
