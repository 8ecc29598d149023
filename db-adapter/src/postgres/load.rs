//! Rows as they are, on one connection: COPY for many, an insert for few and under policies.

use super::copy_text::{self, PgLoad};
use super::failure::Failure;
use super::run::{Work, affected};
use super::statement_text::Numbers;
use crate::query::{Load, Outcome};
use crate::sql;

/// From so many rows on, COPY is faster, although the catalog is read again before it.
const MANY: usize = 200;
/// How many bytes are handed to the driver at once.
const PIECE: usize = 64 << 10;

impl Work<'_> {
    pub(super) async fn load(&mut self, load: &Load) -> Result<Outcome, Failure> {
        if load.rows.is_empty() {
            return Ok(Outcome::default());
        }
        let table = self.table(&load.table).await?;
        if load.rows.len() < MANY || table.extra.row_security {
            let plan = PgLoad::new(&table, &load.rows)?;
            let rows = load.rows.iter().map(|row| plan.assignments(row));
            let groups = sql::group_rows(rows.collect::<crate::Result<_>>()?);
            return self
                .insert_groups(&table, &groups, None, None, Numbers::Given)
                .await;
        }
        // an insert is refused when the cache is out of date; COPY would take what it is given
        let table = self.catalog.fresh(self.conn, &load.table).await?;
        let plan = PgLoad::new(&table, &load.rows)?;
        let data = copy_text::data(&plan, &load.rows)?;
        self.copy(&copy_text::statement(&table, &plan), &data).await
    }

    async fn copy(&mut self, statement: &str, data: &str) -> Result<Outcome, Failure> {
        self.writing();
        let pieces = data.as_bytes().chunks(PIECE);
        Ok(affected(self.conn.copy_in(statement, pieces).await?))
    }
}
