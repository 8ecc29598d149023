//! Any accepted value of a column type into that type's one canonical value.
//!
//! The same rules on every backend, for data and for filters: whatever passes here means the
//! same everywhere, whatever does not is refused before anything is sent. So is what a column
//! would round or cut, unless [`Rounding::Database`] asks for that.

use std::borrow::Cow;

use db_adapter_core::assigned::{assigned, is_single};
use db_adapter_core::jsonb::{self, Fault};
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::{Lost, SqlType, bytea_text, canonical, float, numeric, temporal, uuid_text};

use super::array::array;
use super::bits;
use super::{ExactJson, Json, Numeric, Value};
use crate::Rounding;
use crate::error::InvalidValue;

/// Whole numbers up to here are floating point numbers of four bytes.
const WHOLE_SINGLE: u64 = 1 << 24;

pub(super) type Canonical<'a> = Result<Cow<'a, Value>, InvalidValue>;

/// What a column keeps beyond what its type says, and what becomes of the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The digits of a second.
    pub(crate) digits: u32,
    pub(crate) rounding: Rounding,
}

/// Those of a type without a column: six digits, and nothing is rounded.
impl Default for Limits {
    fn default() -> Self {
        Limits {
            digits: 6,
            rounding: Rounding::Refuse,
        }
    }
}

impl Limits {
    pub(crate) fn rounding(rounding: Rounding) -> Self {
        Limits {
            rounding,
            ..Limits::default()
        }
    }

    /// Whether no digit of a second is lost.
    fn keeps_seconds(self) -> bool {
        self.digits >= Limits::default().digits
    }

    /// The text as the column keeps it; `None` when it is not a value of the type.
    fn assigned(self, sql_type: &SqlType, text: &str) -> Option<Result<String, InvalidValue>> {
        let assigned = assigned(sql_type, self.digits, text)?;
        Some(match assigned.lost {
            Some(lost) => self.allow(lost, sql_type).map(|()| assigned.text),
            None => Ok(assigned.text),
        })
    }

    /// Whether this may be lost.
    fn allow(self, lost: Lost, sql_type: &SqlType) -> Result<(), InvalidValue> {
        match self.rounding {
            Rounding::Database if lost != Lost::Name => Ok(()),
            _ => Err(InvalidValue::new(lost.reason())
                .expected(sql_type)
                .hint(lost.hint())),
        }
    }
}

/// The canonical value of the type, or why the value does not fit, without the value.
///
/// Length, precision and scale count: for a filter pass the type without them.
pub(crate) fn canonicalize<'a>(
    value: &'a Value,
    sql_type: &SqlType,
    limits: Limits,
) -> Canonical<'a> {
    if value.is_null() {
        return Ok(Cow::Borrowed(value));
    }
    match sql_type {
        SqlType::Bool => boolean(value),
        SqlType::Int2 => integer(value, sql_type, i16::MIN.into(), i16::MAX.into()),
        SqlType::Int4 => integer(value, sql_type, i32::MIN.into(), i32::MAX.into()),
        SqlType::Int8 => integer(value, sql_type, i64::MIN, i64::MAX),
        SqlType::Oid => integer(value, sql_type, 0, u32::MAX.into()),
        SqlType::Float4 | SqlType::Float8 => {
            floating(value, sql_type, limits).map(|f| owned_or(value, Value::Float(f)))
        }
        SqlType::Numeric { .. } => decimal(value, sql_type, limits),
        SqlType::Bytea => bytes(value, sql_type),
        SqlType::Json | SqlType::Jsonb => document(value, sql_type),
        SqlType::Array(element) => array(value, sql_type, element, limits),
        // a column without a type, which SQLite has, takes every value as it is
        SqlType::Other(name) if name.is_empty() => Ok(Cow::Borrowed(value)),
        SqlType::Other(name) => {
            let other = other(value, sql_type)?;
            match bits::fits(name, &other) {
                true => Ok(other),
                false => Err(InvalidValue::new("the text has another number of bits")
                    .expected(sql_type)
                    .hint("cut it or fill it up yourself")),
            }
        }
        _ => text(value, sql_type, limits),
    }
}

/// [`canonicalize`] for a column of a database: SQLite keeps bytes under the name of any type that
/// it does not know, so there they are canonical too. PostgreSQL takes such types as text alone.
pub(crate) fn canonicalize_in<'a>(
    dialect: SqlDialect,
    value: &'a Value,
    sql_type: &SqlType,
    limits: Limits,
) -> Canonical<'a> {
    match (dialect, sql_type, value) {
        (SqlDialect::Sqlite, SqlType::Other(_), Value::Bytes(_)) => Ok(Cow::Borrowed(value)),
        _ => canonicalize(value, sql_type, limits),
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

pub(super) fn mismatch(value: &Value, sql_type: &SqlType) -> InvalidValue {
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
                return Err(
                    InvalidValue::new("the text is not a valid boolean").expected(SqlType::Bool)
                );
            }
        },
        other => return Err(mismatch(other, &SqlType::Bool)),
    };
    Ok(Cow::Owned(Value::Bool(canonical)))
}

fn integer<'a>(value: &'a Value, sql_type: &SqlType, min: i64, max: i64) -> Canonical<'a> {
    let fraction =
        || InvalidValue::new("it is not a whole number, or it is out of range").expected(sql_type);
    let int = match value {
        Value::Int(int) => *int,
        Value::Numeric(n) => numeric::to_i64(n.as_str()).ok_or_else(fraction)?,
        Value::Float(f) => numeric::to_i64(&float::format_f64(*f)).ok_or_else(fraction)?,
        Value::Text(text) => text.trim().parse().map_err(|_| {
            InvalidValue::new("the text is not a whole number, or it is out of range")
                .expected(sql_type)
        })?,
        other => return Err(mismatch(other, sql_type)),
    };
    if (min..=max).contains(&int) {
        Ok(owned_or(value, Value::Int(int)))
    } else {
        Err(InvalidValue::new("the integer is out of range").expected(sql_type))
    }
}

fn floating(value: &Value, sql_type: &SqlType, limits: Limits) -> Result<f64, InvalidValue> {
    let single = *sql_type == SqlType::Float4;
    match value {
        Value::Float(wide) if single => narrow(*wide, sql_type, limits),
        Value::Float(float) => Ok(*float),
        Value::Int(int) if int.unsigned_abs() <= WHOLE_SINGLE => Ok(*int as f64),
        Value::Int(int) => float_of_text(&int.to_string(), sql_type, limits),
        Value::Numeric(n) => float_of_text(n.as_str(), sql_type, limits),
        Value::Text(text) => float_of_text(text, sql_type, limits),
        other => Err(mismatch(other, sql_type)),
    }
}

fn float_of_text(text: &str, sql_type: &SqlType, limits: Limits) -> Result<f64, InvalidValue> {
    let invalid =
        || InvalidValue::new("it is not a number, or it is out of range").expected(sql_type);
    let kept = limits.assigned(sql_type, text).ok_or_else(invalid)??;
    // a `real` has the value that its shortest text says
    float::parse_f64(&kept).ok_or_else(invalid)
}

/// The `real` of a wider number, as its shortest text says.
fn narrow(wide: f64, sql_type: &SqlType, limits: Limits) -> Result<f64, InvalidValue> {
    let single = wide as f32;
    if wide.is_finite() && (single.is_infinite() || (single == 0.0 && wide != 0.0)) {
        return Err(InvalidValue::new("the number is out of range").expected(sql_type));
    }
    if !is_single(wide) {
        limits.allow(Lost::Float, sql_type)?;
    }
    Ok(float::widen(single))
}

fn decimal<'a>(value: &'a Value, sql_type: &SqlType, limits: Limits) -> Canonical<'a> {
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
    match limits.assigned(sql_type, &text) {
        Some(kept) => Ok(owned_or(value, Value::Numeric(Numeric::trusted(kept?)))),
        None => Err(InvalidValue::new(
            "it is not a decimal number, or it has too many digits before the point",
        )
        .expected(sql_type)),
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
    let text: Cow<'_, str> = match value {
        Value::Json(json) => json.as_str().into(),
        Value::Bytes(_) => return Err(mismatch(value, sql_type)),
        Value::Float(f) if !f.is_finite() => return Err(not_in_json(sql_type)),
        Value::Numeric(n) if !n.is_finite() => return Err(not_in_json(sql_type)),
        other => other.to_json().into(),
    };
    let refused = |fault: Fault| InvalidValue::new(fault.reason()).expected(sql_type);
    let text = match sql_type {
        SqlType::Jsonb => jsonb::canonical(&text).map_err(refused)?.into(),
        _ if jsonb::is_too_deep(&text) => return Err(refused(Fault::Depth)),
        _ => text,
    };
    Ok(match value {
        Value::Json(json) if *json.as_str() == *text => Cow::Borrowed(value),
        _ => Cow::Owned(Value::Json(Json::trusted(text))),
    })
}

fn not_in_json(sql_type: &SqlType) -> InvalidValue {
    InvalidValue::new("JSON has no NaN and no infinity").expected(sql_type)
}

fn text<'a>(value: &'a Value, sql_type: &SqlType, limits: Limits) -> Canonical<'a> {
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
    let is_canonical = match sql_type {
        SqlType::Uuid => uuid_text::is_canonical(given),
        sql_type => limits.keeps_seconds() && temporal::is_canonical(sql_type, given),
    };
    if is_canonical {
        return Ok(Cow::Borrowed(value));
    }
    let Some(kept) = limits.assigned(sql_type, given) else {
        return Err(InvalidValue::new(match sql_type {
            SqlType::Varchar(_) | SqlType::Char(_) => "the text is too long",
            SqlType::Uuid => "the text is not a valid uuid",
            _ => "the text is not a valid date or time of this type",
        })
        .expected(sql_type));
    };
    let kept = kept?;
    Ok(if *kept == **given {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(Value::Text(kept.into()))
    })
}

/// PostgreSQL stores no NUL character, so no backend takes one.
pub(super) fn no_nul(text: &str, sql_type: &SqlType) -> Result<(), InvalidValue> {
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
