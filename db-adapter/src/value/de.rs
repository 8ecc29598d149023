//! serde out: a [`Value`](super::Value) into a user's type.
//!
//! Errors never carry the value: serde's own messages do, so they are rewritten here.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    self, Deserializer, EnumAccess, Expected, IntoDeserializer, Unexpected, Visitor,
    value::MapAccessDeserializer, value::MapDeserializer, value::SeqDeserializer,
};

use super::Cell;
use super::de_value::{JSON, NUMERIC, asks_for_value, raw_name};
use super::document::{Document, may_round};
use crate::Error;
use db_adapter_core::{float, numeric};

impl<'a> IntoDeserializer<'a, Error> for Cell<'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn from_serde_json<T>(result: Result<T, serde_json::Error>) -> Result<T, Error> {
    result.map_err(|_| Error::conversion("the JSON document has another shape"))
}

/// A text that stays what it is, as a [`Value`](super::Value) reads it.
fn kept<'de>(kind: &'static str, text: Cow<'de, str>) -> impl EnumAccess<'de, Error = Error> {
    let one = std::iter::once((kind, text));
    MapAccessDeserializer::new(MapDeserializer::new(one))
}

/// A document, by serde_json where that rounds nothing.
macro_rules! of_json {
    ($json:expr, $method:ident($($argument:expr),*)) => {
        match may_round($json) {
            true => Document::new($json).$method($($argument),*).map_err(Error::from),
            false => from_serde_json(
                (&mut serde_json::Deserializer::from_str($json)).$method($($argument),*),
            ),
        }
    };
}

/// Integers that a float holds exactly: beyond them serde's float visitors would round.
const EXACT_IN_F64: i64 = 1 << 53;
const EXACT_IN_F32: f64 = 16_777_216.0;

macro_rules! integers {
    ($($method:ident $visit:ident $ty:ty;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self {
                Cell::Numeric(numeric) => match integral_text(&numeric).parse::<$ty>() {
                    Ok(int) => visitor.$visit(int),
                    Err(_) => Err(Error::conversion(concat!("the numeric does not fit ", stringify!($ty)))),
                },
                Cell::Json(json) => of_json!(json, $method(visitor)),
                other => other.deserialize_any(visitor),
            }
        }
    )* };
}

/// `5.00` without its zeros; any other fraction stays and does not parse as an integer.
pub(super) fn integral_text(numeric: &str) -> &str {
    match numeric.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|b| b == b'0') => whole,
        _ => numeric,
    }
}

/// The number as a float, if that neither rounds an integer nor overflows.
pub(super) fn to_f64(value: &Cell<'_>) -> Result<f64, Error> {
    match value {
        Cell::Float(float) => Ok(*float),
        Cell::Int(int) if (-EXACT_IN_F64..=EXACT_IN_F64).contains(int) => Ok(*int as f64),
        Cell::Int(_) => Err(Error::conversion("the integer would be rounded in a float")),
        Cell::Numeric(numeric) => numeric_to_f64(numeric),
        other => Err(Error::conversion(format!(
            "expected a number, found {}",
            other.kind()
        ))),
    }
}

/// The float next to a decimal number. What is behind its point is rounded, as 0.1 is in every float;
/// what is before it never, as in an integer.
pub(super) fn numeric_to_f64(digits: &str) -> Result<f64, Error> {
    let float = numeric::to_f64(digits)
        .ok_or_else(|| Error::conversion("the numeric is too large for a float, or too small"))?;
    let is_exact = || numeric::compare(digits, &float::format_f64(float)).is_eq();
    if float.is_finite() && float.abs() >= EXACT_IN_F64 as f64 && !is_exact() {
        return Err(Error::conversion("the numeric would be rounded in a float")
            .with_hint("read it as `Numeric`, `String` or a decimal type"));
    }
    Ok(float)
}

/// The same for `f32`. A float of eight bytes is rounded, unless it overflows.
pub(super) fn to_f32(value: &Cell<'_>) -> Result<f32, Error> {
    let wide = to_f64(value)?;
    let narrow = wide as f32;
    if wide.is_finite() && !narrow.is_finite() {
        return Err(Error::conversion("the number is too large for f32"));
    }
    let is_float = matches!(value, Cell::Float(_));
    if !is_float && wide.abs() > EXACT_IN_F32 && f64::from(narrow) != wide {
        return Err(Error::conversion("the number would be rounded in f32")
            .with_hint("read it as `f64`, or exactly as an integer or `Numeric`"));
    }
    Ok(narrow)
}

/// Hands one value to a user's `Deserialize`.
impl<'de> Deserializer<'de> for Cell<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Cell::Null => visitor.visit_unit(),
            Cell::Bool(v) => visitor.visit_bool(v),
            Cell::Int(v) => visitor.visit_i64(v),
            Cell::Float(v) => visitor.visit_f64(v),
            // numerics exactly: decimal types and `String` read this; floats ask by their own method
            Cell::Numeric(Cow::Borrowed(v)) | Cell::Text(Cow::Borrowed(v)) => {
                visitor.visit_borrowed_str(v)
            }
            Cell::Numeric(Cow::Owned(v)) | Cell::Text(Cow::Owned(v)) => visitor.visit_string(v),
            Cell::Bytes(v) => visitor.visit_borrowed_bytes(v),
            Cell::Values(v) => visitor.visit_seq(SeqDeserializer::new(v.iter().map(Cell::from))),
            Cell::Array(v) => visitor.visit_seq(SeqDeserializer::new(v.into_iter())),
            Cell::Json(json) => of_json!(json, deserialize_any(visitor)),
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8; deserialize_i16 visit_i16 i16; deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64; deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8; deserialize_u16 visit_u16 u16; deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64; deserialize_u128 visit_u128 u128;
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Cell::Int(_) | Cell::Numeric(_) => visitor.visit_f64(to_f64(&self)?),
            Cell::Json(json) => of_json!(json, deserialize_f64(visitor)),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Cell::Int(_) | Cell::Numeric(_) | Cell::Float(_) => visitor.visit_f32(to_f32(&self)?),
            other => other.deserialize_f64(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Cell::Null => visitor.visit_none(),
            // a deserializer cannot see whether the type could hold a JSON null
            Cell::Json(json) if json.trim() == "null" => visitor.visit_none(),
            other => visitor.visit_some(other),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Cell::Numeric(digits) if name == raw_name() && asks_for_value(&visitor) => {
                visitor.visit_enum(kept(NUMERIC, digits))
            }
            Cell::Json(json) if name == raw_name() && asks_for_value(&visitor) => {
                visitor.visit_enum(kept(JSON, Cow::Borrowed(json)))
            }
            Cell::Json(json) => of_json!(json, deserialize_newtype_struct(name, visitor)),
            other => visitor.visit_newtype_struct(other),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Cell::Text(Cow::Borrowed(text)) => {
                visitor.visit_enum(de::value::BorrowedStrDeserializer::new(text))
            }
            Cell::Text(Cow::Owned(text)) => visitor.visit_enum(text.into_deserializer()),
            Cell::Json(json) => of_json!(json, deserialize_enum(name, variants, visitor)),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            // `Vec<u8>` asks for a sequence
            Cell::Bytes(bytes) => visitor.visit_seq(SeqDeserializer::new(bytes.iter().copied())),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            // bytes that happen to be UTF-8 are no text
            Cell::Bytes(_) => Err(Error::conversion("expected text, found bytes")),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool char bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        // a message from somebody else's `Deserialize` may quote the value
        Error::conversion("the value cannot be read as the type that was asked for")
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Error::conversion(format!("expected {expected}, found {}", unexpected(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Error::conversion(format!(
            "expected {expected}, found {} outside of it",
            unexpected(&found)
        ))
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        Error::conversion(format!("expected {expected}, found {len} elements"))
    }

    fn unknown_variant(_variant: &str, expected: &'static [&'static str]) -> Self {
        Error::conversion(format!("not one of `{}`", expected.join("`, `")))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Error::conversion(format!("unknown column `{field}`"))
            .with_hint(format!("select only `{}`", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Error::conversion("the row has no such column")
            .with_hint("add it to the column list of the select")
            .in_column(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Error::conversion("the row has two such columns").in_column(field)
    }
}

fn unexpected(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a floating point number",
        Unexpected::Char(_) | Unexpected::Str(_) => "text",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "a JSON document",
        _ => "another type",
    }
}
