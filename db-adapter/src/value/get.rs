//! A [`Value`] into one Rust type: what [`Row::get`](crate::Row::get) can give.

use super::de::{integral_text, to_f32, to_f64};
use super::{Cell, Json, Numeric, Value};
use crate::{Error, Result};

/// A Rust type that a [`Value`] converts into, exactly or not at all; but a float is the one next to
/// a decimal fraction.
///
/// | Rust | from |
/// |---|---|
/// | `i16 i32 i64 u32 u64 ..` | `Int` in range; `Numeric` without a fraction |
/// | `f64` | `Float`; `Int` up to 2^53; `Numeric`, of which only what is behind the point is rounded |
/// | `f32` | the same up to 2^24; a `Float` is rounded |
/// | `bool` | `Bool` |
/// | `String` | `Text`; the digits of a `Numeric` |
/// | `Vec<u8>` | `Bytes` |
/// | `Vec<T>` | `Array` |
/// | `Option<T>` | `Null` is `None`, and so is the JSON `null` |
/// | `Value`, `Numeric`, `Json`, `serde_json::Value` | themselves |
/// | `uuid::Uuid`, chrono's and time's types, `Decimal` | their text, behind features |
///
/// All of them but `Value` also read a `Json` document of that shape.
pub trait FromValue: Sized {
    /// Converts the value.
    ///
    /// # Errors
    /// [`Error::Conversion`] when it is of another type or a whole number would be rounded.
    fn from_value(value: &Value) -> Result<Self>;
}

fn expected(what: &str, found: &Value) -> Error {
    Error::conversion(format!("expected {what}, found {}", found.kind()))
}

/// A document is read by serde, like a field of a struct.
fn from_document<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(Cell::from(value))
}

macro_rules! ints {
    ($($ty:ident)*) => { $(
        impl FromValue for $ty {
            fn from_value(value: &Value) -> Result<Self> {
                match value {
                    Value::Int(int) => $ty::try_from(*int).map_err(|_| {
                        Error::conversion(concat!("the integer does not fit ", stringify!($ty)))
                    }),
                    Value::Numeric(numeric) => integral_text(numeric.as_str()).parse().map_err(|_| {
                        Error::conversion(concat!("the numeric does not fit ", stringify!($ty)))
                    }),
                    Value::Json(_) => from_document(value),
                    other => Err(expected("an integer", other)),
                }
            }
        }
    )* };
}

// never `u8`: its absence keeps `Vec<u8>` (bytes) apart from `Vec<T>` (arrays)
ints!(i8 i16 i32 i64 i128 isize u16 u32 u64 u128 usize);

impl FromValue for f64 {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Json(_) => from_document(value),
            other => to_f64(&Cell::from(other)),
        }
    }
}

impl FromValue for f32 {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Json(_) => from_document(value),
            other => to_f32(&Cell::from(other)),
        }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Bool(v) => Ok(*v),
            Value::Json(_) => from_document(value),
            other => Err(expected("a boolean", other)),
        }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Text(text) => Ok(text.to_string()),
            Value::Numeric(numeric) => Ok(numeric.as_str().to_owned()),
            Value::Json(_) => from_document(value),
            other => Err(expected("text", other)),
        }
    }
}

impl FromValue for Box<str> {
    fn from_value(value: &Value) -> Result<Self> {
        String::from_value(value).map(String::into_boxed_str)
    }
}

impl FromValue for char {
    fn from_value(value: &Value) -> Result<Self> {
        let Value::Text(text) = value else {
            return Err(expected("one character", value));
        };
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(one), None) => Ok(one),
            _ => Err(expected("one character", value)),
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: &Value) -> Result<Self> {
        let Value::Bytes(bytes) = value else {
            return Err(expected("bytes", value));
        };
        let bytes: &[u8] = bytes;
        bytes
            .try_into()
            .map_err(|_| expected(&format!("{N} bytes"), value))
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Bytes(bytes) => Ok(bytes.to_vec()),
            other => Err(expected("bytes", other)),
        }
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: &Value) -> Result<Self> {
        let parsed;
        let items = match value {
            Value::Array(items) => items,
            Value::Json(json) => {
                parsed = super::de_value::from_json_text(json.as_str())?;
                match &parsed {
                    Value::Array(items) => items,
                    _ => return Err(expected("an array", value)),
                }
            }
            other => return Err(expected("an array", other)),
        };
        items.iter().map(T::from_value).collect()
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            Value::Json(json) if json.is_null() => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl FromValue for Value {
    fn from_value(value: &Value) -> Result<Self> {
        Ok(value.clone())
    }
}

impl FromValue for Numeric {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Numeric(numeric) => Ok(numeric.clone()),
            Value::Int(int) => Ok(Numeric::trusted(int.to_string())),
            other => Err(expected("a numeric", other)),
        }
    }
}

impl FromValue for Json {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Json(json) => Ok(json.clone()),
            other => Err(expected("a JSON document", other)),
        }
    }
}

impl FromValue for serde_json::Value {
    fn from_value(value: &Value) -> Result<Self> {
        serde_json::to_value(value).map_err(|_| {
            Error::conversion("the JSON document goes beyond what serde_json::Value holds")
        })
    }
}

#[cfg(feature = "uuid")]
impl FromValue for uuid::Uuid {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Text(text) => {
                uuid::Uuid::try_parse(text).map_err(|_| Error::conversion("the text is no uuid"))
            }
            other => Err(expected("a uuid", other)),
        }
    }
}

#[cfg(feature = "rust_decimal")]
impl FromValue for rust_decimal::Decimal {
    /// Exact: what has more digits than a `Decimal` holds is an error, never rounded.
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Int(int) => Ok(rust_decimal::Decimal::from(*int)),
            Value::Numeric(numeric) => rust_decimal::Decimal::from_str_exact(numeric.as_str())
                .map_err(|_| Error::conversion("the numeric does not fit a `Decimal` exactly")),
            other => Err(expected("a numeric", other)),
        }
    }
}

#[cfg(any(feature = "chrono", feature = "time"))]
fn text_of<'a>(value: &'a Value, what: &str) -> Result<&'a str> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(expected(what, other)),
    }
}

#[cfg(any(feature = "chrono", feature = "time"))]
const OUTSIDE: &str =
    "the text is no date or time that the type can hold (infinity and years far away are none)";

/// PostgreSQL's epoch, 2000-01-01, in microseconds from the Unix epoch.
#[cfg(any(feature = "chrono", feature = "time"))]
const EPOCH_MICROS: i64 = 946_684_800_000_000;

#[cfg(any(feature = "chrono", feature = "time"))]
fn unix_micros(since_2000: Option<i64>) -> Result<i64> {
    since_2000
        .filter(|micros| *micros != i64::MAX && *micros != i64::MIN)
        .and_then(|micros| micros.checked_add(EPOCH_MICROS))
        .ok_or_else(|| Error::conversion(OUTSIDE))
}

#[cfg(feature = "chrono")]
mod chrono_types {
    use super::{Error, FromValue, OUTSIDE, Result, Value, text_of, unix_micros};
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
    use db_adapter_core::temporal;

    fn outside<T>(value: Option<T>) -> Result<T> {
        value.ok_or_else(|| Error::conversion(OUTSIDE))
    }

    impl FromValue for DateTime<Utc> {
        fn from_value(value: &Value) -> Result<Self> {
            let micros = temporal::parse_timestamptz(text_of(value, "a timestamp")?);
            outside(DateTime::from_timestamp_micros(unix_micros(micros)?))
        }
    }

    impl FromValue for DateTime<FixedOffset> {
        fn from_value(value: &Value) -> Result<Self> {
            DateTime::<Utc>::from_value(value).map(|t| t.fixed_offset())
        }
    }

    impl FromValue for NaiveDateTime {
        fn from_value(value: &Value) -> Result<Self> {
            let micros = temporal::parse_timestamp(text_of(value, "a timestamp")?);
            outside(DateTime::from_timestamp_micros(unix_micros(micros)?)).map(|t| t.naive_utc())
        }
    }

    impl FromValue for NaiveDate {
        fn from_value(value: &Value) -> Result<Self> {
            let text = text_of(value, "a date")?;
            let micros = temporal::parse_date(text)
                .map(|days| i64::from(days).saturating_mul(86_400_000_000));
            outside(DateTime::from_timestamp_micros(unix_micros(micros)?)).map(|t| t.date_naive())
        }
    }

    impl FromValue for NaiveTime {
        fn from_value(value: &Value) -> Result<Self> {
            let micros = outside(temporal::parse_time(text_of(value, "a time")?))?;
            let seconds = u32::try_from(micros / 1_000_000).ok();
            let nanos = u32::try_from(micros % 1_000_000 * 1000).ok();
            outside(
                seconds
                    .zip(nanos)
                    .and_then(|(s, n)| NaiveTime::from_num_seconds_from_midnight_opt(s, n)),
            )
        }
    }
}

#[cfg(feature = "time")]
mod time_types {
    use super::{Error, FromValue, OUTSIDE, Result, Value, text_of, unix_micros};
    use db_adapter_core::temporal;
    use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

    fn instant(micros: Option<i64>) -> Result<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_micros(micros)?) * 1000)
            .map_err(|_| Error::conversion(OUTSIDE))
    }

    impl FromValue for OffsetDateTime {
        fn from_value(value: &Value) -> Result<Self> {
            instant(temporal::parse_timestamptz(text_of(value, "a timestamp")?))
        }
    }

    impl FromValue for PrimitiveDateTime {
        fn from_value(value: &Value) -> Result<Self> {
            let t = instant(temporal::parse_timestamp(text_of(value, "a timestamp")?))?;
            Ok(PrimitiveDateTime::new(t.date(), t.time()))
        }
    }

    impl FromValue for Date {
        fn from_value(value: &Value) -> Result<Self> {
            let days = temporal::parse_date(text_of(value, "a date")?);
            instant(days.map(|days| i64::from(days).saturating_mul(86_400_000_000)))
                .map(|t| t.date())
        }
    }

    impl FromValue for Time {
        fn from_value(value: &Value) -> Result<Self> {
            let micros =
                temporal::parse_time(text_of(value, "a time")?).filter(|m| *m < 86_400_000_000);
            instant(micros).map(|t| t.time())
        }
    }
}
