//! A [`Filter`] as a `WHERE` clause: what null, arrays and empty lists mean, for every dialect.

use std::borrow::Borrow;
use std::sync::Arc;

use db_adapter_core::{SqlType, TableName};

use super::dialect::{Ability, Comparison, Dialect, Sql};
use super::reference::push_reference;
use super::row_list::{Alternatives, row_lists};
use super::table::{Column, Table};
use crate::filter::Test;
use crate::value::{Limits, canonicalize_in};
use crate::{Error, Filter, Result, Value};

pub(super) type TableOf<D> = Table<<D as Dialect>::TableExtra, <D as Dialect>::ColumnExtra>;
type ColumnOf<D> = Column<<D as Dialect>::ColumnExtra>;
/// The tables that a filter refers to, by the names that it uses.
pub(super) type Others<D> = [(TableName, Arc<TableOf<D>>)];

/// So many conditions in a row; more are written as a tree. A row is as deep as it is long for a database, and
/// SQLite does not go deeper than 1,000.
const MOST_IN_A_ROW: usize = 64;

const NEVER: &str = "1 = 0";
const ALWAYS: &str = "1 = 1";

/// Adds ` WHERE ..`, or nothing where there is no condition. A filter that refers to another table
/// is refused.
pub(crate) fn push_where<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    filter: &Filter,
) -> Result<()> {
    push_where_among::<D>(sql, table, &[], filter)
}

/// The same, with the tables that the filter refers to.
pub(crate) fn push_where_among<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    others: &Others<D>,
    filter: &Filter,
) -> Result<()> {
    match filter {
        Filter::All => Ok(()),
        Filter::And(filters) if filters.is_empty() => Ok(()),
        filter => {
            filter.check_depth()?;
            sql.push(" WHERE ");
            push_filter::<D>(sql, table, others, filter)
        }
    }
}

pub(super) fn push_filter<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    others: &Others<D>,
    filter: &Filter,
) -> Result<()> {
    match filter {
        Filter::All => sql.push(ALWAYS),
        Filter::Test(condition) => {
            let column = table.column(&condition.column)?;
            push_test::<D>(sql, table, column, &condition.test)?;
        }
        Filter::And(filters) => push_joined::<D>(sql, table, others, filters, true)?,
        Filter::AnyOf(filters) => push_joined::<D>(sql, table, others, filters, false)?,
        Filter::RefersTo(reference) => push_reference::<D>(sql, table, others, reference)?,
        Filter::TooDeep => filter.check_depth()?,
        Filter::Not(filter) => {
            // unknown counts as not matching: the rows of both together are all rows
            sql.push("(");
            push_filter::<D>(sql, table, others, filter)?;
            sql.push(") IS NOT TRUE");
        }
    }
    Ok(())
}

fn push_joined<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    others: &Others<D>,
    filters: &[Filter],
    all: bool,
) -> Result<()> {
    let (word, empty) = if all {
        (" AND ", ALWAYS)
    } else {
        (" OR ", NEVER)
    };
    if filters.is_empty() {
        sql.push(empty);
        return Ok(());
    }
    if all || filters.len() <= MOST_IN_A_ROW || !D::LISTS_ROWS {
        return push_tree::<D, _>(sql, table, others, filters, word);
    }
    let Alternatives {
        lists,
        others: rest,
    } = row_lists::<D>(sql, table, filters)?;
    sql.push("(");
    for (i, list) in lists.into_iter().enumerate() {
        sql.push(if i > 0 { word } else { "" });
        D::push_row_list(sql, &list.columns, list.rows)?;
    }
    if !rest.is_empty() {
        sql.push(if rest.len() < filters.len() { word } else { "" });
        push_tree::<D, _>(sql, table, others, &rest, word)?;
    }
    sql.push(")");
    Ok(())
}

/// Halves of halves, so that it is not as deep as it is long.
fn push_tree<D: Dialect, F: Borrow<Filter>>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    others: &Others<D>,
    filters: &[F],
    word: &str,
) -> Result<()> {
    sql.push("(");
    if filters.len() > MOST_IN_A_ROW {
        let (first, second) = filters.split_at(filters.len() / 2);
        push_tree::<D, F>(sql, table, others, first, word)?;
        sql.push(word);
        push_tree::<D, F>(sql, table, others, second, word)?;
    } else {
        for (i, filter) in filters.iter().enumerate() {
            if i > 0 {
                sql.push(word);
            }
            push_filter::<D>(sql, table, others, filter.borrow())?;
        }
    }
    sql.push(")");
    Ok(())
}

fn push_test<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    column: &ColumnOf<D>,
    test: &Test,
) -> Result<()> {
    sql.conditions += 1;
    if sql.conditions > D::MOST_CONDITIONS {
        return Err(Error::invalid_query(
            format!(
                "a filter of more than {} conditions, which {} takes too long to plan",
                D::MOST_CONDITIONS,
                D::BACKEND
            ),
            "split it, or use `op::is_in`; alternatives that name values of the same columns are not counted",
        ));
    }
    match test {
        Test::IsNull | Test::Dict(Value::Null) | Test::Eq(Value::Null) => {
            push_null::<D>(sql, column, true);
            return Ok(());
        }
        Test::NotNull | Test::Ne(Value::Null) => {
            push_null::<D>(sql, column, false);
            return Ok(());
        }
        _ if holds_json(&column.sql_type) => {
            return Err(Error::unsupported(
                format!("a filter on the JSON column `{}`", column.name),
                D::BACKEND,
                "test it for null only, or use `.query(..)`",
            ));
        }
        _ => {}
    }
    match test {
        Test::Dict(Value::Array(items)) if is_list(&column.sql_type, items) => {
            push_in::<D>(sql, table, column, items, Members::In)
        }
        Test::Dict(value) | Test::Eq(value) => {
            compare::<D>(sql, table, column, Comparison::Eq, value)
        }
        Test::Ne(value) => compare::<D>(sql, table, column, Comparison::Ne, value),
        Test::Gt(value) => compare::<D>(sql, table, column, Comparison::Gt, value),
        Test::Gte(value) => compare::<D>(sql, table, column, Comparison::Gte, value),
        Test::Lt(value) => compare::<D>(sql, table, column, Comparison::Lt, value),
        Test::Lte(value) => compare::<D>(sql, table, column, Comparison::Lte, value),
        Test::In(values) => push_in::<D>(sql, table, column, values, Members::In),
        Test::NotIn(values) => push_in::<D>(sql, table, column, values, Members::NotIn),
        Test::InAnySpelling(values) => {
            push_in::<D>(sql, table, column, values, Members::InAnySpelling)
        }
        Test::Like(pattern) => push_like::<D>(sql, table, column, pattern, false),
        Test::Ilike(pattern) => push_like::<D>(sql, table, column, pattern, true),
        Test::IsNull | Test::NotNull => Ok(()),
    }
}

/// Documents, or arrays of them.
pub(super) fn holds_json(sql_type: &SqlType) -> bool {
    sql_type.element().unwrap_or(sql_type).is_json()
}

/// Whether a bare array means membership: always, but on an array column only an array of arrays.
fn is_list(sql_type: &SqlType, items: &[Value]) -> bool {
    match sql_type {
        SqlType::Array(_) => matches!(items.first(), Some(Value::Array(_))),
        _ => true,
    }
}

pub(super) fn push_null<D: Dialect>(sql: &mut Sql<D::Param>, column: &ColumnOf<D>, null: bool) {
    sql.push_column::<D>(column);
    sql.push(if null { " IS NULL" } else { " IS NOT NULL" });
}

pub(super) fn compare<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    column: &ColumnOf<D>,
    comparison: Comparison,
    value: &Value,
) -> Result<()> {
    if value.is_null() {
        // greater or less than null is unknown, so no row matches
        sql.push(NEVER);
        return Ok(());
    }
    let ordered = !matches!(comparison, Comparison::Eq | Comparison::Ne);
    if ordered && D::is_array(column) {
        return Err(Error::unsupported(
            format!(
                "`{}` on the array column `{}`",
                comparison.symbol(),
                column.name
            ),
            D::BACKEND,
            "compare arrays for equality only, or use `.query(..)`",
        ));
    }
    let limits = Limits::rounding(table.rounding);
    let canonical = canonicalize_in(table.dialect, value, &column.filter_type(), limits)
        .map_err(|details| table.not_fitting(&column.name, details))?;
    let ability = if ordered {
        Ability::Less
    } else {
        Ability::Equality
    };
    check_ability::<D>(column, ability)?;
    let sought = D::sought(column, value, canonical);
    D::push_comparison(sql, column, comparison, &sought)
}

/// Refuses what the type of a column has no operator for.
pub(super) fn check_ability<D: Dialect>(column: &ColumnOf<D>, ability: Ability) -> Result<()> {
    if D::has(column, ability) {
        return Ok(());
    }
    let what = match ability {
        Ability::Equality => "a comparison with",
        Ability::Less => "a comparison by size with",
        Ability::Order => "an order by",
        Ability::Groups => "`.distinct()` on",
    };
    Err(Error::unsupported(
        format!(
            "{what} the column `{}`, whose type `{}` has no operator for it,",
            column.name, column.sql_type
        ),
        D::BACKEND,
        "use other columns, or a cast in `.query(..)`, such as `column::text`",
    ))
}

/// How a column has to do with a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    In,
    NotIn,
    InAnySpelling,
}

fn push_in<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    column: &ColumnOf<D>,
    values: &[Value],
    members: Members,
) -> Result<()> {
    let negated = members == Members::NotIn;
    let push = |sql: &mut Sql<D::Param>, values: &[Value]| match members {
        Members::InAnySpelling => D::push_any_spelling(sql, column, values),
        _ => D::push_membership(sql, column, values, negated),
    };
    let filter_type = column.filter_type();
    let limits = Limits::rounding(table.rounding);
    let mut canonical = Vec::with_capacity(values.len());
    for given in values.iter().filter(|value| !value.is_null()) {
        let value = canonicalize_in(table.dialect, given, &filter_type, limits)
            .map_err(|details| table.not_fitting(&column.name, details))?;
        canonical.push(D::sought(column, given, value).into_owned());
    }
    if !canonical.is_empty() {
        check_ability::<D>(column, Ability::Equality)?;
    }
    let has_null = canonical.len() < values.len();
    match (canonical.is_empty(), has_null) {
        (true, false) => sql.push(if negated { ALWAYS } else { NEVER }),
        (true, true) => push_null::<D>(sql, column, !negated),
        (false, false) => push(sql, &canonical)?,
        (false, true) => {
            sql.push("(");
            push(sql, &canonical)?;
            sql.push(if negated { " AND " } else { " OR " });
            push_null::<D>(sql, column, !negated);
            sql.push(")");
        }
    }
    Ok(())
}

fn push_like<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    column: &ColumnOf<D>,
    pattern: &str,
    fold_case: bool,
) -> Result<()> {
    let operator = if fold_case { "ilike" } else { "like" };
    if !column.sql_type.is_text() {
        return Err(Error::invalid_query(
            format!(
                "`{operator}` on column `{}` of `{}`, which is `{}`",
                column.name, table.name, column.sql_type
            ),
            "patterns match text columns only",
        ));
    }
    if pattern.contains('\0') {
        return Err(Error::invalid_query(
            format!(
                "the pattern of `{operator}` on column `{}` holds a NUL character",
                column.name
            ),
            "text cannot hold one, so no row could match",
        ));
    }
    if pattern.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1 {
        return Err(Error::invalid_query(
            format!(
                "the pattern of `{operator}` on column `{}` ends with its escape character",
                column.name
            ),
            "write `\\\\` for a backslash",
        ));
    }
    D::push_like(sql, column, pattern, fold_case)
}
