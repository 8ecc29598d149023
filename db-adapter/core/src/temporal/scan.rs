//! The pieces of a date or time in a text: digits, fractions, zones, eras.
//! Never checks that the pieces make a day that exists.

use super::calendar::{Civil, DAY, HOUR, MINUTE, SECOND};

/// Whether the parts of a date or time are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `2026-11-23`, `01:25:35`
    Extended,
    /// `20261123`, `012535`
    Compact,
}

/// What is left of the text.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a> {
    rest: &'a [u8],
    /// Whether a fraction had more than six digits that say something.
    finer: bool,
}

impl<'a> Scan<'a> {
    /// Starts behind the leading blanks; trailing ones are cut off.
    pub(super) fn new(text: &'a str) -> Scan<'a> {
        Scan {
            rest: text.trim_ascii().as_bytes(),
            finer: false,
        }
    }

    /// Whether a fraction was rounded to six digits.
    pub(super) fn was_finer(&self) -> bool {
        self.finer
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Everything that is left, when it is this word in any case.
    pub(super) fn is(&self, word: &str) -> bool {
        self.rest.eq_ignore_ascii_case(word.as_bytes())
    }

    fn eat(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Skips blanks, and says whether there were any.
    fn blanks(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_ascii_start();
        self.rest.len() < before
    }

    fn leading_digits(&self) -> usize {
        let end = self.rest.iter().position(|b| !b.is_ascii_digit());
        end.unwrap_or(self.rest.len())
    }

    /// Exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(digits)?;
        let mut value = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i64::from(digit - b'0');
        }
        self.rest = rest;
        Some(value)
    }

    /// All the digits that follow, if there are one or two.
    fn short_number(&mut self) -> Option<i64> {
        match self.leading_digits() {
            digits @ 1..=2 => self.number(digits),
            _ => None,
        }
    }

    /// `2026-11-23`, or compact `20261123`; four digits of the year or more, not yet BC.
    pub(super) fn date(&mut self) -> Option<(Civil, Form)> {
        let digits = self.leading_digits();
        if digits == 8 {
            let (year, month, day) = (self.number(4)?, self.number(2)?, self.number(2)?);
            return Civil::of(year, month, day).map(|civil| (civil, Form::Compact));
        }
        if !(4..=7).contains(&digits) {
            return None;
        }
        let (year, month, day) = (self.number(digits)?, self.after(b'-')?, self.after(b'-')?);
        Civil::of(year, month, day).map(|civil| (civil, Form::Extended))
    }

    /// A short number behind a separator.
    fn after(&mut self, separator: u8) -> Option<i64> {
        if self.eat(separator) {
            self.short_number()
        } else {
            None
        }
    }

    /// The `T` that ISO 8601 allows before a time that stands alone.
    pub(super) fn time_designator(&mut self) {
        let _ = self.eat(b'T') || self.eat(b't');
    }

    /// What stands between a date and its time, if a time follows.
    pub(super) fn time_follows(&mut self) -> bool {
        let ahead = *self;
        let blanks = self.blanks();
        let designator = self.eat(b'T') || self.eat(b't');
        self.blanks();
        if (blanks || designator) && self.rest.first().is_some_and(u8::is_ascii_digit) {
            return true;
        }
        *self = ahead;
        false
    }

    /// `01:25`, `01:25:35.896668` or compact `012535.5`, in microseconds; at most a day.
    pub(super) fn time(&mut self) -> Option<(i64, Form)> {
        let (hour, minute, second, form) = match self.leading_digits() {
            1..=2 => {
                let (hour, minute) = (self.short_number()?, self.after(b':')?);
                let second = if self.eat(b':') {
                    Some(self.short_number()?)
                } else {
                    None
                };
                (hour, minute, second, Form::Extended)
            }
            4 => (self.number(2)?, self.number(2)?, None, Form::Compact),
            6 => (
                self.number(2)?,
                self.number(2)?,
                Some(self.number(2)?),
                Form::Compact,
            ),
            _ => return None,
        };
        let fraction = match second {
            Some(_) if self.eat(b'.') => self.fraction(form)?,
            _ => 0,
        };
        let second = second.unwrap_or(0);
        if minute > 59 || second > 60 {
            return None;
        }
        let micros = hour * HOUR + minute * MINUTE + second * SECOND + fraction;
        (micros <= DAY).then_some((micros, form))
    }

    /// The digits behind the point as microseconds; beyond six rounded exactly as PostgreSQL does.
    fn fraction(&mut self, form: Form) -> Option<i64> {
        const TENS: [i64; 7] = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1];
        let digits = self.leading_digits();
        if digits == 0 && form == Form::Compact {
            return None;
        }
        if let Some(tens) = TENS.get(digits) {
            return Some(self.number(digits)? * tens);
        }
        let (text, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        self.finer |= text.iter().skip(6).any(|digit| *digit != b'0');
        let fraction: f64 = format!("0.{}", str::from_utf8(text).ok()?).parse().ok()?;
        let micros = (fraction * 1e6).round_ties_even();
        // whole, and between 0 and 1e6: the conversion is exact
        Some(micros as i64)
    }

    /// `Z`, `+05`, `+0530`, `+05:30` or `+05:30:15`, in seconds east of UTC; blanks may precede it.
    ///
    /// The outer `None` is a mistake, the inner one means that there is no zone. After a
    /// date alone or a compact time an offset has no colons: PostgreSQL would take it for a time.
    pub(super) fn zone(&mut self, form: Form) -> Option<Option<i64>> {
        let ahead = *self;
        self.blanks();
        for name in [&b"z"[..], b"utc", b"gmt"] {
            if let Some((word, rest)) = self.rest.split_at_checked(name.len())
                && word.eq_ignore_ascii_case(name)
                && !rest.first().is_some_and(u8::is_ascii_alphanumeric)
            {
                self.rest = rest;
                return Some(Some(0));
            }
        }
        let west = match self.rest.first() {
            Some(b'+') => false,
            Some(b'-') => true,
            _ => {
                *self = ahead;
                return Some(None);
            }
        };
        self.eat(if west { b'-' } else { b'+' });
        let seconds = self.offset(form)?;
        Some(Some(if west { -seconds } else { seconds }))
    }

    /// PostgreSQL takes offsets below 16 hours.
    fn offset(&mut self, form: Form) -> Option<i64> {
        let (mut minute, mut second) = (0, 0);
        let hour = match self.leading_digits() {
            digits @ (3 | 4) => {
                let hour = self.number(digits - 2)?;
                minute = self.number(2)?;
                hour
            }
            _ => {
                let hour = self.short_number()?;
                if form == Form::Extended && self.eat(b':') {
                    minute = self.short_number()?;
                    if self.eat(b':') {
                        second = self.short_number()?;
                    }
                }
                hour
            }
        };
        (hour <= 15 && minute <= 59 && second <= 59).then_some(hour * 3600 + minute * 60 + second)
    }

    /// ` BC` or ` AD` at the end, applied to the year.
    pub(super) fn era(&mut self, civil: Civil) -> Civil {
        self.blanks();
        let before_christ = self.is("bc");
        if !before_christ && !self.is("ad") {
            return civil;
        }
        self.rest = &[];
        match before_christ {
            true => Civil {
                year: 1 - civil.year,
                ..civil
            },
            false => civil,
        }
    }
}
