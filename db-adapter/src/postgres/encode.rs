//! From canonical values to parameters. A parameter travels as text, which the statement casts
//! (`$1::text::T`), or natively where that is smaller; the statement's text says which, because
//! the driver finds prepared statements by their text alone.

use sqlx::Arguments as _;
use sqlx::postgres::PgArguments;

use crate::{Error, Result, Value};

/// A parameter in its wire type. NULL has one too.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Param {
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Int(i64),
    Texts(Vec<Option<String>>),
    ByteStrings(Vec<Option<Vec<u8>>>),
}

impl Param {
    /// The cast that states the wire type.
    pub(super) fn wire(&self) -> &'static str {
        match self {
            Param::Text(_) => "::text",
            Param::Bytes(_) => "::bytea",
            Param::Int(_) => "::int8",
            Param::Texts(_) => "::text[]",
            Param::ByteStrings(_) => "::bytea[]",
        }
    }
}

/// The parameters as the driver takes them.
pub(super) fn arguments(params: Vec<Param>) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for param in params {
        let added = match param {
            Param::Text(text) => arguments.add(text),
            Param::Bytes(bytes) => arguments.add(bytes),
            Param::Int(int) => arguments.add(int),
            Param::Texts(texts) => arguments.add(texts),
            Param::ByteStrings(list) => arguments.add(list),
        };
        // the driver's message could show the value
        added.map_err(|_| {
            Error::invalid_query(
                "a value is too large for one statement",
                "a value may have 1 GiB at most",
            )
        })?;
    }
    Ok(arguments)
}

/// Roughly how many bytes a parameter takes, to keep batches small.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Json(json) => json.as_str().len(),
        Value::Numeric(n) => n.as_str().len(),
        Value::Array(items) => items.iter().map(|item| weight(item) + 2).sum(),
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_keeps_the_wire_type() {
        assert_eq!(
            Param::Text(None).wire(),
            Param::Text(Some("x".into())).wire()
        );
        assert_eq!(Param::Bytes(None).wire(), "::bytea");
    }
}
