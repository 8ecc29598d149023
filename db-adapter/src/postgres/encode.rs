//! From canonical values to parameters. A parameter travels as text, which the statement casts
//! (`$1::text::T`), or natively where that is smaller; the statement's text says which, because
//! the driver finds prepared statements by their text alone.

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
    /// In the binary format of its own type.
    Binary(Scalar, Option<Vec<u8>>),
    Bytes(Option<Vec<u8>>),
    Int(i64),
    Texts(Vec<Option<String>>),
    ByteStrings(Vec<Option<Vec<u8>>>),
}

impl Param {
    /// A value in the binary format of a type; `None` where text is the better wire, and for what is
    /// not a canonical value of the type: what such a text means is for the server to say.
    pub(super) fn binary(scalar: Scalar, value: &Value) -> Option<Self> {
        scalar.parameter()?;
        if value.is_null() {
            return Some(Param::Binary(scalar, None));
        }
        let mut bytes = Vec::with_capacity(16);
        encode_binary::push(&mut bytes, scalar, value)?;
        Some(Param::Binary(scalar, Some(bytes)))
    }

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

    /// The type that it is sent as, as the driver would say it.
    pub(super) fn type_info(&self) -> PgTypeInfo {
        match self {
            Param::Binary(kind, _) => {
                Binary::type_of(*kind).unwrap_or_else(<str as Type<Postgres>>::type_info)
            }
            Param::Text(_) => <str as Type<Postgres>>::type_info(),
            Param::Bytes(_) => <[u8] as Type<Postgres>>::type_info(),
            Param::Int(_) => <i64 as Type<Postgres>>::type_info(),
            Param::Texts(_) => <Vec<String> as Type<Postgres>>::type_info(),
            Param::ByteStrings(_) => <Vec<Vec<u8>> as Type<Postgres>>::type_info(),
        }
    }
}

/// The parameters as the driver takes them.
pub(super) fn arguments(params: Vec<Param>) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for param in params {
        let added = match param {
            Param::Text(text) => arguments.add(text),
            Param::Binary(kind, bytes) => arguments.add(Binary { kind, bytes }),
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

/// [`Param::Binary`] as the driver takes it.
struct Binary {
    kind: Scalar,
    bytes: Option<Vec<u8>>,
}

impl Binary {
    fn type_of(kind: Scalar) -> Option<PgTypeInfo> {
        kind.parameter().map(|oid| PgTypeInfo::with_oid(Oid(oid)))
    }
}

impl Type<Postgres> for Binary {
    /// Never used: each value says its own type.
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Binary {
    fn encode_by_ref(
        &self,
        buffer: &mut PgArgumentBuffer,
    ) -> Result<IsNull, sqlx::error::BoxDynError> {
        match &self.bytes {
            None => Ok(IsNull::Yes),
            Some(bytes) => {
                buffer.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
        }
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Binary::type_of(self.kind)
    }
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
        let null = Param::binary(Scalar::Int4, &Value::Null);
        assert_eq!(null.map(|param| param.wire()), Some(""));
    }

    #[test]
    fn what_is_not_canonical_travels_as_text() {
        for value in [Value::Int(40_000), Value::Text("1".into())] {
            assert_eq!(Param::binary(Scalar::Int2, &value), None);
        }
        assert_eq!(Param::binary(Scalar::Text, &Value::Text("a".into())), None);
    }
}
