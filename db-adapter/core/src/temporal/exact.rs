//! Whether a text is canonical already, seen without working out what it stands for: most texts of
//! a column are. Says no to rare forms, such as infinities and years of five digits, which are then
//! parsed.

use super::calendar::{Civil, days_from_civil};
use crate::SqlType;

/// Whether the text is certainly what [`canonical`](super::canonical) makes of it.
pub fn is_canonical(kind: &SqlType, text: &str) -> bool {
    let text = text.as_bytes();
    match kind {
        SqlType::Date => is_date(text),
        SqlType::Timestamp => is_timestamp(text),
        SqlType::Timestamptz => text.strip_suffix(b"+00:00").is_some_and(is_timestamp),
        _ => false,
    }
}

/// `2026-11-23T01:25:35.896668`
fn is_timestamp(text: &[u8]) -> bool {
    let Some((date, time)) = text.split_at_checked(10) else {
        return false;
    };
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'.', micros @ ..] = time else {
        return false;
    };
    let below = |digits: [u8; 2], limit| number(&digits).is_some_and(|n| n < limit);
    below([*h1, *h2], 24)
        && below([*m1, *m2], 60)
        && below([*s1, *s2], 60)
        && micros.len() == 6
        && number(micros).is_some()
        && is_date(date)
}

/// `2026-11-23`
fn is_date(text: &[u8]) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return false;
    };
    let year = number(&[*y1, *y2, *y3, *y4]);
    let (Some(year), Some(month), Some(day)) = (year, number(&[*m1, *m2]), number(&[*d1, *d2]))
    else {
        return false;
    };
    Civil::of(year, month, day)
        .and_then(days_from_civil)
        .is_some()
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + i64::from(digit - b'0'))
    })
}
