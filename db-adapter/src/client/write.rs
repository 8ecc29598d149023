//! The builders of the verbs that write tables.

use super::DatabaseClient;
use super::builders::{awaitable, plain_names, table_name};
use super::call::Call;
use crate::expr::{Changes, Expression};
use crate::query::{
    Columns, Delete, Insert, IntoColumns, Operation, Returning, SelectItem, Update, UpdateMany,
};
use crate::{Error, Filter, Result, Row};

/// What a write gives back: columns, since nothing counts the rows that it writes.
fn returned(columns: impl IntoColumns) -> Result<Returning> {
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

/// The insert that leaves alone what is there: by the keys of an upsert, else by every unique key.
fn ignoring(insert: Insert) -> Insert {
    Insert {
        conflict_keys: Some(insert.conflict_keys.unwrap_or_default()),
        or_ignore: true,
        ..insert
    }
}

fn insert_of(
    table: &str,
    rows: Vec<Row>,
    expressions: Vec<(String, Expression)>,
    keys: Option<Result<Columns>>,
    returning: Returning,
) -> Result<Insert> {
    let conflict_keys = match keys {
        Some(keys) => Some(plain_names(keys?, "keys of an upsert")?),
        None => None,
    };
    Ok(Insert {
        table: table_name(table)?,
        rows,
        conflict_keys,
        or_ignore: false,
        expressions,
        returning,
    })
}

/// One new row; made by [`insert`](super::DatabaseClientExt::insert) and
/// [`upsert`](super::DatabaseClientExt::upsert). Awaiting it gives the row.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct InsertBuilder<'a> {
    call: Call<'a>,
    insert: Result<Insert>,
}

impl<'a> InsertBuilder<'a> {
    pub(super) fn new(
        client: &'a dyn DatabaseClient,
        table: &str,
        data: Changes,
        keys: Option<Result<Columns>>,
    ) -> Self {
        let Changes { row, expressions } = data;
        let returning = Returning::All(Columns::All);
        let insert = insert_of(table, vec![row], expressions, keys, returning);
        InsertBuilder {
            call: Call::new(client),
            insert,
        }
    }

    /// Gives only these columns of the row.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, photo BLOB)").await?;
    /// let row = db.insert("users", row! { "name": "Alice", "photo": vec![0_u8; 100] }).returning("id").await?;
    /// assert_eq!(row, row! { "id": 1 });
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn returning(mut self, columns: impl IntoColumns) -> Self {
        self.insert = self.insert.and_then(|insert| {
            let returning = returned(columns)?;
            Ok(Insert {
                returning,
                ..insert
            })
        });
        self
    }

    /// Gives the new row, or nothing where a row with one of its unique keys is there already; that
    /// one stays as it is. Of an upsert only the keys that it names count. Every other constraint
    /// still refuses the row.
    ///
    /// ```
    /// # use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// # let db = db_adapter::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE tags (name TEXT PRIMARY KEY)").await?;
    /// assert!(db.insert("tags", row! { "name": "new" }).or_ignore().await?.is_some());
    /// assert!(db.insert("tags", row! { "name": "new" }).or_ignore().await?.is_none());
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn or_ignore(self) -> InsertOrIgnoreBuilder<'a> {
        InsertOrIgnoreBuilder {
            call: self.call,
            insert: self.insert.map(ignoring),
        }
    }

    async fn finish(self) -> Result<Row> {
        let insert = self.insert?;
        let table = insert.table.to_string();
        let outcome = self.call.run(Operation::Insert(insert)).await?;
        // a rule, a trigger or row-level security may swallow the row without an error
        outcome
            .rows
            .into_iter()
            .next()
            .ok_or(Error::NoRowsMatched { table })
    }
}

awaitable!(InsertBuilder => Row);

/// A new row unless it is there; made by [`or_ignore`](InsertBuilder::or_ignore). Awaiting it gives
/// the row if it is new.
#[must_use = "does nothing unless awaited"]
pub struct InsertOrIgnoreBuilder<'a> {
    call: Call<'a>,
    insert: Result<Insert>,
}

impl InsertOrIgnoreBuilder<'_> {
    /// Gives only these columns of the row.
    pub fn returning(mut self, columns: impl IntoColumns) -> Self {
        self.insert = self.insert.and_then(|insert| {
            let returning = returned(columns)?;
            Ok(Insert {
                returning,
                ..insert
            })
        });
        self
    }

    async fn finish(self) -> Result<Option<Row>> {
        let outcome = self.call.run(Operation::Insert(self.insert?)).await?;
        Ok(outcome.rows.into_iter().next())
    }
}

awaitable!(InsertOrIgnoreBuilder => Option<Row>);

/// Many new rows; made by [`insert_many`](super::DatabaseClientExt::insert_many) and
/// [`upsert_many`](super::DatabaseClientExt::upsert_many). Awaiting it gives their number.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct InsertManyBuilder<'a> {
    call: Call<'a>,
    insert: Result<Insert>,
}

impl<'a> InsertManyBuilder<'a> {
    pub(super) fn new(
        client: &'a dyn DatabaseClient,
        table: &str,
        rows: Vec<Row>,
        keys: Option<Result<Columns>>,
    ) -> Self {
        InsertManyBuilder {
            call: Call::new(client),
            insert: insert_of(table, rows, Vec::new(), keys, Returning::Nothing),
        }
    }

    /// Leaves out the rows of which one with the same unique key is there already, also among the
    /// data, and gives the number of the new ones. Of an upsert only the keys that it names count.
    /// Every other constraint still refuses all of them.
    pub fn or_ignore(mut self) -> Self {
        self.insert = self.insert.map(ignoring);
        self
    }

    /// Gives these columns of the new rows, in the order of the data; after
    /// [`or_ignore`](InsertManyBuilder::or_ignore) in no order.
    pub fn returning(self, columns: impl IntoColumns) -> ReturningBuilder<'a> {
        let operation = self.insert.and_then(|insert| {
            let returning = returned(columns)?;
            Ok(Operation::Insert(Insert {
                returning,
                ..insert
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
            .run(Operation::Insert(self.insert?))
            .await?
            .affected)
    }
}

awaitable!(InsertManyBuilder => u64);

/// A write that gives rows back. Awaiting it gives them.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct ReturningBuilder<'a> {
    call: Call<'a>,
    operation: Result<Operation>,
}

impl ReturningBuilder<'_> {
    async fn finish(self) -> Result<Vec<Row>> {
        Ok(self.call.run(self.operation?).await?.rows)
    }
}

awaitable!(ReturningBuilder => Vec<Row>);

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
