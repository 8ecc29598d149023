//! Decimals compared with columns that keep integers and floats: exactly. Pure.

use std::cmp::Ordering;

use db_adapter_core::{float, numeric};

use super::encode::{self, Param};
use crate::sql::Comparison;

/// What a comparison comes down to.
#[derive(Debug, PartialEq)]
pub(super) enum Compared {
    With(Comparison, Param),
    Never,
    /// True for every value.
    NotNull,
}

/// A decimal against a column of integers and floats, each of which stands for its shortest
/// decimal: exact, where the decimal itself is no float.
pub(super) fn against_numbers(comparison: Comparison, decimal: &str) -> Compared {
    if let Some(int) = numeric::to_i64(decimal) {
        return Compared::With(comparison, Param::Int(int));
    }
    if decimal == "NaN" {
        return Compared::With(comparison, encode::real(f64::NAN));
    }
    let whole = decimal.split('.').next().unwrap_or(decimal);
    let below = match numeric::to_i64(whole).filter(|int| int.unsigned_abs() >= 1 << 53) {
        // only integers are stored here: the one below decides
        Some(int) if decimal.starts_with('-') => {
            (Param::Int(int.saturating_sub(1)), Ordering::Less)
        }
        Some(int) => (Param::Int(int), Ordering::Less),
        None => {
            // the nearest; beyond the largest it is an infinity
            let float: f64 = match decimal {
                "Infinity" => f64::INFINITY,
                "-Infinity" => f64::NEG_INFINITY,
                digits => digits.parse().unwrap_or(f64::NAN),
            };
            let side = numeric::compare(&float::format_f64(float), decimal);
            (Param::Real(float), side)
        }
    };
    let (param, side) = below;
    let comparison = match (side, comparison) {
        (Ordering::Equal, comparison) => comparison,
        (_, Comparison::Eq) => return Compared::Never,
        (_, Comparison::Ne) => return Compared::NotNull,
        (Ordering::Less, Comparison::Gt | Comparison::Gte) => Comparison::Gt,
        (Ordering::Less, Comparison::Lt | Comparison::Lte) => Comparison::Lte,
        (Ordering::Greater, Comparison::Gt | Comparison::Gte) => Comparison::Gte,
        (Ordering::Greater, Comparison::Lt | Comparison::Lte) => Comparison::Lt,
    };
    Compared::With(comparison, param)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_that_is_no_float_compares_exactly() {
        use Comparison::{Eq, Gt, Gte, Lt, Lte, Ne};
        for (comparison, decimal, expected) in [
            (Eq, "1.5", Compared::With(Eq, Param::Real(1.5))),
            (Eq, "0.10", Compared::With(Eq, Param::Real(0.1))),
            (Gte, "7.00", Compared::With(Gte, Param::Int(7))),
            (Eq, "0.1000000000000000000001", Compared::Never),
            (Ne, "0.1000000000000000000001", Compared::NotNull),
            (
                Gt,
                "0.1000000000000000000001",
                Compared::With(Gt, Param::Real(0.1)),
            ),
            (
                Lt,
                "0.1000000000000000000001",
                Compared::With(Lte, Param::Real(0.1)),
            ),
            (
                Gte,
                "0.0999999999999999999999",
                Compared::With(Gte, Param::Real(0.1)),
            ),
            (
                Lte,
                "0.0999999999999999999999",
                Compared::With(Lt, Param::Real(0.1)),
            ),
            (
                Gt,
                "9223372036854775806.5",
                Compared::With(Gt, Param::Int(9223372036854775806)),
            ),
            (
                Lt,
                "-9007199254740993.5",
                Compared::With(Lte, Param::Int(-9007199254740994)),
            ),
            (
                Eq,
                "Infinity",
                Compared::With(Eq, Param::Real(f64::INFINITY)),
            ),
            (Eq, "NaN", Compared::With(Eq, Param::Text("NaN".into()))),
        ] {
            assert_eq!(
                against_numbers(comparison, decimal),
                expected,
                "{comparison:?} {decimal}"
            );
        }
        let huge = "9".repeat(400);
        assert_eq!(
            against_numbers(Gt, &huge),
            Compared::With(Gte, Param::Real(f64::INFINITY))
        );
    }
}
