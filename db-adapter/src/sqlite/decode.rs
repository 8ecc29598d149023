//! What SQLite stored as canonical values: the column's declared type decides, and where the
//! stored value is none of that type, its storage class. Never an error for what text says,
//! never altered.

use db_adapter_core::{SqlType, float, jsonb, numeric, temporal, uuid_text};
use rusqlite::Row as RawRow;
use rusqlite::types::ValueRef;

use crate::value::{Limits, canonicalize};
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
            stored => value(sql_type, stored),
        });
    }
    Ok(values)
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
        Stored::Text(text) => from_text(sql_type, text),
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
        SqlType::Other(name) if !name.is_empty() => Value::Text(float::format_f64(real).into()),
        _ => return None,
    })
}

fn from_text(sql_type: &SqlType, text: &str) -> Option<Value> {
    Some(match sql_type {
        SqlType::Float4 | SqlType::Float8 => match text {
            "NaN" => Value::Float(f64::NAN),
            _ => return None,
        },
        SqlType::Numeric { scale, .. } => {
            let exact = numeric::canonical(text)?;
            Value::Numeric(Numeric::trusted(padded(exact, *scale)))
        }
        SqlType::Char(_) => Value::Text(text.trim_end_matches(' ').into()),
        SqlType::Uuid if uuid_text::is_canonical(text) => Value::Text(text.into()),
        SqlType::Uuid => Value::Text(uuid_text::canonical(text)?.into()),
        SqlType::Json => Value::Json(Json::read(text)?),
        SqlType::Jsonb => Value::Json(Json::trusted(jsonb::canonical(text).ok()?)),
        SqlType::Array(_) => array(sql_type, text)?,
        kind if temporal::is_canonical(kind, text) => Value::Text(text.into()),
        kind if kind.is_temporal() => Value::Text(temporal::canonical(kind, text)?.into()),
        _ => return None,
    })
}

/// A JSON array; or the text of an array, which has what JSON cannot tell: lower bounds, and the
/// document `null` beside NULL.
fn array(sql_type: &SqlType, text: &str) -> Option<Value> {
    let canonical = |value: &Value| {
        let canonical = canonicalize(value, sql_type, Limits::default()).ok()?;
        Some(canonical.into_owned())
    };
    Json::read(text)
        .and_then(|json| canonical(&Value::Json(json)))
        .or_else(|| canonical(&Value::Text(text.into())))
}

/// At least the digits after the point that the column declares; what has more was written
/// behind our back, and keeps them.
fn padded(canonical: String, scale: Option<i32>) -> String {
    let Some(scale) = scale.and_then(|scale| usize::try_from(scale).ok()) else {
        return canonical;
    };
    let digits = canonical
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    if digits >= scale || !canonical.ends_with(|c: char| c.is_ascii_digit()) {
        return canonical;
    }
    numeric::round_to_scale(&canonical, i32::try_from(scale).unwrap_or(i32::MAX))
}
