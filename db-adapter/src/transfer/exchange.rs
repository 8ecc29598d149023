//! Rows that get unique values of each other: none of them can be first. What they have gives way to NULL, or
//! to a value that nobody has, and then each gets its own; all of that, or nothing.

use std::ops::Range;

use db_adapter_core::SqlType;

use super::apply::{Applied, Collided, FEW, is_of_a_row, of_one_shape, unique_columns, update};
use super::ledger::{Ledger, Ready};
use super::part::part;
use super::plan::{ColumnPlan, TablePlan};
use crate::transaction::Transaction;
use crate::{DatabaseClientExt as _, Result, Row, Value};

/// Rows in one statement.
const ROWS: usize = 5000;

/// What becomes of a row.
#[derive(Clone, PartialEq, Eq)]
enum Outcome {
    Changed,
    Refused,
    /// These columns of all the rows, too, have to make way.
    Again(Vec<String>),
}

/// Sends the rows. Those that collide with a row that stays as it is are refused; unless it is the `last` time,
/// they are given back, since rows that are still to come may make way for them.
pub(super) async fn exchange(
    tx: &Transaction,
    ledger: &mut Ledger<'_>,
    place: usize,
    mut rows: Vec<Collided>,
    last: bool,
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
        rows = without_failed(ledger, place, rows, &mut applied);
        let outcomes = round(tx, table, &rows, &unique).await?;
        if outcomes.iter().all(|outcome| *outcome == Outcome::Changed) {
            for row in &rows {
                ledger.taken(place, &row.sent, row.nulled);
                ledger.holds(place, &row.sent, &row.row);
                ledger.written(place, &row.row, row.owned.as_ref());
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
                Outcome::Refused if !last => applied.collided.push(row),
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

/// The rows without their references to rows that have failed meanwhile.
fn without_failed(
    ledger: &mut Ledger<'_>,
    place: usize,
    rows: Vec<Collided>,
    applied: &mut Applied,
) -> Vec<Collided> {
    let mut left = Vec::with_capacity(rows.len());
    for mut row in rows {
        if ledger.is_concerned(place, &row.sent) {
            match ledger.ready(place, &mut row.row, &row.sent) {
                (Ready::Yes, nulled) => row.nulled = nulled,
                (Ready::Gone, _) => continue,
                (Ready::No(reason), _) => {
                    applied.stopped |= !ledger.refused(place, &row.sent, reason);
                    continue;
                }
            }
        }
        left.push(row);
    }
    left
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
    let numbered = (0..).zip(rows);
    let ways = numbered.map(|(number, row)| makes_way(table, row, unique, number));
    let mut outcomes = send(
        &savepoint,
        table,
        rows,
        &ways.collect::<Vec<_>>(),
        unique,
        false,
    )
    .await?;
    // a row that cannot make way is refused: other columns would not help it
    for outcome in &mut outcomes {
        if *outcome != Outcome::Changed {
            *outcome = Outcome::Refused;
        }
    }
    if all_changed(&outcomes) {
        let given = rows.iter().map(|row| Some(row.row.clone()));
        outcomes = send(
            &savepoint,
            table,
            rows,
            &given.collect::<Vec<_>>(),
            unique,
            true,
        )
        .await?;
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

/// Gives each row its values, many at once, in their order; halves of halves find those that are refused. One
/// without values is. `again`: more columns of all of them may make way, so that the first that has to is enough.
async fn send(
    tx: &Transaction,
    table: &TablePlan,
    rows: &[Collided],
    values: &[Option<Row>],
    unique: &[Vec<String>],
    again: bool,
) -> Result<Vec<Outcome>> {
    let mut outcomes = vec![Outcome::Refused; rows.len()];
    let places: Vec<usize> = (0..rows.len()).collect();
    let has_values = |place: &usize| values.get(*place).is_some_and(Option::is_some);
    let places: Vec<usize> = places.into_iter().filter(has_values).collect();
    let value = |place: &usize| values.get(*place).cloned().flatten();
    let given: Vec<Row> = places.iter().filter_map(value).collect();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for shape in of_one_shape(&given) {
        let starts = shape.clone().step_by(ROWS);
        ranges.extend(starts.map(|start| start..shape.end.min(start + ROWS)));
    }
    ranges.reverse();
    while let Some(range) = ranges.pop() {
        let chosen = part(&places, range.clone())?;
        let of = chosen.iter().filter_map(|place| rows.get(*place));
        let owned: Vec<Row> = of.filter_map(|row| row.owned.clone()).collect();
        let given = part(&given, range.clone())?;
        let outcome = one(tx, table, given, owned, unique).await?;
        if again && matches!(outcome, Outcome::Again(_)) {
            let mut outcomes = vec![Outcome::Changed; rows.len()];
            outcomes.splice(..1, [outcome]);
            return Ok(outcomes);
        }
        if outcome != Outcome::Changed && range.len() > FEW {
            let middle = range.start + range.len() / 2;
            ranges.extend([middle..range.end, range.start..middle]);
            continue;
        }
        if outcome != Outcome::Changed && range.len() > 1 {
            ranges.extend(range.rev().map(|at| at..at + 1));
            continue;
        }
        for place in chosen {
            if let Some(known) = outcomes.get_mut(*place) {
                known.clone_from(&outcome);
            }
        }
    }
    Ok(outcomes)
}

/// One statement in a savepoint of its own.
async fn one(
    tx: &Transaction,
    table: &TablePlan,
    values: &[Row],
    owned: Vec<Row>,
    unique: &[Vec<String>],
) -> Result<Outcome> {
    let savepoint = tx.begin().await?;
    match update(&savepoint, table, values, owned).await {
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
        SqlType::Varchar(Some(most)) | SqlType::Char(Some(most)) => short(number, *most)?,
        SqlType::Uuid => Value::Text(format!("db0ada97-0000-4000-8000-{number:012x}").into()),
        _ => return None,
    })
}

/// A text of few characters; `None` where the numbers do not fit.
fn short(number: i64, most: u32) -> Option<Value> {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut text = String::from("~");
    let mut rest = usize::try_from(number).ok()?;
    loop {
        text.push(char::from(*DIGITS.get(rest % DIGITS.len())?));
        rest /= DIGITS.len();
        if rest == 0 {
            break;
        }
    }
    (text.len() <= usize::try_from(most).ok()?).then(|| Value::Text(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_differ_as_long_as_they_fit() {
        let of = |number, most| short(number, most).map(|value| value.as_str().unwrap().to_owned());
        assert_eq!(of(0, 2).as_deref(), Some("~0"));
        assert_eq!(of(35, 2).as_deref(), Some("~z"));
        assert_eq!(of(36, 2), None);
        let all: std::collections::HashSet<_> = (0..5000).map(|n| of(n, 6)).collect();
        assert!(all.len() == 5000 && !all.contains(&None));
    }
}
