//! Canonical values as what is bound: each in the storage class in which it reads back exactly,
//! or refused. Pure.

use db_adapter_core::{Affinity, SqlType, canonical_text, float, numeric};
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::catalog::Column;
use super::{affinity, decode};
use crate::error::InvalidValue;
use crate::value::push_literal;
use crate::{ExactJson, Result, Value};

/// A value as it is bound, by storage class.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Param {
    Null,
    Int(i64),
    /// Never NaN, which SQLite takes for NULL.
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// A value for a column, which reads back as the same value.
///
/// # Errors
/// When SQLite would store something that reads back as another value.
pub(super) fn data(column: &Column, value: &Value) -> Result<Param, InvalidValue> {
    let param = natural(&column.sql_type, column.extra.affinity, value);
    if reads_back(column, &param, value) {
        return Ok(param);
    }
    let details = InvalidValue::new(format!(
        "SQLite would alter it in a column that is declared `{}`",
        column.extra.declared
    ))
    .expected(&column.sql_type);
    Err(match hint(&column.sql_type) {
        Some(hint) => details.hint(hint),
        None => details,
    })
}

fn hint(sql_type: &SqlType) -> Option<&'static str> {
    Some(match sql_type {
        SqlType::Numeric { .. } => {
            "declare the column `NUMERIC_TEXT` or `DECIMAL_TEXT`, which keep every digit"
        }
        SqlType::Json => "declare the column `JSON_TEXT`",
        SqlType::Jsonb => "declare the column `JSONB_TEXT`",
        SqlType::Float4 | SqlType::Float8 => "SQLite has no negative zero",
        kind if kind.is_number() => return None,
        _ => "declare the column `TEXT`",
    })
}

/// The storage class in which a type's value belongs.
pub(super) fn natural(sql_type: &SqlType, affinity: Affinity, value: &Value) -> Param {
    let numbers = !matches!(affinity, Affinity::Text | Affinity::Blob);
    match value {
        Value::Null => Param::Null,
        Value::Bool(value) => Param::Int(i64::from(*value)),
        Value::Int(int) => Param::Int(*int),
        Value::Float(float) => real(*float),
        // a column without a type takes what the value is
        Value::Numeric(value) if numbers => decimal(value.as_str()),
        Value::Numeric(value) => Param::Text(value.as_str().to_owned()),
        Value::Text(text) => match sql_type {
            // its own text: a number where the column keeps numbers
            SqlType::Other(name) if numbers && !name.is_empty() => number_or_text(text),
            _ => Param::Text(text.as_ref().to_owned()),
        },
        Value::Bytes(bytes) => Param::Blob(bytes.to_vec()),
        // JSON has one null, and SQL NULL takes it
        Value::Array(items) if items.iter().any(is_json_null) => {
            let mut text = String::new();
            push_literal(&mut text, items);
            Param::Text(text)
        }
        Value::Array(_) => Param::Text(value.to_json()),
        Value::Json(json) if numbers => number_or_text(json.as_str()),
        Value::Json(json) => Param::Text(json.as_str().to_owned()),
    }
}

fn is_json_null(value: &Value) -> bool {
    matches!(value, Value::Json(json) if json.is_null())
}

/// A float; NaN is a text, which sorts after all numbers and equals itself.
pub(super) fn real(float: f64) -> Param {
    if float.is_nan() {
        Param::Text("NaN".to_owned())
    } else {
        Param::Real(float)
    }
}

/// A decimal as the nearest number that SQLite has.
pub(super) fn decimal(text: &str) -> Param {
    if let Some(int) = numeric::to_i64(text) {
        return Param::Int(int);
    }
    match float::parse_f64(text) {
        Some(float) => real(float),
        None => Param::Text(text.to_owned()),
    }
}

/// Our own conversion: SQLite's of long texts is not exact in the last digit.
fn number_or_text(text: &str) -> Param {
    match affinity::number(text) {
        Some(number @ (Param::Int(_) | Param::Real(_))) => number,
        _ => Param::Text(text.to_owned()),
    }
}

fn reads_back(column: &Column, param: &Param, value: &Value) -> bool {
    let affinity = column.extra.affinity;
    match (param, value) {
        (Param::Null | Param::Blob(_), _) | (_, Value::Bool(_) | Value::Int(_)) => true,
        (Param::Text(_), _) if matches!(affinity, Affinity::Text | Affinity::Blob) => true,
        _ if affinity == Affinity::Blob => true,
        _ => {
            let stored = affinity::stored(affinity, param);
            let stored = stored.as_ref().unwrap_or(param);
            let read = decode::value(&column.sql_type, stored.as_stored());
            read == *value || is_spelling(&column.sql_type, &read, value)
        }
    }
}

/// Whether both are one value of a type that has several spellings, of which one is canonical.
fn is_spelling(sql_type: &SqlType, canonical: &Value, value: &Value) -> bool {
    match (canonical, value) {
        (Value::Text(canonical), Value::Text(text)) if sql_type.has_spellings() => {
            canonical_text(sql_type, text).as_deref() == Some(&**canonical)
        }
        (Value::Json(_), Value::Json(json)) if *sql_type == SqlType::Jsonb => {
            let text = decode::Stored::Text(json.as_str());
            decode::value(sql_type, text) == *canonical
        }
        // the text of a row of which nothing is to be changed
        (canonical, Value::Text(text)) if !matches!(canonical, Value::Text(_)) => {
            decode::value(sql_type, decode::Stored::Text(text)) == *canonical
        }
        _ => false,
    }
}

impl Param {
    pub(super) fn as_stored(&self) -> decode::Stored<'_> {
        match self {
            Param::Null => decode::Stored::Null,
            Param::Int(int) => decode::Stored::Int(*int),
            Param::Real(real) => decode::Stored::Real(*real),
            Param::Text(text) => decode::Stored::Text(text),
            Param::Blob(bytes) => decode::Stored::Blob(bytes),
        }
    }
}

/// A value without a column, for caller-written SQL: by its own kind.
pub(super) fn bare(value: &Value) -> Param {
    natural(&SqlType::Other("".into()), Affinity::Blob, value)
}

/// SQLite's `SQLITE_MAX_VARIABLE_NUMBER`.
pub(super) const MOST_PARAMS: usize = 32_766;

impl ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(int) => ValueRef::Integer(*int),
            Param::Real(real) => ValueRef::Real(*real),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
