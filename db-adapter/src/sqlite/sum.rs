//! The function that adds to a column's value, as PostgreSQL's `+` does: SQLite's own makes floats of
//! what is too large for an integer, and of decimals.

use std::sync::{Arc, Mutex, PoisonError};

use db_adapter_core::{SqlType, numeric};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};

use super::catalog::{Column, ColumnExtra, column_type};
use super::decode::{self, Stored};
use super::dialect::{Sql, SqliteDialect, push_param};
use super::encode::{self, Param};
use crate::error::InvalidValue;
use crate::sql::{Dialect, Generated};
use crate::value::{Limits, canonicalize};
use crate::{Numeric, Result, Value};

const NAME: &str = "db_adapter_add";

/// Why the function refused, and for which column: SQLite carries only a text.
#[derive(Debug, Default, Clone)]
pub(super) struct Refusal(Arc<Mutex<Option<(String, InvalidValue)>>>);

impl Refusal {
    fn set(&self, column: String, details: InvalidValue) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((column, details));
    }

    /// What the last statement was refused for, if this is why it failed.
    pub(super) fn take(&self) -> Option<(String, InvalidValue)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Adds the function to a connection.
pub(super) fn register(connection: &rusqlite::Connection) -> rusqlite::Result<Refusal> {
    let refusal = Refusal::default();
    let refused = refusal.clone();
    // nothing in a schema can call it: other programs would not know it
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(NAME, 4, flags, move |context| {
        let (name, declared): (String, String) = (context.get(2)?, context.get(3)?);
        sum(context, &declared).map_err(|details| {
            refused.set(name, details);
            rusqlite::Error::UserFunctionError("the sum is refused".into())
        })
    })?;
    Ok(refusal)
}

/// `db_adapter_add(column, summand, name, declared)`.
pub(super) fn push(
    sql: &mut Sql,
    column: &Column,
    push_summand: impl FnOnce(&mut Sql) -> Result<()>,
) -> Result<()> {
    sql.push(NAME);
    sql.push("(");
    SqliteDialect::push_name(&mut sql.text, &column.name);
    sql.push(", ");
    push_summand(sql)?;
    for text in [&column.name, &column.extra.declared] {
        sql.push(", ");
        push_param(sql, Param::Text(text.clone()));
    }
    sql.push(")");
    Ok(())
}

fn sum(context: &Context<'_>, declared: &str) -> Result<ToSqlOutput<'static>, InvalidValue> {
    let (sql_type, affinity) = column_type(declared, false);
    let read = |place: usize| {
        let stored = match context.get_raw(place) {
            ValueRef::Null => Stored::Null,
            ValueRef::Integer(int) => Stored::Int(int),
            ValueRef::Real(real) => Stored::Real(real),
            ValueRef::Text(text) => Stored::Text(std::str::from_utf8(text).unwrap_or_default()),
            ValueRef::Blob(bytes) => Stored::Blob(bytes),
        };
        decode::value(&sql_type, stored)
    };
    let (old, summand) = (read(0), read(1));
    if old.is_null() {
        return Ok(ToSqlOutput::Owned(Owned::Null));
    }
    let sum = add(&sql_type, &old, &summand)?;
    let sum = canonicalize(&sum, &sql_type, Limits::default())?.into_owned();
    let column = Column {
        name: String::new(),
        sql_type,
        digits: Limits::default().digits,
        generated: Generated::No,
        extra: ColumnExtra {
            declared: declared.to_owned(),
            affinity,
        },
    };
    Ok(ToSqlOutput::Owned(match encode::data(&column, &sum)? {
        Param::Null => Owned::Null,
        Param::Int(int) => Owned::Integer(int),
        Param::Real(real) => Owned::Real(real),
        Param::Text(text) => Owned::Text(text),
        Param::Blob(bytes) => Owned::Blob(bytes),
    }))
}

fn add(sql_type: &SqlType, old: &Value, summand: &Value) -> Result<Value, InvalidValue> {
    let too_large = || InvalidValue::new("the sum is out of range").expected(sql_type);
    match (old, summand) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int).ok_or_else(too_large),
        (Value::Float(a), Value::Float(b)) => {
            let sum = match sql_type {
                SqlType::Float4 => single(*a, *b),
                _ => a + b,
            };
            match sum.is_infinite() && a.is_finite() && b.is_finite() {
                true => Err(too_large()),
                false => Ok(Value::Float(sum)),
            }
        }
        (Value::Numeric(a), Value::Numeric(b)) => {
            let sum = numeric::add(a.as_str(), b.as_str()).ok_or_else(too_large)?;
            Ok(Value::Numeric(Numeric::trusted(sum)))
        }
        _ => Err(InvalidValue::new("what is stored in the row is not a number").expected(sql_type)),
    }
}

/// The sum of two floats of four bytes, as its shortest decimal tells it.
fn single(a: f64, b: f64) -> f64 {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "both are floats of four bytes"
    )]
    let sum = a as f32 + b as f32;
    f64::from(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_type() {
        let numeric = |text: &str| Value::Numeric(Numeric::trusted(text));
        let any = SqlType::Numeric {
            precision: None,
            scale: None,
        };
        let add = |sql_type: &SqlType, a: Value, b: Value| add(sql_type, &a, &b).ok();
        for (sql_type, a, b, expected) in [
            (
                SqlType::Int8,
                Value::Int(1),
                Value::Int(-3),
                Some(Value::Int(-2)),
            ),
            (SqlType::Int8, Value::Int(i64::MAX), Value::Int(1), None),
            (
                SqlType::Float8,
                Value::Float(f64::MAX),
                Value::Float(f64::MAX),
                None,
            ),
            (
                SqlType::Float8,
                Value::Float(0.1),
                Value::Float(0.2),
                Some(Value::Float(0.1 + 0.2)),
            ),
            (
                any.clone(),
                numeric("1.50"),
                numeric("-0.5"),
                Some(numeric("1.00")),
            ),
            (any.clone(), Value::Text("x".into()), numeric("1"), None),
        ] {
            assert_eq!(add(&sql_type, a, b), expected, "{sql_type}");
        }
    }
}
