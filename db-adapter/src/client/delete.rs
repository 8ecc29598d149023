//! The builder of deletes.

use super::DatabaseClient;
use super::builders::awaitable;
use super::call::Call;
use super::returning::{ReturningBuilder, returned};
use crate::query::{Delete, IntoColumns, Operation, table_name};
use crate::{Filter, Result};

/// Deletes matching rows; made by [`delete`](super::DatabaseClientExt::delete). Awaiting it gives
/// their number.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct DeleteBuilder<'a> {
    call: Call<'a>,
    delete: Result<Delete>,
}

impl<'a> DeleteBuilder<'a> {
    pub(super) fn new(client: &'a dyn DatabaseClient, table: &str, filter: Filter) -> Self {
        DeleteBuilder {
            call: Call::new(client),
            delete: table_name(table).map(|table| Delete::new(table, filter)),
        }
    }

    /// Gives these columns of the deleted rows, in no order; none is fine.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// # db.execute_script("CREATE TABLE jobs (id INTEGER PRIMARY KEY, done BOOLEAN); INSERT INTO jobs VALUES (1, true), (2, false)").await?;
    /// let gone = db.delete("jobs", row! { "done": true }).returning("id").await?;
    /// assert_eq!(gone, [row! { "id": 1 }]);
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn returning(self, columns: impl IntoColumns) -> ReturningBuilder<'a> {
        let operation = self.delete.and_then(|delete| {
            let returning = returned(columns)?;
            Ok(Operation::Delete(Delete {
                returning,
                ..delete
            }))
        });
        ReturningBuilder {
            call: self.call,
            operation,
        }
    }

    async fn finish(self) -> Result<u64> {
        Ok(self
            .call
            .run(Operation::Delete(self.delete?))
            .await?
            .affected)
    }
}

awaitable!(DeleteBuilder => u64);
