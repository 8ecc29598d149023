//! Reading the ISO 8601 and RFC 3339 spellings that PostgreSQL prints and people write.
//! Never guesses: no words such as `now`, no names of months, no two-digit years.

use super::calendar::{DAY, SECOND, days_from_civil};
use super::scan::{Form, Scan};

/// 4714-11-24 BC, the first day that PostgreSQL has.
const FIRST_DAY: i64 = -2_451_545;
/// 5874898-01-01, the first date beyond PostgreSQL's.
const END_DATE: i64 = 2_145_031_949;
/// The first timestamp that PostgreSQL has.
const FIRST_TIMESTAMP: i64 = FIRST_DAY * DAY;
/// 294277-01-01, the first timestamp beyond PostgreSQL's.
const END_TIMESTAMP: i64 = 9_223_371_331_200_000_000;

/// Microseconds from 2000-01-01 in UTC; `i64::MAX` and `i64::MIN` are the infinities.
///
/// Without a zone the text is in UTC; a date alone is midnight.
pub fn parse_timestamptz(text: &str) -> Option<i64> {
    if let Some(infinity) = infinity(text) {
        return Some(infinity);
    }
    let parts = Parts::read(text)?;
    parts.timestamp(parts.zone.unwrap_or(0))
}

/// Microseconds from 2000-01-01; `i64::MAX` and `i64::MIN` are the infinities.
///
/// A zone is ignored, as in PostgreSQL; a date alone is midnight.
pub fn parse_timestamp(text: &str) -> Option<i64> {
    match infinity(text) {
        Some(infinity) => Some(infinity),
        None => Parts::read(text)?.timestamp(0),
    }
}

/// Days from 2000-01-01; `i32::MAX` and `i32::MIN` are the infinities.
///
/// A time of day and a zone are ignored, as in PostgreSQL.
pub fn parse_date(text: &str) -> Option<i32> {
    match infinity(text) {
        Some(i64::MAX) => return Some(i32::MAX),
        Some(_) => return Some(i32::MIN),
        None => {}
    }
    let days = Parts::read(text)?.days;
    let days = (FIRST_DAY..END_DATE).contains(&days).then_some(days)?;
    i32::try_from(days).ok()
}

/// Microseconds from midnight, a whole day for `24:00`; a zone is ignored, as in PostgreSQL.
pub fn parse_time(text: &str) -> Option<i64> {
    time_and_zone(text).map(|(micros, _)| micros)
}

/// Microseconds from midnight, and the zone in seconds east of UTC; UTC without one.
pub fn parse_timetz(text: &str) -> Option<(i64, i32)> {
    let (micros, zone) = time_and_zone(text)?;
    Some((micros, i32::try_from(zone.unwrap_or(0)).ok()?))
}

pub(super) fn infinity(text: &str) -> Option<i64> {
    let scan = Scan::new(text);
    if scan.is("infinity") {
        Some(i64::MAX)
    } else if scan.is("-infinity") {
        Some(i64::MIN)
    } else {
        None
    }
}

fn time_and_zone(text: &str) -> Option<(i64, Option<i64>)> {
    TimeParts::read(text).map(|parts| (parts.micros, parts.zone))
}

/// A time alone, or the one of a whole timestamp, whose date is then ignored.
pub(super) struct TimeParts {
    pub(super) micros: i64,
    pub(super) zone: Option<i64>,
    /// Whether there was a date before it.
    pub(super) dated: bool,
    /// Whether there were more than six digits.
    pub(super) finer: bool,
}

impl TimeParts {
    pub(super) fn read(text: &str) -> Option<TimeParts> {
        if let Some(parts) = Parts::read(text) {
            return Some(TimeParts {
                micros: parts.micros.filter(|_| parts.extended)?,
                zone: parts.zone,
                dated: true,
                finer: parts.finer,
            });
        }
        let mut scan = Scan::new(text);
        scan.time_designator();
        let (micros, form) = scan.time()?;
        let zone = scan.zone(form)?;
        scan.is_done().then_some(TimeParts {
            micros,
            zone,
            dated: false,
            finer: scan.was_finer(),
        })
    }
}

/// A date, and what follows it.
pub(super) struct Parts {
    days: i64,
    pub(super) micros: Option<i64>,
    pub(super) zone: Option<i64>,
    /// Whether date and time are both written with separators.
    extended: bool,
    /// Whether the time has more than six digits.
    pub(super) finer: bool,
}

impl Parts {
    pub(super) fn read(text: &str) -> Option<Parts> {
        let mut scan = Scan::new(text);
        let (civil, mut form) = scan.date()?;
        let (mut micros, mut zone_form) = (None, Form::Compact);
        if scan.time_follows() {
            let (time, time_form) = scan.time()?;
            micros = Some(time);
            zone_form = time_form;
            if time_form == Form::Compact {
                form = Form::Compact;
            }
        }
        let zone = scan.zone(zone_form)?;
        let days = days_from_civil(scan.era(civil))?;
        scan.is_done().then_some(Parts {
            days,
            micros,
            zone,
            extended: form == Form::Extended,
            finer: scan.was_finer(),
        })
    }

    fn timestamp(&self, east: i64) -> Option<i64> {
        let micros = self.micros.unwrap_or(0) - east * SECOND;
        let micros = self.days.checked_mul(DAY)?.checked_add(micros)?;
        (FIRST_TIMESTAMP..END_TIMESTAMP)
            .contains(&micros)
            .then_some(micros)
    }
}
