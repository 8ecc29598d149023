//! `SELECT`, and what it gives: the same text for the same shape, columns always qualified, so
//! that an alias can neither hide a column nor change an order.

use db_adapter_core::SqlType;

use super::dialect::{Dialect, Output, Sql};
use super::filter::{Others, push_where_among};
use super::table::Table;
use crate::query::{Columns, Matching, Select, SelectItem};
use crate::{Error, Result};

/// Adds all that stands behind the outputs of a select.
pub(crate) fn push_selected<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &Table<D::TableExtra, D::ColumnExtra>,
    others: &Others<D>,
    select: &Select,
) -> Result<()> {
    push_from::<D>(sql, table);
    let before = sql.text.len();
    push_where_among::<D>(sql, table, others, &select.filter)?;
    if let (Columns::All, Some(guard)) = (&select.columns, D::columns_guard(table)) {
        let none = sql.text.len() == before;
        sql.push(if none { " WHERE " } else { " AND " });
        sql.push(guard);
    }
    for (i, term) in select.order.iter().enumerate() {
        let column = table.column(&term.column)?;
        if column.sql_type.is_json() {
            return Err(Error::unsupported(
                format!("an order by the JSON column `{}`", column.name),
                D::BACKEND,
                "order by another column, or use `.query(..)`",
            ));
        }
        sql.push(if i == 0 { " ORDER BY " } else { ", " });
        D::push_order_key(&mut sql.text, column);
        sql.push(if term.descending { " DESC" } else { " ASC" });
        sql.push(if term.nulls_first {
            " NULLS FIRST"
        } else {
            " NULLS LAST"
        });
    }
    D::push_limit(sql, select.limit, select.offset);
    Ok(())
}

/// The text of a count; its output is called `count`.
pub(crate) fn count<D: Dialect>(
    table: &Table<D::TableExtra, D::ColumnExtra>,
    others: &Others<D>,
    matching: &Matching,
) -> Result<Sql<D::Param>> {
    let mut sql = Sql::new("SELECT count(*) AS ");
    D::push_name(&mut sql.text, "count");
    push_from::<D>(&mut sql, table);
    push_where_among::<D>(&mut sql, table, others, &matching.filter)?;
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
    push_from::<D>(&mut sql, table);
    push_where_among::<D>(&mut sql, table, others, &matching.filter)?;
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
