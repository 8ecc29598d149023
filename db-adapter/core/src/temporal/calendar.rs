//! The proleptic Gregorian calendar, by arithmetic alone (Howard Hinnant's algorithms).
//! Never checks ranges of a type: that is the parsers' duty.

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// Days from 0000-03-01, where the arithmetic starts, to 2000-01-01, where PostgreSQL's does.
const EPOCH: i64 = 730_425;
const DAYS_IN_400_YEARS: i64 = 146_097;

/// A day of the calendar. Year 0 is 1 BC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
}

impl Civil {
    /// A day as written, which may not exist; there is no year 0.
    pub(super) fn of(year: i64, month: i64, day: i64) -> Option<Civil> {
        (year > 0).then_some(Civil { year, month, day })
    }
}

/// The calendar day that lies so many days after 2000-01-01.
pub(super) fn civil_from_days(days: i64) -> Civil {
    let days = days + EPOCH;
    let era = days.div_euclid(DAYS_IN_400_YEARS);
    let day_of_era = days.rem_euclid(DAYS_IN_400_YEARS);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let next_year = month_from_march >= 10;
    Civil {
        year: era * 400 + year_of_era + i64::from(next_year),
        month: if next_year {
            month_from_march - 9
        } else {
            month_from_march + 3
        },
        day,
    }
}

/// Days from 2000-01-01 to the calendar day, or `None` when there is no such day.
pub(super) fn days_from_civil(civil: Civil) -> Option<i64> {
    let Civil { year, month, day } = civil;
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * DAYS_IN_400_YEARS + day_of_era - EPOCH)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
