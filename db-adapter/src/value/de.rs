//! serde in: JSON and other formats into a [`Value`], and a [`Value`] into a user's type.
//!
//! Errors never carry the value: serde's own messages do, so they are rewritten here.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use serde::de::{
    self, Deserialize, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor, value::MapAccessDeserializer, value::MapDeserializer,
    value::SeqDeserializer,
};

use serde_json::value::RawValue;

use super::document::{Document, may_round};
use super::{Cell, Json, Numeric, Value};
use crate::Error;
use db_adapter_core::{float, numeric};

/// The name by which serde_json hands out the raw text of a number or document, as its own
/// [`RawValue`] asks for it. Empty, should it ask in another way: numbers are those of the format then.
pub(super) fn raw_name() -> &'static str {
    static NAME: OnceLock<&str> = OnceLock::new();
    NAME.get_or_init(|| match Box::<RawValue>::deserialize(AskedFor) {
        Err(Asked(name)) => name,
        Ok(_) => "",
    })
}

/// Has no value, and tells what it is asked for.
struct AskedFor;

#[derive(Debug)]
struct Asked(&'static str);

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Asked {}

impl de::Error for Asked {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Asked("")
    }
}

impl<'de> Deserializer<'de> for AskedFor {
    type Error = Asked;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
        Err(Asked(""))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: V,
    ) -> Result<V::Value, Asked> {
        Err(Asked(name))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Arrays nested deeper than this are refused: they come from hostile input only.
pub(super) const MAX_DEPTH: usize = 128;

impl<'de> Deserialize<'de> for Value {
    /// Exact from serde_json (`1.50` stays `1.50`), right from any other format.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(raw_name(), RawVisitor)
    }
}

/// What a [`Value`] says that it expects: a row knows by it that it is one that asks.
const EXPECTS: &str = "a value of a row";
/// What a row calls the values that serde has no kind for.
const NUMERIC: &str = "numeric";
const JSON: &str = "json";

/// Whether it is a [`Value`] that asks.
fn asks_for_value<'de>(visitor: &impl Visitor<'de>) -> bool {
    struct Rest(Option<&'static str>);
    impl fmt::Write for Rest {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0 = self.0.and_then(|rest| rest.strip_prefix(part));
            Ok(())
        }
    }
    let mut rest = Rest(Some(EXPECTS));
    let expected: &dyn Expected = visitor;
    fmt::write(&mut rest, format_args!("{expected}")).is_ok() && rest.0 == Some("")
}

/// serde_json answers with a map that holds the raw text, a row with a kind and a text where serde has no kind
/// of its own, and every other format by calling back.
struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTS)
    }

    /// What no format has, from a row.
    fn visit_enum<A: EnumAccess<'de>>(self, kind: A) -> Result<Value, A::Error> {
        let (kind, text) = kind.variant::<String>()?;
        let text = text.newtype_variant::<String>()?;
        let value = match &*kind {
            NUMERIC => Numeric::parse(&text).map(Value::Numeric),
            JSON => Json::parse(text).map(Value::Json),
            _ => Err(Error::conversion("expected a value")),
        };
        value.map_err(|error| de::Error::custom(error.to_string()))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(AnyVisitor)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        match map.next_key::<String>()? {
            Some(key) if key == raw_name() => from_json_text(&map.next_value::<String>()?)
                .map_err(|error| de::Error::custom(error.to_string())),
            _ => Err(de::Error::custom("expected a value")),
        }
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

/// Any other format, by its own idea of types.
struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(AnyVisitor)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i128<E>(self, v: i128) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u128<E>(self, v: u128) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_bytes<E>(self, v: &[u8]) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Value>()? {
            items.push(item);
        }
        Ok(Value::Array(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        let document = serde_json::Value::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Value::Json(Json::trusted(document.to_string())))
    }
}

/// Reads one JSON text that serde_json has validated. Without column types a number with a
/// point or an exponent is a numeric and an object a document. Neither recursion nor a second
/// pass: arrays are kept on a stack.
pub(super) fn from_json_text(text: &str) -> Result<Value, Error> {
    let bytes = text.as_bytes();
    let mut open: Vec<Vec<Value>> = Vec::new();
    let mut at = 0;
    loop {
        at += bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_whitespace() || **b == b',')
            .count();
        let value = match bytes.get(at) {
            Some(b'[') => {
                if open.len() >= MAX_DEPTH {
                    return Err(Error::conversion(format!(
                        "arrays nested deeper than {MAX_DEPTH} levels"
                    )));
                }
                open.push(Vec::new());
                at += 1;
                continue;
            }
            Some(b']') => {
                at += 1;
                Value::Array(open.pop().unwrap_or_default().into())
            }
            Some(_) => {
                let end = at + scalar_or_document_len(&bytes[at..]);
                let part = text.get(at..end).unwrap_or_default();
                at = end;
                leaf(part)?
            }
            None => return Err(Error::conversion("expected a JSON document")),
        };
        match open.last_mut() {
            Some(items) => items.push(value),
            None => return Ok(value),
        }
    }
}

/// The length of the scalar or object at the start; strings may hold any bracket.
fn scalar_or_document_len(bytes: &[u8]) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (i, &byte) in bytes.iter().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    in_string = false;
                    if depth == 0 {
                        return i + 1;
                    }
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return i + 1;
                }
            }
            b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return i.max(1),
            _ => {}
        }
    }
    bytes.len()
}

fn leaf(text: &str) -> Result<Value, Error> {
    Ok(match text.as_bytes().first() {
        Some(b'n') => Value::Null,
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'"') => Value::Text(
            serde_json::from_str::<Box<str>>(text)
                .map_err(|_| Error::conversion("a JSON string with a broken escape"))?,
        ),
        Some(b'{') => Value::Json(Json::trusted(text)),
        // neither an integer nor a numeric has a negative zero
        _ if text == "-0" => Value::Float(-0.0),
        _ => match text.parse::<i64>() {
            Ok(int) => Value::Int(int),
            Err(_) => Value::Numeric(written_out(text)?),
        },
    })
}

/// Every digit of a number is kept, and those that its exponent stands for are written out. A document of
/// a stranger must not become a thousand times as long by that.
fn written_out(text: &str) -> Result<Numeric, Error> {
    // more than any `f64` needs
    const MOST: u32 = 400;
    let exponent = text.split_once(['e', 'E']).map(|(_, exponent)| exponent);
    let is_beyond = |exponent: &str| {
        let digits = exponent.trim_start_matches(['+', '-']);
        digits
            .parse::<u32>()
            .map_or(true, |exponent| exponent > MOST)
    };
    if exponent.is_some_and(is_beyond) {
        return Err(Error::conversion(
            "a number has an exponent beyond 400: write its digits, or pass the text as `Json`",
        ));
    }
    Numeric::parse(text)
}

impl<'a> IntoDeserializer<'a, Error> for Cell<'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn from_serde_json<T>(result: Result<T, serde_json::Error>) -> Result<T, Error> {
    result.map_err(|_| Error::conversion("the JSON document has another shape"))
}

/// A text that stays what it is, as a [`Value`] reads it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponent_is_written_out_as_far_as_a_float_goes() {
        let read = |text: &str| from_json_text(text);
        for (text, digits) in [("1e2", "100"), ("1.5E-3", "0.0015"), ("-2e+1", "-20")] {
            assert_eq!(
                read(text).unwrap(),
                Value::Numeric(Numeric::trusted(digits))
            );
        }
        assert!(read("1.7976931348623157e308").is_ok() && read("5e-324").is_ok());
        for text in ["1e401", "[1, [1E-131071]]", "1e99999999999"] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("exponent"), "{text}: {error}");
        }
    }
}
