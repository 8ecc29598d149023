//! The order of numbers, without going through a float and without allocating.
//! Never calls two texts equal that differ in value.

use super::parse::{Decimal, Number, parse};
use std::cmp::Ordering;

/// Compares by value: `-Infinity` < numbers < `Infinity` < `NaN` = `NaN`, and `1.5` = `1.50`.
///
/// Text that is no number sorts after all, by its bytes; so the order is total.
pub fn compare(a: &str, b: &str) -> Ordering {
    match (parse(a), parse(b)) {
        (Some(a), Some(b)) => compare_numbers(&a, &b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.as_bytes().cmp(b.as_bytes()),
    }
}

fn compare_numbers(a: &Number<'_>, b: &Number<'_>) -> Ordering {
    match (a, b) {
        (Number::Finite(a), Number::Finite(b)) => compare_finite(a, b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(number: &Number<'_>) -> u8 {
    match number {
        Number::NegInfinity => 0,
        Number::Finite(_) => 1,
        Number::Infinity => 2,
        Number::NaN => 3,
    }
}

fn compare_finite(a: &Decimal<'_>, b: &Decimal<'_>) -> Ordering {
    sign(a).cmp(&sign(b)).then_with(|| {
        let magnitude = compare_magnitude(a, b);
        if a.negative {
            magnitude.reverse()
        } else {
            magnitude
        }
    })
}

fn sign(decimal: &Decimal<'_>) -> i8 {
    match (decimal.is_zero(), decimal.negative) {
        (true, _) => 0,
        (false, true) => -1,
        (false, false) => 1,
    }
}

/// Both have the same sign, so the weight is `None` on both sides or on none.
fn compare_magnitude(a: &Decimal<'_>, b: &Decimal<'_>) -> Ordering {
    a.weight().cmp(&b.weight()).then_with(|| {
        let (mut a, mut b) = (a.significant(), b.significant());
        loop {
            match (a.next(), b.next()) {
                (None, None) => return Ordering::Equal,
                (x, y) => match x.unwrap_or(b'0').cmp(&y.unwrap_or(b'0')) {
                    Ordering::Equal => {}
                    unequal => return unequal,
                },
            }
        }
    })
}
