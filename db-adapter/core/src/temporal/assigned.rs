//! What a column of dates or times keeps of a text, and what it loses. Never decides whether that
//! is allowed.

use super::calendar::DAY;
use super::parse::{Parts, TimeParts, infinity};
use super::{
    canonical, is_canonical, parse_time, parse_timestamp, parse_timestamptz, parse_timetz,
};
use super::{format_time, format_timestamp, format_timestamptz, format_timetz};
use crate::SqlType;
use crate::assigned::{Assigned, Lost};

/// The most digits of a second that a column keeps.
const MOST_DIGITS: u32 = 6;

/// The digits of a second that a type keeps, by its text: 3 for `timestamp(3) with time zone`, 6
/// without parentheses.
///
/// ```
/// use db_adapter_core::temporal::digits;
///
/// assert_eq!(digits("timestamp(3) with time zone"), 3);
/// assert_eq!(digits("TIMESTAMP"), 6);
/// ```
pub fn digits(type_text: &str) -> u32 {
    let given = type_text
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    given
        .and_then(|(digits, _)| digits.trim().parse().ok())
        .map_or(MOST_DIGITS, |digits: u32| digits.min(MOST_DIGITS))
}

/// The text as PostgreSQL assigns it to a column that keeps so many digits of a second.
pub(crate) fn assigned(kind: &SqlType, digits: u32, text: &str) -> Option<Assigned> {
    if digits >= MOST_DIGITS && is_canonical(kind, text) {
        return Some(Assigned::whole(text.to_owned()));
    }
    let canonical = canonical(kind, text)?;
    if infinity(text).is_some() {
        return Some(Assigned::whole(canonical));
    }
    let lost = lost(kind, digits, text);
    let text = match lost {
        None => canonical,
        // of seconds, digits may be lost beside a zone or a date
        Some(_) => rounded(kind, digits, &canonical)?,
    };
    Some(Assigned { text, lost })
}

fn lost(kind: &SqlType, digits: u32, text: &str) -> Option<Lost> {
    let zoned = |zone: Option<i64>| zone.is_some_and(|east| east != 0);
    let (micros, finer) = match kind {
        SqlType::Time | SqlType::Timetz => {
            let parts = TimeParts::read(text)?;
            if parts.dated {
                return Some(Lost::Date);
            }
            if *kind == SqlType::Time && zoned(parts.zone) {
                return Some(Lost::Zone);
            }
            (parts.micros, parts.finer)
        }
        _ => {
            let parts = Parts::read(text)?;
            let micros = parts.micros.unwrap_or(0);
            if *kind == SqlType::Date && (micros != 0 || parts.finer) {
                return Some(Lost::TimeOfDay);
            }
            if *kind != SqlType::Timestamptz && zoned(parts.zone) {
                return Some(Lost::Zone);
            }
            (micros, parts.finer)
        }
    };
    (finer || micros % unit(digits) != 0).then_some(Lost::Seconds)
}

/// The microseconds of the last digit that is kept.
fn unit(digits: u32) -> i64 {
    10_i64.pow(MOST_DIGITS.saturating_sub(digits))
}

/// A canonical text with so many digits of a second, rounded half away from 2000 or midnight.
fn rounded(kind: &SqlType, digits: u32, text: &str) -> Option<String> {
    let unit = unit(digits);
    let round = |micros: i64| {
        let away = micros
            .unsigned_abs()
            .saturating_add(unit.unsigned_abs() / 2);
        let kept = i64::try_from(away / unit.unsigned_abs()).unwrap_or(i64::MAX) * unit;
        if micros < 0 { -kept } else { kept }
    };
    Some(match kind {
        SqlType::Timestamptz => within(kind, format_timestamptz(round(parse_timestamptz(text)?)))?,
        SqlType::Timestamp => within(kind, format_timestamp(round(parse_timestamp(text)?)))?,
        SqlType::Time => format_time(round(parse_time(text)?).min(DAY)),
        SqlType::Timetz => {
            let (micros, east) = parse_timetz(text)?;
            format_timetz(round(micros).min(DAY), east)
        }
        _ => text.to_owned(),
    })
}

/// Of the last second, what is rounded may be beyond the type.
fn within(kind: &SqlType, text: String) -> Option<String> {
    is_canonical(kind, &text).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(type_text: &str, text: &str) -> Option<(String, Option<Lost>)> {
        let kind = SqlType::parse_postgres(type_text);
        assigned(&kind, digits(type_text), text).map(|a| (a.text, a.lost))
    }

    /// What is kept was tried on PostgreSQL 15.
    #[test]
    fn a_column_keeps_what_postgresql_keeps_and_says_what_is_lost() {
        let seconds = Some(Lost::Seconds);
        for (type_text, text, kept, lost) in [
            (
                "timestamptz(0)",
                "2026-01-01 00:00:00.5Z",
                "2026-01-01T00:00:01.000000+00:00",
                seconds,
            ),
            (
                "timestamptz(0)",
                "1999-12-31 23:59:58.5Z",
                "1999-12-31T23:59:58.000000+00:00",
                seconds,
            ),
            (
                "timestamp(3)",
                "1999-12-31 23:59:59.9995",
                "1999-12-31T23:59:59.999000",
                seconds,
            ),
            (
                "timestamp(3)",
                "1999-12-31 23:59:58.9985",
                "1999-12-31T23:59:58.998000",
                seconds,
            ),
            (
                "timestamp(3)",
                "2026-01-01 00:00:00.125",
                "2026-01-01T00:00:00.125000",
                None,
            ),
            ("time(0)", "23:59:59.7", "24:00:00.000000", seconds),
            (
                "timetz(2)",
                "01:02:03.125+05",
                "01:02:03.130000+05:00",
                seconds,
            ),
            (
                "timestamp",
                "2026-01-01 00:00:00.1234575",
                "2026-01-01T00:00:00.123458",
                seconds,
            ),
            (
                "timestamp",
                "2026-01-01 00:00:00.123456000",
                "2026-01-01T00:00:00.123456",
                None,
            ),
            (
                "timestamp",
                "2026-01-01 12:00+02",
                "2026-01-01T12:00:00.000000",
                Some(Lost::Zone),
            ),
            (
                "timestamp",
                "2026-01-01 12:00Z",
                "2026-01-01T12:00:00.000000",
                None,
            ),
            (
                "date",
                "2026-01-01 10:00",
                "2026-01-01",
                Some(Lost::TimeOfDay),
            ),
            (
                "date",
                "2026-01-01 24:00",
                "2026-01-01",
                Some(Lost::TimeOfDay),
            ),
            (
                "date",
                "2026-01-01T00:00:00.000000+00:00",
                "2026-01-01",
                None,
            ),
            ("date", "2026-01-01 +02", "2026-01-01", Some(Lost::Zone)),
            (
                "time",
                "2026-01-01 10:00",
                "10:00:00.000000",
                Some(Lost::Date),
            ),
            ("time", "10:00+02", "10:00:00.000000", Some(Lost::Zone)),
            (
                "timetz",
                "2026-01-01 10:00+02",
                "10:00:00.000000+02:00",
                Some(Lost::Date),
            ),
            ("timestamptz(0)", "infinity", "infinity", None),
            ("date", "-infinity", "-infinity", None),
        ] {
            assert_eq!(
                of(type_text, text),
                Some((kept.to_owned(), lost)),
                "{type_text} {text}"
            );
        }
        assert_eq!(of("date", "2026-02-30"), None);
        assert_eq!(digits("timestamp(9)"), 6);
        assert_eq!(digits("TIMESTAMP( 2 )"), 2);
        assert_eq!(digits("numeric(10,2)"), 6);
    }
}
