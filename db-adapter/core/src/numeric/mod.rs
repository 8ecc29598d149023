//! Exact decimal numbers as text, with the digits and the scale that PostgreSQL keeps.
//! Never goes through a float, and never allocates more than PostgreSQL's own limits allow.

mod compare;
mod parse;
mod round;
mod sum;
#[cfg(test)]
mod tests;

pub use compare::compare;
pub use round::{fits, round_to_scale};
pub use sum::{add, negate};

pub(crate) use parse::{Decimal, Number, parse_trimmed};

use parse::parse;

/// The most digits before the point that PostgreSQL's `numeric` holds.
const MOST_INTEGER_DIGITS: i64 = 131_072;
/// The most digits after the point that PostgreSQL's `numeric` holds.
const MOST_SCALE: i64 = 16_383;

/// The text that PostgreSQL's `numeric` would print for this input, or `None` when it would
/// refuse it.
///
/// ```
/// use db_adapter_core::numeric::canonical;
///
/// assert_eq!(canonical(" +01.50 ").as_deref(), Some("1.50"));
/// assert_eq!(canonical("1.5e-3").as_deref(), Some("0.0015"));
/// assert_eq!(canonical("1e999999"), None);
/// ```
pub fn canonical(text: &str) -> Option<String> {
    if is_canonical(text) {
        return Some(text.to_owned());
    }
    match parse(text)? {
        Number::NegInfinity => Some("-Infinity".to_owned()),
        Number::Infinity => Some("Infinity".to_owned()),
        Number::NaN => Some("NaN".to_owned()),
        Number::Finite(decimal) => render(&decimal),
    }
}

/// Whether the text is exactly what PostgreSQL would print.
pub fn is_canonical(text: &str) -> bool {
    if matches!(text, "NaN" | "Infinity" | "-Infinity") {
        return true;
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (int, frac) = match unsigned.split_once('.') {
        Some((int, frac)) => (int, Some(frac)),
        None => (unsigned, None),
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let limited = |s: &str, most: i64| i64::try_from(s.len()).is_ok_and(|n| n <= most);
    let negative_zero =
        || unsigned.len() < text.len() && unsigned.bytes().all(|b| matches!(b, b'0' | b'.'));
    digits(int)
        && (int == "0" || !int.starts_with('0'))
        && limited(int, MOST_INTEGER_DIGITS)
        && frac.is_none_or(|frac| digits(frac) && limited(frac, MOST_SCALE))
        && !negative_zero()
}

/// The number as `i64`, when it is whole and in range: `5.00` and `5e2` are.
pub fn to_i64(text: &str) -> Option<i64> {
    let Number::Finite(decimal) = parse(text)? else {
        return None;
    };
    let Some(weight) = decimal.weight() else {
        return Some(0);
    };
    if weight > 19 || decimal.has_fraction() {
        return None;
    }
    let mut value: i128 = 0;
    for at in decimal.point() - weight..decimal.point() {
        value = value * 10 + i128::from(decimal.digit(at) - b'0');
    }
    i64::try_from(if decimal.negative { -value } else { value }).ok()
}

/// The nearest `f64`. `None` for a text that is not a number, and for a finite number that is too large,
/// or so small that it would be zero.
pub fn to_f64(text: &str) -> Option<f64> {
    let (text, number) = parse_trimmed(text)?;
    match number {
        Number::NegInfinity => Some(f64::NEG_INFINITY),
        Number::Infinity => Some(f64::INFINITY),
        Number::NaN => Some(f64::NAN),
        Number::Finite(decimal) => text
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite() && (*value != 0.0 || decimal.is_zero())),
    }
}

/// Plain digits, without exponent; `None` beyond PostgreSQL's limits.
fn render(decimal: &Decimal<'_>) -> Option<String> {
    let (point, scale) = (decimal.point(), decimal.scale());
    let weight = decimal.weight();
    let before = weight.unwrap_or(0).max(0);
    if before > MOST_INTEGER_DIGITS || scale > MOST_SCALE {
        return None;
    }
    let mut out = String::with_capacity(usize::try_from(before + scale + 3).ok()?);
    if decimal.negative && weight.is_some() {
        out.push('-');
    }
    if before == 0 {
        out.push('0');
    }
    out.extend((point - before..point).map(|at| char::from(decimal.digit(at))));
    if scale > 0 {
        out.push('.');
        out.extend((point..point + scale).map(|at| char::from(decimal.digit(at))));
    }
    Some(out)
}
