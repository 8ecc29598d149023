//! Dates and times as PostgreSQL counts them: microseconds and days from 2000-01-01.
//! Never reads the clock or a table of time zones, and never drops a digit.

mod assigned;
mod calendar;
mod exact;
mod format;
mod parse;
mod scan;
#[cfg(test)]
mod tests;

pub(crate) use assigned::assigned;
pub use assigned::digits;
pub use exact::is_canonical;
pub use format::{format_date, format_time, format_timestamp, format_timestamptz, format_timetz};
pub use parse::{parse_date, parse_time, parse_timestamp, parse_timestamptz, parse_timetz};

use crate::SqlType;
use std::cmp::Ordering;

/// The text of an instant, date or time in the form that every backend gives, or `None` when the
/// text is none of that kind. `None` for kinds that are not temporal.
///
/// ```
/// use db_adapter_core::{SqlType, temporal::canonical};
///
/// assert_eq!(
///     canonical(&SqlType::Timestamptz, "2026-11-23 02:25:25+01").as_deref(),
///     Some("2026-11-23T01:25:25.000000+00:00"),
/// );
/// ```
pub fn canonical(kind: &SqlType, text: &str) -> Option<String> {
    if is_canonical(kind, text) {
        return Some(text.to_owned());
    }
    match kind {
        SqlType::Timestamptz => parse_timestamptz(text).map(format_timestamptz),
        SqlType::Timestamp => parse_timestamp(text).map(format_timestamp),
        SqlType::Date => parse_date(text).map(format_date),
        SqlType::Time => parse_time(text).map(format_time),
        SqlType::Timetz => parse_timetz(text).map(|(micros, east)| format_timetz(micros, east)),
        _ => None,
    }
}

/// Compares by the value that the texts stand for.
///
/// Text that stands for none sorts after all, by its bytes, so the order is total; for kinds that
/// are not temporal that is all text. `time with time zone` is ordered as PostgreSQL does: by the
/// moment in UTC, then by zone.
pub fn compare(kind: &SqlType, a: &str, b: &str) -> Ordering {
    match kind {
        SqlType::Timestamptz => by_value(parse_timestamptz, a, b),
        SqlType::Timestamp => by_value(parse_timestamp, a, b),
        SqlType::Date => by_value(parse_date, a, b),
        SqlType::Time => by_value(parse_time, a, b),
        SqlType::Timetz => by_value(timetz_order, a, b),
        _ => a.as_bytes().cmp(b.as_bytes()),
    }
}

fn by_value<T: Ord>(parse: impl Fn(&str) -> Option<T>, a: &str, b: &str) -> Ordering {
    match (parse(a), parse(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.as_bytes().cmp(b.as_bytes()),
    }
}

/// PostgreSQL counts zones westward, so of two equal moments the eastern zone comes first.
fn timetz_order(text: &str) -> Option<(i64, i32)> {
    parse_timetz(text).map(|(micros, east)| (micros - i64::from(east) * calendar::SECOND, -east))
}
