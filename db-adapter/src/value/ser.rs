//! Portable serde output, right in every format: numerics as strings, documents verbatim where the
//! format is JSON text, else transcoded without losing a digit.

use std::collections::BTreeMap;

use db_adapter_core::numeric;
use serde::{Serialize, Serializer, ser::Error};
use serde_json::value::RawValue;

use super::Value;
use super::exact_json::HexBytes;

/// Deeper documents are strings: what reads them would refuse them.
const MOST_DEPTH: usize = 100;

/// What a serializer of serde_json makes. Nothing tells but its name: a test pins it, and with
/// another name a document would be transcoded, and exact JSON be what it is in any other format.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// Text, which keeps a number's digits.
    JsonText,
    /// A `serde_json::Value`, which has no exact numbers.
    JsonValue,
    Other,
}

impl Target {
    pub(super) fn of<S>() -> Target {
        let name = std::any::type_name::<S>();
        if name.starts_with("&mut serde_json::ser::Serializer<") {
            Target::JsonText
        } else if name.starts_with("serde_json::value::ser::") {
            Target::JsonValue
        } else {
            Target::Other
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_none(),
            Value::Bool(v) => serializer.serialize_bool(*v),
            Value::Int(v) => serializer.serialize_i64(*v),
            // text formats have no NaN and no infinity: serde_json would write null
            Value::Float(v) if !v.is_finite() && serializer.is_human_readable() => {
                serializer.serialize_str(&db_adapter_core::float::format_f64(*v))
            }
            Value::Float(v) => serializer.serialize_f64(*v),
            Value::Numeric(v) => serializer.serialize_str(v.as_str()),
            Value::Text(v) => serializer.serialize_str(v),
            Value::Bytes(v) if serializer.is_human_readable() => {
                serializer.collect_str(&HexBytes(v))
            }
            Value::Bytes(v) => serializer.serialize_bytes(v),
            Value::Array(v) => serializer.collect_seq(v.iter()),
            Value::Json(v) if Target::of::<S>() == Target::JsonText => {
                serde_json::from_str::<&RawValue>(v.as_str())
                    .map_err(|_| S::Error::custom("a document is not valid JSON"))?
                    .serialize(serializer)
            }
            Value::Json(v) => document(v.as_str()).serialize(serializer),
        }
    }
}

/// A document as a `serde_json::Value`: a number that an `f64` does not hold is a string.
pub(super) fn document(text: &str) -> serde_json::Value {
    within(text, MOST_DEPTH)
}

fn within(text: &str, depth: usize) -> serde_json::Value {
    use serde_json::Value as Json;
    let as_text = || Json::String(text.to_owned());
    let Some(depth) = depth.checked_sub(1) else {
        return as_text();
    };
    let inner = |raw: &RawValue| within(raw.get(), depth);
    match text.trim_start().as_bytes().first() {
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(items) => items.into_iter().map(inner).collect(),
            Err(_) => as_text(),
        },
        Some(b'{') => match serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
            Ok(members) => {
                let member = |(name, raw): (String, &RawValue)| (name, inner(raw));
                Json::Object(members.into_iter().map(member).collect())
            }
            Err(_) => as_text(),
        },
        Some(b'-' | b'0'..=b'9') => match serde_json::from_str::<Json>(text) {
            Ok(number) if numeric::compare(&number.to_string(), text).is_eq() => number,
            _ => as_text(),
        },
        _ => serde_json::from_str(text).unwrap_or_else(|_| as_text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExactJson, Json, Numeric, row};

    #[test]
    fn a_page_around_rows_keeps_their_digits() {
        let exact = "12345678901234567.89";
        let document = r#"{"n":12345678901234567.89,"list":[1.10,1e400,{"x":-0.5}]}"#;
        let rows = vec![row! {
            "price": Numeric::parse(exact).unwrap(),
            "doc": Value::Json(Json::parse(document).unwrap()),
            "list": [Numeric::parse("1.10").unwrap()],
            "id": 9_007_199_254_740_993_i64,
        }];
        let text = serde_json::to_string(&rows.as_json()).unwrap();
        assert!(text.contains(document) && text.contains(":12345678901234567.89,"));
        let portable = serde_json::to_string(&rows).unwrap();
        assert!(portable.contains(document), "{portable}");
        assert!(portable.contains(r#""price":"12345678901234567.89""#));
        for page in [
            serde_json::json!({ "items": rows.as_json() }),
            serde_json::json!({ "items": rows }),
        ] {
            let row = &page["items"][0];
            assert_eq!(row["price"], exact);
            assert_eq!(row["list"][0], "1.10");
            assert_eq!(row["id"].as_i64(), Some(9_007_199_254_740_993));
            assert_eq!(row["doc"]["n"], exact);
            assert_eq!(row["doc"]["list"][1], "1e400");
            assert_eq!(row["doc"]["list"][2]["x"].as_f64(), Some(-0.5));
        }
    }

    #[test]
    fn a_document_that_is_too_deep_is_a_string() {
        let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
        let text = document(&deep).to_string();
        assert!(text.contains('"'), "{text}");
    }
}
