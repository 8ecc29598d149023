//! The texts of writes: single rows by `VALUES`, many by `unnest` of one array for each column,
//! so that the text does not depend on how many.

use std::sync::Arc;

use super::catalog::{PgColumn, PgTable};
use super::dialect::{Postgres, list, push_now};
use super::encode::Param;
use super::guard::{Guard, push_returned};
use crate::query::{Columns, Delete, OnConflict, Select};
use crate::row::Header;
use crate::sql::{self, Assignment, Dialect, How};
use crate::{Filter, Result};
use db_adapter_core::{SqlType, TableName};

pub(super) type Sql = sql::Sql<Param>;

/// A statement, and the names of what it gives back, where it gives something back.
pub(super) type Returned = (Sql, Option<Arc<Header>>);

/// Most texts are shorter.
const TEXT: usize = 768;

/// Whose numbers a `GENERATED ALWAYS` column gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// The database's: none is given.
    Ours,
    /// Those that the rows bring.
    Given,
}

fn statement(verb: &str) -> Sql {
    let mut sql = Sql::new(String::with_capacity(TEXT));
    sql.push(verb);
    sql
}

/// The text of a select, and the names of what it gives.
pub(super) fn select(
    table: &PgTable,
    others: &[(TableName, Arc<PgTable>)],
    select: &Select,
) -> Result<(Sql, Arc<Header>)> {
    let mut sql = statement("SELECT ");
    let header = push_returned(&mut sql.text, table, &select.columns)?;
    sql::push_selected::<Postgres>(&mut sql, table, others, select)?;
    Ok((sql, header))
}

/// `INSERT INTO .. (..)`, up to where the rows come from.
pub(super) fn insert_into(table: &PgTable, columns: &[usize]) -> Result<Sql> {
    let mut sql = statement("INSERT INTO ");
    Postgres::push_table(&mut sql.text, table);
    sql.push(" AS t");
    if !columns.is_empty() {
        sql.push(" (");
        push_columns(&mut sql, table, columns, "")?;
        sql.push(")");
    }
    Ok(sql)
}

fn push_columns(sql: &mut Sql, table: &PgTable, columns: &[usize], before: &str) -> Result<()> {
    for (i, position) in columns.iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        sql.push(before);
        Postgres::push_name(&mut sql.text, &table.at(*position)?.name);
    }
    Ok(())
}

fn push_returning(
    sql: &mut Sql,
    table: &PgTable,
    returning: Option<&Columns>,
) -> Result<Option<Arc<Header>>> {
    let Some(columns) = returning else {
        return Ok(None);
    };
    sql.push(" RETURNING ");
    push_returned(&mut sql.text, table, columns).map(Some)
}

/// Adds a condition, where there is one. `word`: what stands before it.
fn push_guard(sql: &mut Sql, word: &str, guard: &Guard<'_>) {
    if let Some(text) = guard.text() {
        sql.push(word);
        sql.push(&text);
    }
}

/// `INSERT .. SELECT ..` of one row.
pub(super) fn insert_one(
    table: &PgTable,
    row: &[Assignment<'_>],
    conflict: Option<OnConflict<'_>>,
    returning: Option<&Columns>,
) -> Result<Returned> {
    let columns: Vec<usize> = row.iter().map(|a| a.position).collect();
    let mut sql = insert_into(table, &columns)?;
    // without columns every one gets its default
    sql.push(" SELECT");
    for (i, assignment) in row.iter().enumerate() {
        sql.push(if i > 0 { ", " } else { " " });
        push_new(&mut sql, table.at(assignment.position)?, assignment)?;
    }
    let guard = Guard::default().written(table, &columns)?;
    push_guard(&mut sql, " WHERE ", &guard.given(table, returning)?);
    if let Some(conflict) = conflict {
        sql::push_conflict::<Postgres>(&mut sql, table, conflict, &sql::written(row))?;
    }
    let header = push_returning(&mut sql, table, returning)?;
    Ok((sql, header))
}

/// What a column of a new row gets.
fn push_new(sql: &mut Sql, column: &PgColumn, assignment: &Assignment<'_>) -> Result<()> {
    match assignment.how {
        How::Now => push_now(sql, column),
        How::Set | How::Add => Postgres::push_data(sql, column, &assignment.value)?,
    }
    Ok(())
}

/// Many rows of the same columns.
pub(super) fn insert_many(
    table: &PgTable,
    columns: &[usize],
    rows: &[&[Assignment<'_>]],
    conflict: Option<OnConflict<'_>>,
    returning: Option<&Columns>,
    numbers: Numbers,
) -> Result<Returned> {
    let mut sql = insert_into(table, columns)?;
    if numbers == Numbers::Given {
        sql.push(" OVERRIDING SYSTEM VALUE");
    }
    let guard = Guard::default().written(table, columns)?;
    let guard = guard.given(table, returning)?;
    if columns.is_empty() {
        let n = sql.param(Param::Int(i64::try_from(rows.len()).unwrap_or(i64::MAX)));
        sql.push(&format!(" SELECT FROM generate_series(1, ${n}::int8)"));
        push_guard(&mut sql, " WHERE ", &guard);
    } else {
        sql.push(" SELECT ");
        let from = push_unnest(&mut sql, table, columns, rows)?;
        push_unnested(&mut sql, table, columns)?;
        sql.push(&from);
        push_guard(&mut sql, " WHERE ", &guard);
        sql.push(" ORDER BY u.ord");
    }
    if let Some(conflict) = conflict {
        let written: Vec<_> = columns.iter().map(|column| (*column, How::Set)).collect();
        sql::push_conflict::<Postgres>(&mut sql, table, conflict, &written)?;
    }
    let header = push_returning(&mut sql, table, returning)?;
    Ok((sql, header))
}

/// Adds the parameters, one list for each column; gives the ` FROM unnest(..)` over them.
fn push_unnest(
    sql: &mut Sql,
    table: &PgTable,
    columns: &[usize],
    rows: &[&[Assignment<'_>]],
) -> Result<String> {
    let mut from = String::from(" FROM unnest(");
    let mut names = String::new();
    for (i, position) in columns.iter().enumerate() {
        let column = table.at(*position)?;
        let values = rows.iter().filter_map(|row| row.get(i)).map(|a| &*a.value);
        let param = list(column, values);
        let wire = param.wire();
        let n = sql.param(param);
        from.push_str(if i > 0 { ", " } else { "" });
        from.push_str(&format!("${n}{wire}"));
        names.push_str(&format!("c{i}, "));
    }
    from.push_str(&format!(") WITH ORDINALITY AS u({names}ord)"));
    Ok(from)
}

fn unnested(i: usize, column: &PgColumn) -> String {
    let ty = &column.extra.ty;
    format!("u.c{i}{}::{}", ty.through, ty.cast)
}

fn push_unnested(sql: &mut Sql, table: &PgTable, columns: &[usize]) -> Result<()> {
    for (i, position) in columns.iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        sql.push(&unnested(i, table.at(*position)?));
    }
    Ok(())
}

/// `UPDATE .. SET ..` up to its condition.
fn update_set(
    table: &PgTable,
    row: &[Assignment<'_>],
    filter: &Filter,
    returning: Option<&Columns>,
) -> Result<Sql> {
    let mut sql = statement("UPDATE ");
    Postgres::push_table(&mut sql.text, table);
    sql.push(" AS t SET ");
    for (i, assignment) in row.iter().enumerate() {
        let column = table.at(assignment.position)?;
        sql.push(if i > 0 { ", " } else { "" });
        Postgres::push_name(&mut sql.text, &column.name);
        sql.push(" = ");
        match assignment.how {
            How::Add => Postgres::push_sum(&mut sql, column, |sql| {
                Ok(Postgres::push_data(sql, column, &assignment.value)?)
            })?,
            _ => push_new(&mut sql, column, assignment)?,
        }
    }
    let columns: Vec<usize> = row.iter().map(|a| a.position).collect();
    let guard = Guard::default().written(table, &columns)?;
    push_guarded_where(&mut sql, table, filter, returning, guard)?;
    Ok(sql)
}

/// The condition of rows that are changed.
fn push_guarded_where<'t>(
    sql: &mut Sql,
    table: &'t PgTable,
    filter: &Filter,
    returning: Option<&Columns>,
    guard: Guard<'t>,
) -> Result<()> {
    let before = sql.text.len();
    sql::push_where::<Postgres>(sql, table, filter)?;
    let none = sql.text.len() == before;
    let guard = guard.filtered(table, &[], filter)?;
    let word = if none { " WHERE " } else { " AND " };
    push_guard(sql, word, &guard.given(table, returning)?);
    Ok(())
}

/// An update that gives rows back, or with `None` only its count.
pub(super) fn update(
    table: &PgTable,
    row: &[Assignment<'_>],
    filter: &Filter,
    returning: Option<&Columns>,
) -> Result<Returned> {
    let mut sql = update_set(table, row, filter, returning)?;
    let header = push_returning(&mut sql, table, returning)?;
    Ok((sql, header))
}

/// An update that gives the first changed row in key order, and as one column more the number of
/// changed rows: in one statement, and only one row travels.
pub(super) fn update_first(
    table: &PgTable,
    row: &[Assignment<'_>],
    filter: &Filter,
) -> Result<(Sql, Arc<Header>)> {
    let mut update = update_set(table, row, filter, Some(&Columns::All))?;
    let all: Vec<usize> = (0..table.columns.len()).collect();
    update.push(" RETURNING ");
    push_columns(&mut update, table, &all, "t.")?;
    let mut sql = Sql::new(format!("WITH changed AS ({}) SELECT ", update.text));
    sql.params = update.params;
    let header = push_returned(&mut sql.text, table, &Columns::All)?;
    sql.push(", (SELECT count(*) FROM changed) FROM changed AS t");
    if !table.primary_key.is_empty() {
        sql.push(" ORDER BY ");
        push_columns(&mut sql, table, &table.primary_key, "t.")?;
    }
    sql.push(" LIMIT 1");
    Ok((sql, header))
}

/// How rows that are changed one by one are found, and what becomes of them; all have the same
/// columns.
pub(super) struct EachRow<'a> {
    pub(super) columns: &'a [usize],
    /// The columns that find a row.
    pub(super) keys: &'a [usize],
    /// How many columns at the end are not written: a row must have these values already.
    pub(super) expected: usize,
    pub(super) only_changed: bool,
    /// Whether the places of the changed rows are given back, from 1 on.
    pub(super) returning: bool,
}

/// The conditions and assignments of rows in `u`.
#[derive(Default)]
struct Each {
    set: Vec<String>,
    found: Vec<String>,
    changed: Vec<String>,
}

impl EachRow<'_> {
    fn parts(&self, table: &PgTable) -> Result<Each> {
        let mut each = Each::default();
        let written = self.columns.len().saturating_sub(self.expected);
        for (i, position) in self.columns.iter().enumerate() {
            let column = table.at(*position)?;
            let mut name = String::new();
            Postgres::push_name(&mut name, &column.name);
            let value = unnested(i, column);
            if i >= written {
                let expected = format!("t.{name} IS NOT DISTINCT FROM {value}");
                each.found.push(expected);
            } else if self.keys.contains(position) {
                each.found.push(format!("t.{name} = {value}"));
            } else {
                each.set.push(format!("{name} = {value}"));
                let cast = exact(&column.sql_type);
                let changed = format!("t.{name}{cast} IS DISTINCT FROM {value}{cast}");
                each.changed.push(changed);
            }
        }
        Ok(each)
    }
}

/// Changes row by row.
pub(super) fn update_many(
    table: &PgTable,
    each: &EachRow<'_>,
    rows: &[&[Assignment<'_>]],
) -> Result<Sql> {
    let mut sql = Sql::new("UPDATE ");
    Postgres::push_table(&mut sql.text, table);
    sql.push(" AS t SET ");
    let from = push_unnest(&mut sql, table, each.columns, rows)?;
    let parts = each.parts(table)?;
    sql.push(&parts.set.join(", "));
    sql.push(&from);
    sql.push(" WHERE ");
    sql.push(&parts.found.join(" AND "));
    if each.only_changed {
        sql.push(&format!(" AND ({})", parts.changed.join(" OR ")));
    }
    let guard = Guard::default().written(table, each.columns)?;
    push_guard(&mut sql, " AND ", &guard);
    if each.returning {
        sql.push(" RETURNING u.ord");
    }
    Ok(sql)
}

/// The rows that are there and would be changed: the place of each, from 1 on, and of each column that would be
/// written whether it differs.
pub(super) fn differences(
    table: &PgTable,
    each: &EachRow<'_>,
    rows: &[&[Assignment<'_>]],
    lock: bool,
) -> Result<Sql> {
    let mut sql = Sql::new("SELECT u.ord");
    let from = push_unnest(&mut sql, table, each.columns, rows)?;
    let parts = each.parts(table)?;
    for changed in &parts.changed {
        sql.push(", ");
        sql.push(changed);
    }
    sql.push(&from);
    sql.push(" JOIN ");
    Postgres::push_table(&mut sql.text, table);
    sql.push(&format!(
        " AS t ON {} WHERE ({})",
        parts.found.join(" AND "),
        parts.changed.join(" OR ")
    ));
    let guard = Guard::default().written(table, each.columns)?;
    push_guard(&mut sql, " AND ", &guard);
    if lock {
        sql.push(" FOR NO KEY UPDATE OF t");
    }
    Ok(sql)
}

impl EachRow<'_> {
    /// The names of the columns that are written, in the order in which they are compared.
    pub(super) fn written<'t>(&self, table: &'t PgTable) -> Result<Vec<&'t str>> {
        let written = self.columns.len().saturating_sub(self.expected);
        let written = self.columns.iter().take(written);
        let written = written.filter(|position| !self.keys.contains(position));
        written
            .map(|position| Ok(table.at(*position)?.name.as_str()))
            .collect()
    }
}

/// How many of the rows are there and as they are to be.
pub(super) fn count_same(
    table: &PgTable,
    each: &EachRow<'_>,
    rows: &[&[Assignment<'_>]],
) -> Result<Sql> {
    let mut sql = Sql::new("SELECT count(*)");
    let from = push_unnest(&mut sql, table, each.columns, rows)?;
    sql.push(&from);
    sql.push(" JOIN ");
    Postgres::push_table(&mut sql.text, table);
    let parts = each.parts(table)?;
    sql.push(&format!(
        " AS t ON {} WHERE NOT ({})",
        parts.found.join(" AND "),
        parts.changed.join(" OR ")
    ));
    let guard = Guard::default().written(table, each.columns)?;
    push_guard(&mut sql, " AND ", &guard);
    Ok(sql)
}

/// Where equality does not tell all: `1.5` equals `1.50`, `0` equals `-0`, citext and some collations ignore case,
/// json and others have none. A text has the collation of what it was made of.
fn exact(sql_type: &SqlType) -> &'static str {
    match sql_type {
        SqlType::Bool
        | SqlType::Int2
        | SqlType::Int4
        | SqlType::Int8
        | SqlType::Oid
        | SqlType::Uuid
        | SqlType::Bytea
        | SqlType::Date
        | SqlType::Timestamp
        | SqlType::Timestamptz
        | SqlType::Time => "",
        SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) | SqlType::Name => {
            " COLLATE pg_catalog.\"C\""
        }
        _ => "::text COLLATE pg_catalog.\"C\"",
    }
}

pub(super) fn delete(table: &PgTable, delete: &Delete) -> Result<Returned> {
    let mut sql = statement("DELETE FROM ");
    Postgres::push_table(&mut sql.text, table);
    sql.push(" AS t");
    let returning = delete.returning.columns();
    push_guarded_where(&mut sql, table, &delete.filter, returning, Guard::default())?;
    let header = push_returning(&mut sql, table, returning)?;
    Ok((sql, header))
}
