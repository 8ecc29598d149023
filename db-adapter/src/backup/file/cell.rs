//! One cell of a row: a value as JSON, and back. What a cell means depends on its column's type;
//! a value that is none of it, which SQLite can store, says itself what it is (`{"$text": ..}`).

use std::borrow::Cow;
use std::io::Write;

use db_adapter_core::{SqlType, float};

use super::syntax::{Dialect, Member, elements, members, unquote};
use crate::error::InvalidValue;
use crate::value::{Limits, canonicalize};
use crate::{ExactJson, Json, Numeric, Value};

/// No number of any database has more digits.
const MAX_NUMBER: usize = 200_000;
/// Arrays in arrays; PostgreSQL allows 6.
const MAX_DIMENSIONS: usize = 32;

/// Writes a value of a column of this type. Writing into memory does not fail.
pub(super) fn write(out: &mut Vec<u8>, value: &Value, sql_type: &SqlType) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Json(json) if sql_type.is_json() => document(out, json),
        Value::Numeric(number) if matches!(sql_type, SqlType::Numeric { .. }) => {
            quoted(out, number.as_str());
        }
        Value::Array(items) if sql_type.element().is_some() => array(out, items, sql_type),
        value if is_natural(value, sql_type) => plain(out, value),
        value => marked(out, value),
    }
}

/// Whether the JSON of the value alone says which value it is, in a column of this type.
fn is_natural(value: &Value, sql_type: &SqlType) -> bool {
    use SqlType::{Bool, Bytea, Float4, Float8, Int2, Int4, Int8, Json, Jsonb, Numeric, Oid};
    match value {
        Value::Bool(_) => matches!(sql_type, Bool),
        Value::Int(_) => matches!(sql_type, Int2 | Int4 | Int8 | Oid) || is_untyped(sql_type),
        Value::Float(_) => matches!(sql_type, Float4 | Float8),
        Value::Bytes(_) => matches!(sql_type, Bytea),
        // no type has it, and SQLite keeps it in any column
        Value::Text(text) if text.contains('\0') => false,
        Value::Text(_) => match sql_type {
            Bool
            | Bytea
            | Float4
            | Float8
            | Int2
            | Int4
            | Int8
            | Oid
            | Json
            | Jsonb
            | Numeric { .. } => false,
            sql_type if sql_type.is_text() => true,
            // as SQLite has it: every reader takes any ISO form, and any spelling of a uuid
            sql_type if sql_type.is_temporal() || *sql_type == SqlType::Uuid => {
                canonicalize(value, sql_type, Limits::default()).is_ok()
            }
            // SQLite keeps texts that are not of the type
            _ => matches!(
                canonicalize(value, sql_type, Limits::default()),
                Ok(Cow::Borrowed(_))
            ),
        },
        _ => false,
    }
}

/// A SQLite column that declares no type keeps each value as it is.
fn is_untyped(sql_type: &SqlType) -> bool {
    matches!(sql_type, SqlType::Other(name) if name.is_empty())
}

fn plain(out: &mut Vec<u8>, value: &Value) {
    // straight into the vector: the trait's own way is one virtual call for each piece
    let _ = match value {
        Value::Int(int) => serde_json::to_writer(out, int).map_err(std::io::Error::from),
        Value::Text(text) => serde_json::to_writer(out, text).map_err(std::io::Error::from),
        value => value.write_json(out),
    };
}

fn quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// A document as it is; what could be taken for a mark, or for SQL NULL, gets a mark.
fn document(out: &mut Vec<u8>, json: &Json) {
    let text = json.as_str().trim_start();
    let mut found = Vec::new();
    let mark = text.starts_with("null")
        || (text.starts_with('{')
            && text.contains("\"$")
            && members(text, Dialect::Strict, &mut found).is_ok()
            && found.len() == 1);
    if mark {
        out.extend_from_slice(b"{\"$json\":");
    }
    let _ = Value::Json(json.clone()).write_json(out);
    if mark {
        out.push(b'}');
    }
}

fn array(out: &mut Vec<u8>, items: &[Value], sql_type: &SqlType) {
    let element = sql_type.element().unwrap_or(sql_type);
    out.push(b'[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        match item {
            // one more dimension of the same array
            Value::Array(items) if !element.is_json() => array(out, items, sql_type),
            item => write(out, item, element),
        }
    }
    out.push(b']');
}

/// A value with the name of its kind.
fn marked(out: &mut Vec<u8>, value: &Value) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Numeric(_) => "numeric",
        Value::Text(_) => "text",
        Value::Bytes(_) => "bytes",
        Value::Array(_) => "array",
        Value::Json(_) => "json",
    };
    let _ = write!(out, "{{\"${kind}\":");
    match value {
        Value::Numeric(number) => quoted(out, number.as_str()),
        Value::Array(items) => {
            let untyped = SqlType::Array(Box::new(SqlType::Other("".into())));
            array(out, items, &untyped);
        }
        value => plain(out, value),
    }
    out.push(b'}');
}

/// Reads a cell of a column of this type. `ours` says who wrote it: the original's cells carry
/// no marks, and its documents may look like one.
pub(super) fn read(text: &str, sql_type: &SqlType, ours: bool) -> Result<Value, InvalidValue> {
    if text == "null" {
        return Ok(Value::Null);
    }
    if ours
        && text.starts_with('{')
        && let Some(value) = read_marked(text)
    {
        return value;
    }
    match sql_type {
        SqlType::Json | SqlType::Jsonb if ours => Ok(Value::Json(Json::trusted(text))),
        // Python's bare `NaN` is no document
        SqlType::Json | SqlType::Jsonb => Json::parse(text)
            .map(Value::Json)
            .map_err(|_| InvalidValue::new("the document is no JSON").expected(sql_type)),
        SqlType::Array(element) if text.starts_with('[') => {
            read_array(text, sql_type, element, ours, MAX_DIMENSIONS)
        }
        _ => read_scalar(text, sql_type),
    }
}

/// The value that a reader of the file would have for this one of a column of the type `own`, asked for it as a value
/// of `asked`; without a file.
///
/// # Errors
/// As for the file: why it is none.
pub(crate) fn as_read(
    value: &Value,
    own: &SqlType,
    asked: &SqlType,
) -> Result<Value, InvalidValue> {
    let document = || InvalidValue::new("found a JSON document").expected(asked);
    match value {
        Value::Json(_) if own.is_json() => match asked.is_json() {
            true => Ok(value.clone()),
            false => Err(document()),
        },
        Value::Array(items) if own.element().is_some() => {
            let (Some(element), Some(wanted)) = (own.element(), asked.element()) else {
                return Err(document());
            };
            let item = |item: &Value| match item {
                // one more dimension of the same array
                Value::Array(_) if !element.is_json() => as_read(item, own, asked),
                item => as_read(item, element, wanted),
            };
            let items: Result<Vec<Value>, InvalidValue> = items.iter().map(item).collect();
            Ok(Value::Array(items?.into()))
        }
        value
            if matches!((value, own), (Value::Numeric(_), SqlType::Numeric { .. }))
                || is_natural(value, own) =>
        {
            let read = canonicalize(value, asked, Limits::default())?;
            Ok(read.into_owned())
        }
        value => Ok(value.clone()),
    }
}

fn read_scalar(text: &str, sql_type: &SqlType) -> Result<Value, InvalidValue> {
    let value = match text.as_bytes().first() {
        Some(b'"') => string(text)?,
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'{' | b'[') => {
            return Err(InvalidValue::new("found a JSON document").expected(sql_type));
        }
        // Python's spellings
        Some(b'N' | b'I') => Value::Text(text.into()),
        Some(b'-') if text == "-Infinity" => Value::Text(text.into()),
        _ => number(text, sql_type)?,
    };
    let other = match canonicalize(&value, sql_type, Limits::default())? {
        Cow::Owned(other) => Some(other),
        Cow::Borrowed(_) => None,
    };
    Ok(other.unwrap_or(value))
}

fn string(text: &str) -> Result<Value, InvalidValue> {
    let text = unquote(text)
        .ok_or_else(|| InvalidValue::new("the text holds half of a surrogate pair"))?;
    Ok(Value::Text(text.into()))
}

fn number(text: &str, sql_type: &SqlType) -> Result<Value, InvalidValue> {
    let refused = || InvalidValue::new("the number is out of range").expected(sql_type);
    if text.len() > MAX_NUMBER {
        return Err(refused());
    }
    let floating = matches!(sql_type, SqlType::Float4 | SqlType::Float8);
    if !floating && let Ok(int) = text.parse() {
        return Ok(Value::Int(int));
    }
    if floating || is_untyped(sql_type) {
        return float::parse_f64(text).map(Value::Float).ok_or_else(refused);
    }
    Numeric::parse(text)
        .map(Value::Numeric)
        .map_err(|_| refused())
}

fn read_array(
    text: &str,
    sql_type: &SqlType,
    element: &SqlType,
    ours: bool,
    depth: usize,
) -> Result<Value, InvalidValue> {
    let malformed = || InvalidValue::new("the array is malformed").expected(sql_type);
    let depth = depth.checked_sub(1).ok_or_else(malformed)?;
    let places = elements(text, Dialect::Python).map_err(|_| malformed())?;
    let mut items = Vec::with_capacity(places.len());
    for place in places {
        let item = text.get(place).ok_or_else(malformed)?;
        items.push(if item.starts_with('[') && !element.is_json() {
            read_array(item, sql_type, element, ours, depth)?
        } else {
            read(item, element, ours)?
        });
    }
    Ok(Value::Array(items.into()))
}

/// The value of a mark; `None` when the object is none.
fn read_marked(text: &str) -> Option<Result<Value, InvalidValue>> {
    let mut found = Vec::with_capacity(1);
    members(text, Dialect::Strict, &mut found).ok()?;
    let [Member { key, value }] = found.as_slice() else {
        return None;
    };
    let (key, inner) = (text.get(key.clone())?, text.get(value.clone())?);
    let untyped = SqlType::Other("".into());
    let numeric = SqlType::Numeric {
        precision: None,
        scale: None,
    };
    let as_type = match key {
        "\"$json\"" => return Some(Ok(Value::Json(Json::trusted(inner)))),
        "\"$text\"" => return Some(string(inner)),
        "\"$bool\"" => &SqlType::Bool,
        "\"$int\"" => &SqlType::Int8,
        "\"$float\"" => &SqlType::Float8,
        "\"$numeric\"" => &numeric,
        "\"$bytes\"" => &SqlType::Bytea,
        "\"$array\"" => &SqlType::Array(Box::new(untyped)),
        _ => return None,
    };
    Some(read(inner, as_type, inner.starts_with('[')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sql_type(text: &str) -> SqlType {
        SqlType::parse_postgres(text)
    }

    fn json(text: &str) -> Value {
        Value::Json(Json::parse(text).unwrap())
    }

    fn round_trip(value: &Value, sql_type: &SqlType) -> String {
        let mut out = Vec::new();
        write(&mut out, value, sql_type);
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains('\n'), "one line: {text}");
        assert_eq!(&read(&text, sql_type, true).unwrap(), value, "{text}");
        assert_eq!(
            &as_read(value, sql_type, sql_type).unwrap(),
            value,
            "{text}"
        );
        text
    }

    #[test]
    fn each_type_is_written_as_the_format_says() {
        let numeric = |text| Value::Numeric(Numeric::parse(text).unwrap());
        for (type_name, value, expected) in [
            ("boolean", Value::Bool(true), "true"),
            ("bigint", Value::Int(i64::MIN), "-9223372036854775808"),
            ("double precision", Value::Float(-0.0), "-0"),
            (
                "double precision",
                Value::Float(f64::INFINITY),
                "\"Infinity\"",
            ),
            ("real", Value::Float(0.1), "0.1"),
            ("numeric", numeric("1.50"), "\"1.50\""),
            ("numeric", numeric("NaN"), "\"NaN\""),
            ("text", Value::from("a\n\"b\""), "\"a\\n\\\"b\\\"\""),
            ("bytea", Value::Bytes([0, 255].into()), "\"\\\\x00ff\""),
            ("jsonb", json("{\"a\": 1.10}"), "{\"a\": 1.10}"),
            ("json", json("null"), "{\"$json\":null}"),
            (
                "jsonb",
                json("{\"$json\": 1}"),
                "{\"$json\":{\"$json\": 1}}",
            ),
            (
                "jsonb",
                json("{\"$x\": 1, \"b\": 2}"),
                "{\"$x\": 1, \"b\": 2}",
            ),
            ("jsonb", Value::Null, "null"),
            ("interval", Value::from("1 day"), "\"1 day\""),
            ("", Value::Int(5), "5"),
            ("", Value::Float(5.0), "{\"$float\":5}"),
            ("", Value::Bytes([1].into()), "{\"$bytes\":\"\\\\x01\"}"),
            ("", Value::from("\\x01"), "\"\\\\x01\""),
            ("bigint", Value::from("abc"), "{\"$text\":\"abc\"}"),
            ("jsonb", Value::from("no json"), "{\"$text\":\"no json\"}"),
            ("text", Value::Int(7), "{\"$int\":7}"),
            (
                "integer[]",
                Value::Array([Value::Int(1), Value::Null].into()),
                "[1,null]",
            ),
            ("integer[]", Value::from("[0:1]={7,8}"), "\"[0:1]={7,8}\""),
            (
                "jsonb[]",
                Value::Array([json("null"), json("[1]")].into()),
                "[{\"$json\":null},[1]]",
            ),
        ] {
            assert_eq!(round_trip(&value, &sql_type(type_name)), expected);
        }
        let rows = [1, 2].map(|i| Value::Array([Value::Int(i)].into()));
        assert_eq!(
            round_trip(&Value::Array(rows.into()), &sql_type("integer[]")),
            "[[1],[2]]"
        );
    }

    #[test]
    fn both_forms_of_numbers_are_read_by_the_columns_type() {
        for (type_name, text, expected) in [
            ("numeric", "1.50", "1.50"),
            ("numeric", "\"1.50\"", "1.50"),
            ("numeric", "1e2", "100"),
            ("bigint", "\"42\"", "42"),
            ("double precision", "\"0.1\"", "0.1"),
            ("double precision", "NaN", "\"NaN\""),
            (
                "timestamp with time zone",
                "\"2026-01-15T10:30:00\"",
                "\"2026-01-15T10:30:00.000000+00:00\"",
            ),
            (
                "timestamp with time zone",
                "\"2026-01-15 10:30:00.5+02:00\"",
                "\"2026-01-15T08:30:00.500000+00:00\"",
            ),
        ] {
            let value = read(text, &sql_type(type_name), false).unwrap();
            assert_eq!(value.to_json(), expected, "{type_name} {text}");
        }
    }

    #[test]
    fn a_mark_in_a_file_of_the_original_is_a_document() {
        let value = read("{\"$json\": null}", &SqlType::Jsonb, false).unwrap();
        assert_eq!(value, json("{\"$json\": null}"));
    }

    #[test]
    fn what_is_no_value_of_the_type_is_refused_without_being_shown() {
        let giant = "9".repeat(1 << 20);
        for (type_name, text) in [
            ("bigint", "\"secret\""),
            ("bigint", "9223372036854775808"),
            ("smallint", "40000"),
            ("bigint", "1.5"),
            ("numeric", giant.as_str()),
            ("numeric", "1e999999999999"),
            ("double precision", "1e999"),
            ("uuid", "\"secret\""),
            ("date", "\"secret\""),
            ("boolean", "\"secret\""),
            ("text", "{\"secret\": 1}"),
            ("text", "\"\\ud800\""),
            ("text", "\"a\\u0000\""),
            ("bytea", "\"secret\""),
            ("integer[]", "[1,\"secret\"]"),
            ("integer[]", "[[1],[2,3],\"secret\"]"),
        ] {
            let error = read(text, &sql_type(type_name), true).unwrap_err();
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(read(&deep, &sql_type("integer[]"), true).is_err());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            "[\0a-z\\PC]{0,20}".prop_map(|text| Value::Text(text.into())),
            proptest::collection::vec(any::<u8>(), 0..9)
                .prop_map(|bytes| Value::Bytes(bytes.into())),
            (any::<i64>(), 0_u32..9).prop_map(|(n, scale)| {
                Value::Numeric(Numeric::parse(&format!("{n}e-{scale}")).unwrap())
            }),
            "[a-z$]{0,5}".prop_map(|text| json(&format!("{{\"{text}\": null}}"))),
            "[a-z$]{0,5}".prop_map(|text| json(&format!("\"{text}\""))),
        ];
        leaf
    }

    proptest! {
        /// Whatever SQLite keeps in whatever column comes back as it was.
        #[test]
        fn any_value_in_any_column_round_trips(
            value in any_value(),
            name in prop::sample::select(vec!["boolean", "bigint", "numeric", "double precision",
                "text", "bytea", "jsonb", "interval", "", "integer[]"]),
        ) {
            prop_assume!(!(name == "double precision" && matches!(value, Value::Float(f) if f.is_nan())));
            round_trip(&value, &sql_type(name));
        }
    }
}
