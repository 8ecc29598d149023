//! A database as a source of rows: one snapshot, begun when the destination is ready, read as a stream, and once more
//! where all of it is to be compared again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use db_adapter_core::SqlType;
use db_adapter_core::backup::BackupSchema;

use crate::backup::{BackupOptions, SnapshotRows, as_read};
use crate::transaction::Transaction;
use crate::transfer::source::{
    About, Mark, Origin, RowSource, SourceRow, SourceTable, Take, Words,
};
use crate::{DatabaseClient, Error, ExactJson as _, InvalidValue, Result, Row, Value};

/// Rows that are given at once, so that what else the task does goes on.
const PIECE: usize = 250;

/// The database that is read.
pub(super) struct Source<'a> {
    client: &'a dyn DatabaseClient,
    schema: &'a BackupSchema,
    user: Value,
    options: BackupOptions,
    /// Whether the client is in a transaction, the rows of which are meant.
    is_within: bool,
    open: Option<SnapshotRows>,
    /// The names and types of the columns of the table that is read.
    columns: Arc<Columns>,
}

#[derive(Default)]
struct Columns {
    names: Vec<String>,
    types: Vec<SqlType>,
}

impl<'a> Source<'a> {
    pub(super) fn new(
        client: &'a dyn DatabaseClient,
        schema: &'a BackupSchema,
        user: Option<&Value>,
        allow_row_security: bool,
    ) -> Self {
        let mut options = BackupOptions::new();
        options.all_rows = user.is_none();
        options.allow_row_security = allow_row_security;
        Source {
            client,
            schema,
            user: user.cloned().unwrap_or_default(),
            options,
            is_within: false,
            open: None,
            columns: Arc::default(),
        }
    }

    /// The rows as a transaction sees them, the destination's own.
    pub(super) fn within(
        tx: &'a Transaction,
        schema: &'a BackupSchema,
        user: Option<&Value>,
        allow_row_security: bool,
    ) -> Self {
        Source {
            is_within: true,
            ..Source::new(tx, schema, user, allow_row_security)
        }
    }

    /// How many rows each table has in the snapshot.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        let tables = self.open.iter().flat_map(SnapshotRows::tables);
        tables
            .map(|table| (table.name.to_owned(), table.rows))
            .collect()
    }

    pub(super) async fn close(self) {
        if let Some(open) = self.open {
            open.close().await;
        }
    }

    fn opened(&mut self) -> Result<&mut SnapshotRows> {
        let open = self.open.as_mut();
        open.ok_or_else(|| Error::internal("the source is read before it was looked at"))
    }
}

impl RowSource for Source<'_> {
    /// The snapshot is from after the destination's locks: of two syncs at once the later one brings what is newer.
    async fn about(&mut self) -> Result<About> {
        if self.open.is_none() {
            let (client, options) = (self.client, &self.options);
            let opened = match self.is_within {
                true => SnapshotRows::within(client, self.schema, &self.user, options).await,
                false => SnapshotRows::open(client, self.schema, &self.user, options).await,
            };
            self.open = Some(opened?);
        }
        let whole = self.options.all_rows;
        let open = self.opened()?;
        let tables: Vec<SourceTable> = open
            .tables()
            .map(|table| SourceTable {
                key: table.name.to_owned(),
                table: table.name.to_owned(),
                columns: Some(table.columns.to_vec()),
                rows: Some(table.rows),
            })
            .collect();
        let rows = tables.iter().filter_map(|table| table.rows);
        Ok(About {
            rows: Some(rows.fold(0, u64::saturating_add)),
            user: (!whole).then(|| open.user().to_json()),
            backend: Some(open.backend().to_owned()),
            tables,
            words: Arc::new(OfADatabase),
        })
    }

    async fn open(&mut self, table: &str) -> Result<bool> {
        let open = self.opened()?;
        let found = open.begin(table)?;
        let Some(described) = found.and_then(|place| open.tables().nth(place)) else {
            return Ok(false);
        };
        let (names, types) = described.columns.iter().cloned().unzip();
        self.columns = Arc::new(Columns { names, types });
        Ok(true)
    }

    async fn rows(&mut self, take: &mut Take<'_>) -> Result<bool> {
        let columns = Arc::clone(&self.columns);
        let open = self.opened()?;
        for _ in 0..PIECE {
            let Some((number, row)) = open.next().await? else {
                open.end()?;
                return Ok(false);
            };
            let row = Given {
                number,
                row: &row,
                columns: &columns,
            };
            if take(&row)?.is_break() {
                break;
            }
        }
        Ok(true)
    }

    /// Rows come in another order each time: those that failed could not be told apart from the others.
    fn can_be_repeated(&self) -> bool {
        false
    }

    async fn finish(&mut self) -> Result<()> {
        self.opened()?.end()
    }
}

/// A row as the source has it.
struct Given<'r> {
    number: u64,
    row: &'r Row,
    columns: &'r Columns,
}

impl SourceRow for Given<'_> {
    fn origin(&self) -> Origin {
        Origin::new(self.number, Mark(self.number))
    }

    fn names(&self) -> &[String] {
        &self.columns.names
    }

    fn value(&self, place: usize, sql_type: &SqlType) -> Result<Value, InvalidValue> {
        match (self.row.get_index(place), self.columns.types.get(place)) {
            (Some(value), Some(own)) => as_read(value, own, sql_type),
            _ => Ok(Value::Null),
        }
    }

    fn spelling(&self, place: usize) -> Option<Cow<'_, str>> {
        match self.row.get_index(place) {
            Some(Value::Text(text)) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }
}

/// Rows of a database have no lines: they are named by their keys.
#[derive(Debug)]
struct OfADatabase;

impl Words for OfADatabase {
    fn source(&self) -> &str {
        "the source"
    }

    fn whole(&self) -> &str {
        "the source"
    }

    fn row(&self, _: Mark) -> String {
        "another row of the source".to_owned()
    }
}
