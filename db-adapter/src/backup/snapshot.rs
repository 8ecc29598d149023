//! The rows that a backup would hold, read from one snapshot by whoever wants them without a file. Which rows,
//! `plan` and `select` decide; that they were all given, the counts of the same snapshot prove.

use db_adapter_core::SqlType;
use futures_util::TryStreamExt as _;

use super::BackupSchema;
use super::export::{Found, look, looked, select};
use super::options::BackupOptions;
use crate::client::BoxStream;
use crate::query::Operation;
use crate::stream::owning;
use crate::transaction::Tx;
use crate::{DatabaseClient, DatabaseClientExt as _, Error, Result, Row, Transaction, Value};

/// The rows of a snapshot, table by table, as often as they are wanted.
pub(crate) struct SnapshotRows {
    snapshot: Transaction,
    found: Found,
    backend: String,
    current: Option<Current>,
}

/// A table of it.
pub(crate) struct SnapshotTable<'s> {
    /// As it is declared.
    pub(crate) name: &'s str,
    pub(crate) columns: &'s [(String, SqlType)],
    pub(crate) rows: u64,
}

/// The table that is read.
struct Current {
    place: usize,
    rows: BoxStream<'static, Result<Row>>,
    given: u64,
}

impl SnapshotRows {
    /// Looks at all the tables, and counts their rows.
    ///
    /// # Errors
    /// As [`backup_database`](super::backup_database), but for those of files.
    pub(crate) async fn open(
        client: &dyn DatabaseClient,
        schema: &BackupSchema,
        user: &Value,
        options: &BackupOptions,
    ) -> Result<Self> {
        let (snapshot, found) = looked(client, schema, user, options).await?;
        let backend = snapshot.backend().await?.to_string();
        Ok(SnapshotRows {
            backend,
            snapshot,
            found,
            current: None,
        })
    }

    /// The same inside of a transaction, as it sees its rows now.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) async fn within(
        client: &dyn DatabaseClient,
        schema: &BackupSchema,
        user: &Value,
        options: &BackupOptions,
    ) -> Result<Self> {
        let snapshot = client.begin().await?;
        match look(&snapshot, schema, user, options).await {
            Ok(found) => Ok(SnapshotRows {
                backend: snapshot.backend().await?.to_string(),
                snapshot,
                found,
                current: None,
            }),
            Err(error) => {
                let _ = snapshot.rollback().await;
                Err(error)
            }
        }
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = SnapshotTable<'_>> {
        let census = &self.found.census;
        let tables = census.plans.iter().zip(&census.counts);
        tables.map(|(plan, counts)| SnapshotTable {
            name: &plan.name,
            columns: &plan.columns,
            rows: counts.included,
        })
    }

    /// Whose rows they are, as the columns of users hold it.
    pub(crate) fn user(&self) -> &Value {
        &self.found.user
    }

    /// The kind of database that the values are from.
    pub(crate) fn backend(&self) -> &str {
        &self.backend
    }

    /// Goes to the rows of a table; its place among the tables, `None` where there is no such table.
    ///
    /// # Errors
    /// [`Error::NoSnapshot`] where the table before was not read to its end.
    pub(crate) fn begin(&mut self, table: &str) -> Result<Option<usize>> {
        self.end()?;
        let census = &self.found.census;
        let place = census.plans.iter().position(|plan| plan.name == table);
        let Some(place) = place else { return Ok(None) };
        let (Some(plan), Some(scope)) = (census.plans.get(place), census.scopes.get(place)) else {
            return Ok(None);
        };
        let operation = Operation::Select(select(plan, scope));
        let rows = owning(self.snapshot.handle(), move |tx: &Tx| {
            tx.run_stream(operation)
        });
        self.current = Some(Current {
            place,
            rows,
            given: 0,
        });
        Ok(Some(place))
    }

    /// The next row of the table, counted from 1; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<(u64, Row)>> {
        let Some(current) = &mut self.current else {
            return Ok(None);
        };
        let row = current.rows.try_next().await?;
        current.given += u64::from(row.is_some());
        Ok(row.map(|row| (current.given, row)))
    }

    /// After the last row of a table.
    ///
    /// # Errors
    /// [`Error::NoSnapshot`] where these were not as many as were counted.
    pub(crate) fn end(&mut self) -> Result<()> {
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        let census = &self.found.census;
        let counted = census.counts.get(current.place).map(|c| c.included);
        if counted == Some(current.given) {
            return Ok(());
        }
        let plan = census.plans.get(current.place);
        Err(Error::NoSnapshot {
            tables: plan.iter().map(|plan| plan.name.clone()).collect(),
        })
    }

    /// It only read: how it ends does not matter to what was read.
    pub(crate) async fn close(mut self) {
        self.current = None;
        let _ = self.snapshot.rollback().await;
    }
}
