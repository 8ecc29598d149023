//! What SQLite stored as canonical values: the column's declared type decides, and where the
//! stored value is none of that type, its storage class. Never an error for what text says,
//! never altered.

use db_adapter_core::{SqlType, float, numeric, temporal, uuid_text};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row as _, Sqlite, TypeInfo, ValueRef};

use crate::value::canonicalize;
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
pub(super) fn row(row: &SqliteRow, types: &[SqlType]) -> Result<Vec<Value>> {
    types
        .iter()
        .enumerate()
        .map(|(i, sql_type)| Ok(value(sql_type, stored(row, i)?)))
        .collect()
}

enum Class {
    Integer,
    Real,
    Text,
    Blob,
}

/// What stands in a column of a row, as SQLite has it.
pub(super) fn stored(row: &SqliteRow, index: usize) -> Result<Stored<'_>> {
    let unreadable = || Error::conversion("the driver cannot read the column");
    let raw = row.try_get_raw(index).map_err(|_| unreadable())?;
    if raw.is_null() {
        return Ok(Stored::Null);
    }
    let class = match raw.type_info().name() {
        "INTEGER" => Class::Integer,
        "REAL" => Class::Real,
        "TEXT" => Class::Text,
        _ => Class::Blob,
    };
    match class {
        Class::Integer => <i64 as Decode<Sqlite>>::decode(raw).map(Stored::Int),
        Class::Real => <f64 as Decode<Sqlite>>::decode(raw).map(Stored::Real),
        Class::Text => {
            let bytes = <&[u8] as Decode<Sqlite>>::decode(raw).map_err(|_| unreadable())?;
            return match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Stored::Text(text)),
                Err(_) => Err(Error::conversion("the stored text is no valid UTF-8")
                    .in_column(sqlx::Column::name(row.column(index)))),
            };
        }
        Class::Blob => <&[u8] as Decode<Sqlite>>::decode(raw).map(Stored::Blob),
    }
    .map_err(|_| unreadable())
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
        SqlType::Json | SqlType::Jsonb if real.is_finite() => {
            Value::Json(Json::trusted(float::format_f64(real)))
        }
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
        SqlType::Uuid => Value::Text(uuid_text::canonical(text)?.into()),
        SqlType::Json | SqlType::Jsonb => Value::Json(Json::parse(text).ok()?),
        SqlType::Array(_) => {
            let json = Value::Json(Json::parse(text).ok()?);
            canonicalize(&json, sql_type).ok()?.into_owned()
        }
        kind if kind.is_temporal() => Value::Text(temporal::canonical(kind, text)?.into()),
        _ => return None,
    })
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
