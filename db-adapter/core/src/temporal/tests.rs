use super::*;
use proptest::prelude::*;

const FIRST: i64 = -211_813_488_000_000_000;
const LAST: i64 = 9_223_371_331_199_999_999;
const FIRST_DAY: i32 = -2_451_545;
const LAST_DAY: i32 = 2_145_031_948;
const DAY: i64 = 86_400_000_000;

/// Each was tried on PostgreSQL 15, in UTC: what it accepts, and the value that it prints.
#[test]
fn instants_are_read_as_postgresql_does() {
    for (text, expected) in [
        (
            "2026-11-23T01:25:35.896668+00:00",
            Some("2026-11-23T01:25:35.896668+00:00"),
        ),
        (
            "2026-11-23 02:25:25",
            Some("2026-11-23T02:25:25.000000+00:00"),
        ),
        ("2026-11-23", Some("2026-11-23T00:00:00.000000+00:00")),
        ("2026-11-23Z", Some("2026-11-23T00:00:00.000000+00:00")),
        ("2026-11-23 +02", Some("2026-11-22T22:00:00.000000+00:00")),
        ("20261123T012535Z", Some("2026-11-23T01:25:35.000000+00:00")),
        (
            "20261123T012535.5+01",
            Some("2026-11-23T00:25:35.500000+00:00"),
        ),
        ("2026-1-5 1:2:3", Some("2026-01-05T01:02:03.000000+00:00")),
        (
            "2026-11-23   1:25",
            Some("2026-11-23T01:25:00.000000+00:00"),
        ),
        (
            "2026-11-23t01:25:35z",
            Some("2026-11-23T01:25:35.000000+00:00"),
        ),
        (
            "2026-11-23T01:25:35.",
            Some("2026-11-23T01:25:35.000000+00:00"),
        ),
        (
            "2026-11-23T01:25:35.1234565",
            Some("2026-11-23T01:25:35.123456+00:00"),
        ),
        (
            "2026-11-23T01:25:35.1234575",
            Some("2026-11-23T01:25:35.123458+00:00"),
        ),
        (
            "2026-11-23T23:59:59.9999999",
            Some("2026-11-24T00:00:00.000000+00:00"),
        ),
        (
            "2026-11-23T23:59:60",
            Some("2026-11-24T00:00:00.000000+00:00"),
        ),
        (
            "2026-11-23T24:00:00",
            Some("2026-11-24T00:00:00.000000+00:00"),
        ),
        ("2026-11-23T24:00:01", None),
        ("2026-11-23T23:59:60.5", None),
        (
            "2026-11-23T01:25:35 +05:30",
            Some("2026-11-22T19:55:35.000000+00:00"),
        ),
        (
            "2026-11-23T01:25:35+0530",
            Some("2026-11-22T19:55:35.000000+00:00"),
        ),
        (
            "2026-11-23T01:25:35+530",
            Some("2026-11-22T19:55:35.000000+00:00"),
        ),
        (
            "2026-11-23T01:25:35+05:30:15",
            Some("2026-11-22T19:55:20.000000+00:00"),
        ),
        (
            "2026-11-23T01:25:35-15:59:59",
            Some("2026-11-23T17:25:34.000000+00:00"),
        ),
        ("2026-11-23T01:25:35+16:00", None),
        ("2026-11-23T01:25:35+05:60", None),
        ("2026-11-23T01:25:35+", None),
        (
            "2026-11-23 01:25:35 UTC",
            Some("2026-11-23T01:25:35.000000+00:00"),
        ),
        (
            "0044-03-15T00:00:00.000000+00:00 BC",
            Some("0044-03-15T00:00:00.000000+00:00 BC"),
        ),
        ("0044-03-15bc", Some("0044-03-15T00:00:00.000000+00:00 BC")),
        (
            "2026-11-23 01:25:35 AD",
            Some("2026-11-23T01:25:35.000000+00:00"),
        ),
        (
            "10000-01-01T00:00:00.000000+00:00",
            Some("10000-01-01T00:00:00.000000+00:00"),
        ),
        (
            "4714-11-24 00:00:00+00 BC",
            Some("4714-11-24T00:00:00.000000+00:00 BC"),
        ),
        ("4714-11-23 23:59:59+00 BC", None),
        (
            "294276-12-31T23:59:59.999999Z",
            Some("294276-12-31T23:59:59.999999+00:00"),
        ),
        ("294277-01-01", None),
        (" INFINITY ", Some("infinity")),
        ("-Infinity", Some("-infinity")),
        ("+infinity", None),
        ("0000-01-01", None),
        ("44-03-15 BC", None),
        ("+2026-11-23", None),
        ("2026-02-29", None),
        ("2024-02-29", Some("2024-02-29T00:00:00.000000+00:00")),
        ("1900-02-29", None),
        ("2026-13-01", None),
        ("2026-11-23T01:60:00", None),
        ("2026-11-23T01:25:61", None),
        ("2026-11-23T01", None),
        ("2026-11-23T01:25:35,5", None),
        ("2026-11-23-09:10:56", None),
        ("20261123 0125-05:30", None),
        ("2026-11-23 x", None),
        ("now", None),
        ("", None),
    ] {
        assert_eq!(
            canonical(&SqlType::Timestamptz, text).as_deref(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn kinds_stay_apart() {
    let of = |kind: SqlType, text: &str| canonical(&kind, text).unwrap_or_default();
    let text = "2026-11-23 23:25:35.5+05:30";
    assert_eq!(
        of(SqlType::Timestamptz, text),
        "2026-11-23T17:55:35.500000+00:00"
    );
    assert_eq!(of(SqlType::Timestamp, text), "2026-11-23T23:25:35.500000");
    assert_eq!(of(SqlType::Date, text), "2026-11-23");
    assert_eq!(of(SqlType::Time, text), "23:25:35.500000");
    assert_eq!(of(SqlType::Timetz, text), "23:25:35.500000+05:30");
    assert_eq!(of(SqlType::Text, text), "");
}

/// Each was tried on PostgreSQL 15.
#[test]
fn dates_and_times_are_read_as_postgresql_does() {
    for (kind, text, expected) in [
        (SqlType::Date, "5874897-12-31", Some("5874897-12-31")),
        (SqlType::Date, "5874898-01-01", None),
        (SqlType::Date, "4714-11-24 BC", Some("4714-11-24 BC")),
        (SqlType::Date, "4714-11-23 BC", None),
        (SqlType::Date, "2026-11-23T24:00:00", Some("2026-11-23")),
        (SqlType::Date, "2026-11-23T99:00:00", None),
        (SqlType::Date, "infinity", Some("infinity")),
        (SqlType::Date, "-infinity", Some("-infinity")),
        (SqlType::Time, "24:00:00", Some("24:00:00.000000")),
        (SqlType::Time, "24:00:00.000001", None),
        (SqlType::Time, "23:59:60", Some("24:00:00.000000")),
        (SqlType::Time, "012535", Some("01:25:35.000000")),
        (SqlType::Time, "T01:25:35+05", Some("01:25:35.000000")),
        (SqlType::Time, "01", None),
        (SqlType::Time, "infinity", None),
        (SqlType::Time, "2026-11-23", None),
        (SqlType::Timetz, "01:25:35", Some("01:25:35.000000+00:00")),
        (
            SqlType::Timetz,
            "01:25:35-05:30:15",
            Some("01:25:35.000000-05:30:15"),
        ),
        (
            SqlType::Timetz,
            "24:00:00+05",
            Some("24:00:00.000000+05:00"),
        ),
    ] {
        assert_eq!(canonical(&kind, text).as_deref(), expected, "{kind} {text}");
    }
}

#[test]
fn the_ends_of_the_ranges_are_written() {
    assert_eq!(format_timestamp(0), "2000-01-01T00:00:00.000000");
    assert_eq!(format_timestamp(-1), "1999-12-31T23:59:59.999999");
    assert_eq!(
        format_timestamptz(LAST),
        "294276-12-31T23:59:59.999999+00:00"
    );
    assert_eq!(
        format_timestamptz(FIRST),
        "4714-11-24T00:00:00.000000+00:00 BC"
    );
    assert_eq!(format_timestamp(i64::MAX), "infinity");
    assert_eq!(format_timestamp(i64::MIN), "-infinity");
    assert_eq!(format_date(LAST_DAY), "5874897-12-31");
    assert_eq!(format_date(i32::MAX), "infinity");
    assert_eq!(format_date(i32::MIN), "-infinity");
    assert_eq!(format_time(DAY), "24:00:00.000000");
    assert_eq!(format_timetz(DAY, -19_815), "24:00:00.000000-05:30:15");
    assert_eq!(format_timetz(0, i32::MIN), "00:00:00.000000-596523:14:08");
}

#[test]
fn zoned_times_sort_by_moment_then_by_zone() {
    let sorted = [
        "01:00:00+05",
        "00:00:00+00",
        "01:00:00+01",
        "00:00:00-01",
        "25:00",
        "x",
    ];
    // 00:00+00 and 01:00+01 are one moment: the eastern one comes first
    let order = [0, 2, 1, 3, 4, 5].map(|i| sorted[i]);
    for (i, a) in order.iter().enumerate() {
        for (j, b) in order.iter().enumerate() {
            assert_eq!(compare(&SqlType::Timetz, a, b), i.cmp(&j), "{a} {b}");
        }
    }
}

#[test]
fn instants_sort_by_value_and_the_rest_after() {
    let sorted = [
        "-infinity",
        "0044-03-15 BC",
        "0044-03-15",
        "2026-11-23 02:25:25",
        "2026-11-23T03:25:26+01:00",
        "10000-01-01",
        "infinity",
        "",
        "zz",
    ];
    for (i, a) in sorted.iter().enumerate() {
        for (j, b) in sorted.iter().enumerate() {
            assert_eq!(compare(&SqlType::Timestamptz, a, b), i.cmp(&j), "{a} {b}");
        }
    }
    let same = compare(
        &SqlType::Timestamptz,
        "2026-11-23T02:25:25.000000+00:00",
        "2026-11-23 02:25:25",
    );
    assert_eq!(same, Ordering::Equal);
}

fn micros() -> impl Strategy<Value = i64> {
    let around = |center: i64| (center - 100_000_000_000_000)..(center + 100_000_000_000_000);
    prop_oneof![
        FIRST..=LAST,
        around(0),
        around(-63_082_281_600_000_000),
        around(252_455_616_000_000_000)
    ]
}

fn kind() -> impl Strategy<Value = SqlType> {
    use SqlType::{Date, Time, Timestamp, Timestamptz, Timetz};
    prop::sample::select(vec![Timestamptz, Timestamp, Date, Time, Timetz])
}

fn near_miss() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC*",
        "[0-9:.TZ+ -]{0,30}",
        "[0-9]{4,7}-[01]?[0-9]-[0-3]?[0-9][T ]?([0-2]?[0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{0,12})?)?)?(Z|[+-][01][0-9](:?[0-5][0-9])?)?( BC)?",
        "[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?([+-][01][0-9](:[0-5][0-9])?)?",
    ]
}

/// What [`canonical`] does without its shortcut.
fn parsed(kind: &SqlType, text: &str) -> Option<String> {
    match kind {
        SqlType::Timestamptz => parse_timestamptz(text).map(format_timestamptz),
        SqlType::Timestamp => parse_timestamp(text).map(format_timestamp),
        SqlType::Date => parse_date(text).map(format_date),
        _ => None,
    }
}

proptest! {
    #[test]
    fn the_shortcut_agrees_with_the_parser(
        kind in kind(),
        text in "[0-9]{4}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\\.[0-9]{6}(\\+00:00)?)?",
    ) {
        if is_canonical(&kind, &text) {
            prop_assert_eq!(parsed(&kind, &text), Some(text));
        } else {
            prop_assert_ne!(parsed(&kind, &text), Some(text));
        }
    }

    #[test]
    fn every_timestamp_reads_back(micros in micros()) {
        prop_assert_eq!(parse_timestamp(&format_timestamp(micros)), Some(micros));
        prop_assert_eq!(parse_timestamptz(&format_timestamptz(micros)), Some(micros));
    }

    #[test]
    fn every_date_reads_back(days in FIRST_DAY..=LAST_DAY) {
        prop_assert_eq!(parse_date(&format_date(days)), Some(days));
    }

    #[test]
    fn every_time_reads_back(micros in 0..=DAY, east in -57_599..=57_599_i32) {
        prop_assert_eq!(parse_time(&format_time(micros)), Some(micros));
        prop_assert_eq!(parse_timetz(&format_timetz(micros, east)), Some((micros, east)));
    }

    #[test]
    fn text_order_is_time_order_in_four_digit_years(a in 0..252_455_615_999_999_999_i64, b in 0..252_455_615_999_999_999_i64) {
        prop_assert_eq!(format_timestamptz(a).cmp(&format_timestamptz(b)), a.cmp(&b));
    }

    #[test]
    fn days_follow_each_other(days in FIRST_DAY..LAST_DAY) {
        let (a, b) = (calendar::civil_from_days(days.into()), calendar::civil_from_days(i64::from(days) + 1));
        let next = (a.year, a.month, a.day + 1) == (b.year, b.month, b.day)
            || (a.year, a.month + 1, 1) == (b.year, b.month, b.day)
            || (a.year + 1, 1, 1, 12, 31) == (b.year, b.month, b.day, a.month, a.day);
        prop_assert!(next, "{:?} {:?}", a, b);
        prop_assert_eq!(calendar::days_from_civil(a), Some(days.into()));
    }

    #[test]
    fn any_count_is_written(micros: i64, days: i32, east: i32) {
        let _ = (format_timestamp(micros), format_timestamptz(micros), format_time(micros));
        let _ = (format_date(days), format_timetz(micros, east));
    }

    #[test]
    fn canonical_is_stable(kind in kind(), text in near_miss()) {
        if let Some(canon) = canonical(&kind, &text) {
            prop_assert_eq!(compare(&kind, &canon, &text), Ordering::Equal);
            prop_assert_eq!(canonical(&kind, &canon), Some(canon));
        }
    }

    #[test]
    fn the_order_is_total(kind in kind(), a in near_miss(), b in near_miss(), c in near_miss()) {
        prop_assert_eq!(compare(&kind, &a, &b), compare(&kind, &b, &a).reverse());
        if compare(&kind, &a, &b) != Ordering::Greater && compare(&kind, &b, &c) != Ordering::Greater {
            prop_assert_ne!(compare(&kind, &a, &c), Ordering::Greater);
        }
    }
}
