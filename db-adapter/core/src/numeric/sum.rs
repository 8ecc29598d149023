//! Sums of decimal numbers, digit by digit, as PostgreSQL's `numeric` makes them.

use super::parse::{Decimal, Number, parse};
use super::{MOST_INTEGER_DIGITS, canonical};
use std::cmp::Ordering;

/// The sum of two numbers, with as many digits after the point as the longer of them has. `None` when
/// one of them is not a number, and when the sum has more digits than PostgreSQL's `numeric` holds.
///
/// ```
/// use db_adapter_core::numeric::add;
///
/// assert_eq!(add("1.50", "-0.5").as_deref(), Some("1.00"));
/// assert_eq!(add("Infinity", "-Infinity").as_deref(), Some("NaN"));
/// ```
pub fn add(a: &str, b: &str) -> Option<String> {
    let infinity =
        |positive: bool| Some(if positive { "Infinity" } else { "-Infinity" }.to_owned());
    match (parse(a)?, parse(b)?) {
        (Number::NaN, _)
        | (_, Number::NaN)
        | (Number::Infinity, Number::NegInfinity)
        | (Number::NegInfinity, Number::Infinity) => Some("NaN".to_owned()),
        (Number::Infinity, _) | (_, Number::Infinity) => infinity(true),
        (Number::NegInfinity, _) | (_, Number::NegInfinity) => infinity(false),
        (Number::Finite(a), Number::Finite(b)) => finite(&a, &b),
    }
}

/// The number with the other sign; zero and NaN have none.
///
/// ```
/// use db_adapter_core::numeric::negate;
///
/// assert_eq!(negate("-1.50").as_deref(), Some("1.50"));
/// assert_eq!(negate("0.0").as_deref(), Some("0.0"));
/// ```
pub fn negate(number: &str) -> Option<String> {
    Some(match parse(number)? {
        Number::NaN => "NaN".to_owned(),
        Number::Infinity => "-Infinity".to_owned(),
        Number::NegInfinity => "Infinity".to_owned(),
        Number::Finite(decimal) => {
            let canonical = canonical(number)?;
            match canonical.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None if decimal.is_zero() => canonical,
                None => format!("-{canonical}"),
            }
        }
    })
}

fn finite(a: &Decimal<'_>, b: &Decimal<'_>) -> Option<String> {
    let scale = a.scale().max(b.scale());
    let whole = [a, b].map(|number| number.weight().unwrap_or(0).max(0));
    let whole = whole.into_iter().max().unwrap_or(0) + 1; // the carry may add a digit
    if whole > MOST_INTEGER_DIGITS + 1 {
        return None;
    }
    let [a_digits, b_digits] = [a, b].map(|number| aligned(number, whole, scale));
    let (digits, negative) = if a.negative == b.negative {
        (sum(&a_digits, &b_digits), a.negative)
    } else {
        match a_digits.cmp(&b_digits) {
            Ordering::Less => (difference(&b_digits, &a_digits), b.negative),
            _ => (difference(&a_digits, &b_digits), a.negative),
        }
    };
    let whole = usize::try_from(whole).ok()?;
    let (int, frac) = digits.split_at_checked(whole)?;
    let mut text = String::with_capacity(digits.len() + 2);
    text.push_str(if negative { "-" } else { "" });
    text.extend(int.iter().map(|digit| char::from(b'0' + digit)));
    if !frac.is_empty() {
        text.push('.');
        text.extend(frac.iter().map(|digit| char::from(b'0' + digit)));
    }
    // leading zeros, the sign of zero, and the limits
    canonical(&text)
}

/// The digits from so many places before the point to so many behind it.
fn aligned(number: &Decimal<'_>, whole: i64, scale: i64) -> Vec<u8> {
    let point = number.point();
    let digits = point - whole..point + scale;
    digits.map(|at| number.digit(at) - b'0').collect()
}

fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut digits: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let digit = a + b + carry;
            carry = digit / 10;
            digit % 10
        })
        .collect();
    digits.reverse();
    digits
}

/// The first without the second, which is not larger.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut digits: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let digit = 10 + a - b - borrow;
            borrow = u8::from(digit < 10);
            digit % 10
        })
        .collect();
    digits.reverse();
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn signs_scales_and_carries() {
        for (a, b, expected) in [
            ("0", "0", "0"),
            ("1", "2", "3"),
            ("999", "1", "1000"),
            ("999.99", "0.01", "1000.00"),
            ("1.5", "1.50", "3.00"),
            ("-1.5", "1.50", "0.00"),
            ("-1", "-0.001", "-1.001"),
            ("0.001", "-1", "-0.999"),
            ("100000000000000000000", "-1", "99999999999999999999"),
            ("NaN", "Infinity", "NaN"),
            ("-Infinity", "5", "-Infinity"),
        ] {
            assert_eq!(add(a, b).as_deref(), Some(expected), "{a} + {b}");
            assert_eq!(add(b, a).as_deref(), Some(expected), "{b} + {a}");
        }
        assert_eq!(add("1", "x"), None);
        assert_eq!(add(&"9".repeat(131_072), "1"), None);
    }

    proptest! {
        #[test]
        fn the_same_as_integers(a in any::<i64>(), b in any::<i64>(), scale in 0_u32..9) {
            let text = |n: i128| {
                let unit = 10_i128.pow(scale);
                let sign = if n < 0 { "-" } else { "" };
                let (int, frac) = (n.abs() / unit, n.abs() % unit);
                match scale {
                    0 => format!("{sign}{int}"),
                    _ => format!("{sign}{int}.{frac:0width$}", width = scale as usize),
                }
            };
            let (a, b) = (i128::from(a), i128::from(b));
            prop_assert_eq!(add(&text(a), &text(b)), Some(text(a + b)));
            prop_assert_eq!(negate(&text(a)), Some(text(-a)));
        }
    }
}
