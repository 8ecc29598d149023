//! A condition on the row that columns refer to, for every dialect.

use super::dialect::{Dialect, Sql};
use super::filter::{Others, TableOf, push_filter, push_null};
use super::shared::{Named, repeated};
use crate::filter::RefersTo;
use crate::{Error, Filter, Result};

/// `(t.a, t.b) IN (SELECT t.x, t.y FROM ..)`: each `t` is that of the innermost select around it. A
/// list of keys, not a condition for each row: SQLite goes by it to the rows, and through the whole
/// table otherwise. Rows that are asked for more than once within it have a name, by a `WITH` before
/// the outermost select.
pub(super) fn push_reference<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    others: &Others<D>,
    reference: &RefersTo,
) -> Result<()> {
    let many = reference.columns.len() > 1;
    sql.push(if many { "(" } else { "" });
    push_list::<D>(sql, table, &reference.columns)?;
    sql.push(if many { ") IN (" } else { " IN (" });
    let outer = sql.alias.take();
    let mut named = sql.named.iter().flatten();
    match named.position(|named| named.is_of(reference)) {
        Some(number) => {
            let names: Vec<String> = (1..=reference.keys.len()).map(key_name).collect();
            sql.push(&format!(
                "SELECT {} FROM {}",
                names.join(", "),
                rows_name(number)
            ));
        }
        None if sql.named.is_some() => push_keys::<D>(sql, others, reference)?,
        None => {
            sql.named = Some(Vec::new());
            push_named::<D>(sql, others, &reference.filter)?;
            push_keys::<D>(sql, others, reference)?;
            sql.named = None;
        }
    }
    sql.push(")");
    sql.alias = outer;
    Ok(())
}

/// `WITH rows_1 (key_1) AS (SELECT ..), rows_2 ..`; nothing where each is asked for once.
fn push_named<D: Dialect>(
    sql: &mut Sql<D::Param>,
    others: &Others<D>,
    filter: &Filter,
) -> Result<()> {
    for (number, reference) in repeated(filter).into_iter().enumerate() {
        let names: Vec<String> = (1..=reference.keys.len()).map(key_name).collect();
        sql.push(if number > 0 { ", " } else { "WITH " });
        sql.push(&format!(
            "{} ({}) AS (",
            rows_name(number),
            names.join(", ")
        ));
        push_keys::<D>(sql, others, reference)?;
        sql.push(") ");
        sql.named.get_or_insert_default().push(Named::of(reference));
    }
    Ok(())
}

/// A name that nobody gives a table: it would hide one of the session's own.
fn rows_name(number: usize) -> String {
    format!("db_adapter_rows_{}", number + 1)
}

fn key_name(number: usize) -> String {
    format!("key_{number}")
}

/// `SELECT t.x, t.y FROM .. WHERE ..`. Keys with NULL are left out, which a search would have to go
/// through.
fn push_keys<D: Dialect>(
    sql: &mut Sql<D::Param>,
    others: &Others<D>,
    reference: &RefersTo,
) -> Result<()> {
    let found = others.iter().find(|(name, _)| *name == reference.table);
    let Some((_, other)) = found else {
        return Err(Error::unsupported(
            format!(
                "a filter by the table `{}` in this operation",
                reference.table
            ),
            D::BACKEND,
            "select the keys first, and filter by them",
        ));
    };
    sql.push("SELECT ");
    push_list::<D>(sql, other, &reference.keys)?;
    sql.push(" FROM ");
    D::push_table(&mut sql.text, other);
    sql.push(" AS t WHERE ");
    for key in &reference.keys {
        let key = other.column(key)?;
        if !D::never_null(other, key) {
            push_null::<D>(sql, key, false);
            sql.push(" AND ");
        }
    }
    push_filter::<D>(sql, other, others, &reference.filter)
}

/// `t.a, t.b`.
fn push_list<D: Dialect>(
    sql: &mut Sql<D::Param>,
    table: &TableOf<D>,
    columns: &[String],
) -> Result<()> {
    for (i, column) in columns.iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        sql.push_column::<D>(table.column(column)?);
    }
    Ok(())
}
