//! What SQLite stored as canonical values: the column's declared type decides, and where the
//! stored value is none of that type, its storage class. Never an error for what text says,
//! never altered.

use db_adapter_core::{Affinity, SqlType, float, jsonb, numeric};
use rusqlite::Row as RawRow;
use rusqlite::types::ValueRef;

use super::encode::{self, Param};
use crate::value::{of_stored_text, padded};
use crate::{Error, Json, Numeric, Result, Value};

/// A stored value, by storage class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stored<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// The values of a row, by the types of its columns.
pub(super) fn row(row: &RawRow<'_>, types: &[SqlType]) -> Result<Vec<Value>> {
    let mut values = Vec::with_capacity(types.len());
    for (i, sql_type) in types.iter().enumerate() {
        values.push(value(sql_type, stored(row, i)?));
    }
    Ok(values)
}

/// The same, with texts as they are written where a type has one value in many spellings: a reader that takes
/// one for less than it says, such as an offset in a column without one, is to refuse it and not to get
/// something else.
pub(super) fn spelled(row: &RawRow<'_>, types: &[SqlType]) -> Result<Vec<Value>> {
    let mut values = Vec::with_capacity(types.len());
    for (i, sql_type) in types.iter().enumerate() {
        values.push(match stored(row, i)? {
            Stored::Text(text) if sql_type.has_spellings() => Value::Text(text.into()),
            // its text, and not what PostgreSQL would make of it
            stored @ Stored::Text(_) if *sql_type == SqlType::Jsonb => {
                value(&SqlType::Json, stored)
            }
            // a decimal or an array by its own text, where that is not the one which is written for its value
            stored @ Stored::Text(text) if is_read(sql_type) => {
                let read = value(sql_type, stored);
                match is_written_so(sql_type, &read, text) {
                    true => read,
                    false => Value::Text(text.into()),
                }
            }
            stored => value(sql_type, stored),
        });
    }
    Ok(values)
}

/// The same, and of every other type, too, with the text where it is not the one that is written for its value:
/// whatever refers to the row does so by just that.
pub(super) fn as_stored(row: &RawRow<'_>, types: &[SqlType]) -> Result<Vec<Value>> {
    let mut values = spelled(row, types)?;
    for (i, (value, sql_type)) in values.iter_mut().zip(types).enumerate() {
        if let Stored::Text(text) = stored(row, i)?
            && !is_written_so(sql_type, value, text)
        {
            *value = Value::Text(text.into());
        }
    }
    Ok(values)
}

fn is_read(sql_type: &SqlType) -> bool {
    matches!(sql_type, SqlType::Numeric { .. } | SqlType::Array(_))
}

/// Whether the value is written as just this text, in a column of any affinity.
fn is_written_so(sql_type: &SqlType, value: &Value, text: &str) -> bool {
    match value {
        // some columns get the number that is infinite
        Value::Numeric(_) if text.ends_with("Infinity") => false,
        Value::Text(written) => **written == *text,
        value => {
            matches!(encode::natural(sql_type, Affinity::Text, value), Param::Text(written) if written == text)
        }
    }
}

/// What a column of a row contains, as SQLite has it.
pub(super) fn stored<'r>(row: &'r RawRow<'_>, index: usize) -> Result<Stored<'r>> {
    let raw = row
        .get_ref(index)
        .map_err(|_| Error::internal("a row has fewer columns than were asked for"))?;
    Ok(match raw {
        ValueRef::Null => Stored::Null,
        ValueRef::Integer(int) => Stored::Int(int),
        ValueRef::Real(real) => Stored::Real(real),
        ValueRef::Blob(bytes) => Stored::Blob(bytes),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Stored::Text(text),
            Err(_) => {
                let error = Error::conversion("the stored text is no valid UTF-8");
                return Err(match row.as_ref().column_name(index) {
                    Ok(name) => error.in_column(name),
                    Err(_) => error,
                });
            }
        },
    })
}

/// The canonical value of a stored one.
pub(super) fn value(sql_type: &SqlType, stored: Stored<'_>) -> Value {
    let typed = match stored {
        Stored::Null => Some(Value::Null),
        Stored::Int(int) => from_int(sql_type, int),
        Stored::Real(real) => from_real(sql_type, real),
        Stored::Text(text) => of_stored_text(sql_type, text),
        Stored::Blob(_) => None,
    };
    typed.unwrap_or_else(|| match stored {
        Stored::Null => Value::Null,
        Stored::Int(int) => Value::Int(int),
        Stored::Real(real) => Value::Float(real),
        Stored::Text(text) => Value::Text(text.into()),
        Stored::Blob(bytes) => Value::Bytes(bytes.into()),
    })
}

fn from_int(sql_type: &SqlType, int: i64) -> Option<Value> {
    Some(match sql_type {
        SqlType::Bool if int == 0 || int == 1 => Value::Bool(int == 1),
        SqlType::Float4 | SqlType::Float8 => {
            let real = int as f64;
            if real as i64 != int || int == i64::MAX {
                return None;
            }
            Value::Float(real)
        }
        SqlType::Numeric { scale, .. } => {
            Value::Numeric(Numeric::trusted(padded(int.to_string(), *scale)))
        }
        SqlType::Json | SqlType::Jsonb => Value::Json(Json::trusted(int.to_string())),
        SqlType::Other(name) if !name.is_empty() => Value::Text(int.to_string().into()),
        _ => return None,
    })
}

fn from_real(sql_type: &SqlType, real: f64) -> Option<Value> {
    Some(match sql_type {
        SqlType::Numeric { scale, .. } => {
            let exact = numeric::canonical(&float::format_f64(real))?;
            Value::Numeric(Numeric::trusted(padded(exact, *scale)))
        }
        SqlType::Json if real.is_finite() => Value::Json(Json::trusted(float::format_f64(real))),
        SqlType::Jsonb => Value::Json(Json::trusted(
            jsonb::canonical(&float::format_f64(real)).ok()?,
        )),
        // an infinite one has no text that would be this number again
        SqlType::Other(name) if !name.is_empty() && real.is_finite() => {
            Value::Text(float::format_f64(real).into())
        }
        _ => return None,
    })
}
