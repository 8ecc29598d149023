//! serde in: JSON and other formats, and rows, into a [`Value`].
//!
//! Errors never carry the value.

use std::fmt;
use std::sync::OnceLock;

use serde::de::{
    self, Deserialize, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess, VariantAccess,
    Visitor, value::MapAccessDeserializer,
};

use serde_json::value::RawValue;

use super::{Json, Numeric, Value};
use crate::Error;

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
pub(super) const NUMERIC: &str = "numeric";
pub(super) const JSON: &str = "json";

/// Whether it is a [`Value`] that asks.
pub(super) fn asks_for_value<'de>(visitor: &impl Visitor<'de>) -> bool {
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
