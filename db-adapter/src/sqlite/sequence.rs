//! Keys in advance, numbers that go on, and locks of a name: what the one writer has anyway.

use std::collections::HashSet;

use db_adapter_core::SqlType;

use super::catalog::Table;
use super::dialect::{Sql, SqliteDialect, push_param};
use super::encode::Param;
use super::plan::Plan;
use super::run::Work;
use crate::query::{AdvanceSequence, AllocateKeys, Outcome};
use crate::sql::{self, Dialect};
use crate::{Error, Result, Row};

impl Work<'_> {
    /// The write lock of the file is that lock, of whatever name.
    pub(super) fn lock(&self) -> Result<Outcome> {
        sql::only_in_transaction(self.in_transaction, "a lock")?;
        Ok(Outcome::default())
    }

    /// Explicit numbers count for what SQLite gives next.
    pub(super) fn advance_sequence(&mut self, advance: &AdvanceSequence) -> Result<Outcome> {
        let table = self.table(&advance.table)?;
        table.column(&advance.column)?;
        Ok(Outcome::default())
    }

    pub(super) fn allocate_keys(&mut self, allocate: &AllocateKeys) -> Result<Outcome> {
        sql::only_in_transaction(self.in_transaction, "keys in advance")?;
        let table = self.table(&allocate.table)?;
        table.column(&allocate.column)?;
        let rows = if is_row_number(&table, &allocate.column) {
            self.numbers(&table, allocate)?
        } else {
            self.defaults(&table, allocate)?
        };
        let mut seen = HashSet::with_capacity(rows.len());
        let mut values = rows.iter().filter_map(|row| row.get_index(0));
        if rows.len() as u64 == allocate.count
            && values.all(|value| !value.is_null() && seen.insert(value))
        {
            drop(seen);
            return Ok(Outcome { rows, affected: 0 });
        }
        // what was sent only read
        self.sent = false;
        Err(sql::makes_no_keys(&allocate.table, &allocate.column))
    }

    fn numbers(&mut self, table: &Table, allocate: &AllocateKeys) -> Result<Vec<Row>> {
        let last = self.last_number(table)?;
        let reserved = self
            .reserved
            .as_deref_mut()
            .and_then(|reserved| reserved.get(&table.name).copied());
        let last = last.max(reserved.unwrap_or(0)).max(0);
        let count = i64::try_from(allocate.count).unwrap_or(i64::MAX);
        let Some(end) = last.checked_add(count) else {
            return Err(Error::NoKeys {
                table: Some(table.name.to_string()),
                message: format!("`{}` has no row numbers left", table.name),
                hint: None,
            });
        };
        if let Some(reserved) = self.reserved.as_deref_mut() {
            reserved.insert(table.name.clone(), end);
        }
        let header = crate::row::Header::new([allocate.column.as_str()])?;
        Ok((last + 1..=end)
            .map(|number| Row::from_parts(header.clone(), vec![number.into()]))
            .collect())
    }

    /// The highest number that a row has, or that a row of AUTOINCREMENT ever had.
    fn last_number(&mut self, table: &Table) -> Result<i64> {
        let rowid = table.extra.rowid.unwrap_or("rowid");
        let mut sql = Sql::new(format!("SELECT max({rowid}) AS last FROM "));
        SqliteDialect::push_table(&mut sql.text, table);
        let last = self.one_number(sql, &table.name)?;
        let mut schema = String::new();
        SqliteDialect::push_name(&mut schema, table.name.schema.as_deref().unwrap_or("main"));
        let kept = Sql::new(format!(
            "SELECT count(*) AS last FROM {schema}.sqlite_schema WHERE name = 'sqlite_sequence'"
        ));
        if self.one_number(kept, &table.name)? == 0 {
            return Ok(last);
        }
        let mut sql = Sql::new(format!(
            "SELECT max(seq) AS last FROM {schema}.sqlite_sequence WHERE name = "
        ));
        push_param(&mut sql, Param::Text(table.name.name.clone()));
        Ok(last.max(self.one_number(sql, &table.name)?))
    }

    /// The values of the column's default, each made by itself.
    fn defaults(&mut self, table: &Table, allocate: &AllocateKeys) -> Result<Vec<Row>> {
        let context = self.context(Some(&allocate.table));
        let mut sql = Sql::new("SELECT dflt_value AS last FROM pragma_table_xinfo(");
        push_param(&mut sql, Param::Text(table.name.name.clone()));
        if let Some(schema) = &table.name.schema {
            sql.push(", ");
            push_param(&mut sql, Param::Text(schema.clone()));
        }
        sql.push(") WHERE name = ");
        push_param(&mut sql, Param::Text(allocate.column.clone()));
        let (rows, _) = self.fetch(sql, &Plan::one("last", SqlType::Text)?, &context)?;
        let default: Option<String> = rows
            .first()
            .map(|row| row.get("last"))
            .transpose()?
            .flatten();
        let Some(default) = default else {
            return Ok(Vec::new());
        };
        if allocate.count == 0 {
            return Ok(Vec::new());
        }
        let mut sql =
            Sql::new("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ");
        let count = i64::try_from(allocate.count).unwrap_or(i64::MAX);
        push_param(&mut sql, Param::Int(count));
        sql.push(&format!(") SELECT ({default}) FROM n LIMIT {count}"));
        let sql_type = table.column(&allocate.column)?.sql_type.clone();
        let (rows, _) = self.fetch(sql, &Plan::one(&allocate.column, sql_type)?, &context)?;
        Ok(rows)
    }
}

/// Whether the column is the number of the row: `INTEGER PRIMARY KEY`.
pub(super) fn is_row_number(table: &Table, name: &str) -> bool {
    let [key] = table.primary_key.as_slice() else {
        return false;
    };
    table.extra.rowid.is_some()
        && table.columns.get(*key).is_some_and(|column| {
            column.name == name && column.extra.declared.eq_ignore_ascii_case("INTEGER")
        })
}
