//! Rows that get unique values of each other: none of them can be first. What they have gives way to NULL, or
//! to a value that nobody has, and then each gets its own; all of that, or nothing.

use db_adapter_core::SqlType;

use super::apply::{Applied, Collided, is_of_a_row, unique_columns, update};
use super::ledger::Ledger;
use super::plan::{ColumnPlan, TablePlan};
use crate::transaction::Transaction;
use crate::{DatabaseClientExt as _, Result, Row, Value};

/// What becomes of a row.
#[derive(Clone, PartialEq, Eq)]
enum Outcome {
    Changed,
    Refused,
    /// These columns of all the rows, too, have to make way.
    Again(Vec<String>),
}

/// Sends the rows; those that collide with a row that stays as it is are refused.
pub(super) async fn exchange(
    tx: &Transaction,
    ledger: &mut Ledger<'_>,
    place: usize,
    mut rows: Vec<Collided>,
) -> Result<Applied> {
    let mut applied = Applied::default();
    let Some(table) = ledger.plan(place) else {
        return Ok(applied);
    };
    let mut unique: Vec<Vec<String>> = Vec::new();
    for columns in rows.iter().map(|row| &row.unique) {
        if !unique.contains(columns) {
            unique.push(columns.clone());
        }
    }
    // each round has fewer rows than the one before, or more columns that make way
    while !rows.is_empty() {
        let outcomes = round(tx, table, &rows, &unique).await?;
        if outcomes.iter().all(|outcome| *outcome == Outcome::Changed) {
            for row in &rows {
                ledger.taken(place, &row.sent, row.nulled);
            }
            applied.written = rows.len() as u64;
            applied.taken = applied.written;
            break;
        }
        let mut left = Vec::with_capacity(rows.len());
        for (row, outcome) in rows.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Changed => left.push(row),
                Outcome::Again(columns) => {
                    if !unique.contains(&columns) {
                        unique.push(columns);
                    }
                    left.push(row);
                }
                Outcome::Refused => {
                    applied.stopped |= !ledger.refused(place, &row.sent, row.reason);
                }
            }
        }
        if applied.stopped {
            break;
        }
        rows = left;
    }
    Ok(applied)
}

/// All of them, or none; what would become of each.
async fn round(
    tx: &Transaction,
    table: &TablePlan,
    rows: &[Collided],
    unique: &[Vec<String>],
) -> Result<Vec<Outcome>> {
    let all_changed = |outcomes: &[Outcome]| outcomes.iter().all(|o| *o == Outcome::Changed);
    let savepoint = tx.begin().await?;
    let mut outcomes = Vec::with_capacity(rows.len());
    for (number, row) in (0..).zip(rows) {
        outcomes.push(match makes_way(table, row, unique, number) {
            Some(values) => one(&savepoint, table, values, row, unique).await?,
            None => Outcome::Refused,
        });
    }
    // a row that cannot make way is refused: other columns would not help it
    for outcome in &mut outcomes {
        if *outcome != Outcome::Changed {
            *outcome = Outcome::Refused;
        }
    }
    if all_changed(&outcomes) {
        outcomes.clear();
        for row in rows {
            outcomes.push(one(&savepoint, table, row.row.clone(), row, unique).await?);
        }
        // a row may have collided only with one that did not get far either
        if outcomes.iter().any(|o| matches!(o, Outcome::Again(_))) {
            let refused = outcomes.iter_mut().filter(|o| **o == Outcome::Refused);
            refused.for_each(|outcome| *outcome = Outcome::Changed);
        }
    }
    match all_changed(&outcomes) {
        true => savepoint.commit().await?,
        false => savepoint.rollback().await?,
    }
    Ok(outcomes)
}

async fn one(
    tx: &Transaction,
    table: &TablePlan,
    values: Row,
    row: &Collided,
    unique: &[Vec<String>],
) -> Result<Outcome> {
    let savepoint = tx.begin().await?;
    let owned = row.owned.iter().cloned().collect();
    match update(&savepoint, table, &[values], owned).await {
        Ok(_) => {
            savepoint.commit().await?;
            Ok(Outcome::Changed)
        }
        Err(error) => {
            savepoint.rollback().await?;
            match unique_columns(&error) {
                Some(columns) if !unique.contains(&columns) => Ok(Outcome::Again(columns)),
                _ if is_of_a_row(&error) => Ok(Outcome::Refused),
                _ => Err(error),
            }
        }
    }
}

/// The row's key, and for each set of unique columns one that gives way.
fn makes_way(
    table: &TablePlan,
    row: &Collided,
    unique: &[Vec<String>],
    number: i32,
) -> Option<Row> {
    let key = table.key.iter().filter_map(|c| table.columns.get(*c));
    let mut values = Row::new();
    for column in key {
        values.set(&column.name, row.row.value(&column.name)?.clone());
    }
    for columns in unique {
        let (column, value) = columns
            .iter()
            .find_map(|name| gives_way(table, row, name, number))?;
        values.set(column, value);
    }
    Some(values)
}

fn gives_way<'t>(
    table: &'t TablePlan,
    row: &Collided,
    name: &str,
    number: i32,
) -> Option<(&'t str, Value)> {
    let position = table.position(name)?;
    let column = table.columns.get(position)?;
    let stays = table.key.contains(&position) || table.owned_by().contains(&position);
    // what refers to it would follow, and stay behind
    if stays || column.is_referenced || row.row.value(name).is_none() {
        return None;
    }
    let value = match column.nullable {
        true => Value::Null,
        false => unused(column, number)?,
    };
    Some((&column.name, value))
}

/// A value that no row is likely to have; where one has, the row is refused. `None` for a type that has no
/// such values.
fn unused(column: &ColumnPlan, number: i32) -> Option<Value> {
    let number = i64::from(number);
    Some(match &column.sql_type {
        SqlType::Int2 => Value::Int(i64::from(i16::MIN) + number),
        SqlType::Int4 => Value::Int(i64::from(i32::MIN) + number),
        SqlType::Int8 => Value::Int(i64::MIN + number),
        SqlType::Text | SqlType::Citext | SqlType::Varchar(None | Some(40..)) => {
            Value::Text(format!("db-adapter makes way {number}").into())
        }
        SqlType::Uuid => Value::Text(format!("db0ada97-0000-4000-8000-{number:012x}").into()),
        _ => return None,
    })
}
