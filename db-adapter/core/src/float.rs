//! Binary floating point as text: the shortest that reads back the same.
//! Never rounds silently: a text that no finite float can hold is refused.

use crate::numeric::{self, Number};

/// The shortest text that reads back as the same `f64`.
///
/// Finite values are valid JSON numbers, `-0` included; large and tiny ones have an exponent.
/// The others are `NaN`, `Infinity` and `-Infinity`.
///
/// ```
/// use db_adapter_core::float::format_f64;
///
/// assert_eq!(format_f64(0.1), "0.1");
/// assert_eq!(format_f64(1e300), "1e300");
/// ```
pub fn format_f64(value: f64) -> String {
    if let Some(text) = special(value) {
        return text.to_owned();
    }
    if is_short(value.abs()) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// The shortest text that reads back as the same `f32`; the form is that of [`format_f64`].
pub fn format_f32(value: f32) -> String {
    if let Some(text) = special(f64::from(value)) {
        return text.to_owned();
    }
    if is_short(f64::from(value.abs())) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// Reads a float, with PostgreSQL's spellings of infinity and NaN in any case.
///
/// `None` for what is no number, and, as in PostgreSQL, for a finite number that is too large
/// or that would vanish to zero.
pub fn parse_f64(text: &str) -> Option<f64> {
    let (text, number) = numeric::parse_trimmed(text)?;
    match number {
        Number::NaN => Some(f64::NAN),
        Number::Infinity => Some(f64::INFINITY),
        Number::NegInfinity => Some(f64::NEG_INFINITY),
        Number::Finite(decimal) => {
            let value: f64 = text.parse().ok()?;
            (value.is_finite() && (value != 0.0 || decimal.is_zero())).then_some(value)
        }
    }
}

/// Reads a `real`; the rules are those of [`parse_f64`].
pub fn parse_f32(text: &str) -> Option<f32> {
    let (text, number) = numeric::parse_trimmed(text)?;
    match number {
        Number::NaN => Some(f32::NAN),
        Number::Infinity => Some(f32::INFINITY),
        Number::NegInfinity => Some(f32::NEG_INFINITY),
        Number::Finite(decimal) => {
            let value: f32 = text.parse().ok()?;
            (value.is_finite() && (value != 0.0 || decimal.is_zero())).then_some(value)
        }
    }
}

/// The `f64` that has the same shortest text: `0.1_f32` becomes `0.1`, not `0.10000000149011612`.
pub fn widen(value: f32) -> f64 {
    const EXACT: f32 = 16_777_216.0; // whole numbers up to 2^24 are their own shortest text
    if !value.is_finite() || (value.abs() <= EXACT && value.fract() == 0.0) {
        return f64::from(value);
    }
    format!("{value:e}").parse().unwrap_or(f64::from(value))
}

fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("Infinity")
    } else if value == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}

fn is_short(magnitude: f64) -> bool {
    magnitude == 0.0 || (1e-5..1e16).contains(&magnitude)
}
