//! A value as long as somebody looks at it: texts and bytes stay where they are, in a kept value or
//! in what a server has sent. It knows no database.

use std::borrow::Cow;

use super::{Json, Numeric, Value};

/// A [`Value`], borrowed as far as it can be.
#[derive(Debug)]
pub(crate) enum Cell<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Numeric(Cow<'a, str>),
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
    Json(&'a str),
    /// An array that is kept.
    Values(&'a [Value]),
    /// An array that is not.
    #[cfg_attr(
        not(feature = "postgres-no-tls"),
        expect(dead_code, reason = "SQLite's arrays are kept")
    )]
    Array(Vec<Cell<'a>>),
}

impl Cell<'_> {
    /// What kind of value this is, in words for a message.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Cell::Null => "null",
            Cell::Bool(_) => "a boolean",
            Cell::Int(_) => "an integer",
            Cell::Float(_) => "a floating point number",
            Cell::Numeric(_) => "a numeric",
            Cell::Text(_) => "text",
            Cell::Bytes(_) => "bytes",
            Cell::Values(_) | Cell::Array(_) => "an array",
            Cell::Json(_) => "a JSON document",
        }
    }
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Cell::Null,
            Value::Bool(v) => Cell::Bool(*v),
            Value::Int(v) => Cell::Int(*v),
            Value::Float(v) => Cell::Float(*v),
            Value::Numeric(v) => Cell::Numeric(Cow::Borrowed(v.as_str())),
            Value::Text(v) => Cell::Text(Cow::Borrowed(v)),
            Value::Bytes(v) => Cell::Bytes(v),
            Value::Array(v) => Cell::Values(v),
            Value::Json(v) => Cell::Json(v.as_str()),
        }
    }
}

/// To keep it. Its texts are those of our decoders.
impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Value::Null,
            Cell::Bool(v) => Value::Bool(v),
            Cell::Int(v) => Value::Int(v),
            Cell::Float(v) => Value::Float(v),
            Cell::Numeric(v) => Value::Numeric(Numeric::trusted(v)),
            Cell::Text(v) => Value::Text(v.into()),
            Cell::Bytes(v) => Value::Bytes(v.into()),
            Cell::Values(v) => Value::Array(v.into()),
            Cell::Array(v) => Value::Array(v.into_iter().map(Value::from).collect()),
            Cell::Json(v) => Value::Json(Json::trusted(v)),
        }
    }
}
