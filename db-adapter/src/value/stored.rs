//! What a text means that a database keeps in a column of some type, as SQLite does: one value may be written in
//! many ways. Pure.

use db_adapter_core::{SqlType, jsonb, numeric, temporal, uuid_text};

use super::{Json, Limits, Numeric, Value, canonicalize};

/// The canonical value of a text that a database has in a column of the type, where that keeps texts; `None` where
/// the text is not a value of the type.
pub(crate) fn of_stored_text(sql_type: &SqlType, text: &str) -> Option<Value> {
    Some(match sql_type {
        SqlType::Float4 | SqlType::Float8 => match text {
            "NaN" => Value::Float(f64::NAN),
            _ => return None,
        },
        SqlType::Numeric { scale, .. } => {
            let exact = numeric::canonical(text)?;
            Value::Numeric(Numeric::trusted(padded(exact, *scale)))
        }
        SqlType::Char(_) => Value::Text(text.trim_end_matches(' ').into()),
        SqlType::Uuid if uuid_text::is_canonical(text) => Value::Text(text.into()),
        SqlType::Uuid => Value::Text(uuid_text::canonical(text)?.into()),
        SqlType::Json => Value::Json(Json::read(text)?),
        SqlType::Jsonb => Value::Json(Json::trusted(jsonb::canonical(text).ok()?)),
        SqlType::Array(_) => array(sql_type, text)?,
        kind if temporal::is_canonical(kind, text) => Value::Text(text.into()),
        kind if kind.is_temporal() => Value::Text(temporal::canonical(kind, text)?.into()),
        _ => return None,
    })
}

/// A JSON array; or the text of an array, which has what JSON cannot tell: lower bounds, and the
/// document `null` beside NULL.
fn array(sql_type: &SqlType, text: &str) -> Option<Value> {
    let canonical = |value: &Value| {
        let canonical = canonicalize(value, sql_type, Limits::default()).ok()?;
        Some(canonical.into_owned())
    };
    Json::read(text)
        .and_then(|json| canonical(&Value::Json(json)))
        .or_else(|| canonical(&Value::Text(text.into())))
}

/// At least the digits after the point that the column declares; what has more was written
/// behind our back, and keeps them.
pub(crate) fn padded(canonical: String, scale: Option<i32>) -> String {
    let Some(scale) = scale.and_then(|scale| usize::try_from(scale).ok()) else {
        return canonical;
    };
    let digits = canonical
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    if digits >= scale || !canonical.ends_with(|c: char| c.is_ascii_digit()) {
        return canonical;
    }
    numeric::round_to_scale(&canonical, i32::try_from(scale).unwrap_or(i32::MAX))
}
