//! What becomes a [`Value`] by itself: every infallible conversion into one.

use std::borrow::Cow;

use super::{Json, Numeric, Value};

macro_rules! ints {
    ($($ty:ty)*) => { $(
        impl From<$ty> for Value {
            fn from(v: $ty) -> Self {
                Value::Int(v.into())
            }
        }
    )* };
}

// never `u8`: its absence keeps `Vec<u8>` (bytes) apart from `Vec<T>` (arrays)
ints!(i8 i16 i32 i64 u16 u32);

macro_rules! wide_ints {
    ($($ty:ty)*) => { $(
        impl From<$ty> for Value {
            fn from(v: $ty) -> Self {
                match i64::try_from(v) {
                    Ok(int) => Value::Int(int),
                    Err(_) => Value::Numeric(Numeric::trusted(v.to_string())),
                }
            }
        }
    )* };
}

wide_ints!(u64 usize isize i128 u128);

impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Value::Bool(v)
    }
}

impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Value::Float(v)
    }
}

impl From<f32> for Value {
    /// By the shortest text, so that `0.1_f32` is `0.1` and not `0.10000000149011612`.
    fn from(v: f32) -> Self {
        Value::Float(db_adapter_core::float::widen(v))
    }
}

impl From<Numeric> for Value {
    fn from(v: Numeric) -> Self {
        Value::Numeric(v)
    }
}

impl From<Json> for Value {
    fn from(v: Json) -> Self {
        Value::Json(v)
    }
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Value::Text(v.into())
    }
}

impl From<String> for Value {
    fn from(v: String) -> Self {
        Value::Text(v.into())
    }
}

impl From<Box<str>> for Value {
    fn from(v: Box<str>) -> Self {
        Value::Text(v)
    }
}

impl From<char> for Value {
    fn from(v: char) -> Self {
        Value::Text(v.to_string().into())
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(v: Cow<'_, str>) -> Self {
        Value::Text(v.into())
    }
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Value::Null
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(v: Vec<T>) -> Self {
        Value::Array(v.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(v: [T; N]) -> Self {
        Value::Array(v.into_iter().map(Into::into).collect())
    }
}

impl<T: Clone + Into<Value>> From<&[T]> for Value {
    fn from(v: &[T]) -> Self {
        Value::Array(v.iter().cloned().map(Into::into).collect())
    }
}

impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Value::Bytes(v.into())
    }
}

impl From<&[u8]> for Value {
    fn from(v: &[u8]) -> Self {
        Value::Bytes(v.into())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(v: [u8; N]) -> Self {
        Value::Bytes(v.into())
    }
}

/// A reference to anything that is a value: `&user["id"]`, `&name`, `&Some(1)`.
impl<T: Clone + Into<Value>> From<&T> for Value {
    fn from(v: &T) -> Self {
        v.clone().into()
    }
}

/// Strings become text, numbers numbers, `null` SQL NULL, arrays arrays; only an object is a
/// JSON document. A whole document goes in by [`Value::json_from`].
impl From<serde_json::Value> for Value {
    fn from(v: serde_json::Value) -> Self {
        use serde_json::Value as J;
        match v {
            J::Null => Value::Null,
            J::Bool(b) => Value::Bool(b),
            J::String(s) => s.into(),
            J::Number(n) => match n.as_i64() {
                Some(int) => Value::Int(int),
                None => match Numeric::parse(&n.to_string()) {
                    Ok(numeric) => Value::Numeric(numeric),
                    Err(_) => n.as_f64().map_or(Value::Null, Value::Float),
                },
            },
            J::Array(items) => items.into(),
            J::Object(_) => Value::Json(Json::trusted(v.to_string())),
        }
    }
}

#[cfg(feature = "uuid")]
impl From<uuid::Uuid> for Value {
    fn from(v: uuid::Uuid) -> Self {
        Value::Text(v.hyphenated().to_string().into())
    }
}

#[cfg(feature = "rust_decimal")]
impl From<rust_decimal::Decimal> for Value {
    fn from(v: rust_decimal::Decimal) -> Self {
        Value::Numeric(Numeric::trusted(v.to_string()))
    }
}

/// Six digits, which is what every database keeps: finer ones are cut off, as a clock reads.
#[cfg(any(feature = "chrono", feature = "time"))]
fn clock(hour: u32, minute: u32, second: u32, nanos: u32) -> String {
    format!("{hour:02}:{minute:02}:{second:02}.{:06}", nanos / 1000)
}

/// Years before 1 are counted from 1 BC, as PostgreSQL writes them.
#[cfg(any(feature = "chrono", feature = "time"))]
fn calendar(year: i32, month: u32, day: u32, clock_and_zone: &str) -> Value {
    let (year, era) = if year > 0 {
        (year, "")
    } else {
        (1 - year, " BC")
    };
    Value::Text(format!("{year:04}-{month:02}-{day:02}{clock_and_zone}{era}").into())
}

#[cfg(feature = "chrono")]
mod chrono_values {
    use super::{Value, calendar, clock};
    use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike};

    fn time_text(t: NaiveTime) -> String {
        // chrono writes a leap second as a nanosecond count beyond one second
        let (second, nanos) = match t.nanosecond().checked_sub(1_000_000_000) {
            Some(rest) => (60, rest),
            None => (t.second(), t.nanosecond()),
        };
        clock(t.hour(), t.minute(), second, nanos)
    }

    impl<Z: TimeZone> From<DateTime<Z>> for Value {
        fn from(v: DateTime<Z>) -> Self {
            let utc = v.naive_utc();
            calendar(
                utc.year(),
                utc.month(),
                utc.day(),
                &format!("T{}+00:00", time_text(utc.time())),
            )
        }
    }

    impl From<NaiveDateTime> for Value {
        fn from(v: NaiveDateTime) -> Self {
            calendar(
                v.year(),
                v.month(),
                v.day(),
                &format!("T{}", time_text(v.time())),
            )
        }
    }

    impl From<NaiveDate> for Value {
        fn from(v: NaiveDate) -> Self {
            calendar(v.year(), v.month(), v.day(), "")
        }
    }

    impl From<NaiveTime> for Value {
        fn from(v: NaiveTime) -> Self {
            Value::Text(time_text(v).into())
        }
    }
}

#[cfg(feature = "time")]
mod time_values {
    use super::{Value, calendar, clock};
    use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

    fn time_text(t: Time) -> String {
        clock(
            t.hour().into(),
            t.minute().into(),
            t.second().into(),
            t.nanosecond(),
        )
    }

    fn day(d: Date, rest: &str) -> Value {
        calendar(d.year(), u8::from(d.month()).into(), d.day().into(), rest)
    }

    impl From<OffsetDateTime> for Value {
        fn from(v: OffsetDateTime) -> Self {
            let utc = v.to_offset(UtcOffset::UTC);
            day(utc.date(), &format!("T{}+00:00", time_text(utc.time())))
        }
    }

    impl From<PrimitiveDateTime> for Value {
        fn from(v: PrimitiveDateTime) -> Self {
            day(v.date(), &format!("T{}", time_text(v.time())))
        }
    }

    impl From<Date> for Value {
        fn from(v: Date) -> Self {
            day(v, "")
        }
    }

    impl From<Time> for Value {
        fn from(v: Time) -> Self {
            Value::Text(time_text(v).into())
        }
    }
}
