//! What keeps a prepared statement from meaning something else once its table was changed: conditions
//! that the server looks at when it reads the statement, and that cost nothing when it runs. And the
//! texts that every statement about a whole table has in it. Pure.

use std::sync::Arc;

use db_adapter_core::{SqlType, TableName, push_quoted};

use super::catalog::PgTable;
use super::dialect::Postgres;
use crate::Result;
use crate::query::Columns;
use crate::row::Header;
use crate::sql::push_outputs;

/// The parts of statements that a table's description decides: made once with it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Texts {
    /// `t."a" AS "a", ..`: all columns as outputs.
    pub(super) outputs: String,
    /// The names of all columns.
    pub(super) header: Arc<Header>,
    /// The guard of a statement that takes or gives all columns.
    pub(super) guard: String,
    /// What is refused when the table has not as many columns as we know.
    number: String,
}

impl Texts {
    pub(super) fn of(table: &PgTable) -> Result<Self> {
        let mut outputs = String::new();
        if !table.columns.is_empty() {
            push_outputs::<Postgres>(&mut outputs, table, &Columns::All, true)?;
        }
        let number = number(table);
        Ok(Texts {
            outputs,
            header: Header::new(table.columns.iter().map(|column| column.name.as_str()))?,
            guard: never_run(&number),
            number,
        })
    }
}

/// The names of what a select or a `RETURNING` gives, whose text is added.
pub(super) fn push_returned(
    text: &mut String,
    table: &PgTable,
    columns: &Columns,
) -> Result<Arc<Header>> {
    if let (Columns::All, false) = (columns, table.columns.is_empty()) {
        text.push_str(&table.extra.texts.outputs);
        return Ok(Arc::clone(&table.extra.texts.header));
    }
    let outputs = push_outputs::<Postgres>(text, table, columns, true)?;
    Header::new(outputs.into_iter().map(|output| output.name))
}

/// A condition that is true, and that the server refuses as soon as it looks at the statement again
/// because the table was changed: when a column has not the type that the statement casts its value
/// to (an assignment would convert it once more, and silently), or, for `all`, when the table has
/// not as many columns as we know.
///
/// It names the table's row type and not the table, so that it needs no right to read, and no lock.
pub(super) fn guard(table: &PgTable, columns: &[usize], all: bool) -> Result<String> {
    let mut parts = String::new();
    for position in columns {
        parts.push_str(if parts.is_empty() { "" } else { " AND " });
        parts.push_str(&table.at(*position)?.extra.guard);
    }
    match (all, parts.is_empty()) {
        (true, true) => return Ok(table.extra.texts.guard.clone()),
        (true, false) => {
            parts.push_str(" AND ");
            parts.push_str(&table.extra.texts.number);
        }
        (false, true) => parts.push_str("true"),
        (false, false) => {}
    }
    Ok(never_run(&parts))
}

/// Looked at when the statement is read, and then removed by the planner.
fn never_run(condition: &str) -> String {
    format!("CASE WHEN true THEN true ELSE {condition} END")
}

/// Arrays are equal to arrays of the very same type only. `list`: the array type of the column's own
/// type.
pub(super) fn of_column(table: &TableName, column: &str, list: &str) -> String {
    let mut text = String::from("ARRAY[(NULL::");
    table.push_quoted(&mut text);
    text.push_str(").");
    push_quoted(&mut text, column);
    text.push_str("] OPERATOR(pg_catalog.=) NULL::");
    text.push_str(list);
    text
}

/// Rows that are compared, and both sides of a union, have the same number of columns. The first is
/// cheaper for the server, but wants types that can be compared.
fn number(table: &PgTable) -> String {
    let mut row = String::from("(NULL::");
    table.extra.found.push_quoted(&mut row);
    row.push_str(").*");
    let nulls = vec!["NULL"; table.columns.len()].join(", ");
    let mut types = table.columns.iter().map(|column| &column.sql_type);
    match !table.columns.is_empty() && types.all(can_be_compared) {
        true => format!("ROW({row}) OPERATOR(pg_catalog.=) ROW({nulls})"),
        false => format!("EXISTS (SELECT {row} UNION ALL SELECT {nulls})"),
    }
}

fn can_be_compared(sql_type: &SqlType) -> bool {
    match sql_type {
        // of a domain over an enum, too, which has no operators
        SqlType::Json | SqlType::Citext | SqlType::Enum(_) | SqlType::Other(_) => false,
        SqlType::Array(element) => can_be_compared(element),
        _ => true,
    }
}
