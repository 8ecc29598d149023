//! An accepted value of an array column into its one canonical value: a list, or, where a lower
//! bound is not 1, its text. Knows no database.

use std::borrow::Cow;

use db_adapter_core::array_text::{ArrayText, Item, MOST_DIMENSIONS, parse};
use db_adapter_core::{SqlType, bytea_text, float};
use serde_json::value::RawValue;

use super::canonical::{Canonical, Limits, canonicalize, mismatch, no_nul};
use super::de_value::from_json_text;
use super::{Json, Value};
use crate::error::InvalidValue;

pub(super) fn array<'a>(
    value: &'a Value,
    sql_type: &SqlType,
    element: &SqlType,
    limits: Limits,
) -> Canonical<'a> {
    match value {
        Value::Array(items) => {
            let canonical = elements(items, sql_type, element, limits, 1)?;
            if !element.is_json() {
                lengths(canonical.as_deref().unwrap_or(items)).map_err(|e| e.expected(sql_type))?;
            }
            Ok(match canonical {
                Some(canonical) => Cow::Owned(Value::Array(canonical.into())),
                None => Cow::Borrowed(value),
            })
        }
        Value::Json(json) => {
            let invalid = || InvalidValue::new("the document is not an array").expected(sql_type);
            let parsed = match element.is_json() {
                true => documents(json).ok_or_else(invalid)?,
                false => from_json_text(json.as_str()).map_err(|_| invalid())?,
            };
            if !matches!(parsed, Value::Array(_)) {
                return Err(invalid());
            }
            let canonical = array(&parsed, sql_type, element, limits)?.into_owned();
            Ok(Cow::Owned(canonical))
        }
        // what its elements are, only their own type knows
        Value::Text(text) if matches!(element, SqlType::Other(_)) => {
            no_nul(text, sql_type).map(|()| Cow::Borrowed(value))
        }
        Value::Text(text) => {
            no_nul(text, sql_type)?;
            let canonical = from_text(text, sql_type, element, limits)?;
            Ok(match canonical.as_str() == Some(text) {
                true => Cow::Borrowed(value),
                false => Cow::Owned(canonical),
            })
        }
        other => Err(mismatch(other, sql_type)),
    }
}

/// The elements of a JSON array, each a document as it is; its `null` is NULL.
fn documents(json: &Json) -> Option<Value> {
    let items: Vec<&RawValue> = serde_json::from_str(json.as_str()).ok()?;
    let document = |item: &RawValue| match item.get() {
        "null" => Value::Null,
        text => Value::Json(Json::trusted(text)),
    };
    Some(Value::Array(items.into_iter().map(document).collect()))
}

/// The canonical elements; `None` where they are canonical already.
fn elements(
    items: &[Value],
    sql_type: &SqlType,
    element: &SqlType,
    limits: Limits,
    dimension: usize,
) -> Result<Option<Vec<Value>>, InvalidValue> {
    if dimension > MOST_DIMENSIONS {
        return Err(InvalidValue::new("an array has 6 dimensions at most").expected(sql_type));
    }
    let mut canonical = Vec::with_capacity(items.len());
    let mut changed = false;
    for item in items {
        let item = match item {
            // one more dimension of the same array
            Value::Array(inner) if !element.is_json() => {
                match elements(inner, sql_type, element, limits, dimension + 1)? {
                    Some(inner) => Cow::Owned(Value::Array(inner.into())),
                    None => Cow::Borrowed(item),
                }
            }
            Value::Array(inner) if holds_documents(inner) => {
                return Err(
                    InvalidValue::new("an array of documents has one dimension here")
                        .expected(sql_type)
                        .hint("pass a `Json` for each element"),
                );
            }
            item => canonicalize(item, element, limits)?,
        };
        changed |= matches!(item, Cow::Owned(_));
        canonical.push(item.into_owned());
    }
    Ok(changed.then_some(canonical))
}

/// Whether a list could be meant as a dimension of an array of documents.
fn holds_documents(items: &[Value]) -> bool {
    items.iter().any(|item| match item {
        Value::Json(_) => true,
        Value::Array(inner) => holds_documents(inner),
        _ => false,
    })
}

/// The lengths of the dimensions, outermost first; none for the empty array.
fn lengths(items: &[Value]) -> Result<Vec<usize>, InvalidValue> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    if !items.iter().any(|item| matches!(item, Value::Array(_))) {
        return Ok(vec![items.len()]);
    }
    let mut first: Option<Vec<usize>> = None;
    for item in items {
        let inner = match item {
            Value::Array(inner) if inner.is_empty() => {
                return Err(InvalidValue::new("an inner array is empty")
                    .hint("an empty array has no dimensions: pass an empty list"));
            }
            Value::Array(inner) => lengths(inner)?,
            _ => Vec::new(),
        };
        if *first.get_or_insert_with(|| inner.clone()) != inner {
            return Err(InvalidValue::new("the inner arrays differ in length"));
        }
    }
    let mut lengths = vec![items.len()];
    lengths.extend(first.unwrap_or_default());
    Ok(lengths)
}

fn from_text(
    text: &str,
    sql_type: &SqlType,
    element: &SqlType,
    limits: Limits,
) -> Result<Value, InvalidValue> {
    let invalid = || {
        InvalidValue::new("the text is not a valid array")
            .expected(sql_type)
            .hint("pass a list of values, or text such as `{1,2}`")
    };
    let parsed = parse(text).ok_or_else(invalid)?;
    let items = values(&parsed.items, element).ok_or_else(invalid)?;
    let items = elements(&items, sql_type, element, limits, 1)?.unwrap_or(items);
    Ok(match bounds(&parsed) {
        None => Value::Array(items.into()),
        Some(mut text) => {
            push_literal(&mut text, &items);
            Value::Text(text.into())
        }
    })
}

/// The elements by their texts; `None` when one is to be a document and is not.
fn values(items: &[Item], element: &SqlType) -> Option<Vec<Value>> {
    let value = |item: &Item| {
        Some(match item {
            Item::Null => Value::Null,
            Item::Array(inner) => Value::Array(values(inner, element)?.into()),
            Item::Text(text) if element.is_json() => Value::Json(Json::read(text)?),
            Item::Text(text) => Value::Text(text.as_str().into()),
        })
    };
    items.iter().map(value).collect()
}

/// `[0:1]=`, where a lower bound is not 1.
fn bounds(array: &ArrayText) -> Option<String> {
    let lower = array.lower.as_ref()?;
    let mut text = String::new();
    for (lower, length) in lower.iter().zip(&array.lengths) {
        let upper = i128::from(*lower) + i128::try_from(*length).ok()? - 1;
        text.push_str(&format!("[{lower}:{upper}]"));
    }
    text.push('=');
    Some(text)
}

/// A canonical value as the text that its type reads; `None` for NULL.
pub(crate) fn text_of(value: &Value) -> Option<String> {
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
            push_literal(&mut text, items);
            text
        }
    })
}

/// Writes `{1,NULL,"a b"}`, as PostgreSQL does: an element is quoted only where it must be.
pub(crate) fn push_literal(out: &mut String, items: &[Value]) {
    out.push('{');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        match item {
            Value::Array(inner) => push_literal(out, inner),
            item => match text_of(item) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(items: &[Value]) -> String {
        let mut out = String::new();
        push_literal(&mut out, items);
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
}
