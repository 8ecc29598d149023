//! The parts of writing statements that no dialect changes: which columns are written, what is
//! refused, upserts.

use std::borrow::Cow;
use std::sync::Arc;

use super::dialect::{Dialect, Sql};
use super::row_plan::all_assignments;
use super::table::{Column, Generated, Table};
use crate::error::InvalidValue;
use crate::filter::Test;
use crate::query::{OnConflict, UpdateMany};
use crate::row::Header;
use crate::value::canonicalize_in;
use crate::{Error, Filter, Result, Row, Value};

/// A column that is written, by its position in the table, and its canonical value.
#[derive(Debug)]
pub(crate) struct Assignment<'a> {
    pub(crate) position: usize,
    pub(crate) value: Cow<'a, Value>,
    pub(crate) how: How,
}

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// It gets the value.
    Set,
    /// The value is added to it; of a new row it is the value.
    Add,
    /// It gets the time of the statement.
    Now,
}

/// The canonical value of a column.
pub(super) fn canonical<'a, T, C>(
    table: &Table<T, C>,
    column: &Column<C>,
    value: &'a Value,
) -> Result<Cow<'a, Value>> {
    canonicalize_in(table.dialect, value, &column.sql_type, table.limits(column))
        .map_err(|details| table.not_fitting(&column.name, details))
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
    Err(table.not_fitting(&column.name, details))
}

/// Refuses an update or delete that would hit the whole table without saying so.
pub(crate) fn check_restricted<T, C>(
    operation: &'static str,
    table: &Table<T, C>,
    filter: &Filter,
) -> Result<()> {
    filter.check_depth()?;
    if filter.is_unrestricted() {
        return Err(Error::EmptyFilter {
            operation,
            table: table.name.to_string(),
        });
    }
    Ok(())
}

/// Whether a filter asks for one value of each column of the primary key.
pub(crate) fn pins_key<T, C>(table: &Table<T, C>, filter: &Filter) -> bool {
    let mut key = table.primary_key.iter();
    !table.primary_key.is_empty()
        && key.all(|position| {
            let column = table.columns.get(*position);
            column.is_some_and(|column| pins(filter, &column.name))
        })
}

/// Whether a filter asks for one value of the column.
fn pins(filter: &Filter, column: &str) -> bool {
    match filter {
        Filter::Test(condition) if condition.column == column => match &condition.test {
            Test::Dict(value) => !matches!(value, Value::Array(_)),
            Test::Eq(_) => true,
            _ => false,
        },
        Filter::And(filters) => filters.iter().any(|filter| pins(filter, column)),
        _ => false,
    }
}

/// Adds ` ON CONFLICT (keys) DO UPDATE SET ..` for the columns that are written, or
/// ` DO NOTHING`: that is about unique keys alone, every other constraint still refuses a row.
pub(crate) fn push_conflict<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &Table<D::TableExtra, D::ColumnExtra>,
    conflict: OnConflict<'_>,
    written: &[(usize, How)],
) -> Result<()> {
    let keys = match conflict {
        OnConflict::Ignore([]) => {
            sql.push(" ON CONFLICT DO NOTHING");
            return Ok(());
        }
        OnConflict::Update(keys) | OnConflict::Ignore(keys) => keys,
    };
    sql.push(" ON CONFLICT (");
    let positions = super::bulk::key_positions(table, keys, "upsert")?;
    for (i, position) in positions.iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        D::push_name(&mut sql.text, &table.at(*position)?.name);
    }
    if matches!(conflict, OnConflict::Ignore(_)) {
        sql.push(") DO NOTHING");
        return Ok(());
    }
    sql.push(") DO UPDATE SET ");
    let mut to_set = Vec::with_capacity(written.len());
    for (position, how) in written {
        let column = table.at(*position)?;
        if !keys.contains(&column.name) {
            to_set.push((column, *how));
        }
    }
    if to_set.is_empty() {
        // nothing to change, but the row is to be given back
        for key in keys {
            to_set.push((table.column(key)?, How::Set));
        }
    }
    for (i, (column, how)) in to_set.into_iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        D::push_name(&mut sql.text, &column.name);
        sql.push(" = ");
        let push_excluded = |sql: &mut Sql<D::Param>| {
            sql.push("excluded.");
            D::push_name(&mut sql.text, &column.name);
            Ok(())
        };
        match how {
            How::Add => D::push_sum(sql, column, push_excluded)?,
            How::Set | How::Now => push_excluded(sql)?,
        }
    }
    Ok(())
}

/// The columns of a row that is written, and what becomes of them.
pub(crate) fn written(row: &[Assignment<'_>]) -> Vec<(usize, How)> {
    row.iter().map(|a| (a.position, a.how)).collect()
}

/// The rows of an `update_many`, checked.
pub(crate) struct UpdateRows<'a> {
    /// The positions of the keys.
    pub(crate) keys: Vec<usize>,
    /// What each row writes, its keys among it; then what it must have now.
    pub(crate) rows: Vec<Vec<Assignment<'a>>>,
    /// How many assignments at the end of each row are of the second kind.
    pub(crate) expected: usize,
}

/// Which rows of an `update_many` were changed, as the rows of its outcome.
pub(crate) fn places(changed: impl IntoIterator<Item = usize>) -> Result<Vec<Row>> {
    let header = Header::new(["place"])?;
    let row = |place| {
        let place = i64::try_from(place)
            .map_err(|_| Error::internal(format!("row {place} of an update has no number")))?;
        Ok(Row::from_parts(
            Arc::clone(&header),
            vec![Value::Int(place)],
        ))
    };
    changed.into_iter().map(row).collect()
}

/// Which rows differ in which columns, as the rows of an outcome.
pub(crate) fn differing(found: Vec<(usize, Vec<&str>)>) -> Result<Vec<Row>> {
    let header = Header::new(["place", "columns"])?;
    let row = |(place, columns): (usize, Vec<&str>)| {
        let place = i64::try_from(place)
            .map_err(|_| Error::internal(format!("row {place} of many has no number")))?;
        let columns: Vec<Value> = columns.into_iter().map(Value::from).collect();
        let values = vec![Value::Int(place), Value::Array(columns.into())];
        Ok(Row::from_parts(Arc::clone(&header), values))
    };
    found.into_iter().map(row).collect()
}

/// The rows of an `update_many`: keys present, not null and not twice, and something to set.
pub(crate) fn update_many_rows<'a, T, C>(
    table: &Table<T, C>,
    update: &'a UpdateMany,
) -> Result<UpdateRows<'a>> {
    let keys = super::bulk::key_positions(table, &update.keys, "update_many")?;
    let mut rows = all_assignments(table, &update.rows, &keys, update.spelled, || Ok(()))?;
    super::bulk::refuse_duplicate_keys(table, &keys, &rows, "update_many")?;
    if rows.iter().any(|row| row.len() <= keys.len()) {
        return Err(Error::EmptyData {
            operation: "update_many",
            table: table.name.to_string(),
        });
    }
    let Some(first) = update.expected.first() else {
        return Ok(UpdateRows {
            keys,
            rows,
            expected: 0,
        });
    };
    let same = |row: &crate::Row| row.has_names_of(first);
    if update.expected.len() != rows.len() || !update.expected.iter().all(same) {
        return Err(Error::invalid_query(
            format!(
                "the rows of `{}` that are expected differ in number or columns from those to update",
                table.name
            ),
            "give the same columns for each row",
        ));
    }
    // none of them is written
    let all: Vec<usize> = (0..table.columns.len()).collect();
    let spelled = update.spelled;
    let expected = all_assignments(table, &update.expected, &all, spelled, || Ok(()))?;
    for (row, expected) in rows.iter_mut().zip(expected) {
        row.extend(expected);
    }
    Ok(UpdateRows {
        keys,
        rows,
        expected: first.len(),
    })
}
