//! The verbs, which make builders: what callers use of every client.

use std::future::Future;

use serde::de::DeserializeOwned;

use super::builders::Begin;
use super::delete::DeleteBuilder;
use super::insert::{InsertBuilder, InsertManyBuilder};
use super::read::{CountBuilder, ExistsBuilder, SelectBuilder};
use super::sql_text::{ExecuteBuilder, ExecuteScriptBuilder, QueryBuilder};
use super::update::{UpdateBuilder, UpdateManyBuilder};
use super::{BoxStream, DatabaseClient, closure};
use crate::expr::Changes;
use crate::query::{Backend, IntoColumns, Operation};
use crate::transaction::Tx;
use crate::{Error, Filter, Result, Row};

/// The verbs, on every [`DatabaseClient`]: adapters, transactions, trait objects, yours.
///
/// They return builders that are awaited. `tokio::join!` and `timeout` take them as they are;
/// `tokio::spawn` and `join_all` want `.into_future()`.
///
/// Table names are `name` or `schema.name`, and are quoted: their case is kept. Column lists and
/// orders are a small grammar of names; SQL belongs into [`query`](DatabaseClientExt::query).
///
/// ```
/// use db_adapter::prelude::*;
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> db_adapter::Result<()> {
/// let db = db_adapter::connect("sqlite::memory:").await?;
/// db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").await?;
/// let user = db.insert("users", row! { "name": "Alice" }).await?;
/// let same = db.select("users", "*").filter(row! { "id": &user["id"] }).one().await?;
/// assert_eq!(user, same);
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
pub trait DatabaseClientExt: DatabaseClient {
    /// Rows of a table or view. Refine with `filter`, `order_by`, `limit`, `offset`; end with
    /// `.await`, `one`, `optional` or `stream`.
    ///
    /// # Errors
    /// [`Error::UndefinedTable`] and [`Error::UndefinedColumn`] with a suggestion,
    /// [`Error::InvalidQuery`] for a column list or an order that is more than names.
    fn select(&self, table: impl AsRef<str>, columns: impl IntoColumns) -> SelectBuilder<'_> {
        SelectBuilder::new(self.as_client(), table.as_ref(), columns.into_columns())
    }

    /// [`select`](DatabaseClientExt::select) of all the columns into a type of yours, by serde:
    /// [`select(..).deserialize()`](SelectBuilder::deserialize) for some of them.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// # db.execute_script("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO tasks VALUES (1, 'Tea')").await?;
    /// #[derive(serde::Deserialize)]
    /// struct Task { id: i64, title: String }
    ///
    /// let tasks = db.select_as::<Task>("tasks").order_by("id").await?;
    /// assert_eq!((tasks[0].id, tasks[0].title.as_str()), (1, "Tea"));
    /// let task: Option<Task> = db.select_as("tasks").filter(row! { "id": 9 }).optional().await?;
    /// assert!(task.is_none());
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// Those of a select, and [`Error::Conversion`] naming the column that the type does not take.
    fn select_as<T>(&self, table: impl AsRef<str>) -> SelectBuilder<'_, T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.select(table, "*").deserialize()
    }

    /// A new row; gives it back with every column. Absent columns get their default, `null` is
    /// NULL, and keys that start with `_` are dropped where the table has no such column.
    ///
    /// # Errors
    /// The constraint that refused it, or [`Error::InvalidValue`] naming the column.
    fn insert(&self, table: impl AsRef<str>, data: impl Into<Changes>) -> InsertBuilder<'_> {
        InsertBuilder::new(self.as_client(), table.as_ref(), data.into(), None)
    }

    /// Many new rows, all or none; gives their number, or with
    /// [`returning`](InsertManyBuilder::returning) rows in the order of the data. Each row may
    /// have columns of its own: an absent one gets its default.
    fn insert_many<R: Into<Row>>(
        &self,
        table: impl AsRef<str>,
        rows: impl IntoIterator<Item = R>,
    ) -> InsertManyBuilder<'_> {
        let rows = rows.into_iter().map(Into::into).collect();
        InsertManyBuilder::new(self.as_client(), table.as_ref(), rows, None)
    }

    /// A new row, or the change of the one that has the same `keys`; gives the row back. The
    /// keys must be those of a unique index, and none of their values null.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # async fn f(db: &dyn DatabaseClient) -> db_adapter::Result<()> {
    /// db.upsert("settings", row! { "name": "theme", "value": "dark" }, ["name"]).await?;
    /// # Ok(()) }
    /// ```
    fn upsert(
        &self,
        table: impl AsRef<str>,
        data: impl Into<Changes>,
        keys: impl IntoColumns,
    ) -> InsertBuilder<'_> {
        InsertBuilder::new(
            self.as_client(),
            table.as_ref(),
            data.into(),
            Some(keys.into_columns()),
        )
    }

    /// [`upsert`](DatabaseClientExt::upsert) of many rows, all or none; gives their number. Two
    /// rows of the same keys are refused.
    fn upsert_many<R: Into<Row>>(
        &self,
        table: impl AsRef<str>,
        rows: impl IntoIterator<Item = R>,
        keys: impl IntoColumns,
    ) -> InsertManyBuilder<'_> {
        let rows = rows.into_iter().map(Into::into).collect();
        InsertManyBuilder::new(
            self.as_client(),
            table.as_ref(),
            rows,
            Some(keys.into_columns()),
        )
    }

    /// Changes every matching row and gives the first of them in primary-key order; all by
    /// [`all`](UpdateBuilder::all), their number by [`count`](UpdateBuilder::count).
    ///
    /// Mind an `Option` in the filter: `None` means the rows where the column IS NULL.
    ///
    /// # Errors
    /// [`Error::NoRowsMatched`] unless counted; [`Error::EmptyFilter`] for a filter without a
    /// condition: [`Filter::all`] says it on purpose.
    fn update(
        &self,
        table: impl AsRef<str>,
        data: impl Into<Changes>,
        filter: impl Into<Filter>,
    ) -> UpdateBuilder<'_> {
        UpdateBuilder::new(self.as_client(), table.as_ref(), data.into(), filter.into())
    }

    /// Changes row by row, all or none: each row has the values of `keys`, which find it, and
    /// the columns to set. Gives the number of changed rows; two rows of the same keys are
    /// refused.
    fn update_many<R: Into<Row>>(
        &self,
        table: impl AsRef<str>,
        rows: impl IntoIterator<Item = R>,
        keys: impl IntoColumns,
    ) -> UpdateManyBuilder<'_> {
        let rows = rows.into_iter().map(Into::into).collect();
        UpdateManyBuilder::new(self.as_client(), table.as_ref(), rows, keys.into_columns())
    }

    /// Deletes every matching row and gives their number; none is fine.
    ///
    /// Mind an `Option` in the filter: `None` means the rows where the column IS NULL.
    ///
    /// # Errors
    /// [`Error::EmptyFilter`] for a filter without a condition: [`Filter::all`] says it on purpose.
    fn delete(&self, table: impl AsRef<str>, filter: impl Into<Filter>) -> DeleteBuilder<'_> {
        DeleteBuilder::new(self.as_client(), table.as_ref(), filter.into())
    }

    /// The number of matching rows; `row! {}` counts all.
    fn count(&self, table: impl AsRef<str>, filter: impl Into<Filter>) -> CountBuilder<'_> {
        CountBuilder::new(self.as_client(), table.as_ref(), filter.into())
    }

    /// Whether a row matches.
    fn exists(&self, table: impl AsRef<str>, filter: impl Into<Filter>) -> ExistsBuilder<'_> {
        ExistsBuilder::new(self.as_client(), table.as_ref(), filter.into())
    }

    /// SQL of yours that gives rows; `:name` is a parameter where
    /// [`bind`](QueryBuilder::bind) gives it a value.
    fn query(&self, sql: impl AsRef<str>) -> QueryBuilder<'_> {
        QueryBuilder::new(self.as_client(), sql.as_ref())
    }

    /// [`query`](DatabaseClientExt::query) whose rows are a type of yours, by serde.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// #[derive(serde::Deserialize)]
    /// struct Total { name: String, total: i64 }
    ///
    /// let total = db.query_as::<Total>("SELECT 'tea' AS name, :n + 1 AS total").bind("n", 1).one().await?;
    /// assert_eq!((total.name.as_str(), total.total), ("tea", 2));
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// Those of a query, and [`Error::Conversion`] naming the column that the type does not take.
    fn query_as<T>(&self, sql: impl AsRef<str>) -> QueryBuilder<'_, T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.query(sql).deserialize()
    }

    /// One SQL statement of yours; gives the number of rows that it changed. `:name` is a
    /// parameter only where it is bound, so that DDL may have colons.
    fn execute(&self, sql: impl AsRef<str>) -> ExecuteBuilder<'_> {
        ExecuteBuilder::new(self.as_client(), sql.as_ref())
    }

    /// Many SQL statements, in one transaction: all or none.
    fn execute_script(&self, sql: impl AsRef<str>) -> ExecuteScriptBuilder<'_> {
        ExecuteScriptBuilder::new(self.as_client(), sql.as_ref())
    }

    /// A stream that owns this client, for what outlives the function that made it: the body of an
    /// HTTP response, a spawned task. Clone the client for it.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use db_adapter::{BoxStream, prelude::*};
    ///
    /// fn all_tasks(db: &Arc<dyn DatabaseClient>) -> BoxStream<'static, db_adapter::Result<Row>> {
    ///     db.clone().into_stream(|db| db.select("tasks", "*").order_by("id").stream())
    /// }
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # use futures_util::TryStreamExt;
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// # db.execute_script("CREATE TABLE tasks (id INTEGER PRIMARY KEY); INSERT INTO tasks VALUES (1), (2)").await?;
    /// let mut tasks = all_tasks(&db);
    /// let first = tokio::spawn(async move { tasks.try_next().await }).await;
    /// # assert_eq!(first.unwrap()?, Some(row! { "id": 1 }));
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// Of a [`Transaction`](crate::Transaction) it is the end as well: it is rolled back when the stream is dropped.
    fn into_stream<T, F>(self, rows: F) -> BoxStream<'static, T>
    where
        Self: Sized + 'static,
        T: Send + 'static,
        F: for<'c> FnOnce(&'c Self) -> BoxStream<'c, T> + Send + 'static,
    {
        crate::stream::owning(self, rows)
    }

    /// Begins a transaction; inside of one, a savepoint. It is rolled back when dropped.
    fn begin(&self) -> Begin<'_> {
        Begin::new(self.as_client())
    }

    /// Runs a closure in a transaction: committed when it gives `Ok`, rolled back when it gives
    /// `Err` or is dropped.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # async fn f(db: &dyn DatabaseClient) -> db_adapter::Result<()> {
    /// let n = db.transaction(async |tx| {
    ///     tx.insert("users", row! { "name": "Eve" }).await?;
    ///     Ok(tx.count("users", row! {}).await?)
    /// }).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The closure's, or why the transaction could not begin or commit.
    fn transaction<T, F, Fut>(&self, work: F) -> impl Future<Output = Result<T>> + Send
    where
        F: FnOnce(Tx) -> Fut + Send,
        Fut: Future<Output = Result<T>> + Send,
        T: Send,
    {
        closure::once(self.as_client(), work)
    }

    /// [`transaction`](DatabaseClientExt::transaction) with an error type of your own.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # use db_adapter::Error;
    /// enum SignUp { NameTaken, Database(Error) }
    ///
    /// impl From<Error> for SignUp {
    ///     fn from(error: Error) -> Self {
    ///         SignUp::Database(error)
    ///     }
    /// }
    ///
    /// # async fn f(db: &dyn DatabaseClient) -> Result<(), SignUp> {
    /// db.try_transaction(async |tx| {
    ///     if tx.exists("users", row! { "name": "Eve" }).await? {
    ///         return Err(SignUp::NameTaken);
    ///     }
    ///     tx.insert("users", row! { "name": "Eve" }).await?;
    ///     Ok(())
    /// }).await
    /// # }
    /// ```
    ///
    /// # Errors
    /// The closure's, or why the transaction could not begin or commit.
    fn try_transaction<T, E, F, Fut>(&self, work: F) -> impl Future<Output = Result<T, E>> + Send
    where
        F: FnOnce(Tx) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: From<Error> + Send,
        T: Send,
    {
        closure::once(self.as_client(), work)
    }

    /// Runs a closure in a serializable transaction, again from the start when it conflicted
    /// with another one, at most `attempts` times.
    ///
    /// # Errors
    /// The closure's, or the conflict of the last attempt.
    fn transaction_retrying<T, F, Fut>(
        &self,
        attempts: u32,
        work: F,
    ) -> impl Future<Output = Result<T>> + Send
    where
        F: Fn(Tx) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
        T: Send,
    {
        closure::retry(self.as_client(), attempts, Error::is_retryable, work)
    }

    /// [`transaction_retrying`](DatabaseClientExt::transaction_retrying) with an error type of your
    /// own. `is_conflict` says which of the closure's errors are a reason to run it again:
    /// usually those that hold an [`Error`] that [`is_retryable`](Error::is_retryable). About the
    /// errors of the commit the library decides: one whose outcome is unknown is never repeated.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # use db_adapter::Error;
    /// enum Booking { Full, Database(Error) }
    ///
    /// impl From<Error> for Booking {
    ///     fn from(error: Error) -> Self {
    ///         Booking::Database(error)
    ///     }
    /// }
    ///
    /// impl Booking {
    ///     fn is_conflict(&self) -> bool {
    ///         matches!(self, Booking::Database(error) if error.is_retryable())
    ///     }
    /// }
    ///
    /// # async fn f(db: &dyn DatabaseClient) -> Result<(), Booking> {
    /// db.try_transaction_retrying(3, Booking::is_conflict, async |tx| {
    ///     if tx.count("seats", row! { "taken": false }).await? == 0 {
    ///         return Err(Booking::Full);
    ///     }
    ///     tx.update("seats", row! { "taken": true }, row! { "id": 7 }).await?;
    ///     Ok(())
    /// }).await
    /// # }
    /// ```
    ///
    /// # Errors
    /// The closure's, why the transaction could not begin or commit, or the conflict of the last
    /// attempt.
    fn try_transaction_retrying<T, E, F, Fut>(
        &self,
        attempts: u32,
        is_conflict: impl Fn(&E) -> bool + Send + Sync,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        F: Fn(Tx) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T, E>> + Send,
        E: From<Error> + Send,
        T: Send,
    {
        closure::retry(self.as_client(), attempts, is_conflict, work)
    }

    /// Whether the database answers.
    fn ping(&self) -> impl Future<Output = Result<()>> + Send {
        let client = self.as_client();
        async move { client.run(Operation::Ping).await.map(drop) }
    }

    /// Which database this is. A client of yours that forwards what it does not know answers for
    /// the one inside.
    ///
    /// ```
    /// use db_adapter::{Backend, prelude::*};
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// let db = db_adapter::connect("sqlite::memory:").await?;
    /// assert_eq!(db.backend().await?, Backend::Sqlite);
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// Those of a closed client, and [`Error::Unsupported`] of a client that does not forward it.
    fn backend(&self) -> impl Future<Output = Result<Backend>> + Send {
        let client = self.as_client();
        async move {
            let outcome = client.run(Operation::Backend).await?;
            Backend::of(outcome.rows.first())
        }
    }

    /// The server's version, such as `15.18` or `3.50.2`.
    fn server_version(&self) -> impl Future<Output = Result<String>> + Send {
        let client = self.as_client();
        async move {
            let outcome = client.run(Operation::ServerVersion).await?;
            match outcome.rows.first() {
                Some(row) => row.get("version"),
                None => Err(Error::unsupported(
                    "asking for the version",
                    "this client",
                    "",
                )),
            }
        }
    }
}

impl<C: DatabaseClient + ?Sized> DatabaseClientExt for C {}
