//! What `numeric(precision, scale)` does to a number on assignment.
//! Never rounds half to even: PostgreSQL's `numeric` rounds half away from zero.

use super::parse::{Decimal, Number, parse};
use super::{MOST_INTEGER_DIGITS, MOST_SCALE};

/// Rounds half away from zero to `scale` digits after the point, and pads with zeros.
///
/// A negative scale rounds before the point. Infinities, NaN and what is no number within
/// PostgreSQL's limits come back unchanged; the scale itself is limited in the same way.
///
/// ```
/// use db_adapter_core::numeric::round_to_scale;
///
/// assert_eq!(round_to_scale("-2.345", 2), "-2.35");
/// assert_eq!(round_to_scale("1250", -2), "1300");
/// ```
pub fn round_to_scale(canonical: &str, scale: i32) -> String {
    let Some(Number::Finite(decimal)) = parse(canonical) else {
        return canonical.to_owned();
    };
    let weight = decimal.weight().unwrap_or(0);
    if weight > MOST_INTEGER_DIGITS {
        return canonical.to_owned();
    }
    let scale = i64::from(scale).clamp(-MOST_INTEGER_DIGITS, MOST_SCALE);
    render(decimal.negative, &rounded_digits(&decimal, scale), scale)
}

/// Whether PostgreSQL would take the number for `numeric(precision, scale)`, where it rounds
/// first: NaN always fits, infinities never do.
pub fn fits(canonical: &str, precision: u32, scale: i32) -> bool {
    let decimal = match parse(canonical) {
        Some(Number::Finite(decimal)) => decimal,
        Some(Number::NaN) => return true,
        _ => return false,
    };
    let Some(weight) = decimal.weight() else {
        return true;
    };
    let most = i64::from(precision) - i64::from(scale);
    if weight != most {
        return weight < most;
    }
    // as many digits as there may be: only rounding up from 99..9 adds one
    let first = decimal.point() - weight;
    let end = first + i64::from(precision);
    let all_nines = (first..end).all(|at| decimal.digit(at) == b'9');
    !(all_nines && decimal.digit(end) >= b'5')
}

/// The significant digits down to the scale, rounded; empty for zero.
fn rounded_digits(decimal: &Decimal<'_>, scale: i64) -> Vec<u8> {
    let Some(weight) = decimal.weight() else {
        return Vec::new();
    };
    let end = decimal.point() + scale;
    let mut digits: Vec<u8> = (decimal.point() - weight..end)
        .map(|at| decimal.digit(at))
        .collect();
    if decimal.digit(end) >= b'5' {
        increment(&mut digits);
    }
    digits
}

fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit != b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

/// Writes the digits, of which the last is worth ten to the minus scale.
fn render(negative: bool, digits: &[u8], scale: i64) -> String {
    let before = i64::try_from(digits.len()).unwrap_or(0) - scale;
    let digit = |at: i64| {
        let digit = usize::try_from(at).ok().and_then(|at| digits.get(at));
        char::from(digit.copied().unwrap_or(b'0'))
    };
    let mut out = String::new();
    if negative && !digits.is_empty() {
        out.push('-');
    }
    if digits.is_empty() || before <= 0 {
        out.push('0');
    } else {
        out.extend((0..before).map(digit));
    }
    if scale > 0 {
        out.push('.');
        out.extend((before..before + scale).map(digit));
    }
    out
}
