//! The builders of the verbs that read tables.

use serde::de::DeserializeOwned;

use super::builders::awaitable;
use super::call::Call;
use super::typed::Reader;
use super::{BoxStream, DatabaseClient};
use crate::query::{Columns, Matching, Operation, Select, TableName, parse_order, table_name};
use crate::{Error, Filter, Result, Row};

/// Rows of a table; made by [`DatabaseClientExt::select`](super::DatabaseClientExt::select) and
/// [`select_as`](super::DatabaseClientExt::select_as). Awaiting it gives all the rows, as `T`.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct SelectBuilder<'a, T = Row> {
    call: Call<'a>,
    /// The first mistake of the call, kept until it is awaited.
    select: Result<Select>,
    reader: Reader<T>,
}

impl<'a> SelectBuilder<'a> {
    pub(super) fn new(
        client: &'a dyn DatabaseClient,
        table: &str,
        columns: Result<Columns>,
    ) -> Self {
        let select =
            table_name(table).and_then(|table| Ok(Select::new(table, columns?, Filter::default())));
        SelectBuilder {
            call: Call::new(client),
            select,
            reader: Reader::PLAIN,
        }
    }

    /// Gives the rows as a type of yours, read by serde as [`Row::deserialize`] does, each as soon
    /// as it arrives: no row is kept.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// # db.execute_script("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO tasks VALUES (1, 'Tea')").await?;
    /// #[derive(serde::Deserialize)]
    /// struct Title { title: String }
    ///
    /// let titles: Vec<Title> = db.select("tasks", "title").order_by("id").deserialize().await?;
    /// assert_eq!(titles[0].title, "Tea");
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::Conversion`] naming the column, when it is awaited.
    pub fn deserialize<T: DeserializeOwned + Send + 'static>(self) -> SelectBuilder<'a, T> {
        SelectBuilder {
            call: self.call,
            select: self.select,
            reader: Reader::SERDE,
        }
    }
}

impl<'a, T> SelectBuilder<'a, T> {
    fn change(mut self, change: impl FnOnce(&mut Select) -> Result<()>) -> Self {
        self.select = self
            .select
            .and_then(|mut select| change(&mut select).map(|()| select));
        self
    }

    /// Only the rows that match; a second filter narrows further.
    pub fn filter(self, filter: impl Into<Filter>) -> Self {
        let filter = filter.into();
        self.change(|select| {
            select.filter = std::mem::take(&mut select.filter).and(filter);
            Ok(())
        })
    }

    /// In this order: `name`, `name DESC`, `name DESC NULLS LAST, id`. Nulls come last when
    /// ascending and first when descending, on every backend.
    pub fn order_by(self, order: impl AsRef<str>) -> Self {
        self.change(|select| {
            select.order = parse_order(order.as_ref())?;
            Ok(())
        })
    }

    /// Only the rows that come behind this one in the order: the next page, where the row is the
    /// last one of the page before.
    ///
    /// The order of every select with a limit ends in the primary key, which is added where it is
    /// missing, so that rows that are equal in the columns of
    /// [`order_by`](SelectBuilder::order_by) are neither doubled nor lost. The row needs the columns
    /// of the order and of the primary key, so select them; it may be gone meanwhile. It can go to a
    /// client and come back as JSON.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// # db.execute_script("CREATE TABLE tasks (id INTEGER PRIMARY KEY, due DATE); INSERT INTO tasks VALUES (1, NULL), (2, '2026-12-01'), (3, '2026-12-01')").await?;
    /// let page = || db.select("tasks", "id, due").order_by("due DESC").limit(2);
    /// let first = page().await?;
    /// let second = page().after(&first[1]).await?;
    /// let ids = |rows: &[Row]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
    /// assert_eq!((ids(&first), ids(&second)), (vec![1.into(), 3.into()], vec![2.into()]));
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] without an order, for a row without one of the columns, and for a key
    /// that is NULL; [`Error::Unsupported`] for a view or a table without a primary key, which could
    /// lose rows.
    pub fn after(self, row: impl Into<Row>) -> Self {
        let row = row.into();
        self.change(|select| {
            select.after = Some(row);
            Ok(())
        })
    }

    /// Rows that are equal in all the selected columns only once, equal as the columns compare. The
    /// order may only have columns that are selected.
    pub fn distinct(self) -> Self {
        self.change(|select| {
            select.distinct = true;
            Ok(())
        })
    }

    /// Locks the rows until the end of the transaction: whoever wants to change or lock one of
    /// them waits for that. On SQLite a transaction that writes is alone anyway, so that nothing is
    /// to be locked.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # async fn f(db: &dyn DatabaseClient) -> db_adapter::Result<()> {
    /// // a queue of jobs: each worker takes another one
    /// let tx = db.begin().await?;
    /// let job = tx.select("jobs", "id").filter(row! { "done": false }).order_by("id").limit(1)
    ///     .for_update().skip_locked().optional().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] outside of a transaction, where the lock would end with the select,
    /// and with [`distinct`](SelectBuilder::distinct); [`Error::ReadOnly`] in a transaction that may
    /// not write.
    pub fn for_update(self) -> Self {
        self.change(|select| {
            select.lock.get_or_insert_default();
            Ok(())
        })
    }

    /// [`for_update`](SelectBuilder::for_update) that leaves out the rows that another transaction
    /// has locked, instead of waiting for them.
    pub fn skip_locked(self) -> Self {
        self.change(|select| {
            select.lock.get_or_insert_default().skip_locked = true;
            Ok(())
        })
    }

    /// At most so many rows. With an order, rows that are equal in it are ordered by the primary
    /// key, so that the same rows are cut off each time.
    pub fn limit(self, limit: u64) -> Self {
        self.change(|select| {
            select.limit = Some(limit);
            Ok(())
        })
    }

    /// Without the first so many rows; wants an order to mean anything.
    pub fn offset(self, offset: u64) -> Self {
        self.change(|select| {
            select.offset = Some(offset);
            Ok(())
        })
    }

    /// The rows as they come, in constant memory. The stream holds a connection until it ends or
    /// is dropped.
    pub fn stream(self) -> BoxStream<'a, Result<T>>
    where
        T: 'a,
    {
        let rows = match self.select {
            Ok(select) => self.call.run_stream(Operation::Select(select)),
            Err(error) => Box::pin(futures_util::stream::iter([Err(error)])),
        };
        self.reader.stream(rows)
    }

    /// The one row that matches.
    ///
    /// # Errors
    /// [`Error::NoRowsMatched`] and [`Error::TooManyRows`].
    pub async fn one(self) -> Result<T> {
        let (table, row) = self.at_most_one().await?;
        row.ok_or_else(|| Error::NoRowsMatched {
            table: table.to_string(),
        })
    }

    /// The row that matches, if one does.
    ///
    /// # Errors
    /// [`Error::TooManyRows`].
    pub async fn optional(self) -> Result<Option<T>> {
        Ok(self.at_most_one().await?.1)
    }

    async fn at_most_one(self) -> Result<(TableName, Option<T>)> {
        let mut select = self.select?;
        let table = select.table.clone();
        // a second row is enough to know that there is more than one
        select.limit = Some(select.limit.unwrap_or(2).min(2));
        let mut rows = self.call.run(Operation::Select(select)).await?.rows;
        match rows.len() {
            0 | 1 => Ok((
                table,
                rows.pop().map(|row| self.reader.row(row)).transpose()?,
            )),
            _ => Err(Error::TooManyRows {
                table: Some(table.to_string()),
            }),
        }
    }

    async fn finish(self) -> Result<Vec<T>> {
        let select = Operation::Select(self.select?);
        self.reader.all(self.call, select).await
    }
}

awaitable!(SelectBuilder<T> => Vec<T>);

macro_rules! matching {
    ($(#[$doc:meta])* $builder:ident $variant:ident => $output:ty, $read:expr) => {
        $(#[$doc])*
        #[must_use = "does nothing unless awaited"]
        #[derive(Debug)]
        pub struct $builder<'a> {
            call: Call<'a>,
            matching: Result<Matching>,
        }

        impl<'a> $builder<'a> {
            pub(super) fn new(client: &'a dyn DatabaseClient, table: &str, filter: Filter) -> Self {
                let matching = table_name(table).map(|table| Matching::new(table, filter));
                $builder {
                    call: Call::new(client),
                    matching,
                }
            }

            async fn finish(self) -> Result<$output> {
                let affected = self.call.run(Operation::$variant(self.matching?)).await?.affected;
                Ok(($read)(affected))
            }
        }

        awaitable!($builder => $output);
    };
}

matching! {
    /// The number of matching rows; made by [`DatabaseClientExt::count`](super::DatabaseClientExt::count).
    CountBuilder Count => u64, |n| n
}
matching! {
    /// Whether a row matches; made by [`DatabaseClientExt::exists`](super::DatabaseClientExt::exists).
    ExistsBuilder Exists => bool, |n| n > 0
}
