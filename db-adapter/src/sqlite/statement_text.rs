//! The texts of writes; pure.

use super::catalog::Table;
use super::clock;
use super::dialect::{Sql, SqliteDialect, push_param};
use super::encode::{MOST_PARAMS, Param};
use super::error::in_table;
use super::plan::{self, Plan};
use super::read::TEXT;
use crate::query::{Columns, Insert};
use crate::sql::{self, Assignment, Comparison, Dialect, Group, How, push_conflict};
use crate::{Error, Result, Value};

/// So many conditions in a row; more are written as a tree, since SQLite does not go deeper than 1,000.
const MOST_IN_A_ROW: usize = 64;
/// Rows of one `INSERT`: more cost memory and bring no speed.
pub(super) const BATCH: usize = 500;

/// One `INSERT` and the places of its rows in the caller's data.
pub(super) struct Statement {
    pub(super) sql: Sql,
    pub(super) plan: Plan,
    pub(super) places: Vec<usize>,
}

/// All are made before one is sent: a value that does not fit is found first. `goes_on` fails where the
/// operation is to end.
pub(super) fn inserts(
    goes_on: impl Fn() -> Result<()>,
    table: &Table,
    insert: &Insert,
    verb: &str,
    returning: Option<&Columns>,
    groups: Vec<Group<'_>>,
) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for group in groups {
        let batch = match group.columns.len() {
            // `DEFAULT VALUES` makes one row
            0 => 1,
            columns => BATCH.min(MOST_PARAMS / columns).max(1),
        };
        for rows in group.rows.chunks(batch) {
            goes_on()?;
            let mut sql = Sql::new(String::with_capacity(
                TEXT.max(rows.len() * group.columns.len() * 4),
            ));
            sql.push(verb);
            SqliteDialect::push_table(&mut sql.text, table);
            if table.name.name.eq_ignore_ascii_case("excluded") {
                // in the part for conflicts that is the row that was to be inserted
                sql.push(" AS t");
            }
            push_values(&mut sql, table, &group.columns, rows)?;
            if let Some(conflict) = insert.on_conflict() {
                // the rows of a group have the same columns, and expressions a group of their own
                let written = rows.first().map(|(_, row)| sql::written(row));
                let written =
                    written.ok_or_else(|| Error::internal("an insert was made of no rows"))?;
                push_conflict::<SqliteDialect>(&mut sql, table, conflict, &written)?;
            }
            let mut plan = Plan::default();
            if let Some(columns) = returning {
                sql.push(" RETURNING ");
                plan = plan::push(&mut sql.text, table, columns, false)?;
            }
            statements.push(Statement {
                sql,
                plan,
                places: rows.iter().map(|(place, _)| *place).collect(),
            });
        }
    }
    Ok(statements)
}

fn push_values(
    sql: &mut Sql,
    table: &Table,
    columns: &[usize],
    rows: &[(usize, Vec<Assignment<'_>>)],
) -> Result<()> {
    if columns.is_empty() {
        sql.push(" DEFAULT VALUES");
        return Ok(());
    }
    sql.push(" (");
    for (i, position) in columns.iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        SqliteDialect::push_name(&mut sql.text, &table.at(*position)?.name);
    }
    sql.push(") VALUES ");
    for (i, (_, row)) in rows.iter().enumerate() {
        sql.push(if i > 0 { ", (" } else { "(" });
        for (j, assignment) in row.iter().enumerate() {
            sql.push(if j > 0 { ", " } else { "" });
            push_assigned(sql, table, assignment)?;
        }
        sql.push(")");
    }
    Ok(())
}

fn push_assigned(sql: &mut Sql, table: &Table, assignment: &Assignment<'_>) -> Result<()> {
    let column = table.at(assignment.position)?;
    let pushed = match assignment.how {
        How::Now => SqliteDialect::push_data(sql, column, &clock::now(table, column)?),
        How::Set | How::Add => SqliteDialect::push_data(sql, column, &assignment.value),
    };
    in_table(pushed, &table.name, &column.name)
}

pub(super) fn push_update(
    sql: &mut Sql,
    verb: &str,
    table: &Table,
    data: &[Assignment<'_>],
) -> Result<()> {
    sql.push(verb);
    SqliteDialect::push_table(&mut sql.text, table);
    sql.push(" AS t SET ");
    for (i, assignment) in data.iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        SqliteDialect::push_name(&mut sql.text, &table.at(assignment.position)?.name);
        sql.push(" = ");
        match assignment.how {
            How::Add => {
                let column = table.at(assignment.position)?;
                SqliteDialect::push_sum(sql, column, |sql| push_assigned(sql, table, assignment))?;
            }
            How::Set | How::Now => push_assigned(sql, table, assignment)?,
        }
    }
    Ok(())
}

/// ` WHERE t.id = ? AND t.owner = ?`: the keys of a row, and what it must have besides. `spelled`: keys are
/// meant as they are written.
pub(super) fn push_found(
    sql: &mut Sql,
    table: &Table,
    keys: &[Assignment<'_>],
    expected: &[Assignment<'_>],
    spelled: bool,
) -> Result<()> {
    for (i, found) in keys.iter().chain(expected).enumerate() {
        sql.push(if i > 0 { " AND " } else { " WHERE " });
        let column = table.at(found.position)?;
        match &*found.value {
            Value::Null => {
                sql.push("t.");
                SqliteDialect::push_name(&mut sql.text, &column.name);
                sql.push(" IS NULL");
            }
            // a text as it is stored: another spelling of the value may be another row's
            Value::Text(text)
                if spelled && i < keys.len() && column.sql_type.has_several_texts() =>
            {
                sql.push("t.");
                SqliteDialect::push_name(&mut sql.text, &column.name);
                sql.push(" = ");
                push_param(sql, Param::Text(text.to_string()));
            }
            // whose the row is, however it is written there
            value if i >= keys.len() => {
                SqliteDialect::push_any_spelling(sql, column, std::slice::from_ref(value))?;
            }
            value => SqliteDialect::push_comparison(sql, column, Comparison::Eq, value)?,
        }
    }
    Ok(())
}

/// `(t.a IS NOT ? OR ..)`, compared as stored and not by a column's collation; as a tree where there are
/// more than SQLite goes deep.
pub(super) fn push_changed(sql: &mut Sql, table: &Table, data: &[Assignment<'_>]) -> Result<()> {
    if data.len() > MOST_IN_A_ROW {
        let (first, second) = data.split_at(data.len() / 2);
        sql.push("(");
        push_changed(sql, table, first)?;
        sql.push(" OR ");
        push_changed(sql, table, second)?;
        sql.push(")");
        return Ok(());
    }
    for (i, assignment) in data.iter().enumerate() {
        sql.push(if i > 0 { " OR t." } else { "(t." });
        SqliteDialect::push_name(&mut sql.text, &table.at(assignment.position)?.name);
        sql.push(" COLLATE BINARY IS NOT ");
        push_assigned(sql, table, assignment)?;
    }
    sql.push(")");
    Ok(())
}
