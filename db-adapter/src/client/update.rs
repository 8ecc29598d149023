//! The builders of updates.

use super::DatabaseClient;
use super::builders::awaitable;
use super::call::Call;
use super::returning::{ReturningBuilder, returned};
use crate::expr::Changes;
use crate::query::{
    Columns, IntoColumns, Operation, Returning, Update, UpdateMany, plain_names, table_name,
};
use crate::{Error, Filter, Result, Row};

/// Changes matching rows; made by [`update`](super::DatabaseClientExt::update). Awaiting it gives
/// the first changed row.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct UpdateBuilder<'a> {
    call: Call<'a>,
    update: Result<Update>,
}

impl<'a> UpdateBuilder<'a> {
    pub(super) fn new(
        client: &'a dyn DatabaseClient,
        table: &str,
        data: Changes,
        filter: Filter,
    ) -> Self {
        let update = table_name(table).map(|table| Update {
            returning: Returning::First,
            ..Update::new(table, data, filter)
        });
        UpdateBuilder {
            call: Call::new(client),
            update,
        }
    }

    /// Gives all the changed rows, with every column; none is fine.
    pub fn all(self) -> ReturningBuilder<'a> {
        self.returning(Columns::All)
    }

    /// Gives these columns of all the changed rows, as they are after the change and in no order;
    /// none is fine.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # async fn f(db: &dyn DatabaseClient) -> db_adapter::Result<()> {
    /// let closed = db.update("tasks", row! { "open": false }, row! { "owner": "ann" }).returning("id, title").await?;
    /// # let _: Vec<Row> = closed;
    /// # Ok(()) }
    /// ```
    pub fn returning(self, columns: impl IntoColumns) -> ReturningBuilder<'a> {
        let operation = self.update.and_then(|update| {
            let returning = returned(columns)?;
            Ok(Operation::Update(Update {
                returning,
                ..update
            }))
        });
        ReturningBuilder {
            call: self.call,
            operation,
        }
    }

    /// Gives the number of changed rows; none is fine.
    ///
    /// # Errors
    /// Those of the update.
    pub async fn count(self) -> Result<u64> {
        let update = Update {
            returning: Returning::Nothing,
            ..self.update?
        };
        Ok(self.call.run(Operation::Update(update)).await?.affected)
    }

    async fn finish(self) -> Result<Row> {
        let update = self.update?;
        let table = update.table.to_string();
        let outcome = self.call.run(Operation::Update(update)).await?;
        outcome
            .rows
            .into_iter()
            .next()
            .ok_or(Error::NoRowsMatched { table })
    }
}

awaitable!(UpdateBuilder => Row);

/// Changes row by row; made by [`update_many`](super::DatabaseClientExt::update_many). Awaiting it
/// gives the number of changed rows.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct UpdateManyBuilder<'a> {
    call: Call<'a>,
    update: Result<UpdateMany>,
}

impl<'a> UpdateManyBuilder<'a> {
    pub(super) fn new(
        client: &'a dyn DatabaseClient,
        table: &str,
        rows: Vec<Row>,
        keys: Result<Columns>,
    ) -> Self {
        let update = table_name(table).and_then(|table| {
            let keys = plain_names(keys?, "keys of an update")?;
            Ok(UpdateMany::new(table, rows, keys))
        });
        UpdateManyBuilder {
            call: Call::new(client),
            update,
        }
    }

    /// Leaves rows alone that have exactly these values already, and does not count them.
    pub fn only_changed(mut self) -> Self {
        if let Ok(update) = &mut self.update {
            update.only_changed = true;
        }
        self
    }

    async fn finish(self) -> Result<u64> {
        Ok(self
            .call
            .run(Operation::UpdateMany(self.update?))
            .await?
            .affected)
    }
}

awaitable!(UpdateManyBuilder => u64);
