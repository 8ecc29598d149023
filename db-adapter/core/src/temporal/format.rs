//! Writing the canonical text of dates and times: one allocation each.
//! Never fails: a count that PostgreSQL cannot hold is written all the same.

use super::calendar::{Civil, DAY, HOUR, MINUTE, SECOND, civil_from_days};

/// `2026-11-23T01:25:35.896668`, `infinity` or `-infinity`, for microseconds from 2000-01-01.
///
/// Years before 1 end in ` BC` as PostgreSQL writes them; years after 9999 have all their digits.
pub fn format_timestamp(micros: i64) -> String {
    timestamp(micros, "")
}

/// As [`format_timestamp`], in UTC, with `+00:00`.
pub fn format_timestamptz(micros: i64) -> String {
    timestamp(micros, "+00:00")
}

/// `2026-11-23`, `0044-03-15 BC`, `infinity` or `-infinity`, for days from 2000-01-01.
pub fn format_date(days: i32) -> String {
    match days {
        i32::MAX => return "infinity".to_owned(),
        i32::MIN => return "-infinity".to_owned(),
        _ => {}
    }
    let mut out = Ascii::with_capacity(10);
    let civil = civil_from_days(i64::from(days));
    out.date(civil);
    out.era(civil);
    out.finish()
}

/// `01:25:35.896668`, for microseconds from midnight; the end of the day is `24:00:00.000000`.
///
/// What lies outside a day is taken modulo a day.
pub fn format_time(micros: i64) -> String {
    let mut out = Ascii::with_capacity(15);
    out.time(within_day(micros));
    out.finish()
}

/// As [`format_time`], with the zone in seconds east of UTC: `+05:30`, or `+05:30:15`.
pub fn format_timetz(micros: i64, offset_seconds_east: i32) -> String {
    let mut out = Ascii::with_capacity(24);
    out.time(within_day(micros));
    out.offset(offset_seconds_east);
    out.finish()
}

fn timestamp(micros: i64, zone: &str) -> String {
    match micros {
        i64::MAX => return "infinity".to_owned(),
        i64::MIN => return "-infinity".to_owned(),
        _ => {}
    }
    let mut out = Ascii::with_capacity(26 + zone.len());
    let civil = civil_from_days(micros.div_euclid(DAY));
    out.date(civil);
    out.byte(b'T');
    out.time(micros.rem_euclid(DAY));
    out.text(zone);
    out.era(civil);
    out.finish()
}

fn within_day(micros: i64) -> i64 {
    if micros == DAY {
        DAY
    } else {
        micros.rem_euclid(DAY)
    }
}

/// A text in the making, of ASCII only.
struct Ascii(Vec<u8>);

impl Ascii {
    fn with_capacity(capacity: usize) -> Ascii {
        Ascii(Vec::with_capacity(capacity))
    }

    fn finish(self) -> String {
        String::from_utf8(self.0).unwrap_or_default() // always ASCII
    }

    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn text(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// The last `N` decimal digits of a number that is not negative.
    fn digits<const N: usize>(&mut self, number: i64) {
        let mut digits = [b'0'; N];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        self.0.extend_from_slice(&digits);
    }

    fn date(&mut self, civil: Civil) {
        let year = if civil.year > 0 {
            civil.year
        } else {
            1 - civil.year
        };
        match year {
            0..=9999 => self.digits::<4>(year),
            _ => self.text(&year.to_string()),
        }
        self.byte(b'-');
        self.digits::<2>(civil.month);
        self.byte(b'-');
        self.digits::<2>(civil.day);
    }

    fn era(&mut self, civil: Civil) {
        if civil.year <= 0 {
            self.text(" BC");
        }
    }

    fn time(&mut self, micros: i64) {
        self.digits::<2>(micros / HOUR);
        self.byte(b':');
        self.digits::<2>(micros % HOUR / MINUTE);
        self.byte(b':');
        self.digits::<2>(micros % MINUTE / SECOND);
        self.byte(b'.');
        self.digits::<6>(micros % SECOND);
    }

    fn offset(&mut self, east: i32) {
        let seconds = i64::from(east).abs();
        self.byte(if east < 0 { b'-' } else { b'+' });
        match seconds / 3600 {
            hours @ 0..=99 => self.digits::<2>(hours),
            hours => self.text(&hours.to_string()),
        }
        self.byte(b':');
        self.digits::<2>(seconds / 60 % 60);
        if seconds % 60 != 0 {
            self.byte(b':');
            self.digits::<2>(seconds % 60);
        }
    }
}
