//! From canonical values to parameters. A parameter travels as text, which the statement casts
//! (`$1::text::T`), or natively where that is smaller; the statement's text says which, because
//! the driver finds prepared statements by their text alone.

use db_adapter_core::{bytea_text, float};
use sqlx::encode::IsNull;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::{Arguments as _, Encode, Postgres, Type};

use super::encode_binary;
use super::types::Scalar;
use crate::{Error, Result, Value};

/// A parameter in its wire type. NULL has one too.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Param {
    Text(Option<String>),
    /// In the binary format of its own type, which has this oid.
    Binary(Scalar, u32, Value),
    Bytes(Option<Vec<u8>>),
    Int(i64),
    Texts(Vec<Option<String>>),
    ByteStrings(Vec<Option<Vec<u8>>>),
}

impl Param {
    /// The cast that states the wire type; of a binary one, the cast to its type does.
    pub(super) fn wire(&self) -> &'static str {
        match self {
            Param::Binary(..) => "",
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
            Param::Binary(scalar, oid, value) => arguments.add(Binary { scalar, oid, value }),
            Param::Bytes(bytes) => arguments.add(bytes),
            Param::Int(int) => arguments.add(int),
            Param::Texts(texts) => arguments.add(texts),
            Param::ByteStrings(list) => arguments.add(list),
        };
        // the driver's message could show the value
        added.map_err(|error| match error.is::<NotCanonical>() {
            true => Error::internal("a value that was checked is not of its column's type"),
            false => Error::invalid_query(
                "a value is too large for one statement",
                "a value may have 1 GiB at most",
            ),
        })?;
    }
    Ok(arguments)
}

/// [`Param::Binary`] as the driver takes it.
struct Binary {
    scalar: Scalar,
    oid: u32,
    value: Value,
}

/// A value that is none of its type after all.
#[derive(Debug)]
struct NotCanonical;

impl std::fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not canonical")
    }
}

impl std::error::Error for NotCanonical {}

impl Type<Postgres> for Binary {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Binary {
    fn encode_by_ref(
        &self,
        buffer: &mut PgArgumentBuffer,
    ) -> Result<IsNull, sqlx::error::BoxDynError> {
        if self.value.is_null() {
            return Ok(IsNull::Yes);
        }
        match encode_binary::push(buffer, self.scalar, &self.value) {
            Some(()) => Ok(IsNull::No),
            None => Err(Box::new(NotCanonical)),
        }
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.oid)))
    }
}

/// A canonical value as the text that its type reads; `None` for NULL.
pub(super) fn wire_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(b) => b.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(f) => float::format_f64(*f),
        Value::Numeric(n) => n.as_str().to_owned(),
        Value::Text(text) => text.clone().into_string(),
        Value::Bytes(bytes) => bytea_text::format(bytes),
        Value::Json(json) => json.as_str().to_owned(),
        Value::Array(items) => {
            let mut text = String::new();
            array_literal(&mut text, items);
            text
        }
    })
}

/// Writes `{1,NULL,"a b"}`, as PostgreSQL does: an element is quoted only where it must be.
pub(super) fn array_literal(out: &mut String, items: &[Value]) {
    out.push('{');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        match item {
            Value::Array(inner) => array_literal(out, inner),
            item => match wire_text(item) {
                None => out.push_str("NULL"),
                Some(text) => push_element(out, &text),
            },
        }
    }
    out.push('}');
}

fn push_element(out: &mut String, text: &str) {
    let special = |c: char| {
        matches!(c, '{' | '}' | ',' | '"' | '\\') || c.is_ascii_whitespace() || c == '\x0b'
    };
    if !text.is_empty() && !text.eq_ignore_ascii_case("null") && !text.contains(special) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
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

    fn literal(items: &[Value]) -> String {
        let mut out = String::new();
        array_literal(&mut out, items);
        out
    }

    #[test]
    fn array_literals_are_postgresqls() {
        let text = |t: &str| Value::Text(t.into());
        assert_eq!(literal(&[]), "{}");
        assert_eq!(literal(&[Value::Int(1), Value::Null]), "{1,NULL}");
        assert_eq!(
            literal(&[
                text("a"),
                text(""),
                text("null"),
                text("a b"),
                text("x\"\\,{}")
            ]),
            r#"{a,"","null","a b","x\"\\,{}"}"#
        );
        assert_eq!(
            literal(&[Value::Array([Value::Bool(true)].into())]),
            "{{true}}"
        );
        assert_eq!(literal(&[Value::Bytes([0xff].into())]), r#"{"\\xff"}"#);
    }

    #[test]
    fn null_keeps_the_wire_type() {
        assert_eq!(
            Param::Text(None).wire(),
            Param::Text(Some("x".into())).wire()
        );
        assert_eq!(Param::Bytes(None).wire(), "::bytea");
    }
}
