//! The builders of inserts and upserts.

use super::DatabaseClient;
use super::builders::awaitable;
use super::call::Call;
use super::returning::{ReturningBuilder, returned};
use crate::expr::{Changes, Expression};
use crate::query::{Columns, Insert, IntoColumns, Operation, Returning, plain_names, table_name};
use crate::{Error, Result, Row};

/// The insert that leaves alone what is there: by the keys of an upsert, else by every unique key.
fn ignoring(insert: Insert) -> Insert {
    Insert {
        conflict_keys: Some(insert.conflict_keys.unwrap_or_default()),
        or_ignore: true,
        ..insert
    }
}

fn returning(insert: Result<Insert>, columns: impl IntoColumns) -> Result<Insert> {
    // the first mistake is told
    let insert = insert?;
    let returning = returned(columns)?;
    Ok(Insert {
        returning,
        ..insert
    })
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
        self.insert = returning(self.insert, columns);
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
        let what = "the row";
        outcome
            .rows
            .into_iter()
            .next()
            .ok_or(Error::NotKept { table, what })
    }
}

awaitable!(InsertBuilder => Row);

/// A new row unless it is there; made by [`or_ignore`](InsertBuilder::or_ignore). Awaiting it gives
/// the row if it is new.
#[must_use = "does nothing unless awaited"]
#[derive(Debug)]
pub struct InsertOrIgnoreBuilder<'a> {
    call: Call<'a>,
    insert: Result<Insert>,
}

impl InsertOrIgnoreBuilder<'_> {
    /// Gives only these columns of the row.
    pub fn returning(mut self, columns: impl IntoColumns) -> Self {
        self.insert = returning(self.insert, columns);
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
        ReturningBuilder {
            call: self.call,
            operation: returning(self.insert, columns).map(Operation::Insert),
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
