//! Pages by keys: the whole order of a select that is cut, and the condition that begins it behind
//! a row. Pure, and never by counting rows: what is inserted or deleted meanwhile moves nothing.

use std::borrow::Cow;

use db_adapter_core::SqlType;

use super::dialect::{Comparison, Dialect, Sql};
use super::filter::{compare, push_null};
use super::table::{Column, Table};
use crate::query::{Columns, OrderTerm, Select, SelectItem};
use crate::{Error, Result, Row, Value};

type TableOf<D> = Table<<D as Dialect>::TableExtra, <D as Dialect>::ColumnExtra>;
type ColumnOf<D> = Column<<D as Dialect>::ColumnExtra>;

/// A column of the order, how it is ordered, and the value behind which a page begins.
struct Place<'a, D: Dialect> {
    column: &'a ColumnOf<D>,
    term: &'a OrderTerm,
    value: &'a Value,
}

/// The order of a select as it is written. Where it is cut it ends in the primary key, in the
/// direction of the last column: rows that are equal in the caller's order then have one order, the
/// same for every page.
pub(super) fn whole_order<'a, T, C>(
    table: &Table<T, C>,
    select: &'a Select,
) -> Cow<'a, [OrderTerm]> {
    let is_cut = select.limit.is_some() || select.after.is_some();
    let Some(last) = select.order.last().filter(|_| is_cut && gives_rows(select)) else {
        return Cow::Borrowed(&select.order);
    };
    let missing: Vec<OrderTerm> = key(table)
        .filter(|column| !select.order.iter().any(|term| term.column == column.name))
        .map(|column| OrderTerm {
            column: column.name.clone(),
            descending: last.descending,
            nulls_first: last.descending,
        })
        .collect();
    match missing.is_empty() {
        true => Cow::Borrowed(&select.order),
        false => Cow::Owned([select.order.clone(), missing].concat()),
    }
}

/// Whether each row of the result is one of the table.
fn gives_rows(select: &Select) -> bool {
    let is_count = |item: &SelectItem| matches!(item, SelectItem::CountAll { .. });
    match &select.columns {
        Columns::List(items) => !select.distinct && !items.iter().any(is_count),
        Columns::All => !select.distinct,
    }
}

/// The columns of the primary key, if rows can be ordered by them.
fn key<T, C>(table: &Table<T, C>) -> impl Iterator<Item = &Column<C>> {
    let columns = || {
        let positions = table.primary_key.iter();
        positions.filter_map(|position| table.columns.get(*position))
    };
    let all = columns().all(|column| has_order(&column.sql_type));
    columns().filter(move |_| all)
}

fn has_order(sql_type: &SqlType) -> bool {
    !sql_type.is_json() && !matches!(sql_type, SqlType::Array(_))
}

/// Adds the condition for the rows that come behind `after` in this order.
pub(super) fn push_after<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    order: &[OrderTerm],
    after: &Row,
) -> Result<()> {
    let places = places::<D>(table, order, after)?;
    push_behind::<D>(sql, table, &places)
}

fn places<'a, D: Dialect>(
    table: &'a TableOf<D>,
    order: &'a [OrderTerm],
    after: &'a Row,
) -> Result<Vec<Place<'a, D>>> {
    if order.is_empty() {
        return Err(Error::invalid_query(
            "`.after(..)` without an order",
            "order the rows, for example by `.order_by(\"id\")`, on the first page as well",
        ));
    }
    if key(table).next().is_none() {
        return Err(Error::unsupported(
            format!(
                "`.after(..)` on `{}`, which has no primary key that orders its rows",
                table.name
            ),
            D::BACKEND,
            "use `.limit(..)` and `.offset(..)`, or a condition of your own",
        ));
    }
    let place = |term: &'a OrderTerm| {
        let column = table.column(&term.column)?;
        let value = after.value(&term.column);
        let value = value.ok_or_else(|| missing(table, &term.column))?;
        let is_key = key(table).any(|key| key.name == column.name);
        if is_key && value.is_null() {
            return Err(Error::invalid_query(
                format!(
                    "the row of `.after(..)` has NULL in the key column `{}` of `{}`",
                    column.name, table.name
                ),
                "such rows cannot be told apart; select those with a key only",
            ));
        }
        Ok(Place {
            column,
            term,
            value,
        })
    };
    order.iter().map(place).collect()
}

fn missing<T, C>(table: &Table<T, C>, column: &str) -> Error {
    Error::invalid_query(
        format!(
            "the row of `.after(..)` has no column `{column}`, and the pages of `{}` are ordered by it",
            table.name
        ),
        "select this column as well, under its own name; the order of a page ends in the primary key",
    )
}

/// Behind the row: further in the first column, or as far and behind it in the others. By the same
/// comparisons as the order, never by equality, which may see more differences than the order does.
fn push_behind<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    places: &[Place<'_, D>],
) -> Result<()> {
    let Some((place, rest)) = places.split_first() else {
        sql.push("1 = 0");
        return Ok(());
    };
    let Place {
        column,
        term,
        value,
    } = place;
    let (further, as_far) = match term.descending {
        true => (Comparison::Lt, Comparison::Lte),
        false => (Comparison::Gt, Comparison::Gte),
    };
    if value.is_null() {
        sql.push("(");
        push_null::<D>(sql, column, !term.nulls_first);
        sql.push(if term.nulls_first { " OR " } else { " AND " });
        push_behind::<D>(sql, table, rest)?;
        sql.push(")");
        return Ok(());
    }
    let with_nulls = !term.nulls_first && !D::never_null(table, column);
    sql.push(if with_nulls { "(" } else { "" });
    if rest.is_empty() {
        compare::<D>(sql, table, column, further, value)?;
    } else {
        // the first part says no more than the second: an index begins there
        sql.push("(");
        compare::<D>(sql, table, column, as_far, value)?;
        sql.push(" AND (");
        compare::<D>(sql, table, column, further, value)?;
        sql.push(" OR ");
        push_behind::<D>(sql, table, rest)?;
        sql.push("))");
    }
    if with_nulls {
        sql.push(" OR ");
        push_null::<D>(sql, column, true);
        sql.push(")");
    }
    Ok(())
}
