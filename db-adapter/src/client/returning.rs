//! What writes give back: the columns, and the builder of a write that gives rows.

use super::builders::awaitable;
use super::call::Call;
use crate::query::{Columns, IntoColumns, Operation, Returning, SelectItem};
use crate::{Error, Result, Row};

/// What a write gives back: columns, since nothing counts the rows that it writes.
pub(super) fn returned(columns: impl IntoColumns) -> Result<Returning> {
    let columns = columns.into_columns()?;
    let is_count = |item: &SelectItem| matches!(item, SelectItem::CountAll { .. });
    match &columns {
        Columns::List(items) if items.iter().any(is_count) => Err(Error::invalid_query(
            "`count(*)` cannot be given back by a write",
            "name columns, or ask for the number of rows without `.returning(..)`",
        )),
        _ => Ok(Returning::All(columns)),
    }
}

/// A write that gives rows back. Awaiting it gives them.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct ReturningBuilder<'a> {
    pub(super) call: Call<'a>,
    pub(super) operation: Result<Operation>,
}

impl ReturningBuilder<'_> {
    async fn finish(self) -> Result<Vec<Row>> {
        Ok(self.call.run(self.operation?).await?.rows)
    }
}

awaitable!(ReturningBuilder => Vec<Row>);
