//! Rows and values without a database: exact JSON in and out, serde both ways, and errors that
//! never show a value.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::collections::BTreeMap;

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind, FromValue, Json, Numeric};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use serde::{Deserialize, Serialize};

fn num(text: &str) -> Value {
    Value::Numeric(Numeric::parse(text).unwrap())
}

fn json(text: &str) -> Value {
    Value::Json(Json::parse(text).unwrap())
}

/// Reads one column through a struct, as users do.
fn column<T: for<'a> Deserialize<'a>>(value: Value) -> Result<T, Error> {
    #[derive(Deserialize)]
    struct S<T> {
        c: T,
    }
    row! { "c": value }.deserialize::<S<T>>().map(|s| s.c)
}

#[test]
fn a_row_is_an_ordered_map() {
    let mut row = row! { "b": 1, "a": "x" };
    row.set("b", 2);
    row.set("c", ());
    assert_eq!(row.names().collect::<Vec<_>>(), ["b", "a", "c"]);
    assert_eq!(row["b"], 2);
    assert_eq!(row.value("zz"), None);
    assert!(row["c"].is_null());
    let wide: Row = (0..100).map(|i| (format!("c{i}"), i)).collect();
    assert_eq!(wide["c99"], 99);
    assert_eq!(wide.len(), 100);
}

#[test]
fn columns_are_removed_chosen_and_added() {
    let row = row! { "id": 1, "name": "Alice", "email": () };
    assert_eq!(
        row.clone().only(["email", "nope", "id", "id"]),
        row! { "email": (), "id": 1 }
    );
    assert_eq!(
        row.clone().without([String::from("id"), "nope".into()]),
        row! { "name": "Alice", "email": () }
    );
    assert_eq!(row.clone().without([""; 0]), row);
    let mut changed = row.clone();
    assert_eq!(changed.remove("name"), Some("Alice".into()));
    assert_eq!(changed.remove("name"), None);
    changed.extend([("email", "a@b.c"), ("age", "30")]);
    assert_eq!(changed, row! { "id": 1, "email": "a@b.c", "age": "30" });
    // the others that share the names are as they were
    assert_eq!(row, row! { "id": 1, "name": "Alice", "email": () });
}

#[test]
fn wide_rows_are_searched_after_a_change_as_before() {
    let wide = || (0..100).map(|i| (format!("c{i}"), i)).collect::<Row>();
    let mut row = wide();
    assert_eq!(row.remove("c50"), Some(50.into()));
    assert_eq!(
        (row.value("c50"), &row["c51"], row.len()),
        (None, &Value::from(51), 99)
    );
    row.extend(row! { "c99": 0, "c50": "again" });
    assert_eq!(
        (&row["c99"], row.get_index(99)),
        (&Value::from(0), Some(&"again".into()))
    );
    assert_eq!(wide().only(["c99", "c0"]), row! { "c99": 99, "c0": 0 });
}

/// JSON of a client can have a key twice; what is removed must be gone, and what is left must be
/// refused by the verbs as before.
#[test]
fn a_name_that_is_given_twice_is_removed_twice() {
    let hostile = || serde_json::from_str::<Row>(r#"{"id":1,"role":"a","role":"b"}"#).unwrap();
    assert_eq!(hostile().without(["role"]), row! { "id": 1 });
    let mut row = hostile();
    assert_eq!(row.remove("role"), Some("a".into()));
    assert_eq!(row, row! { "id": 1 });
    assert_eq!(hostile().only(["role"]).len(), 2);
}

#[test]
fn rows_are_iterated_owned_and_borrowed() {
    let row = row! { "b": 1, "a": "x" };
    let mut seen = Vec::new();
    for (name, value) in &row {
        seen.push((name.to_owned(), value.clone()));
    }
    let entries = row.clone().into_iter();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries.collect::<Vec<_>>(), seen);
    let same: Row = row.clone().into_iter().collect();
    assert_eq!(same, row);
}

#[test]
fn an_unknown_column_suggests_the_near_one() {
    let error = row! { "email": "x" }.get::<String>("emial").unwrap_err();
    assert!(
        error.to_string().contains("did you mean `email`?"),
        "{error}"
    );
    let panic = std::panic::catch_unwind(|| row! { "email": "x" }["emial"].clone()).unwrap_err();
    let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(text.contains("did you mean `email`?"), "{text}");
}

#[test]
fn exact_json_keeps_every_digit_and_every_document() {
    let row = row! {
        "i": i64::MAX, "n": num("1.50"), "nan": num("NaN"), "f": 0.1, "neg": -0.0, "inf": f64::INFINITY,
        "b": vec![0u8, 255], "j": json("{\n \"a\": 1.10,\r\n\"b\":[1,2]}"), "a": ["x", "y"], "t": "q\"\n", "z": (),
    };
    assert_eq!(
        row.to_json(),
        r#"{"i":9223372036854775807,"n":1.50,"nan":"NaN","f":0.1,"neg":-0,"inf":"Infinity","b":"\\x00ff","j":{  "a": 1.10,  "b":[1,2]},"a":["x","y"],"t":"q\"\n","z":null}"#
    );
    // one line, and valid
    assert!(!row.to_json().contains('\n'));
    serde_json::from_str::<serde_json::Value>(&row.to_json()).unwrap();
    assert_eq!(
        serde_json::to_string(&row.as_json()).unwrap(),
        row.to_json()
    );
    assert_eq!(
        vec![row! { "a": 1 }, row! { "a": 2 }].to_json(),
        r#"[{"a":1},{"a":2}]"#
    );
}

#[test]
fn json_reads_back_exactly_and_the_private_token_of_serde_json_is_still_there() {
    let text = r#"{"a":1,"b":18446744073709551616,"c":1.50,"d":1e5,"e":-0,"f":{"x": 1.10},"g":[1.10,null,["[\"]",{}]],"h":"\u00e9","i":null,"j":[]}"#;
    let row: Row = serde_json::from_str(text).unwrap();
    assert_eq!(row["a"], 1);
    assert_eq!(row["b"], num("18446744073709551616"));
    assert_eq!(row["c"], num("1.50"));
    assert_eq!(row["d"], num("100000"));
    assert_eq!(row["f"], json(r#"{"x": 1.10}"#));
    assert_eq!(row["g"].to_json(), r#"[1.10,null,["[\"]",{}]]"#);
    assert_eq!(row["h"], "é");
    assert!(row["i"].is_null());
    assert_eq!(row["j"], Value::Array([].into()));
    let from_reader: Row = serde_json::from_reader(text.as_bytes()).unwrap();
    assert_eq!(from_reader, row);
}

#[test]
fn other_formats_work_both_ways() {
    let row: Row = toml::from_str("a = 1\nb = 'x'\nc = true\nd = [1, 'y']\ne = 1.5").unwrap();
    assert_eq!(row["a"], 1);
    assert_eq!(row["e"], 1.5);
    let written =
        toml::to_string(&row! { "n": num("1.50"), "j": json(r#"{"k": [1]}"#), "b": vec![1u8] })
            .unwrap();
    assert!(
        written.contains("n = \"1.50\"")
            && written.contains("k = [1]")
            && written.contains("'\\x01'"),
        "{written}"
    );
    #[derive(Deserialize, Serialize)]
    struct Flat {
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    let flat: Flat = serde_json::from_str(r#"{"a":1,"b":"x"}"#).unwrap();
    assert_eq!(flat.rest["b"], "x");
}

#[test]
fn hostile_nesting_is_refused_without_recursion() {
    for depth in [129, 4_000, 200_000] {
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(serde_json::from_str::<Value>(&text).is_err());
    }
    let text = format!("{}1{}", "[".repeat(128), "]".repeat(128));
    assert!(serde_json::from_str::<Value>(&text).is_ok());
}

#[test]
fn values_convert_exactly_or_not_at_all() {
    assert_eq!(column::<f64>(num("1.50")), Ok(1.5));
    assert_eq!(column::<String>(num("1.50")), Ok("1.50".into()));
    assert_eq!(column::<i64>(num("5.00")), Ok(5));
    assert!(column::<i64>(num("5.01")).is_err());
    assert!(column::<u8>(Value::Int(300)).is_err());
    assert!(column::<f64>(Value::Int((1 << 53) + 1)).is_err());
    assert!(column::<f64>(num(&format!("1{}", "0".repeat(400)))).is_err());
    assert!(column::<bool>(Value::Int(1)).is_err());
    assert!(column::<String>(Value::Int(1)).is_err());
    assert!(column::<i64>(Value::Float(3.0)).is_err());
    assert_eq!(
        column::<Vec<Option<f64>>>(Value::Array([num("1.5"), Value::Null].into())),
        Ok(vec![Some(1.5), None])
    );
    assert_eq!(
        column::<Vec<u8>>(Value::from(vec![1u8, 255])),
        Ok(vec![1, 255])
    );
    assert_eq!(
        column::<Option<BTreeMap<String, i64>>>(json("null")),
        Ok(None)
    );
    assert_eq!(
        column::<BTreeMap<String, i64>>(json(r#"{"a": 1}"#)),
        Ok(BTreeMap::from([("a".into(), 1)]))
    );
    assert_eq!(column::<Vec<i64>>(json("[1,2]")), Ok(vec![1, 2]));
    let raw = column::<Box<serde_json::value::RawValue>>(json(r#"{"a": 1.50}"#)).unwrap();
    assert_eq!(raw.get(), r#"{"a": 1.50}"#);
}

#[test]
fn get_and_deserialize_agree() {
    fn same<T: FromValue + for<'a> Deserialize<'a> + PartialEq + std::fmt::Debug>(
        values: &[Value],
    ) {
        for value in values {
            let got = row! { "c": value }.get::<T>("c").ok();
            assert_eq!(
                got,
                column::<T>(value.clone()).ok(),
                "{value:?} as {}",
                std::any::type_name::<T>()
            );
        }
    }
    let values = [
        Value::Null,
        true.into(),
        0.into(),
        1.into(),
        (-1).into(),
        300.into(),
        i64::MAX.into(),
        i64::MIN.into(),
        1.5.into(),
        f64::NAN.into(),
        num("1.50"),
        num("5.0"),
        num("-3"),
        num("NaN"),
        num("1e300"),
        "x".into(),
        "5".into(),
        vec![1u8].into(),
        vec![1, 2].into(),
        vec!["a"].into(),
        json("1"),
        json("[1,2]"),
        json("null"),
        json("\"x\""),
        json("true"),
        json("{}"),
        json("1.5"),
    ];
    same::<i16>(&values);
    same::<i32>(&values);
    same::<i64>(&values);
    same::<u32>(&values);
    same::<u64>(&values);
    same::<bool>(&values);
    same::<String>(&values);
    same::<Option<i64>>(&values);
    // serde cannot know that bytes are no list of integers
    let lists: Vec<Value> = values
        .iter()
        .filter(|v| !matches!(v, Value::Bytes(_)))
        .cloned()
        .collect();
    same::<Vec<i64>>(&lists);
    // NaN is not equal to itself: compare bits
    for value in &values {
        let got = row! { "c": value }.get::<f64>("c").ok().map(f64::to_bits);
        assert_eq!(
            got,
            column::<f64>(value.clone()).ok().map(f64::to_bits),
            "{value:?} as f64"
        );
    }
}

#[test]
fn no_error_shows_a_value() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only read by serde")]
    enum Mood {
        Happy,
    }
    let secret = "hunter2";
    let errors = [
        column::<i64>(secret.into()).unwrap_err(),
        column::<Mood>(secret.into()).map(drop).unwrap_err(),
        column::<uuid::Uuid>(secret.into()).unwrap_err(),
        column::<chrono::DateTime<chrono::Utc>>(secret.into()).unwrap_err(),
        column::<rust_decimal::Decimal>(secret.into()).unwrap_err(),
        column::<i64>(json("\"hunter2\"")).unwrap_err(),
        row! { "c": secret }.get::<i64>("c").unwrap_err(),
        json("\"hunter2\"").json::<i64>().unwrap_err(),
        Numeric::parse(secret).unwrap_err(),
        Json::parse(secret).unwrap_err(),
    ];
    for error in errors {
        let text = format!(
            "{error} {error:?} {:?}",
            std::error::Error::source(&error).map(ToString::to_string)
        );
        assert!(!text.contains(secret), "{text}");
        assert_eq!(error.kind(), ErrorKind::Conversion);
    }
    // 4242 is a value too
    let error = column::<u8>(Value::Int(4242)).unwrap_err();
    assert!(!error.to_string().contains("4242"), "{error}");
    let error = column::<i64>("x".into()).unwrap_err();
    assert!(error.to_string().contains("column `c`"), "{error}");
}

#[test]
fn debug_of_operations_and_filters_shows_no_values() {
    let filter: Filter = row! { "email": "hunter2", "age": op::gt(4242) };
    let text = format!("{filter:?}");
    assert!(
        text.contains("email") && !text.contains("hunter2") && !text.contains("4242"),
        "{text}"
    );
}

#[test]
fn filters_know_when_nothing_restricts_them() {
    assert!(Filter::from(row! {}).is_unrestricted());
    assert!(row! { "a": op::not_in(Vec::<i64>::new()) }.is_unrestricted());
    assert!(Filter::any_of([row! { "a": 1 }, row! {}]).is_unrestricted());
    assert!(!Filter::all().is_unrestricted());
    assert!(!Filter::any_of(Vec::<Filter>::new()).is_unrestricted());
    assert!(!Filter::from(row! { "a": () }).is_unrestricted());
}

#[test]
fn equality_is_that_of_the_encoding() {
    assert_ne!(num("1.5"), num("1.50"));
    assert_eq!(Value::from(f64::NAN), Value::from(-f64::NAN));
    assert_ne!(Value::from(0.0), Value::from(-0.0));
    assert_ne!(Value::from(1), Value::from(1.0));
    assert_eq!(Value::from(0.1_f32), 0.1);
    assert_eq!(Value::from(u64::MAX), num("18446744073709551615"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))), ..ProptestConfig::default() })]

    #[test]
    fn any_json_reads_back_as_it_was_written(text in r#"\PC{0,40}"#, int: i64, bytes: Vec<u8>) {
        let row = row! { "t": &text, "i": int, "l": [Some(int), None], (text.clone()): true };
        let back: Row = serde_json::from_str(&row.to_json()).unwrap();
        prop_assert_eq!(&back["t"], &row["t"]);
        prop_assert_eq!(&back["i"], &row["i"]);
        prop_assert_eq!(&back["l"], &row["l"]);
        let text = row! { "b": &bytes }.to_json();
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }

    #[test]
    fn no_text_panics_the_readers(text in r#"[\[\]{}",:0-9eE.+a-z\\ -]{0,60}"#) {
        let _ = serde_json::from_str::<Value>(&text);
        let _ = Numeric::parse(&text);
        let _ = Json::parse(text.as_str());
        let _ = db_adapter::query::parse_order(&text);
        let _ = db_adapter::query::IntoColumns::into_columns(text.as_str());
    }

    #[test]
    fn floats_are_written_as_json_numbers_that_read_back(f: f64) {
        let text = Value::from(f).to_json();
        if f.is_finite() {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).unwrap().is_number());
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), f.to_bits(), "{}", text);
        }
    }
}

/// A row of values is the row itself: each stays of its kind.
#[test]
fn a_row_as_values_is_itself() {
    let row = row! {
        "n": num("1.50"), "whole": num("7"), "nan": num("NaN"), "i": 7, "f": 1.5, "t": "1.50", "b": true,
        "bytes": vec![1u8, 2], "list": [num("1.0"), num("2")], "nested": [[num("1.0")], [num("2")]],
        "null": None::<i64>, "doc": json(r#"{"b": 1.50,  "a": 1}"#), "text": json("\"x\""),
        "nil": json("null"), "docs": [json("null"), Value::Null, json("[1, 2]")],
    };
    let again: Row = row.deserialize().unwrap();
    assert_eq!(again, row);
    let map: BTreeMap<String, Value> = row.deserialize().unwrap();
    assert_eq!(map.len(), row.len());
    for (name, value) in &map {
        assert_eq!(&row[name], value, "{name}");
    }
    assert_eq!(map["nil"], json("null"));
    assert_eq!(map["doc"], json(r#"{"b": 1.50,  "a": 1}"#));
    #[derive(Deserialize)]
    struct Some_ {
        n: Value,
        doc: Option<Value>,
        null: Option<Value>,
    }
    let some: Some_ = row.deserialize().unwrap();
    assert_eq!(
        (some.n, some.doc),
        (num("1.50"), Some(json(r#"{"b": 1.50,  "a": 1}"#)))
    );
    assert_eq!(some.null, None);
    // a type that asks by the same name for something else
    let raw: BTreeMap<String, Box<serde_json::value::RawValue>> =
        row.only(["doc"]).deserialize().unwrap();
    assert_eq!(raw["doc"].get(), r#"{"b": 1.50,  "a": 1}"#);
}

#[test]
fn a_member_of_a_document_is_no_column() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code, reason = "only its name counts")]
        member: i64,
    }
    #[derive(Debug, Deserialize)]
    struct Outer {
        #[allow(dead_code, reason = "only its name counts")]
        doc: Inner,
    }
    for text in [
        r#"{"secret": 12345678901234567890}"#,
        r#"{"member": 1, "secret": 12345678901234567890}"#,
        r#"{"member": 1, "member": 12345678901234567890}"#,
        r#"{"secret": 1}"#,
    ] {
        let error = row! { "doc": json(text) }
            .deserialize::<Outer>()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("column `doc`") && error.contains("JSON document"),
            "{error}"
        );
        assert!(
            !error.contains("secret") && !error.contains("such column"),
            "{error}"
        );
    }
}
