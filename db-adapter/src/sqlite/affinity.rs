//! What SQLite stores for a bound value, by the affinity of the column: predicted, so that a
//! value that would be altered is refused before it is sent. Pure.

use db_adapter_core::Affinity;

use super::encode::Param;

/// What a column of the affinity stores; `None` when that is the value as it is bound.
///
/// A column of a STRICT table follows the same rules where it takes the value at all.
pub(super) fn stored(affinity: Affinity, param: &Param) -> Option<Param> {
    match affinity {
        Affinity::Blob => None,
        Affinity::Text => match param {
            Param::Int(int) => Some(Param::Text(int.to_string())),
            // not the text that SQLite makes of it, but we bind no float to such a column
            Param::Real(real) => Some(Param::Text(format!("{real:?}"))),
            _ => None,
        },
        Affinity::Real => match param {
            Param::Int(int) => Some(Param::Real(*int as f64)),
            Param::Real(real) => zero_without_sign(*real).map(Param::Real),
            Param::Text(text) => number(text).map(|number| match number {
                Param::Int(int) => Param::Real(int as f64),
                Param::Real(real) => Param::Real(zero_without_sign(real).unwrap_or(real)),
                other => other,
            }),
            _ => None,
        },
        Affinity::Integer | Affinity::Numeric => match param {
            Param::Real(real) => whole(*real).map(Param::Int),
            Param::Text(text) => number(text).map(|number| match number {
                Param::Real(real) => whole(real).map_or(Param::Real(real), Param::Int),
                other => other,
            }),
            _ => None,
        },
    }
}

/// Whole floats are kept as integers on disk, so the sign of zero is lost.
fn zero_without_sign(real: f64) -> Option<f64> {
    (real == 0.0 && real.is_sign_negative()).then_some(0.0)
}

/// The integer that SQLite makes of a float: exact ones, without the two ends of the range.
fn whole(real: f64) -> Option<i64> {
    let int = real as i64; // saturates
    (int as f64 == real && int > i64::MIN && int < i64::MAX).then_some(int)
}

/// The number that a text is for SQLite, if it looks like one: blanks around, a sign, digits
/// with a point, an exponent.
pub(super) fn number(text: &str) -> Option<Param> {
    let text = text.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (int, fraction) = match mantissa.split_once('.') {
        Some((int, fraction)) => (int, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let some_digits = !int.is_empty() || fraction.is_some_and(|f| !f.is_empty());
    let exponent_is_one = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    if !(some_digits && digits(int) && fraction.is_none_or(digits) && exponent_is_one) {
        return None;
    }
    if fraction.is_none() && exponent.is_none() {
        if let Ok(int) = text.parse() {
            return Some(Param::Int(int));
        }
    }
    // a digitless side of the point is fine for Rust as it is for SQLite
    text.parse().ok().map(Param::Real)
}
