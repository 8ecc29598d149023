//! The parts of writing statements that no dialect changes: which columns are written, what is
//! refused, upserts.

use std::borrow::Cow;

use super::dialect::{Dialect, Sql};
use super::table::{Column, Generated, Table, not_fitting};
use crate::error::InvalidValue;
use crate::query::{OnConflict, UpdateMany};
use crate::value::canonicalize_in;
use crate::{Error, Filter, Result, Row, Value};

/// A column that is written, by its position in the table, and its canonical value.
#[derive(Debug)]
pub(crate) struct Assignment<'a> {
    pub(crate) position: usize,
    pub(crate) value: Cow<'a, Value>,
}

/// What a row writes, in table order: the same key set gives the same statement text.
///
/// Keys that start with `_` and are no columns are dropped.
pub(crate) fn assignments<'a, T, C>(
    table: &Table<T, C>,
    row: &'a Row,
) -> Result<Vec<Assignment<'a>>> {
    assignments_finding(table, row, &[])
}

/// [`assignments`] of a row that is found by the columns at `keys`: these are not written, so
/// that the database may number them.
fn assignments_finding<'a, T, C>(
    table: &Table<T, C>,
    row: &'a Row,
    keys: &[usize],
) -> Result<Vec<Assignment<'a>>> {
    if let Some(name) = row.duplicate() {
        return Err(Error::invalid_query(
            format!("column `{name}` is given twice for `{}`", table.name),
            "give each column one value",
        ));
    }
    let mut assignments = Vec::with_capacity(row.len());
    for (name, value) in row.iter() {
        let Some(position) = table.position(name) else {
            if name.starts_with('_') {
                continue;
            }
            return Err(table.undefined(name));
        };
        let column = table.at(position)?;
        if !keys.contains(&position) {
            refuse_generated(table, column)?;
        }
        let value = canonical(table, column, value)?;
        assignments.push(Assignment { position, value });
    }
    assignments.sort_by_key(|assignment| assignment.position);
    Ok(assignments)
}

/// The canonical value of a column.
pub(super) fn canonical<'a, T, C>(
    table: &Table<T, C>,
    column: &Column<C>,
    value: &'a Value,
) -> Result<Cow<'a, Value>> {
    canonicalize_in(table.dialect, value, &column.sql_type, table.limits(column))
        .map_err(|details| not_fitting(table, &column.name, details))
}

pub(super) fn refuse_generated<T, C>(table: &Table<T, C>, column: &Column<C>) -> Result<()> {
    let reason = match column.generated {
        Generated::No => return Ok(()),
        Generated::Computed => "the database computes this column",
        Generated::Identity => "the database numbers this column itself (GENERATED ALWAYS)",
    };
    let details = InvalidValue::new(reason)
        .expected(&column.sql_type)
        .hint("leave the column out");
    Err(not_fitting(table, &column.name, details))
}

/// Refuses an update or delete that would hit the whole table without saying so.
pub(crate) fn check_restricted<T, C>(
    operation: &'static str,
    table: &Table<T, C>,
    filter: &Filter,
) -> Result<()> {
    if filter.is_unrestricted() {
        return Err(Error::EmptyFilter {
            operation,
            table: table.name.to_string(),
        });
    }
    Ok(())
}

/// Adds ` ON CONFLICT (keys) DO UPDATE SET ..` for the columns that are written, or
/// ` DO NOTHING`: that is about unique keys alone, every other constraint still refuses a row.
pub(crate) fn push_conflict<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &Table<D::TableExtra, D::ColumnExtra>,
    conflict: OnConflict<'_>,
    written: &[usize],
) -> Result<()> {
    let keys = match conflict {
        OnConflict::Ignore([]) => {
            sql.push(" ON CONFLICT DO NOTHING");
            return Ok(());
        }
        OnConflict::Update(keys) | OnConflict::Ignore(keys) => keys,
    };
    sql.push(" ON CONFLICT (");
    for (i, key) in keys.iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        D::push_name(&mut sql.text, &table.column(key)?.name);
    }
    if matches!(conflict, OnConflict::Ignore(_)) {
        sql.push(") DO NOTHING");
        return Ok(());
    }
    sql.push(") DO UPDATE SET ");
    let mut to_set = Vec::with_capacity(written.len());
    for position in written {
        let name = &table.at(*position)?.name;
        if !keys.contains(name) {
            to_set.push(name);
        }
    }
    if to_set.is_empty() {
        // nothing to change, but the row is to be given back
        to_set = keys.iter().collect();
    }
    for (i, name) in to_set.into_iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        D::push_name(&mut sql.text, name);
        sql.push(" = excluded.");
        D::push_name(&mut sql.text, name);
    }
    Ok(())
}

/// The assignments of each row of an `update_many`, checked: keys present, not null and not
/// twice, and something to set. Gives the positions of the keys as well.
pub(crate) fn update_many_rows<'a, T, C>(
    table: &Table<T, C>,
    update: &'a UpdateMany,
) -> Result<(Vec<usize>, Vec<Vec<Assignment<'a>>>)> {
    let keys = super::bulk::key_positions(table, &update.keys, "update_many")?;
    let rows = update
        .rows
        .iter()
        .map(|row| assignments_finding(table, row, &keys))
        .collect::<Result<Vec<_>>>()?;
    super::bulk::refuse_duplicate_keys(table, &keys, &rows, "update_many")?;
    if rows.iter().any(|row| row.len() <= keys.len()) {
        return Err(Error::EmptyData {
            operation: "update_many",
            table: table.name.to_string(),
        });
    }
    Ok((keys, rows))
}
