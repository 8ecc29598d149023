//! The builders of the verbs that read tables.

use super::builders::{awaitable, table_name};
use super::call::Call;
use super::{BoxStream, DatabaseClient};
use crate::query::{Columns, Matching, Operation, Select, TableName, parse_order};
use crate::{Error, Filter, Result, Row};

/// Rows of a table; made by [`DatabaseClientExt::select`](super::DatabaseClientExt::select).
/// Awaiting it gives all the rows.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct SelectBuilder<'a> {
    call: Call<'a>,
    /// The first mistake of the call, kept until it is awaited.
    select: Result<Select>,
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
        }
    }

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

    /// At most so many rows.
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
    pub fn stream(self) -> BoxStream<'a, Result<Row>> {
        match self.select {
            Ok(select) => self.call.run_stream(Operation::Select(select)),
            Err(error) => Box::pin(futures_util::stream::iter([Err(error)])),
        }
    }

    /// The one row that matches.
    ///
    /// # Errors
    /// [`Error::NoRowsMatched`] and [`Error::TooManyRows`].
    pub async fn one(self) -> Result<Row> {
        let (table, row) = self.at_most_one().await?;
        row.ok_or_else(|| Error::NoRowsMatched {
            table: table.to_string(),
        })
    }

    /// The row that matches, if one does.
    ///
    /// # Errors
    /// [`Error::TooManyRows`].
    pub async fn optional(self) -> Result<Option<Row>> {
        Ok(self.at_most_one().await?.1)
    }

    async fn at_most_one(self) -> Result<(TableName, Option<Row>)> {
        let mut select = self.select?;
        let table = select.table.clone();
        // a second row is enough to know that there is more than one
        select.limit = Some(select.limit.unwrap_or(2).min(2));
        let mut rows = self.call.run(Operation::Select(select)).await?.rows;
        match rows.len() {
            0 | 1 => Ok((table, rows.pop())),
            _ => Err(Error::TooManyRows {
                table: Some(table.to_string()),
            }),
        }
    }

    async fn finish(self) -> Result<Vec<Row>> {
        Ok(self.call.run(Operation::Select(self.select?)).await?.rows)
    }
}

awaitable!(SelectBuilder => Vec<Row>);

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
