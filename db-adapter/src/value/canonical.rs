//! Any accepted value of a column type into that type's one canonical value.
//!
//! The same rules on every backend, for data and for filters: whatever passes here means the
//! same everywhere, whatever does not is refused before anything is sent.

use std::borrow::Cow;

use db_adapter_core::schema::SqlDialect;
use db_adapter_core::{SqlType, bytea_text, canonical, float, numeric, temporal, uuid_text};

use super::de::from_json_text;
use super::{ExactJson, Json, Numeric, Value};
use crate::error::InvalidValue;

/// The most that PostgreSQL keeps of a `name`.
const MAX_NAME_BYTES: usize = 63;

type Canonical<'a> = Result<Cow<'a, Value>, InvalidValue>;

/// The canonical value of the type, or why the value does not fit, without the value.
///
/// Length, precision and scale count: for a filter pass the type without them.
pub(crate) fn canonicalize<'a>(value: &'a Value, sql_type: &SqlType) -> Canonical<'a> {
    if value.is_null() {
        return Ok(Cow::Borrowed(value));
    }
    match sql_type {
        SqlType::Bool => boolean(value),
        SqlType::Int2 => integer(value, sql_type, i16::MIN.into(), i16::MAX.into()),
        SqlType::Int4 => integer(value, sql_type, i32::MIN.into(), i32::MAX.into()),
        SqlType::Int8 => integer(value, sql_type, i64::MIN, i64::MAX),
        SqlType::Oid => integer(value, sql_type, 0, u32::MAX.into()),
        SqlType::Float4 => floating(value, sql_type).and_then(|v| narrow(v, sql_type)),
        SqlType::Float8 => floating(value, sql_type).map(|f| owned_or(value, Value::Float(f))),
        SqlType::Numeric { .. } => decimal(value, sql_type),
        SqlType::Bytea => bytes(value, sql_type),
        SqlType::Json | SqlType::Jsonb => document(value, sql_type),
        SqlType::Array(element) => array(value, sql_type, element),
        // a column without a type, which SQLite has, takes every value as it is
        SqlType::Other(name) if name.is_empty() => Ok(Cow::Borrowed(value)),
        SqlType::Other(_) => other(value, sql_type),
        _ => text(value, sql_type),
    }
}

/// [`canonicalize`] for a column of a database: SQLite keeps bytes under the name of any type that
/// it does not know, so there they are canonical too. PostgreSQL takes such types as text alone.
pub(crate) fn canonicalize_in<'a>(
    dialect: SqlDialect,
    value: &'a Value,
    sql_type: &SqlType,
) -> Canonical<'a> {
    match (dialect, sql_type, value) {
        (SqlDialect::Sqlite, SqlType::Other(_), Value::Bytes(_)) => Ok(Cow::Borrowed(value)),
        _ => canonicalize(value, sql_type),
    }
}

/// The value itself where it is canonical already.
fn owned_or(value: &Value, canonical: Value) -> Cow<'_, Value> {
    if *value == canonical {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(canonical)
    }
}

fn mismatch(value: &Value, sql_type: &SqlType) -> InvalidValue {
    InvalidValue::new(format!("found {}", value.kind())).expected(sql_type)
}

fn boolean(value: &Value) -> Canonical<'_> {
    let canonical = match value {
        Value::Bool(_) => return Ok(Cow::Borrowed(value)),
        Value::Int(0) => false,
        Value::Int(1) => true,
        Value::Text(text) => match canonical::canonical_text(&SqlType::Bool, text).as_deref() {
            Some(text) => text == "true",
            None => {
                return Err(InvalidValue::new("the text is no boolean").expected(SqlType::Bool));
            }
        },
        other => return Err(mismatch(other, &SqlType::Bool)),
    };
    Ok(Cow::Owned(Value::Bool(canonical)))
}

fn integer<'a>(value: &'a Value, sql_type: &SqlType, min: i64, max: i64) -> Canonical<'a> {
    let fraction =
        || InvalidValue::new("it is no whole number, or out of range").expected(sql_type);
    let int = match value {
        Value::Int(int) => *int,
        Value::Numeric(n) => numeric::to_i64(n.as_str()).ok_or_else(fraction)?,
        Value::Float(f) => numeric::to_i64(&float::format_f64(*f)).ok_or_else(fraction)?,
        Value::Text(text) => text.trim().parse().map_err(|_| {
            InvalidValue::new("the text is no whole number, or out of range").expected(sql_type)
        })?,
        other => return Err(mismatch(other, sql_type)),
    };
    if (min..=max).contains(&int) {
        Ok(owned_or(value, Value::Int(int)))
    } else {
        Err(InvalidValue::new("the integer is out of range").expected(sql_type))
    }
}

fn floating(value: &Value, sql_type: &SqlType) -> Result<f64, InvalidValue> {
    let rounded = || {
        InvalidValue::new("a floating point column would round it")
            .expected(sql_type)
            .hint("pass a float to accept the nearest one, or make the column `numeric`")
    };
    match value {
        Value::Float(f) => Ok(*f),
        Value::Int(int) => {
            let f = *int as f64;
            // the way back must give the same integer; `as` saturates, so i64::MAX is looked at too
            if f as i64 == *int && *int != i64::MAX {
                Ok(f)
            } else {
                Err(rounded())
            }
        }
        Value::Numeric(n) => {
            let f = float::parse_f64(n.as_str()).ok_or_else(rounded)?;
            match numeric::compare(&float::format_f64(f), n.as_str()) {
                std::cmp::Ordering::Equal => Ok(f),
                _ => Err(rounded()),
            }
        }
        Value::Text(text) => float::parse_f64(text.trim()).ok_or_else(|| {
            InvalidValue::new("the text is no number, or out of range").expected(sql_type)
        }),
        other => Err(mismatch(other, sql_type)),
    }
}

/// A `float4` keeps what its shortest text says.
fn narrow(wide: f64, sql_type: &SqlType) -> Canonical<'static> {
    let small = wide as f32;
    if wide.is_finite() && (small.is_infinite() || (small == 0.0 && wide != 0.0)) {
        return Err(InvalidValue::new("the number is out of range").expected(sql_type));
    }
    Ok(Cow::Owned(Value::Float(float::widen(small))))
}

fn decimal<'a>(value: &'a Value, sql_type: &SqlType) -> Canonical<'a> {
    if let (
        Value::Numeric(_),
        SqlType::Numeric {
            precision: None, ..
        },
    ) = (value, sql_type)
    {
        return Ok(Cow::Borrowed(value)); // a `Numeric` is canonical
    }
    let text: Cow<'_, str> = match value {
        Value::Numeric(n) => n.as_str().into(),
        Value::Int(int) => int.to_string().into(),
        Value::Float(f) => float::format_f64(*f).into(),
        Value::Text(text) => Cow::Borrowed(text),
        other => return Err(mismatch(other, sql_type)),
    };
    match canonical::canonical_text(sql_type, &text) {
        Some(text) => Ok(owned_or(value, Value::Numeric(Numeric::trusted(text)))),
        None => Err(
            InvalidValue::new("it is no decimal number, or has too many digits").expected(sql_type),
        ),
    }
}

fn bytes<'a>(value: &'a Value, sql_type: &SqlType) -> Canonical<'a> {
    match value {
        Value::Bytes(_) => Ok(Cow::Borrowed(value)),
        Value::Text(text) => match hex_text(text) {
            Some(bytes) => Ok(Cow::Owned(Value::Bytes(bytes.into()))),
            None => Err(
                InvalidValue::new("text is taken for bytes only as `\\x` and hex digits")
                    .expected(sql_type)
                    .hint("pass a `Vec<u8>` or `&[u8]`"),
            ),
        },
        other => Err(mismatch(other, sql_type)),
    }
}

/// Only the hex form: PostgreSQL's escape form would take any text for bytes.
fn hex_text(text: &str) -> Option<Vec<u8>> {
    text.starts_with("\\x")
        .then(|| bytea_text::parse(text))
        .flatten()
}

fn document<'a>(value: &'a Value, sql_type: &SqlType) -> Canonical<'a> {
    match value {
        Value::Json(_) => Ok(Cow::Borrowed(value)),
        Value::Bytes(_) => Err(mismatch(value, sql_type)),
        Value::Float(f) if !f.is_finite() => {
            Err(InvalidValue::new("JSON has no NaN and no infinity").expected(sql_type))
        }
        Value::Numeric(n) if !n.is_finite() => {
            Err(InvalidValue::new("JSON has no NaN and no infinity").expected(sql_type))
        }
        other => Ok(Cow::Owned(Value::Json(Json::trusted(other.to_json())))),
    }
}

fn array<'a>(value: &'a Value, sql_type: &SqlType, element: &SqlType) -> Canonical<'a> {
    match value {
        Value::Array(items) => {
            let mut canonical = Vec::with_capacity(items.len());
            let mut changed = false;
            for item in items {
                // an array inside is one more dimension of the same type
                let inner = match item {
                    Value::Array(_) if !element.is_json() => sql_type,
                    _ => element,
                };
                let item = canonicalize(item, inner)?;
                changed |= matches!(item, Cow::Owned(_));
                canonical.push(item.into_owned());
            }
            if !element.is_json() && !rectangular(&canonical) {
                return Err(
                    InvalidValue::new("the inner arrays differ in length").expected(sql_type)
                );
            }
            Ok(if changed {
                Cow::Owned(Value::Array(canonical.into()))
            } else {
                Cow::Borrowed(value)
            })
        }
        Value::Json(json) => {
            let parsed = from_json_text(json.as_str())
                .map_err(|_| InvalidValue::new("the document is no array").expected(sql_type))?;
            match &parsed {
                Value::Array(_) => {
                    array(&parsed, sql_type, element).map(|v| Cow::Owned(v.into_owned()))
                }
                _ => Err(InvalidValue::new("the document is no array").expected(sql_type)),
            }
        }
        // the text form: an array with other lower bounds than 1
        Value::Text(text) => no_nul(text, sql_type).map(|()| Cow::Borrowed(value)),
        other => Err(mismatch(other, sql_type)),
    }
}

/// The lengths of a regular array, outermost first; `None` where inner arrays differ.
fn dimensions(items: &[Value]) -> Option<Vec<usize>> {
    let mut inner: Option<Vec<usize>> = None;
    for (i, item) in items.iter().enumerate() {
        let dims = match item {
            Value::Array(items) => dimensions(items)?,
            _ => Vec::new(),
        };
        match &inner {
            None => inner = Some(dims),
            Some(first) if *first == dims => {}
            Some(_) => return None,
        }
        // scalars need no more than the first look when they are all scalars
        if i == 0
            && inner.as_ref().is_some_and(Vec::is_empty)
            && !items.iter().any(|v| matches!(v, Value::Array(_)))
        {
            break;
        }
    }
    let mut dims = vec![items.len()];
    dims.extend(inner.unwrap_or_default());
    Some(dims)
}

fn rectangular(items: &[Value]) -> bool {
    !items.iter().any(|v| matches!(v, Value::Array(_))) || dimensions(items).is_some()
}

fn text<'a>(value: &'a Value, sql_type: &SqlType) -> Canonical<'a> {
    let Value::Text(given) = value else {
        return Err(mismatch(value, sql_type));
    };
    no_nul(given, sql_type)?;
    if matches!(
        sql_type,
        SqlType::Text | SqlType::Citext | SqlType::Enum(_) | SqlType::Varchar(None)
    ) {
        return Ok(Cow::Borrowed(value));
    }
    if temporal::is_canonical(sql_type, given)
        || (*sql_type == SqlType::Uuid && uuid_text::is_canonical(given))
    {
        return Ok(Cow::Borrowed(value));
    }
    if matches!(sql_type, SqlType::Name) && given.len() > MAX_NAME_BYTES {
        // PostgreSQL would cut it in silence
        return Err(InvalidValue::new("the text is too long").expected(sql_type));
    }
    match canonical::canonical_text(sql_type, given) {
        Some(text) if *text == **given => Ok(Cow::Borrowed(value)),
        Some(text) => Ok(Cow::Owned(Value::Text(text.into()))),
        None => Err(InvalidValue::new(match sql_type {
            SqlType::Varchar(_) | SqlType::Char(_) | SqlType::Name => "the text is too long",
            SqlType::Uuid => "the text is no uuid",
            _ => "the text is no such date or time",
        })
        .expected(sql_type)),
    }
}

/// PostgreSQL stores no NUL character, so no backend takes one.
fn no_nul(text: &str, sql_type: &SqlType) -> Result<(), InvalidValue> {
    if text.contains('\0') {
        return Err(InvalidValue::new("text cannot hold a NUL character")
            .expected(sql_type)
            .hint("keep binary data in a bytes column"));
    }
    Ok(())
}

/// Types that are written as their own text; a number is its digits.
fn other<'a>(value: &'a Value, sql_type: &SqlType) -> Canonical<'a> {
    let text = match value {
        Value::Text(text) => {
            no_nul(text, sql_type)?;
            return Ok(Cow::Borrowed(value));
        }
        Value::Int(int) => int.to_string(),
        Value::Numeric(n) => n.as_str().to_owned(),
        Value::Float(f) => float::format_f64(*f),
        Value::Bool(b) => b.to_string(),
        found => {
            return Err(mismatch(found, sql_type).hint("pass the text that the type itself prints"));
        }
    };
    Ok(Cow::Owned(Value::Text(text.into())))
}
