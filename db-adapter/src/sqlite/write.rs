//! Inserts, updates and deletes on one connection.

use std::cmp::Ordering;

use db_adapter_core::{SqlType, compare_text};

use super::catalog::Table;
use super::connection::Keep;
use super::decode;
use super::dialect::{Sql, SqliteDialect, push_param};
use super::encode::Param;
use super::error::Context;
use super::plan::{self, Plan};
use super::read::TEXT;
use super::run::Work;
use super::sequence::is_row_number;
use super::statement_text::{BATCH, inserts, push_changed, push_found, push_update};
use crate::error::Violation;
use crate::query::{Columns, Delete, Insert, OnConflict, Outcome, Returning, Update, UpdateMany};
use crate::sql::{
    self, Assignment, Dialect, Group, UpdateRows, assignments, check_restricted, group_rows,
    push_where, refuse_duplicate_keys,
};
use crate::{Error, Result, Row, Value};

/// What a conflict does, the table says.
const INSERT: &str = "INSERT INTO ";
const UPDATE: &str = "UPDATE ";

impl Work<'_> {
    pub(super) fn insert(&mut self, insert: &Insert) -> Result<Outcome> {
        let table = self.table(&insert.table)?;
        let mut rows = sql::all_assignments(&table, &insert.rows, &[], false, || self.goes_on())?;
        sql::add_to_insert(&table, &mut rows, insert)?;
        if insert.or_ignore && table.extra.is_view {
            return Err(Error::unsupported(
                format!("`.or_ignore()` into the view `{}`", table.name),
                "SQLite",
                "insert into the tables below it",
            ));
        }
        if let Some(OnConflict::Update(keys)) = insert.on_conflict() {
            let positions = sql::key_positions(&table, keys, "upsert")?;
            refuse_duplicate_keys(&table, &positions, &rows, "upsert")?;
        }
        self.insert_groups(&table, insert, INSERT, group_rows(rows))
    }

    /// The rows of an insert, checked and grouped.
    pub(super) fn insert_groups(
        &mut self,
        table: &Table,
        insert: &Insert,
        verb: &str,
        groups: Vec<Group<'_>>,
    ) -> Result<Outcome> {
        let mut context = self.context(Some(&insert.table));
        if let Some(keys) = &insert.conflict_keys {
            context.keys = keys;
        }
        let columns = match &insert.returning {
            // SQLite does not count what the triggers of a view do with its rows
            Returning::Nothing if table.extra.is_view => Some(&Columns::All),
            returning => returning.columns(),
        };
        let count: usize = groups.iter().map(|group| group.rows.len()).sum();
        let statements = inserts(|| self.goes_on(), table, insert, verb, columns, groups)?;
        let mut outcome = Outcome::default();
        let mut placed: Vec<(usize, Row)> = Vec::with_capacity(columns.map_or(0, |_| count));
        for statement in statements {
            let full = statement.places.len() == 1 || statement.places.len() == BATCH;
            let keep = match full {
                true => Keep::Prepared,
                // a text for each number of rows would drive out what is used again
                false => Keep::Not,
            };
            let (rows, changed) = self.fetch_as(statement.sql, keep, &statement.plan, &context)?;
            outcome.affected += match table.extra.is_view {
                true => rows.len() as u64,
                false => changed,
            };
            placed.extend(statement.places.into_iter().zip(rows));
        }
        placed.sort_by_key(|(place, _)| *place);
        if !matches!(insert.returning, Returning::Nothing) {
            outcome.rows = placed.into_iter().map(|(_, row)| row).collect();
        }
        Ok(outcome)
    }

    pub(super) fn update(&mut self, update: &Update) -> Result<Outcome> {
        let table = self.table(&update.table)?;
        refuse_view(&table, "update")?;
        check_restricted("update", &table, &update.filter)?;
        let mut data = assignments(&table, &update.data)?;
        sql::add_expressions(&table, &mut data, &update.expressions)?;
        if data.is_empty() {
            return Err(Error::EmptyData {
                operation: "update",
                table: update.table.to_string(),
            });
        }
        let without = without_number(&table, &data);
        let mut sql = Sql::new(String::with_capacity(TEXT));
        push_update(&mut sql, UPDATE, &table, &data)?;
        push_where::<SqliteDialect>(&mut sql, &table, &update.filter)?;
        self.send_update(sql, &table, update)
            .map_err(|error| match without {
                Some(column) => not_null(error, column),
                None => error,
            })
    }

    fn send_update(&mut self, mut sql: Sql, table: &Table, update: &Update) -> Result<Outcome> {
        let context = self.context(Some(&update.table));
        match &update.returning {
            Returning::Nothing => {
                let affected = self.send(sql, Keep::Prepared, &context, |_| Ok(()))?;
                Ok(Outcome {
                    rows: Vec::new(),
                    affected,
                })
            }
            Returning::All(columns) => {
                sql.push(" RETURNING ");
                let plan = plan::push(&mut sql.text, table, columns, false)?;
                let (rows, affected) = self.fetch(sql, &plan, &context)?;
                Ok(Outcome { rows, affected })
            }
            Returning::First if is_one_statement(table, update) => {
                self.update_and_pick(sql, table, &context)
            }
            Returning::First => self.find_and_update(sql, table, update, &context),
        }
    }

    /// One statement that gives every changed row, of which the first is kept.
    fn update_and_pick(
        &mut self,
        mut sql: Sql,
        table: &Table,
        context: &Context<'_>,
    ) -> Result<Outcome> {
        sql.push(" RETURNING ");
        let plan = plan::push(&mut sql.text, table, &Columns::All, false)?;
        let mut first: Option<Vec<Value>> = None;
        let affected = self.send(sql, Keep::Prepared, context, |row| {
            let values = decode::row(row, &plan.types)?;
            if first
                .as_ref()
                .is_none_or(|first| compare_keys(table, &values, first) == Ordering::Less)
            {
                first = Some(values);
            }
            Ok(())
        })?;
        Ok(Outcome {
            rows: first
                .map(|values| Row::from_parts(plan.header, values))
                .into_iter()
                .collect(),
            affected,
        })
    }

    /// The first row is found, all are updated, and the first is read: in one transaction, and
    /// without a row for each that is changed.
    fn find_and_update(
        &mut self,
        sql: Sql,
        table: &Table,
        update: &Update,
        context: &Context<'_>,
    ) -> Result<Outcome> {
        let rowid = table.extra.rowid.unwrap_or("rowid");
        let mut find = Sql::new(format!("SELECT t.{rowid} FROM "));
        SqliteDialect::push_table(&mut find.text, table);
        find.push(" AS t");
        push_where::<SqliteDialect>(&mut find, table, &update.filter)?;
        find.push(" ORDER BY ");
        for position in &table.primary_key {
            SqliteDialect::push_order_key(&mut find.text, table.at(*position)?);
            find.push(", ");
        }
        find.push(&format!("t.{rowid} LIMIT 1"));
        let (found, _) = self.fetch(find, &Plan::one("rowid", SqlType::Int8)?, context)?;
        let Some(found) = found.first() else {
            return Ok(Outcome::default());
        };
        let found: i64 = found.get("rowid")?;
        let affected = self.send(sql, Keep::Prepared, context, |_| Ok(()))?;
        let mut read = Sql::new("SELECT ");
        let plan = plan::push(&mut read.text, table, &Columns::All, true)?;
        read.push(" FROM ");
        SqliteDialect::push_table(&mut read.text, table);
        read.push(&format!(" AS t WHERE t.{rowid} = "));
        push_param(&mut read, Param::Int(found));
        let (rows, _) = self.fetch(read, &plan, context)?;
        Ok(Outcome { rows, affected })
    }

    pub(super) fn update_many(&mut self, update: &UpdateMany) -> Result<Outcome> {
        let table = self.table(&update.table)?;
        refuse_view(&table, "update")?;
        let UpdateRows {
            keys,
            rows,
            expected,
        } = sql::update_many_rows(&table, update)?;
        let context = self.context(Some(&update.table));
        let verb = match update.only_changed && self.replaces(&table)? {
            true => "UPDATE OR ABORT ",
            false => UPDATE,
        };
        let mut statements = Vec::with_capacity(rows.len());
        for mut row in rows {
            self.goes_on()?;
            let expected = row.split_off(row.len().saturating_sub(expected));
            let (finding, data): (Vec<_>, Vec<_>) = row
                .into_iter()
                .partition(|assignment| keys.contains(&assignment.position));
            let mut sql = Sql::new(String::with_capacity(TEXT));
            push_update(&mut sql, verb, &table, &data)?;
            push_found(&mut sql, &table, &finding, &expected, update.spelled)?;
            if update.only_changed {
                sql.push(" AND ");
                push_changed(&mut sql, &table, &data)?;
            }
            let same = match update.checked {
                true => {
                    let mut same = Sql::new("SELECT count(*) AS last FROM ");
                    SqliteDialect::push_table(&mut same.text, &table);
                    same.push(" AS t");
                    push_found(&mut same, &table, &finding, &expected, update.spelled)?;
                    same.push(" AND NOT ");
                    push_changed(&mut same, &table, &data)?;
                    Some(same)
                }
                false => None,
            };
            statements.push((sql, same));
        }
        let mut outcome = Outcome::default();
        let mut changed_at = Vec::new();
        for (place, (sql, same)) in statements.into_iter().enumerate() {
            let changed = self.send(sql, Keep::Prepared, &context, |_| Ok(()))?;
            outcome.affected += changed;
            let Some(same) = same else { continue };
            if changed > 0 {
                changed_at.push(place);
            // fine when the row is there and is so already
            } else if self.one_number(same, &update.table)? != 1 {
                let table = update.table.to_string();
                let what = "the row";
                return Err(Error::NotKept { table, what });
            }
        }
        outcome.rows = sql::places(changed_at)?;
        Ok(outcome)
    }

    /// Which rows would be changed in which columns; each of them must be there.
    pub(super) fn differences(&mut self, update: &UpdateMany) -> Result<Outcome> {
        let table = self.table(&update.table)?;
        let UpdateRows {
            keys,
            rows,
            expected,
        } = sql::update_many_rows(&table, update)?;
        let context = self.context(Some(&update.table));
        let mut found = Vec::new();
        for (place, mut row) in rows.into_iter().enumerate() {
            self.goes_on()?;
            let expected = row.split_off(row.len().saturating_sub(expected));
            let (finding, data): (Vec<_>, Vec<_>) = row
                .into_iter()
                .partition(|assignment| keys.contains(&assignment.position));
            let mut sql = Sql::new("SELECT ");
            for (i, assignment) in data.iter().enumerate() {
                sql.push(if i > 0 { ", " } else { "" });
                push_changed(&mut sql, &table, std::slice::from_ref(assignment))?;
            }
            sql.push(" FROM ");
            SqliteDialect::push_table(&mut sql.text, &table);
            sql.push(" AS t");
            push_found(&mut sql, &table, &finding, &expected, update.spelled)?;
            let plan = Plan::flags(data.len())?;
            let (answer, _) = self.fetch(sql, &plan, &context)?;
            let [flags] = answer.as_slice() else {
                let table = update.table.to_string();
                let what = "the row";
                return Err(Error::NotKept { table, what });
            };
            let mut columns = Vec::new();
            for (assignment, (_, flag)) in data.iter().zip(flags.iter()) {
                if *flag == Value::Bool(true) {
                    columns.push(table.at(assignment.position)?.name.as_str());
                }
            }
            if !columns.is_empty() {
                found.push((place, columns));
            }
        }
        let rows = sql::differing(found)?;
        Ok(Outcome { rows, affected: 0 })
    }

    pub(super) fn delete(&mut self, delete: &Delete) -> Result<Outcome> {
        let table = self.table(&delete.table)?;
        refuse_view(&table, "delete")?;
        check_restricted("delete", &table, &delete.filter)?;
        let mut sql = Sql::new("DELETE FROM ");
        SqliteDialect::push_table(&mut sql.text, &table);
        sql.push(" AS t");
        push_where::<SqliteDialect>(&mut sql, &table, &delete.filter)?;
        let mut plan = Plan::default();
        if let Some(columns) = delete.returning.columns() {
            sql.push(" RETURNING ");
            plan = plan::push(&mut sql.text, &table, columns, false)?;
        }
        let context = self.context(Some(&delete.table));
        let (mut rows, affected) = self.fetch(sql, &plan, &context)?;
        if !matches!(delete.returning, Returning::All(_)) {
            rows.truncate(usize::from(matches!(delete.returning, Returning::First)));
        }
        Ok(Outcome { rows, affected })
    }
}

/// SQLite neither counts nor gives back what the triggers of a view have changed.
fn refuse_view(table: &Table, verb: &str) -> Result<()> {
    match table.extra.is_view {
        true => Err(Error::unsupported(
            format!("`{verb}` of the view `{}`", table.name),
            "SQLite",
            "change the tables below it, or use `execute`",
        )),
        false => Ok(()),
    }
}

/// Whether an update that gives back the first row is best one statement: where at most a few
/// rows can match, and where no row number finds the row again.
pub(super) fn is_one_statement(table: &Table, update: &Update) -> bool {
    let key = &table.primary_key;
    let name = |position: &usize| table.columns.get(*position).map(|c| c.name.as_str());
    let touches_key = key.iter().filter_map(name).any(|name| {
        let mut expressions = update.expressions.iter();
        update.data.value(name).is_some() || expressions.any(|(column, _)| column == name)
    });
    table.extra.rowid.is_none() || touches_key || sql::pins_key(table, &update.filter)
}

/// The order of two rows by the primary key.
fn compare_keys(table: &Table, a: &[Value], b: &[Value]) -> Ordering {
    let mut order = Ordering::Equal;
    for position in &table.primary_key {
        if let (Some(column), Some(a), Some(b)) = (
            table.columns.get(*position),
            a.get(*position),
            b.get(*position),
        ) {
            order = order.then_with(|| compare(&column.sql_type, a, b));
        }
    }
    order
}

fn compare(sql_type: &SqlType, a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::Numeric(a), Value::Numeric(b)) => compare_text(sql_type, a.as_str(), b.as_str()),
        (Value::Text(a), Value::Text(b)) => compare_text(sql_type, a, b),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        // null comes last, as in every ascending order of ours
        (a, b) => a.is_null().cmp(&b.is_null()),
    }
}

/// The number of the row, where it is to be NULL.
fn without_number(table: &Table, data: &[Assignment<'_>]) -> Option<String> {
    let nulls = data.iter().filter(|to| to.value.is_null());
    let mut names = nulls.filter_map(|to| Some(&table.columns.get(to.position)?.name));
    names.find(|name| is_row_number(table, name)).cloned()
}

/// A row without its number is refused as a value of another type.
fn not_null(error: Error, column: String) -> Error {
    match error {
        Error::InvalidValue(details) if details.column.is_none() => {
            Error::NotNullViolation(Box::new(Violation {
                table: details.table,
                columns: vec![column],
                ..Violation::default()
            }))
        }
        error => error,
    }
}
