//! `SELECT`, and what it gives: the same text for the same shape, columns always qualified, so
//! that an alias can neither hide a column nor change an order.

use std::borrow::Cow;

use db_adapter_core::SqlType;

use super::dialect::{Ability, Dialect, Output, Sql};
use super::filter::{Others, check_ability, holds_json, push_where_among};
use super::keyset::{push_after, whole_order};
use super::table::{Column, Table};
use crate::query::{Columns, Matching, Select, SelectItem};
use crate::{Error, Result};

/// Adds all that stands behind the outputs of a select.
pub(crate) fn push_selected<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &Table<D::TableExtra, D::ColumnExtra>,
    others: &Others<D>,
    select: &Select,
) -> Result<()> {
    check::<D>(table, select)?;
    let order = whole_order(table, select);
    for term in order.iter() {
        let column = table.column(&term.column)?;
        let unordered = match D::is_array(column) {
            true => Some("array"),
            false => column.sql_type.is_json().then_some("JSON"),
        };
        if let Some(kind) = unordered {
            return Err(Error::unsupported(
                format!("an order by the {kind} column `{}`", column.name),
                D::BACKEND,
                "order by another column, or use `.query(..)`",
            ));
        }
        check_ability::<D>(column, Ability::Order)?;
    }
    push_from::<D>(sql, table);
    let mut before = sql.text.len();
    push_where_among::<D>(sql, table, others, &select.filter)?;
    let after = select.after.as_ref().map_or(&[][..], |_| &*order);
    let guard = D::guard(table, others, Some(&select.columns), &select.filter, after)?;
    push_guard(sql, guard, &mut before);
    let is_cut = select.limit.is_some() || select.after.is_some();
    if is_cut && !order.is_empty() {
        push_guard(sql, D::key_guard(table).map(Cow::Owned), &mut before);
    }
    if let Some(after) = &select.after {
        push_and(sql, &mut before);
        push_after::<D>(sql, table, &order, after)?;
    }
    if select.distinct {
        push_groups::<D>(sql, table, &select.columns)?;
    }
    for (i, term) in order.iter().enumerate() {
        sql.push(if i == 0 { " ORDER BY " } else { ", " });
        D::push_order_key(&mut sql.text, table.column(&term.column)?);
        sql.push(if term.descending { " DESC" } else { " ASC" });
        sql.push(if term.nulls_first {
            " NULLS FIRST"
        } else {
            " NULLS LAST"
        });
    }
    D::push_limit(sql, select.limit, select.offset);
    if let Some(lock) = &select.lock {
        D::push_lock(&mut sql.text, *lock);
    }
    Ok(())
}

/// Adds the condition that nothing is another than we know.
fn push_guard<P>(sql: &mut Sql<P>, guard: Option<Cow<'_, str>>, before: &mut usize) {
    if let Some(guard) = guard {
        push_and(sql, before);
        sql.push(&guard);
    }
}

/// The rows that match, and nothing of them.
fn push_matching<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &Table<D::TableExtra, D::ColumnExtra>,
    others: &Others<D>,
    matching: &Matching,
) -> Result<()> {
    push_from::<D>(sql, table);
    let mut before = sql.text.len();
    push_where_among::<D>(sql, table, others, &matching.filter)?;
    let guard = D::guard(table, others, None, &matching.filter, &[])?;
    push_guard(sql, guard, &mut before);
    Ok(())
}

/// The word before one more condition, where those so far begin at `before`.
fn push_and<P>(sql: &mut Sql<P>, before: &mut usize) {
    let none = sql.text.len() == *before;
    sql.push(if none { " WHERE " } else { " AND " });
    *before = usize::MAX;
}

/// Refuses what has no meaning together.
fn check<D: Dialect>(table: &Table<D::TableExtra, D::ColumnExtra>, select: &Select) -> Result<()> {
    let is_count = |item: &SelectItem| matches!(item, SelectItem::CountAll { .. });
    let counts = matches!(&select.columns, Columns::List(items) if items.iter().any(is_count));
    let wrong = |what: &str, hint: &str| Err(Error::invalid_query(what, hint));
    if counts && (select.distinct || select.after.is_some() || select.lock.is_some()) {
        return wrong(
            "`count(*)` together with `.distinct()`, `.after(..)` or `.for_update()`",
            "select columns, or use `.query(..)`",
        );
    }
    if !select.distinct {
        return Ok(());
    }
    if select.after.is_some() {
        return wrong(
            "`.distinct()` together with `.after(..)`",
            "distinct rows have no key to go on from; use a filter of your own",
        );
    }
    if select.lock.is_some() {
        return wrong(
            "`.distinct()` together with `.for_update()`",
            "a distinct row may stand for many; lock the rows themselves",
        );
    }
    for output in selected(table, &select.columns)? {
        if holds_json(&output.sql_type) {
            return Err(Error::unsupported(
                format!("`.distinct()` on the JSON column `{}`", output.name),
                D::BACKEND,
                "select other columns, or use `.query(..)`",
            ));
        }
        check_ability::<D>(output, Ability::Groups)?;
    }
    for term in &select.order {
        let mut columns = selected(table, &select.columns)?.into_iter();
        table.column(&term.column)?;
        if !columns.any(|column| column.name == term.column) {
            return wrong(
                &format!(
                    "`.distinct()` is ordered by `{}`, which is not selected",
                    term.column
                ),
                "select this column as well, or order by another",
            );
        }
    }
    Ok(())
}

/// The columns that a list names.
fn selected<'t, T, C>(table: &'t Table<T, C>, columns: &Columns) -> Result<Vec<&'t Column<C>>> {
    match columns {
        Columns::All => Ok(table.columns.iter().collect()),
        Columns::List(items) => items
            .iter()
            .filter_map(|item| match item {
                SelectItem::Column { name, .. } => Some(table.column(name)),
                SelectItem::CountAll { .. } => None,
            })
            .collect(),
    }
}

/// Distinct rows as groups: by the columns' own equality, where a result may be their text.
fn push_groups<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &Table<D::TableExtra, D::ColumnExtra>,
    columns: &Columns,
) -> Result<()> {
    for (i, column) in selected(table, columns)?.into_iter().enumerate() {
        sql.push(if i == 0 { " GROUP BY " } else { ", " });
        D::push_order_key(&mut sql.text, column);
    }
    Ok(())
}

/// A lock that ends with its statement protects nothing.
pub(crate) fn check_lock(select: &Select, in_transaction: bool) -> Result<()> {
    match select.lock {
        Some(_) if !in_transaction => Err(Error::invalid_query(
            "`.for_update()` outside of a transaction",
            "select on a transaction, from `.begin()` or `.transaction(..)`: it holds the lock to its end",
        )),
        _ => Ok(()),
    }
}

/// The text of a count; its output is called `count`.
pub(crate) fn count<D: Dialect>(
    table: &Table<D::TableExtra, D::ColumnExtra>,
    others: &Others<D>,
    matching: &Matching,
) -> Result<Sql<D::Param>> {
    let mut sql = Sql::new("SELECT count(*) AS ");
    D::push_name(&mut sql.text, "count");
    push_matching::<D>(&mut sql, table, others, matching)?;
    Ok(sql)
}

/// The text that gives one row when a row matches, else none.
pub(crate) fn exists<D: Dialect>(
    table: &Table<D::TableExtra, D::ColumnExtra>,
    others: &Others<D>,
    matching: &Matching,
) -> Result<Sql<D::Param>> {
    let mut sql = Sql::new("SELECT 1 AS ");
    D::push_name(&mut sql.text, "found");
    push_matching::<D>(&mut sql, table, others, matching)?;
    sql.push(" LIMIT 1");
    Ok(sql)
}

fn push_from<D: Dialect>(sql: &mut Sql<D::Param>, table: &Table<D::TableExtra, D::ColumnExtra>) {
    sql.push(" FROM ");
    D::push_table(&mut sql.text, table);
    sql.push(" AS t");
}

/// Adds the items of a select or a `RETURNING`; gives their names and types.
pub(crate) fn push_outputs<D: Dialect>(
    text: &mut String,
    table: &Table<D::TableExtra, D::ColumnExtra>,
    columns: &Columns,
    qualified: bool,
) -> Result<Vec<Output>> {
    let outputs = outputs(table, columns)?;
    for (i, output) in outputs.iter().enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        let source = match columns {
            Columns::All => Some(output.name.as_str()),
            Columns::List(items) => match items.get(i) {
                Some(SelectItem::Column { name, .. }) => Some(name.as_str()),
                _ => None,
            },
        };
        match source {
            Some(name) => D::push_output(text, table.column(name)?, qualified),
            None => text.push_str("count(*)"),
        }
        text.push_str(" AS ");
        D::push_name(text, &output.name);
    }
    Ok(outputs)
}

/// Names and types of what a column list gives.
pub(crate) fn outputs<T, C>(table: &Table<T, C>, columns: &Columns) -> Result<Vec<Output>> {
    match columns {
        Columns::All if table.columns.is_empty() => Err(Error::invalid_query(
            format!("the table `{}` has no columns", table.name),
            "there is nothing to select",
        )),
        Columns::All => Ok(table
            .columns
            .iter()
            .map(|c| Output {
                name: c.name.clone(),
                sql_type: c.sql_type.clone(),
            })
            .collect()),
        Columns::List(items) => items
            .iter()
            .map(|item| {
                let sql_type = match item {
                    SelectItem::Column { name, .. } => table.column(name)?.sql_type.clone(),
                    SelectItem::CountAll { .. } => SqlType::Int8,
                };
                Ok(Output {
                    name: item.output_name().to_owned(),
                    sql_type,
                })
            })
            .collect(),
    }
}
