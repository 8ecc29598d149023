use super::*;
use proptest::prelude::*;
use std::cmp::Ordering;

/// Each was tried on PostgreSQL 15.
#[test]
fn canonical_text_is_postgresqls() {
    for (text, expected) in [
        (" +01.50 ", Some("1.50")),
        ("5.", Some("5")),
        (".5", Some("0.5")),
        ("1e5", Some("100000")),
        ("1.5e-3", Some("0.0015")),
        ("-0", Some("0")),
        ("-0.00", Some("0.00")),
        ("0.00e2", Some("0")),
        ("0e-5", Some("0.00000")),
        ("1.2300e2", Some("123.00")),
        ("00.10", Some("0.10")),
        ("1e00005", Some("100000")),
        ("0e200000", Some("0")),
        ("nan", Some("NaN")),
        ("+Inf", Some("Infinity")),
        ("-infinity", Some("-Infinity")),
        ("", None),
        (".", None),
        ("1e", None),
        ("+nan", None),
        ("1_000", None),
        ("0x10", None),
        ("- 5", None),
        ("--5", None),
        ("1e5.5", None),
        ("1 5", None),
        ("1\0", None),
        ("١", None),
    ] {
        assert_eq!(canonical(text).as_deref(), expected, "{text}");
    }
}

/// The limits were tried on PostgreSQL 15.
#[test]
fn limits_are_postgresqls() {
    let length = |text: &str| canonical(text).map(|t| t.len());
    assert_eq!(length("1e131071"), Some(131_072));
    assert_eq!(length("100e131069"), Some(131_072));
    assert_eq!(length("1e131072"), None);
    assert_eq!(length("1e-16383"), Some(16_385));
    assert_eq!(length("1e-16384"), None);
    assert_eq!(length("0e-16384"), None);
    assert_eq!(length("0e1073741822"), Some(1));
    assert_eq!(length("0e1073741823"), None);
    assert_eq!(length("1e99999999999999999999999999"), None);
    assert_eq!(length(&"9".repeat(131_073)), None);
    assert_eq!(length(&format!("{}1", "0".repeat(500_000))), Some(1));
}

/// Each was tried on PostgreSQL 15, as `numeric(precision,scale)`.
#[test]
fn assignment_rounds_and_checks_as_postgresql() {
    for (text, precision, scale, expected) in [
        ("9.994", 3, 2, Some("9.99")),
        ("9.995", 3, 2, None),
        ("0.00999", 2, 4, None),
        ("0.00005", 2, 4, Some("0.0001")),
        ("0.00001", 2, 4, Some("0.0000")),
        ("0.01", 2, 4, None),
        ("1250", 3, -2, Some("1300")),
        ("99949", 3, -2, Some("99900")),
        ("99950", 3, -2, None),
        ("49", 3, -2, Some("0")),
        ("-49", 3, -2, Some("0")),
        ("-50", 3, -2, Some("-100")),
        ("-0.001", 3, 2, Some("0.00")),
        ("NaN", 3, 2, Some("NaN")),
        ("Infinity", 3, 2, None),
        ("0", 1, 0, Some("0")),
        ("1.5", 10, 3, Some("1.500")),
    ] {
        let rounded = fits(text, precision, scale).then(|| round_to_scale(text, scale));
        assert_eq!(
            rounded.as_deref(),
            expected,
            "{text} numeric({precision},{scale})"
        );
    }
}

#[test]
fn rounding_is_bounded_and_leaves_what_is_no_number() {
    assert_eq!(round_to_scale("abc", 2), "abc");
    assert_eq!(round_to_scale("-Infinity", 2), "-Infinity");
    assert_eq!(round_to_scale("1e1000000000", 2), "1e1000000000");
    assert_eq!(round_to_scale("1", i32::MAX).len(), 2 + 16_383);
    assert_eq!(round_to_scale("9", i32::MIN), "0");
    assert!(!fits("abc", 5, 2));
}

#[test]
fn numbers_sort_by_value_and_the_rest_after() {
    let sorted = [
        "-Infinity",
        "-1e9",
        "-1.5",
        "-0.01",
        "0",
        "1e-9",
        "0.5",
        "1.49",
        "1.5",
        "1e1",
        "123456789012345678901",
        "1e1000000",
        "inf",
        "NaN",
        "",
        "1,5",
        "abc",
    ];
    for (i, a) in sorted.iter().enumerate() {
        for (j, b) in sorted.iter().enumerate() {
            assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
        }
    }
    for (a, b) in [
        ("1.5", "1.50"),
        ("-0", "0.00"),
        ("1e2", "100"),
        (" 7 ", "07.0"),
        ("NaN", "nan"),
        ("0.1e1", "1"),
    ] {
        assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
    }
}

#[test]
fn integers_are_exact() {
    assert_eq!(to_i64("9223372036854775807"), Some(i64::MAX));
    assert_eq!(to_i64("-9223372036854775808"), Some(i64::MIN));
    assert_eq!(to_i64("9223372036854775808"), None);
    assert_eq!(to_i64("5.00"), Some(5));
    assert_eq!(to_i64("1.5e1"), Some(15));
    assert_eq!(to_i64("500e-2"), Some(5));
    assert_eq!(to_i64("0e-9"), Some(0));
    for text in [
        "5.01",
        "0.5",
        "1e-2",
        "1e19",
        "1e999999999",
        "NaN",
        "inf",
        "x",
    ] {
        assert_eq!(to_i64(text), None, "{text}");
    }
}

#[test]
fn floats_are_nearest_and_never_overflow() {
    assert_eq!(to_f64("1.50"), Some(1.5));
    assert_eq!(to_f64("-Infinity"), Some(f64::NEG_INFINITY));
    assert_eq!(to_f64("1e309"), None);
    assert!(to_f64("NaN").is_some_and(f64::is_nan));
}

/// A number made of an integer and a scale, and the oracle's text for it.
fn oracle_text(digits: i128, scale: u32) -> String {
    let ten = 10_i128.pow(scale);
    let (whole, part) = (digits.abs() / ten, digits.abs() % ten);
    let sign = if digits < 0 { "-" } else { "" };
    match scale {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{part:0width$}", width = scale as usize),
    }
}

fn small_decimal() -> impl Strategy<Value = (i128, u32)> {
    let digits = prop_oneof![-1200_i128..1200, -(10_i128.pow(18))..10_i128.pow(18)];
    (digits, 0_u32..9)
}

fn number_or_not() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-+]?[0-9]{0,4}(\\.[0-9]{0,4})?(e[-+]?[0-9]{1,2})?",
        "[0 ]{0,2}[19]0{0,3}\\.?0{0,3}",
        "nan|inf|-inf|NaN|x|",
        "\\PC*",
    ]
}

proptest! {
    #[test]
    fn canonical_agrees_with_integers((digits, scale) in small_decimal(), zeros in 0_usize..4, shift in 0_u32..6) {
        let text = oracle_text(digits, scale);
        prop_assert!(is_canonical(&text));
        let unsigned = text.trim_start_matches('-');
        let sign = if digits < 0 { "-" } else { "+" };
        prop_assert_eq!(canonical(&format!("{sign}{}{unsigned}", "0".repeat(zeros))), Some(text.clone()));
        // the same number with an exponent has as many digits after the point
        let moved = format!("{}e-{shift}", oracle_text(digits, scale));
        prop_assert_eq!(canonical(&moved), Some(oracle_text(digits, scale + shift)));
    }

    #[test]
    fn compare_agrees_with_integers((a, sa) in small_decimal(), (b, sb) in small_decimal()) {
        let expected = (a * 10_i128.pow(sb)).cmp(&(b * 10_i128.pow(sa)));
        prop_assert_eq!(compare(&oracle_text(a, sa), &oracle_text(b, sb)), expected);
        prop_assert_eq!(compare(&format!("{a}e-{sa}"), &oracle_text(b, sb)), expected);
    }

    #[test]
    fn rounding_agrees_with_integers((digits, scale) in small_decimal(), to in -5_i32..9, precision in 1_u32..12) {
        let text = oracle_text(digits, scale);
        let shift = i32::try_from(scale).unwrap() - to;
        let rounded = if shift <= 0 {
            digits * 10_i128.pow(shift.unsigned_abs())
        } else {
            let ten = 10_i128.pow(shift.unsigned_abs());
            (digits.abs() + ten / 2) / ten * digits.signum()
        };
        let expected = if to >= 0 {
            oracle_text(rounded, to.unsigned_abs())
        } else {
            oracle_text(rounded * 10_i128.pow(to.unsigned_abs()), 0)
        };
        prop_assert_eq!(round_to_scale(&text, to), expected);
        prop_assert_eq!(fits(&text, precision, to), rounded.abs() < 10_i128.pow(precision));
    }

    #[test]
    fn integers_agree_with_rust(value: i64, scale in 0_usize..5) {
        prop_assert_eq!(to_i64(&format!("{value}.{}", "0".repeat(scale))), Some(value));
    }

    #[test]
    fn the_order_is_total(a in number_or_not(), b in number_or_not(), c in number_or_not()) {
        prop_assert_eq!(compare(&a, &a), Ordering::Equal);
        prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
        if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
            prop_assert_ne!(compare(&a, &c), Ordering::Greater);
        }
    }

    #[test]
    fn canonical_is_stable_and_nothing_panics(text in number_or_not(), scale: i32, precision: u32) {
        if let Some(exact) = canonical(&text) {
            prop_assert!(is_canonical(&exact));
            prop_assert_eq!(compare(&exact, &text), Ordering::Equal);
            prop_assert_eq!(canonical(&exact), Some(exact));
        }
        let _ = (round_to_scale(&text, scale), fits(&text, precision, scale), to_i64(&text), to_f64(&text));
    }
}
