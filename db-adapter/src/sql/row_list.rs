//! Alternatives that name values of the same columns, `(a = 1 AND b = 2) OR (a = 3 AND b = 4) ..`, as a
//! list of rows: `(a, b) IN (..)`. A database looks a row up in a list; it tries alternatives one by one.

use super::dialect::{Ability, Dialect, Sql};
use super::filter::{TableOf, check_ability, holds_json};
use crate::filter::{Condition, Test};
use crate::value::{Limits, canonicalize_in};
use crate::{Filter, Result, Value};

pub(super) struct Alternatives<'f, P> {
    pub(super) lists: Vec<RowList<P>>,
    /// Those that are more than equal to values.
    pub(super) others: Vec<&'f Filter>,
}

/// The rows that are looked for by the same columns, written in the same way.
pub(super) struct RowList<P> {
    /// The columns as they are written on the left side.
    pub(super) columns: Vec<String>,
    /// One value for each column.
    pub(super) rows: Vec<Vec<P>>,
}

/// Of alternatives, those that can be lists.
pub(super) fn row_lists<'f, D: Dialect>(
    sql: &Sql<D::Param>,
    table: &TableOf<D>,
    filters: &'f [Filter],
) -> Result<Alternatives<'f, D::Param>> {
    let mut lists: Vec<RowList<D::Param>> = Vec::new();
    let mut others = Vec::new();
    for filter in filters {
        match row_of::<D>(sql, table, filter)? {
            Some((columns, row)) => match lists.iter_mut().find(|list| list.columns == columns) {
                Some(list) => list.rows.push(row),
                None => lists.push(RowList {
                    columns,
                    rows: vec![row],
                }),
            },
            None => others.push(filter),
        }
    }
    Ok(Alternatives { lists, others })
}

type WrittenRow<P> = (Vec<String>, Vec<P>);

fn row_of<D: Dialect>(
    sql: &Sql<D::Param>,
    table: &TableOf<D>,
    filter: &Filter,
) -> Result<Option<WrittenRow<D::Param>>> {
    let tests = match filter {
        Filter::And(filters) => filters.as_slice(),
        Filter::Test(_) => std::slice::from_ref(filter),
        _ => return Ok(None),
    };
    let mut columns = Vec::with_capacity(tests.len());
    let mut row = Vec::with_capacity(tests.len());
    for test in tests {
        let Filter::Test(condition) = test else {
            return Ok(None);
        };
        let Some((column, param)) = cell_of::<D>(sql, table, condition)? else {
            return Ok(None);
        };
        columns.push(column);
        row.push(param);
    }
    Ok((!row.is_empty()).then_some((columns, row)))
}

fn cell_of<D: Dialect>(
    sql: &Sql<D::Param>,
    table: &TableOf<D>,
    condition: &Condition,
) -> Result<Option<(String, D::Param)>> {
    let (Test::Dict(value) | Test::Eq(value)) = &condition.test else {
        return Ok(None);
    };
    let column = table.column(&condition.column)?;
    let plain = !matches!(value, Value::Null | Value::Array(_));
    if !plain || holds_json(&column.sql_type) {
        return Ok(None); // not a comparison with one value
    }
    let limits = Limits::rounding(table.rounding);
    let canonical = canonicalize_in(table.dialect, value, &column.filter_type(), limits)
        .map_err(|details| table.not_fitting(&column.name, details))?;
    check_ability::<D>(column, Ability::Equality)?;
    let sought = D::sought(column, value, canonical);
    Ok(D::listed(sql, column, &sought))
}
