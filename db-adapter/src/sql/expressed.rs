//! Expressions in data as assignments: which columns may have one, and its amount as a canonical
//! value of the column.

use std::borrow::Cow;

use db_adapter_core::{SqlType, numeric};

use super::table::{Column, Table};
use super::write::{Assignment, How, canonical, refuse_generated};
use crate::error::InvalidValue;
use crate::expr::Expression;
use crate::query::{Insert, OnConflict};
use crate::{Error, Numeric, Result, Value};

/// Adds the expressions to what a row writes, in table order.
///
/// # Errors
/// For unknown columns and those that have a value or an expression already, for columns that only
/// the database writes, and for types that the expression is not for.
pub(crate) fn add_expressions<'a, T, C>(
    table: &Table<T, C>,
    row: &mut Vec<Assignment<'a>>,
    expressions: &'a [(String, Expression)],
) -> Result<()> {
    for (name, expression) in expressions {
        let position = table.position(name).ok_or_else(|| table.undefined(name))?;
        let column = table.at(position)?;
        refuse_generated(table, column)?;
        if row.iter().any(|assigned| assigned.position == position) {
            return Err(Error::invalid_query(
                format!("column `{name}` is given twice for `{}`", table.name),
                "give each column one value or one expression",
            ));
        }
        let (how, value) = match expression {
            Expression::Add(amount) => (How::Add, summand(table, column, amount, false)?),
            Expression::Subtract(amount) => (How::Add, summand(table, column, amount, true)?),
            Expression::Now => {
                check_now(table, column)?;
                (How::Now, Cow::Owned(Value::Null))
            }
        };
        row.push(Assignment {
            position,
            value,
            how,
        });
    }
    if !expressions.is_empty() {
        row.sort_unstable_by_key(|assigned| assigned.position);
    }
    Ok(())
}

/// The same for the only row of an insert, whose keys are values.
pub(crate) fn add_to_insert<'a, T, C>(
    table: &Table<T, C>,
    rows: &mut [Vec<Assignment<'a>>],
    insert: &'a Insert,
) -> Result<()> {
    if insert.expressions.is_empty() {
        return Ok(());
    }
    let [row] = rows else {
        return Err(Error::invalid_query(
            format!("expressions for several rows of `{}`", table.name),
            "insert or upsert them one by one",
        ));
    };
    let conflict = insert.on_conflict();
    for (name, expression) in &insert.expressions {
        let keys = match conflict {
            Some(OnConflict::Update(keys) | OnConflict::Ignore(keys)) => keys,
            None => &[],
        };
        if keys.contains(name) {
            return Err(Error::invalid_query(
                format!(
                    "the key `{name}` of an upsert of `{}` is an expression",
                    table.name
                ),
                "give the keys values",
            ));
        }
        let is_now = matches!(expression, Expression::Now);
        if !is_now && !matches!(conflict, Some(OnConflict::Update(_))) {
            return Err(Error::invalid_query(
                format!(
                    "`{name}` of a new row of `{}` cannot be changed by a number",
                    table.name
                ),
                "give it a value, or upsert the row",
            ));
        }
    }
    add_expressions(table, row, &insert.expressions)
}

/// What is added, as a value of the column.
fn summand<'a, T, C>(
    table: &Table<T, C>,
    column: &Column<C>,
    amount: &'a Value,
    negated: bool,
) -> Result<Cow<'a, Value>> {
    let refused = |why: &str, hint: &'static str| {
        let details = InvalidValue::new(why).expected(&column.sql_type).hint(hint);
        Err(table.not_fitting(&column.name, details))
    };
    if !is_summed(&column.sql_type) {
        return refused(
            "a number cannot be added to this column",
            "numbers are added to integers, floats and numerics",
        );
    }
    if amount.is_null() {
        return refused("NULL cannot be added", "leave the column out");
    }
    let amount = canonical(table, column, amount)?;
    if !negated {
        return Ok(amount);
    }
    let negative = match &*amount {
        Value::Int(int) => int.checked_neg().map(Value::Int),
        // zero has one sign
        Value::Float(float) => Some(Value::Float(0.0 - float)),
        Value::Numeric(number) => {
            let negative = numeric::negate(number.as_str());
            negative.map(|text| Value::Numeric(Numeric::trusted(text)))
        }
        _ => None,
    };
    match negative {
        Some(negative) => Ok(Cow::Owned(
            canonical(table, column, &negative)?.into_owned(),
        )),
        None => refused("the number cannot be subtracted", "add the negative number"),
    }
}

fn is_summed(sql_type: &SqlType) -> bool {
    matches!(
        sql_type,
        SqlType::Int2
            | SqlType::Int4
            | SqlType::Int8
            | SqlType::Float4
            | SqlType::Float8
            | SqlType::Numeric { .. }
    )
}

/// Whether a column holds the time of the statement.
fn check_now<T, C>(table: &Table<T, C>, column: &Column<C>) -> Result<()> {
    if matches!(
        column.sql_type,
        SqlType::Timestamptz | SqlType::Timestamp | SqlType::Date
    ) {
        return Ok(());
    }
    let details = InvalidValue::new("the time of the statement does not fit this column")
        .expected(&column.sql_type)
        .hint("it is for `timestamptz`, `timestamp` and `date`");
    Err(table.not_fitting(&column.name, details))
}
