//! Rows as they are.

use db_adapter_core::{SqlType, TableName};

use super::catalog::Table;
use super::dialect::{Sql, SqliteDialect, push_param};
use super::encode::Param;
use super::plan::Plan;
use super::run::Work;
use crate::query::{Insert, Load, Outcome};
use crate::sql::{Dialect, RowPlan, group_rows};
use crate::{Error, Result};

impl Work<'_> {
    pub(super) fn load(&mut self, load: &Load) -> Result<Outcome> {
        let table = self.table(&load.table)?;
        let plan = RowPlan::to_load(&table, &load.rows)?.spelled(load.spelled);
        let rows = load.rows.iter().map(|row| {
            self.goes_on()?;
            plan.assignments(row)
        });
        let groups = group_rows(rows.collect::<Result<_>>()?);
        let insert = Insert::new(load.table.clone(), Vec::new());
        let verb = match self.replaces(&table)? {
            true => "INSERT OR ABORT INTO ",
            false => "INSERT INTO ",
        };
        self.insert_groups(&table, &insert, verb, groups)
    }

    /// Whether a constraint of the table says `ON CONFLICT REPLACE`, by which a row would silently
    /// take the place of others. Elsewhere nothing is said: it would go for what triggers do, too.
    pub(super) fn replaces(&mut self, table: &Table) -> Result<bool> {
        let mut sql = Sql::new("SELECT count(*) AS last FROM ");
        SqliteDialect::push_name(
            &mut sql.text,
            table.name.schema.as_deref().unwrap_or("main"),
        );
        sql.push(
            ".sqlite_schema WHERE type = 'table' AND sql LIKE '%conflict%replace%' AND name = ",
        );
        push_param(&mut sql, Param::Text(table.name.name.clone()));
        Ok(self.one_number(sql, &table.name)? > 0)
    }

    /// The one number of the one row that an aggregate gives; 0 for NULL.
    pub(super) fn one_number(&mut self, sql: Sql, table: &TableName) -> Result<i64> {
        let context = self.context(Some(table));
        let (rows, _) = self.fetch(sql, &Plan::one("last", SqlType::Int8)?, &context)?;
        let row = rows
            .first()
            .ok_or_else(|| Error::internal("an aggregate of SQLite gave no row"))?;
        Ok(row.get::<Option<i64>>("last")?.unwrap_or(0))
    }
}
