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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_are_short() {
        for (value, text) in [
            (0.1, "0.1"),
            (1.0, "1"),
            (-0.0, "-0"),
            (1e15, "1000000000000000"),
            (1e16, "1e16"),
            (1.5e300, "1.5e300"),
            (0.00001, "0.00001"),
            (0.0000015, "1.5e-6"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(format_f64(value), text);
        }
        assert_eq!(format_f32(0.1), "0.1");
        assert_eq!(format_f32(f32::MAX), "3.4028235e38");
    }

    /// Each was tried on PostgreSQL 15.
    #[test]
    fn texts_are_read_as_postgresql_does() {
        assert_eq!(parse_f64(" .5 "), Some(0.5));
        assert_eq!(parse_f64("5."), Some(5.0));
        assert_eq!(parse_f64("+inf"), Some(f64::INFINITY));
        assert_eq!(parse_f64("-INFINITY"), Some(f64::NEG_INFINITY));
        assert!(parse_f64("nan").is_some_and(f64::is_nan));
        assert_eq!(parse_f64("-0e-500").map(f64::is_sign_negative), Some(true));
        for text in [
            "1e400", "-1e400", "1e-400", "", "e5", "0x10", "1_0", "infinit", "١",
        ] {
            assert_eq!(parse_f64(text), None, "{text}");
        }
        assert_eq!(parse_f32("1e39"), None);
        assert_eq!(parse_f32("1e-50"), None);
    }

    #[test]
    fn widening_keeps_the_text() {
        assert_eq!(widen(0.1), 0.1);
        assert_eq!(widen(16_777_216.0), 16_777_216.0);
        assert!(widen(-0.0).is_sign_negative());
        assert!(widen(f32::NAN).is_nan());
    }

    proptest! {
        #[test]
        fn every_f64_reads_back(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            let back = parse_f64(&format_f64(value)).unwrap();
            prop_assert!(back.to_bits() == bits || (back.is_nan() && value.is_nan()));
        }

        #[test]
        fn every_f32_reads_back_and_widens_to_its_text(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            let text = format_f32(value);
            let back = parse_f32(&text).unwrap();
            prop_assert!(back.to_bits() == bits || (back.is_nan() && value.is_nan()));
            let wide = widen(value);
            prop_assert!(value.is_nan() || wide == text.parse::<f64>().unwrap());
            prop_assert!(value.is_nan() || parse_f32(&format_f64(wide)) == Some(value));
        }

        #[test]
        fn no_text_panics(text in "\\PC*|[-+0-9.einfaNIty ]*") {
            let _ = (parse_f64(&text), parse_f32(&text));
        }
    }
}
