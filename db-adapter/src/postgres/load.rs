//! Many rows by COPY, where that does what an insert does: for inserts of many rows, and for rows as
//! they are. Few rows, and rows under policies, go by an insert.

use super::catalog::PgTable;
use super::copy_rows::{Format, PgRowPlan};
use super::describe_table::takes_copy_still;
use super::failure::Failure;
use super::planned_insert::{explain_insert, is_only_insert};
use super::read::affected;
use super::run::Work;
use super::statement::fetch_text;
use super::statement_text::Numbers;
use crate::query::{Insert, Load, Outcome, Returning};
use crate::{Result, Row, sql};

/// From so many rows on, COPY is faster, although it takes some questions more.
const MANY: usize = 500;
/// The rows of one COPY. A statement of any size would outlast every time-out of the server, and keep
/// its checks of foreign keys for the end.
const BATCH: usize = 20_000;

/// Whether an insert may be a COPY.
pub(super) fn may_copy(table: &PgTable, insert: &Insert) -> bool {
    insert.rows.len() >= MANY
        && insert.on_conflict().is_none()
        && matches!(insert.returning, Returning::Nothing)
        && table.extra.takes_copy
}

/// Refuses a row of which a value does not fit its column.
fn check(plan: &PgRowPlan<'_>, row: &Row) -> Result<()> {
    for (column, place) in plan.columns() {
        plan.value(column, place, row)?;
    }
    Ok(())
}

impl Work<'_> {
    pub(super) async fn load(&mut self, load: &Load) -> Result<Outcome, Failure> {
        if load.rows.is_empty() {
            return Ok(Outcome::default());
        }
        let table = self.table(&load.table).await?;
        let plan = PgRowPlan::to_load(&table, &load.rows)?;
        if load.rows.len() >= MANY && table.extra.takes_copy {
            let copied = self.copy(&table, &plan, &load.rows, Numbers::Given).await?;
            if let Some(count) = copied {
                return Ok(affected(count));
            }
        }
        let rows = load.rows.iter().map(|row| plan.assignments(row));
        let groups = sql::group_rows(rows.collect::<Result<_>>()?);
        self.insert_groups(&table, &groups, None, None, Numbers::Given)
            .await
    }

    /// An insert by COPY; `None` where it has to be an insert, as [`may_copy`] could not see.
    pub(super) async fn insert_by_copy(
        &mut self,
        table: &PgTable,
        insert: &Insert,
    ) -> Result<Option<u64>, Failure> {
        let Some(first) = insert.rows.first() else {
            return Ok(None);
        };
        if !insert.rows.iter().all(|row| row.has_names_of(first)) {
            return Ok(None);
        }
        let plan = PgRowPlan::to_write(table, first, &[])?;
        self.copy(table, &plan, &insert.rows, Numbers::Ours).await
    }

    /// In a transaction, with the table locked against changes: COPY takes what it is given, where an
    /// insert would be refused because the table is not what it was.
    async fn copy(
        &mut self,
        table: &PgTable,
        plan: &PgRowPlan<'_>,
        rows: &[Row],
        numbers: Numbers,
    ) -> Result<Option<u64>, Failure> {
        let columns: Vec<usize> = plan
            .places()
            .iter()
            .map(|(position, _)| *position)
            .collect();
        if columns.is_empty() {
            return Ok(None);
        }
        for row in rows {
            check(plan, row)?;
        }
        self.begin_if(true).await?;
        if !self.can_copy(table, &columns, numbers).await? {
            return Ok(None);
        }
        let format = Format::new(plan);
        let statement = format.statement(table);
        let mut total = 0;
        for batch in rows.chunks(BATCH) {
            let mut data = format.data(batch);
            self.writing();
            total += self
                .conn
                .copy_in(&statement, |piece| data.next(piece))
                .await?;
        }
        self.commit_if_begun().await?;
        Ok(Some(total))
    }

    /// Whether a COPY does now what an insert would, which is refused here where the insert would be.
    /// From now on it stays so, by the lock of an insert.
    async fn can_copy(
        &mut self,
        table: &PgTable,
        columns: &[usize],
        numbers: Numbers,
    ) -> Result<bool, Failure> {
        let explain = explain_insert(table, columns, numbers)?;
        // it knows of rules that a transaction which repeats its reads cannot see in the catalog
        let planned = fetch_text(self.conn, explain).await?;
        if planned.is_some_and(|planned| is_only_insert(&planned, &table.extra.found))
            && takes_copy_still(self.conn, table).await?
        {
            return Ok(true);
        }
        self.catalog.reload(self.conn, &table.name).await?;
        Ok(false)
    }
}
