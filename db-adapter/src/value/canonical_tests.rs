//! What each type takes, and what becomes of it.

use db_adapter_core::SqlType;

use super::{Json, Limits, Numeric, Value, canonicalize};
use crate::Rounding;

fn num(text: &str) -> Value {
    Value::Numeric(Numeric::parse(text).unwrap())
}

fn json(text: &str) -> Value {
    Value::Json(Json::parse(text).unwrap())
}

fn canonical(value: &Value, sql_type: &str, rounding: Rounding) -> Option<Value> {
    let limits = Limits {
        digits: db_adapter_core::temporal::digits(sql_type),
        rounding,
    };
    let canonical = canonicalize(value, &SqlType::parse_postgres(sql_type), limits);
    canonical.ok().map(std::borrow::Cow::into_owned)
}

fn taken(value: impl Into<Value>, sql_type: &str) -> Value {
    let value = value.into();
    let found = canonical(&value, sql_type, Rounding::Refuse);
    let same = canonical(&value, sql_type, Rounding::Database);
    assert_eq!(found, same, "{sql_type}: nothing of {value:?} is lost");
    found.unwrap()
}

fn refused(value: impl Into<Value>, sql_type: &str) {
    let value = value.into();
    for rounding in [Rounding::Refuse, Rounding::Database] {
        let result = canonical(&value, sql_type, rounding);
        assert!(
            result.is_none(),
            "{value:?} as {sql_type} became {result:?}"
        );
    }
}

/// What is refused, unless the database's own way is asked for, which gives this.
fn rounded(value: impl Into<Value>, sql_type: &str, kept: impl Into<Value>) {
    let value = value.into();
    let result = canonical(&value, sql_type, Rounding::Refuse);
    assert!(
        result.is_none(),
        "{value:?} as {sql_type} became {result:?}"
    );
    let result = canonical(&value, sql_type, Rounding::Database);
    assert_eq!(result, Some(kept.into()), "{value:?} as {sql_type}");
}

#[test]
fn null_fits_every_type() {
    for sql_type in [
        "bool",
        "int4",
        "numeric(3,1)",
        "uuid",
        "bytea",
        "jsonb",
        "text[]",
        "point",
    ] {
        assert_eq!(taken((), sql_type), Value::Null);
    }
}

#[test]
fn integers_come_from_whatever_is_the_same_whole_number() {
    assert_eq!(taken(7, "int2"), 7);
    assert_eq!(taken(num("7.00"), "int8"), 7);
    assert_eq!(taken(7.0, "int4"), 7);
    assert_eq!(taken(" 7 ", "int4"), 7);
    refused(32768, "int2");
    refused(2_147_483_648_i64, "int4");
    refused(-1, "oid");
    refused(7.5, "int4");
    refused(num("7.01"), "int4");
    refused("seven", "int4");
    refused(true, "int4");
    refused(f64::NAN, "int8");
}

#[test]
fn floats_are_never_rounded_in_silence() {
    assert_eq!(taken(3, "float8"), 3.0);
    assert_eq!(taken(num("0.1"), "float8"), 0.1);
    assert_eq!(taken(num("1.50"), "float8"), 1.5);
    assert_eq!(taken("-Infinity", "float8"), f64::NEG_INFINITY);
    rounded((1_i64 << 53) + 1, "float8", (1_i64 << 53) as f64);
    rounded(i64::MAX, "float8", i64::MAX as f64);
    rounded(num("0.1000000000000000000000001"), "float8", 0.1);
    rounded("0.1000000000000000000000001", "float8", 0.1);
    refused("1e400", "float8");
    // a float4 column keeps what its shortest text says
    assert_eq!(taken(0.1, "float4"), 0.1);
    assert_eq!(taken(f64::from(0.1_f32), "float4"), 0.1);
    assert_eq!(taken(1 << 24, "float4"), 16_777_216.0);
    rounded((1 << 24) + 1, "float4", 16_777_216.0);
    rounded(16_777_217.0, "float4", 16_777_216.0);
    rounded(0.123456789, "float4", 0.12345679);
    rounded("0.123456789", "float4", 0.12345679);
    refused(1e300, "float4");
    refused(1e-300, "float4");
}

#[test]
fn numerics_take_the_scale_of_their_column() {
    assert_eq!(taken(num("1.50"), "numeric"), num("1.50"));
    assert_eq!(taken(num("1.5000"), "numeric(10,2)"), num("1.50"));
    rounded(num("1.005"), "numeric(10,2)", num("1.01"));
    rounded("1.555", "numeric(8,2)", num("1.56"));
    rounded(0.125, "numeric(8,2)", num("0.13"));
    rounded(1250, "numeric(3,-2)", num("1300"));
    assert_eq!(taken(1, "numeric(10,2)"), num("1.00"));
    assert_eq!(taken(0.1, "numeric"), num("0.1"));
    assert_eq!(taken("NaN", "numeric"), num("NaN"));
    refused(num("123.4"), "numeric(3,1)".replace("3,1", "3,2").as_str());
    refused("12 apples", "numeric");
    refused(true, "numeric");
}

#[test]
fn texts_are_never_cut_in_silence() {
    assert_eq!(taken("ab", "character(5)"), "ab");
    assert_eq!(taken("ab   ", "character(5)"), "ab");
    rounded("ab   ", "character(2)", "ab");
    rounded("abc  ", "character varying(3)", "abc");
    assert_eq!(taken("ab ", "character varying(3)"), "ab ");
    rounded("ab  ", "character varying(3)", "ab ");
    refused("abcd", "character varying(3)");
    refused("abc", "character(2)");
    refused("a\0b", "text");
    refused(1, "text");
    refused("x".repeat(64), "name");
    assert_eq!(taken("", "text"), "");
}

#[test]
fn one_moment_has_one_text() {
    for given in [
        "2026-11-23T02:25:35.5+01:00",
        "2026-11-23 01:25:35.5Z",
        "2026-11-23 01:25:35.500000+00",
    ] {
        assert_eq!(
            taken(given, "timestamp with time zone"),
            "2026-11-23T01:25:35.500000+00:00"
        );
    }
    assert_eq!(
        taken("2026-11-23 01:25:35", "timestamp without time zone"),
        "2026-11-23T01:25:35.000000"
    );
    assert_eq!(taken("INFINITY", "timestamp with time zone"), "infinity");
    rounded(
        "2026-11-23T23:59:59.9999999",
        "timestamp without time zone",
        "2026-11-24T00:00:00.000000",
    );
    rounded(
        "2026-11-23T01:25:35.7Z",
        "timestamp(0) with time zone",
        "2026-11-23T01:25:36.000000+00:00",
    );
    rounded("01:25:35.7", "time(0) without time zone", "01:25:36.000000");
    rounded("2026-11-23T01:25:35", "date", "2026-11-23");
    rounded(
        "2026-11-23T01:25:35+02:00",
        "timestamp without time zone",
        "2026-11-23T01:25:35.000000",
    );
    rounded(vec!["2026-11-23T01:25:35"], "date[]", vec!["2026-11-23"]);
    assert_eq!(taken("2026-11-23T00:00:00.000000", "date"), "2026-11-23");
    refused("2026-02-30", "date");
    refused("yesterday", "date");
    refused(20261123, "date");
    assert_eq!(
        taken("67E5504410B1426F9247BB680E5FE0C8", "uuid"),
        "67e55044-10b1-426f-9247-bb680e5fe0c8"
    );
    refused("67e55044", "uuid");
}

#[test]
fn bytes_are_bytes_or_their_hex_text() {
    assert_eq!(taken("\\x00fF", "bytea"), Value::from(vec![0u8, 255]));
    assert_eq!(taken("\\x", "bytea"), Value::from(Vec::<u8>::new()));
    for wrong in ["abc", "\\x0", "\\x0g", "\\x0é", "0xff"] {
        refused(wrong, "bytea");
    }
}

#[test]
fn only_a_document_is_taken_as_json() {
    assert_eq!(taken(json("[1, 2]"), "jsonb"), json("[1, 2]"));
    assert_eq!(taken("abc", "jsonb"), json("\"abc\""));
    assert_eq!(taken("{\"a\":1}", "json"), json(r#""{\"a\":1}""#));
    assert_eq!(taken(num("1.50"), "jsonb"), json("1.50"));
    assert_eq!(taken(vec![1, 2], "jsonb"), json("[1, 2]"));
    assert_eq!(taken(json("null"), "jsonb"), json("null"));
    refused(f64::NAN, "jsonb");
    refused(vec![1u8], "jsonb");
}

#[test]
fn array_elements_follow_the_element_type() {
    assert_eq!(
        taken(vec![num("1.0"), num("2")], "integer[]"),
        Value::from(vec![1, 2])
    );
    assert_eq!(
        taken(vec![vec![1, 2], vec![3, 4]], "integer[]"),
        Value::from(vec![vec![1, 2], vec![3, 4]])
    );
    assert_eq!(
        taken(json("[\"a\", null]"), "text[]"),
        Value::from(vec![Some("a"), None])
    );
    assert_eq!(taken("[0:1]={7,8}", "integer[]"), "[0:1]={7,8}");
    assert_eq!(
        taken(vec![json("[1]")], "jsonb[]"),
        Value::Array([json("[1]")].into())
    );
    refused(vec!["a"], "integer[]");
    refused(
        Value::Array([vec![1].into(), vec![1, 2].into()].into()),
        "integer[]",
    );
    refused(Value::Array([vec![1].into(), 2.into()].into()), "integer[]");
    refused(5, "integer[]");
}

#[test]
fn canonical_values_are_fixed_points() {
    let samples = [
        (Value::from(true), "boolean"),
        (5.into(), "bigint"),
        (0.5.into(), "double precision"),
        (num("1.50"), "numeric"),
        ("x".into(), "text"),
        (
            "2026-11-23T01:25:35.500000+00:00".into(),
            "timestamp with time zone",
        ),
        (vec![1u8].into(), "bytea"),
        (json("{}"), "json"),
        (vec!["a"].into(), "text[]"),
        ("(1,2)".into(), "point"),
    ];
    for (value, sql_type) in samples {
        assert_eq!(taken(value.clone(), sql_type), value, "{sql_type}");
    }
}
