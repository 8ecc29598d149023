//! Where the rows of a read go when nobody wants them as rows. It keeps none and asks no database.

use std::fmt;
use std::sync::Arc;

use crate::row::{Cells, Header};
use crate::{Outcome, Row};

/// Takes the rows of one attempt to read them.
pub(crate) trait Fill: Send {
    /// The next row. What its cells say when they cannot be decoded is for whoever gives them.
    fn row<'r>(&mut self, header: &'r Header, cells: &mut dyn Cells<'r>);

    /// There are no more rows. Without this call the rows that were taken are forgotten.
    fn finish(self: Box<Self>);
}

/// Where a select or a query puts its rows, one by one, instead of into an
/// [`Outcome`](crate::Outcome).
///
/// A [`DatabaseClient`](crate::DatabaseClient) gets it in
/// [`run_into`](crate::DatabaseClient::run_into), where the caller has asked for values of a type
/// of its own. An implementation passes it on, or gives it rows.
#[derive(Clone)]
pub struct RowSink {
    begin: Arc<dyn Fn() -> Box<dyn Fill> + Send + Sync>,
    holds: Arc<dyn Fn() -> Given + Send + Sync>,
}

/// What the last attempt that came to its end has left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) rows: usize,
    /// Whether one of them could not be taken.
    pub(crate) failed: bool,
}

impl RowSink {
    /// Each attempt gets its rows taken from the beginning.
    pub(crate) fn new(
        begin: impl Fn() -> Box<dyn Fill> + Send + Sync + 'static,
        holds: impl Fn() -> Given + Send + Sync + 'static,
    ) -> Self {
        RowSink {
            begin: Arc::new(begin),
            holds: Arc::new(holds),
        }
    }

    /// What it holds, once an attempt has come to its end.
    pub(crate) fn holds(&self) -> Given {
        (self.holds)()
    }

    /// For a new attempt.
    pub(crate) fn begin(&self) -> Box<dyn Fill> {
        (self.begin)()
    }

    /// For what an operation with this sink has answered: rows where it knows none.
    pub(crate) fn given(&self, outcome: Outcome) -> u64 {
        match outcome.rows.is_empty() {
            true => outcome.affected,
            false => self.give(outcome.rows),
        }
    }

    /// Puts all the rows there. What was put there before is replaced.
    ///
    /// ```
    /// use db_adapter::prelude::*;
    /// use db_adapter::{BoxFuture, BoxStream, Operation, Outcome, Result, RowSink};
    /// use std::time::Duration;
    ///
    /// /// A database of one row.
    /// struct One;
    ///
    /// impl DatabaseClient for One {
    ///     fn run(&self, _: Operation) -> BoxFuture<'_, Result<Outcome>> {
    ///         Box::pin(async { Ok(Outcome::of_rows(vec![row! { "id": 1 }])) })
    ///     }
    ///
    ///     fn run_into(&self, _: Operation, _: Option<Duration>, rows: RowSink) -> BoxFuture<'_, Result<u64>> {
    ///         Box::pin(async move { Ok(rows.give([row! { "id": 1 }])) })
    ///     }
    ///
    ///     fn run_stream(&self, _: Operation) -> BoxStream<'_, Result<Row>> {
    ///         Box::pin(futures_util::stream::iter([Ok(row! { "id": 1 })]))
    ///     }
    /// }
    ///
    /// # async fn example() -> Result<()> {
    /// #[derive(serde::Deserialize)]
    /// struct Task { id: i64 }
    ///
    /// assert_eq!(One.select_as::<Task>("tasks").await?[0].id, 1);
    /// # Ok(()) }
    /// # futures_util::FutureExt::now_or_never(example()).unwrap().unwrap();
    /// ```
    pub fn give(&self, rows: impl IntoIterator<Item = Row>) -> u64 {
        let mut fill = self.begin();
        let mut given = 0;
        for row in rows {
            fill.row(row.header(), &mut row.cells());
            given += 1;
        }
        fill.finish();
        given
    }
}

impl fmt::Debug for RowSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowSink").finish_non_exhaustive()
    }
}

/// The same place.
impl PartialEq for RowSink {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.begin, &other.begin)
    }
}
