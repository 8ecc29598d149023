//! Each SQL type has one canonical value, the same from every backend, and every canonical value
//! is accepted back for its column, in data and in filters.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;
use db_adapter_core::temporal;
use proptest::prelude::{Just, Strategy, any, prop};
use proptest::prop_oneof;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::case::{Case, kind};
use crate::values::{column, ints, json, num};

cases! {
    anywhere: [
        booleans, integers, doubles, floats, numerics, texts, limited_texts, blank_padded_texts,
        uuids, instants, timestamps, dates, times, times_with_zone, byte_strings, json_keeps_its_text,
        jsonb_keeps_its_meaning, json_null_is_not_null, plain_values_become_documents,
        integer_arrays, text_arrays, other_arrays, unknown_types_are_their_text, bytes_for_unknown_types,
    ]
    outside: [nul_is_refused, null_is_null_for_every_type, types_of_postgres_alone_are_their_text]
    adapter: [
        random_integers, random_doubles, random_floats, random_numerics, random_texts,
        random_bytes, random_instants, random_timestamps, random_dates, random_times,
        random_times_with_zone, random_uuids, random_documents, random_text_arrays,
        random_numeric_arrays,
    ]
}

fn sql_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The value as a literal of the oracle; none for arrays, which have no one spelling.
fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(v) => v.to_string(),
        Value::Int(v) => sql_text(&v.to_string()),
        Value::Float(v) => sql_text(&v.to_string()),
        Value::Numeric(v) => sql_text(v.as_str()),
        Value::Text(v) => sql_text(v),
        Value::Bytes(v) => {
            let hex: String = v.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("'\\x{hex}'")
        }
        Value::Json(v) => sql_text(v.as_str()),
        _ => return None,
    })
}

fn table_of(sql_type: &str) -> String {
    let letters = sql_type
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    format!("of_{}", letters.collect::<String>())
}

/// Each value as given, then as it came back: stored, read by select and by query, filtered by.
async fn round_trip(t: &Case, sql_type: &str, values: impl IntoIterator<Item = (Value, Value)>) {
    let table = &table_of(sql_type);
    t.ddl(&format!(
        "CREATE TABLE {table} (id {{id}}, v {{{sql_type}}})"
    ))
    .await;
    let is_json = sql_type.starts_with("json");
    for (given, canonical) in values {
        let what = format!("{sql_type} {given:?}");
        let row = match t.db.insert(table, row! { "v": &given }).await {
            Ok(row) => row,
            Err(error) => panic!("{what}: {error}"),
        };
        assert_eq!(row["v"], canonical, "{what}, inserted");
        let copy = t.db.insert(table, row! { "v": &row["v"] }).await.unwrap();
        assert_eq!(copy["v"], canonical, "{what}, given back");
        let row =
            t.db.update(table, row! { "v": &copy["v"] }, row! { "id": &row["id"] })
                .await;
        assert_eq!(row.as_ref().unwrap()["v"], canonical, "{what}, updated");
        let row = row.unwrap();

        let by_id = row! { "id": &row["id"] };
        let selected = t.db.select(table, "v").filter(&by_id).one().await.unwrap();
        assert_eq!(selected["v"], canonical, "{what}, selected");
        let sql = format!("SELECT v FROM {table} WHERE id = :id");
        let queried = t.db.query(sql).bind("id", &row["id"]).one().await.unwrap();
        assert_eq!(queried["v"], canonical, "{what}, queried");

        if !is_json {
            let ids = [row["id"].as_i64().unwrap(), copy["id"].as_i64().unwrap()];
            let mut filters = vec![
                row! { "v": op::eq(&canonical) },
                row! { "v": op::is_in([&canonical]) },
            ];
            // data is cut and rounded to a column's limits, a filter is not
            if !sql_type.contains('(') {
                filters.push(row! { "v": op::eq(&given) });
            }
            for filter in filters {
                let found = t.db.select(table, "id").filter(&filter).await.unwrap();
                let found = ints(&found, "id");
                assert!(
                    ids.iter().all(|id| found.contains(id)),
                    "{what}, filtered by {filter:?}"
                );
            }
        }
        if t.is_postgres() {
            let id = &row["id"].as_i64().unwrap();
            for value in [&given, &canonical] {
                let Some(literal) = literal(value) else {
                    continue;
                };
                if is_json && !matches!(value, Value::Json(_)) {
                    continue;
                }
                let sql = format!(
                    "SELECT v::text || ' is not ' || ({literal}::{sql_type})::text FROM {table}
                     WHERE id = {id} AND v::text <> ({literal}::{sql_type})::text"
                );
                assert_eq!(t.scalar(&sql).await, "", "{what}, as the server has it");
            }
        }
    }
}

/// Values that are canonical already.
fn same<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Vec<(Value, Value)> {
    let pair = |value: V| {
        let value = value.into();
        (value.clone(), value)
    };
    values.into_iter().map(pair).collect()
}

fn pairs<A: Into<Value>, B: Into<Value>>(
    values: impl IntoIterator<Item = (A, B)>,
) -> Vec<(Value, Value)> {
    values
        .into_iter()
        .map(|(a, b)| (a.into(), b.into()))
        .collect()
}

async fn booleans(t: &Case) {
    round_trip(t, "bool", same([true, false])).await;
    let raw = t
        .rows("SELECT DISTINCT CASE WHEN v THEN 1 ELSE 0 END FROM of_bool ORDER BY 1")
        .await;
    assert_eq!(raw, [[Some("0".to_owned())], [Some("1".to_owned())]]);
}

async fn integers(t: &Case) {
    const TWO_53: i64 = 1 << 53;
    round_trip(
        t,
        "int2",
        same([0, 1, -1, i64::from(i16::MIN), i64::from(i16::MAX)]),
    )
    .await;
    round_trip(
        t,
        "int4",
        same([0, 1, -1, i64::from(i32::MIN), i64::from(i32::MAX)]),
    )
    .await;
    let wide = [
        0,
        -1,
        TWO_53 - 1,
        TWO_53,
        TWO_53 + 1,
        -TWO_53 - 1,
        i64::MIN,
        i64::MAX,
    ];
    round_trip(t, "int8", same(wide)).await;
    let truth = t.scalar("SELECT max(v) FROM of_int8").await;
    assert_eq!(truth, i64::MAX.to_string());
}

/// SQLite's floats have no negative zero: what it would alter is refused, never altered in
/// silence. As a filter it is zero everywhere.
async fn negative_zero(t: &Case, sql_type: &str) {
    let table = table_of(sql_type);
    let zeros =
        t.db.count(&table, row! { "v": op::eq(-0.0) })
            .await
            .unwrap();
    assert_eq!(zeros, 2, "the zero as it was given and given back");
    if t.is_postgres() {
        t.ddl(&format!("DROP TABLE {table}")).await;
        round_trip(t, sql_type, same([-0.0, 0.0])).await;
        return;
    }
    for outcome in [
        t.db.insert(&table, row! { "v": -0.0 }).await.map(drop),
        t.db.insert_many(&table, [row! { "v": 1.0 }, row! { "v": -0.0 }])
            .await
            .map(drop),
        t.db.update(&table, row! { "v": -0.0 }, row! { "v": 0.0 })
            .await
            .map(drop),
    ] {
        assert_eq!(kind(outcome), ErrorKind::InvalidValue);
    }
}

async fn doubles(t: &Case) {
    let values = [
        0.0,
        0.1,
        -1.5,
        1.0,
        5e-324,
        f64::MIN_POSITIVE,
        f64::MAX,
        f64::MIN,
        1e15,
        1e16,
        1e300,
        9_007_199_254_740_993.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    round_trip(t, "float8", same(values)).await;
    negative_zero(t, "float8").await;
    let ids = t.db.insert("of_float8", row! { "v": 3 }).await.unwrap();
    assert_eq!(ids["v"], 3.0);
}

async fn floats(t: &Case) {
    let values = [
        0.0,
        0.1_f32,
        3.3,
        16_777_216.0,
        f32::MAX,
        f32::MIN_POSITIVE,
        1e-45,
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
    ];
    round_trip(t, "float4", same(values)).await;
    negative_zero(t, "float4").await;
    let wide =
        t.db.insert("of_float4", row! { "v": 0.1_f64 })
            .await
            .unwrap();
    assert_eq!(wide["v"], 0.1, "not 0.10000000149011612");
}

async fn numerics(t: &Case) {
    let exact = [
        "0",
        "0.00",
        "1.5",
        "1.50",
        "-1.50",
        "9007199254740993",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "0.1",
        "0.10",
        "1e3",
        "1000.000",
        "123456789012345678901234567890.123456789012345678901234567890",
        "0.000000000000000000001",
        "NaN",
        "Infinity",
        "-Infinity",
    ];
    round_trip(t, "numeric", same(exact.map(num))).await;
    let long = format!("{}.{}", "9".repeat(400), "1".repeat(300));
    round_trip(t, "numeric(1000,300)", same([num(&long)])).await;
    let given = [
        ("1.5", "1.5000000000"),
        ("-0", "0.0000000000"),
        ("9007199254740993.0000000001", "9007199254740993.0000000001"),
        (
            "1234567890123456789012345678.0123456789",
            "1234567890123456789012345678.0123456789",
        ),
        ("0.00000000010", "0.0000000001"),
        ("NaN", "NaN"),
    ];
    round_trip(t, "numeric(38,10)", given.map(|(a, b)| (num(a), num(b)))).await;
    let others = [
        (Value::from(7), num("7.00")),
        (Value::from(0.1), num("0.10")),
        ("2.5".into(), num("2.50")),
    ];
    round_trip(t, "numeric(6,2)", others).await;
    let refused =
        t.db.insert("of_numeric_6_2_", row! { "v": num("12345") })
            .await;
    assert_eq!(kind(refused), ErrorKind::InvalidValue);
}

async fn texts(t: &Case) {
    let long = "ä".repeat(100_000);
    let values = [
        "",
        " ",
        "Alice",
        "O'Brien",
        "a\"b",
        "\\",
        "\\x00",
        "%_*?[]",
        "line\nbreak\r\ttab",
        "NULL",
        "null",
        "  both sides  ",
        "żółć",
        "日本語",
        "🦀👩‍👩‍👧‍👦",
        "e\u{301}",
        "é",
        "\u{feff}bom",
        "1.10",
        "0123",
        "1e5",
        "{a,b}",
        "[1]",
        "true",
        "\u{7f}\u{1}",
        "\u{10ffff}",
        long.as_str(),
    ];
    round_trip(t, "text", same(values)).await;
}

async fn limited_texts(t: &Case) {
    round_trip(t, "varchar", same(["", "any length"])).await;
    round_trip(
        t,
        "varchar(5)",
        same(["", "abcde", "äöüßé", "a  ", "🦀🦀🦀🦀🦀"]),
    )
    .await;
    assert_eq!(
        kind(t.db.insert("of_varchar_5_", row! { "v": "abcdef" }).await),
        ErrorKind::InvalidValue
    );
}

async fn blank_padded_texts(t: &Case) {
    let given = [
        ("ab", "ab"),
        ("ab ", "ab"),
        ("ab   ", "ab"),
        ("abcde", "abcde"),
        ("", ""),
        (" a", " a"),
    ];
    round_trip(t, "char(5)", pairs(given)).await;
}

async fn uuids(t: &Case) {
    const CANONICAL: &str = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    let given = [
        CANONICAL.to_owned(),
        CANONICAL.to_uppercase(),
        CANONICAL.replace('-', ""),
        format!("{{{CANONICAL}}}"),
    ];
    round_trip(t, "uuid", given.map(|text| (text.into(), CANONICAL.into()))).await;
    let nil = "00000000-0000-0000-0000-000000000000";
    let digits = "12345678-1234-1234-1234-123456789012";
    round_trip_more(t, "uuid", same([nil, digits])).await;
    let typed: uuid::Uuid = CANONICAL.parse().unwrap();
    let row = t.db.insert("of_uuid", row! { "v": typed }).await.unwrap();
    assert_eq!(row.get::<uuid::Uuid>("v").unwrap(), typed);
}

/// More values for a type whose table exists.
async fn round_trip_more(t: &Case, sql_type: &str, values: Vec<(Value, Value)>) {
    t.ddl(&format!("DROP TABLE {}", table_of(sql_type))).await;
    round_trip(t, sql_type, values).await;
}

async fn instants(t: &Case) {
    let canonical = [
        "2026-11-23T01:25:35.896668+00:00",
        "1970-01-01T00:00:00.000000+00:00",
        "1969-12-31T23:59:59.999999+00:00",
        "0001-01-01T00:00:00.000000+00:00",
        "0044-03-15T00:00:00.000000+00:00 BC",
        "9999-12-31T23:59:59.999999+00:00",
        "10000-01-01T00:00:00.000000+00:00",
        "294276-12-31T23:59:59.999999+00:00",
        "infinity",
        "-infinity",
    ];
    round_trip(t, "timestamptz", same(canonical)).await;
    let given = [
        (
            "2026-11-23T02:25:35.896668+01:00",
            "2026-11-23T01:25:35.896668+00:00",
        ),
        ("2026-11-23 02:25:25", "2026-11-23T02:25:25.000000+00:00"),
        ("2026-11-23T02:25:25Z", "2026-11-23T02:25:25.000000+00:00"),
        (
            "2026-11-23 02:25:25.5-05:30",
            "2026-11-23T07:55:25.500000+00:00",
        ),
        ("2026-11-23", "2026-11-23T00:00:00.000000+00:00"),
        ("2026-11-23T24:00:00Z", "2026-11-24T00:00:00.000000+00:00"),
        (
            "2026-11-23T01:25:35.123457000Z",
            "2026-11-23T01:25:35.123457+00:00",
        ),
    ];
    round_trip_more(t, "timestamptz", pairs(given)).await;
}

async fn timestamps(t: &Case) {
    let canonical = [
        "2026-11-23T01:25:35.896668",
        "2026-11-23T00:00:00.000000",
        "0044-03-15T12:00:00.000000 BC",
        "10000-01-01T00:00:00.000000",
        "infinity",
        "-infinity",
    ];
    round_trip(t, "timestamp", same(canonical)).await;
    let given = [
        ("2026-11-23 02:25:25", "2026-11-23T02:25:25.000000"),
        ("2026-11-23T24:00:00", "2026-11-24T00:00:00.000000"),
        ("2026-11-23T02:25:25.1", "2026-11-23T02:25:25.100000"),
    ];
    round_trip_more(t, "timestamp", pairs(given)).await;
}

async fn dates(t: &Case) {
    let canonical = [
        "2026-11-23",
        "2024-02-29",
        "0044-03-15 BC",
        "9999-12-31",
        "10000-01-01",
        "infinity",
        "-infinity",
    ];
    round_trip(t, "date", same(canonical)).await;
    assert_eq!(
        kind(t.db.insert("of_date", row! { "v": "2026-02-29" }).await),
        ErrorKind::InvalidValue
    );
}

async fn times(t: &Case) {
    round_trip(
        t,
        "time",
        same([
            "00:00:00.000000",
            "01:25:35.896668",
            "23:59:59.999999",
            "24:00:00.000000",
        ]),
    )
    .await;
    let given = [
        ("24:00:00", "24:00:00.000000"),
        ("1:25", "01:25:00.000000"),
        ("23:59:60", "24:00:00.000000"),
    ];
    round_trip_more(t, "time", pairs(given)).await;
}

async fn times_with_zone(t: &Case) {
    let canonical = [
        "00:00:00.000000+00:00",
        "01:25:35.896668+05:30",
        "23:59:59.999999-11:00",
        "24:00:00.000000+00:00",
    ];
    round_trip(t, "timetz", same(canonical)).await;
}

async fn byte_strings(t: &Case) {
    let all: Vec<u8> = (0..=255).collect();
    let values = [
        vec![],
        vec![0],
        vec![0, 0],
        b"text".to_vec(),
        b"1.10".to_vec(),
        all.clone(),
        all.repeat(500),
    ];
    round_trip(t, "bytea", same(values)).await;
    round_trip_more(t, "bytea", vec![("\\x00FF".into(), vec![0_u8, 255].into())]).await;
}

async fn json_keeps_its_text(t: &Case) {
    let documents = [
        r#"{"b" : 1,  "a":2}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"n": 1.10, "big": 123456789012345678901234567890, "e": 1E5}"#,
        "[]",
        "{}",
        r#""text""#,
        "1.50",
        "true",
        r#"["é", "\u00e9", "\/"]"#,
    ];
    round_trip(t, "json", same(documents.map(json))).await;
}

/// The same document, whatever its spaces and the order of its keys; numbers by their digits.
fn same_document(a: &Value, b: &Value) -> bool {
    let parse = |value: &Value| value.json::<serde_json::Value>().unwrap();
    parse(a) == parse(b)
}

async fn jsonb_keeps_its_meaning(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v {jsonb})").await;
    for text in [
        r#"{"b" : 1,  "a":[1,2,{"c":null}]}"#,
        "[]",
        "{}",
        r#""text""#,
        "true",
        "0",
        r#"{"é":"\u00e9"}"#,
        r#"{"deep":[[[[[[1]]]]]]}"#,
    ] {
        let given = json(text);
        let row = t.db.insert("t", row! { "v": &given }).await.unwrap();
        assert!(same_document(&row["v"], &given), "{text}: {row:?}");
        let copy = t.db.insert("t", row! { "v": &row["v"] }).await.unwrap();
        assert_eq!(copy["v"], row["v"], "what came back is canonical");
        let selected =
            t.db.select("t", "v")
                .filter(row! { "id": &row["id"] })
                .one()
                .await
                .unwrap();
        assert_eq!(selected["v"], row["v"]);
    }
    for number in [
        "1.10",
        "123456789012345678901234567890",
        "0.1000000000000000000001",
    ] {
        let row =
            t.db.insert("t", row! { "v": json(&format!(r#"{{"n":{number}}}"#)) })
                .await
                .unwrap();
        let text: String = row["v"]
            .json::<db_adapter::Row>()
            .unwrap()
            .get("n")
            .unwrap_or_default();
        assert!(
            row.to_json().contains(number),
            "{number} became {text}: {row:?}"
        );
    }
}

async fn json_null_is_not_null(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, j {json}, b {jsonb})")
        .await;
    let null = json("null");
    let row =
        t.db.insert("t", row! { "id": 1, "j": &null, "b": &null })
            .await
            .unwrap();
    assert_eq!((&row["j"], &row["b"]), (&null, &null));
    let row =
        t.db.insert("t", row! { "id": 2, "j": None::<i64>, "b": None::<i64> })
            .await
            .unwrap();
    assert!(row["j"].is_null() && row["b"].is_null());
    let rows =
        t.db.select("t", "id")
            .filter(row! { "j": None::<i64>, "b": op::is_null() })
            .await
            .unwrap();
    assert_eq!(ints(&rows, "id"), [2]);
    let rows =
        t.db.select("t", "id")
            .filter(row! { "j": op::not_null(), "b": op::not_null() })
            .await
            .unwrap();
    assert_eq!(ints(&rows, "id"), [1]);
    assert_eq!(
        t.table("SELECT id, j IS NULL AND b IS NULL FROM t ORDER BY id")
            .await,
        t.either("1,f|2,t", "1,0|2,1")
    );
    assert_eq!(
        kind(t.db.select("t", "id").filter(row! { "j": json("1") }).await),
        ErrorKind::Unsupported
    );
}

/// Only documents are taken for documents: text becomes a JSON string.
async fn plain_values_become_documents(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, j {json})").await;
    let map = std::collections::BTreeMap::from([("a", 1)]);
    for (given, expected) in [
        (Value::from("text"), r#""text""#),
        (Value::from("{}"), r#""{}""#),
        (Value::from("null"), r#""null""#),
        (Value::from(42), "42"),
        (num("1.50"), "1.50"),
        (Value::from(true), "true"),
        (Value::from(vec![1, 2]), "[1,2]"),
        (Value::from(vec![Some("a"), None]), r#"["a",null]"#),
        (Value::json_from(&map).unwrap(), r#"{"a":1}"#),
        (serde_json::json!({"x": [1]}).into(), r#"{"x":[1]}"#),
    ] {
        let row = t.db.insert("t", row! { "j": &given }).await.unwrap();
        assert_eq!(row["j"], json(expected), "{given:?}");
    }
}

async fn integer_arrays(t: &Case) {
    let null = || Value::Null;
    let values = [
        Value::from(Vec::<i64>::new()),
        Value::from([1, 2, 3]),
        Value::from([Value::from(1), null(), Value::from(-3)]),
        Value::from([null()]),
        Value::from([[1, 2], [3, 4]]),
        Value::from([[[i64::from(i32::MAX)]], [[i64::from(i32::MIN)]]]),
    ];
    round_trip(t, "int4[]", same(values)).await;
    assert_eq!(
        kind(
            t.db.insert(
                "of_int4__",
                row! { "v": Value::from([Value::from([1]), Value::from([1, 2])]) }
            )
            .await
        ),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(t.db.insert("of_int4__", row! { "v": ["x"] }).await),
        ErrorKind::InvalidValue
    );
}

async fn text_arrays(t: &Case) {
    let values = [
        Value::from(Vec::<String>::new()),
        Value::from(["a", "b"]),
        Value::from(["", " ", "NULL", "null"]),
        Value::from([Some("NULL"), None]),
        Value::from([
            "a,b",
            "{x}",
            "\"q\"",
            "back\\slash",
            "new\nline",
            "'",
            "[1]",
            "żółć",
            "🦀",
        ]),
        Value::from([["a", "b"], ["c", "d"]]),
    ];
    round_trip(t, "text[]", same(values)).await;
    if t.is_postgres() {
        let truth = t.scalar(r"SELECT count(*) FROM of_text__ WHERE v = ARRAY['a,b', '{x}', '\x22q\x22', E'back\\slash', E'new\nline', '''', '[1]', 'żółć', '🦀']".replace(r"\x22", "\"").as_str()).await;
        assert_eq!(truth, "2");
    }
}

async fn other_arrays(t: &Case) {
    round_trip(
        t,
        "bool[]",
        same([Value::from([Some(true), None, Some(false)])]),
    )
    .await;
    round_trip(
        t,
        "int8[]",
        same([Value::from([i64::MIN, i64::MAX, (1 << 53) + 1])]),
    )
    .await;
    round_trip(
        t,
        "float8[]",
        same([Value::from([0.1, -0.0, f64::NAN, f64::INFINITY])]),
    )
    .await;
    round_trip(t, "float4[]", same([Value::from([0.1_f32, f32::MAX])])).await;
    round_trip(
        t,
        "numeric[]",
        same([Value::from([
            num("1.50"),
            num("NaN"),
            num("12345678901234567890.1"),
        ])]),
    )
    .await;
    round_trip(
        t,
        "uuid[]",
        same([Value::from(["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"])]),
    )
    .await;
    let instants = ["2026-11-23T01:25:35.896668+00:00", "infinity"];
    round_trip(t, "timestamptz[]", same([Value::from(instants)])).await;
    round_trip(
        t,
        "date[]",
        same([Value::from(["2026-11-23", "-infinity"])]),
    )
    .await;
    round_trip(
        t,
        "bytea[]",
        same([Value::from(vec![
            Value::from(vec![0_u8, 255]),
            Value::from(Vec::<u8>::new()),
            Value::Null,
        ])]),
    )
    .await;
    let given = Value::from(["2026-11-23 02:25:25+01"]);
    let canonical = Value::from(["2026-11-23T01:25:25.000000+00:00"]);
    round_trip_more(t, "timestamptz[]", vec![(given, canonical)]).await;
}

/// Types that db-adapter does not know never fail a row: they are the text that they print.
async fn unknown_types_are_their_text(t: &Case) {
    round_trip(
        t,
        "interval",
        same(["1 day", "1 year 2 mons 3 days 04:05:06.789", "-00:00:01"]),
    )
    .await;
    round_trip(t, "int4range", same(["[1,5)", "empty", "(,)"])).await;
    round_trip(t, "inet", same(["127.0.0.1/32", "10.0.0.0/8", "::1/128"])).await;
    round_trip(t, "bit(3)", same(["101"])).await;
}

/// Enums, domains, composites and the like are declared; SQLite has no such declarations, so the
/// same names there are types that nobody knows.
async fn types_of_postgres_alone_are_their_text(t: &Case) {
    if t.is_postgres() {
        t.ddl(
            "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
               CREATE DOMAIN zip AS varchar(5) CHECK (VALUE ~ '^[0-9]+$');
               CREATE DOMAIN amount AS numeric(10,2);
               CREATE TYPE pair AS (a int, b text)",
        )
        .await;
    }
    t.ddl("CREATE TABLE t (id {id}, m mood, z zip, p pair, ms mood[], x xml)")
        .await;
    let data = row! { "m": "ok", "z": "12345", "p": "(1,\"a b\")", "x": "<a/>" };
    let row = t.db.insert("t", &data).await.unwrap();
    for (name, value) in data.iter() {
        assert_eq!(&row[name], value, "{name}");
    }
    let row =
        t.db.update("t", &data, row! { "m": "ok", "z": "12345" })
            .await
            .unwrap();
    assert_eq!(row["p"], data["p"]);
    assert_eq!(
        t.table("SELECT m, z, p FROM t").await,
        "ok,12345,(1,\"a b\")"
    );
    if t.is_postgres() {
        let row =
            t.db.update("t", row! { "ms": ["sad", "ok"] }, row! { "id": 1 })
                .await
                .unwrap();
        assert_eq!(row["ms"], Value::from(["sad", "ok"]));
        let row = t.db.update("t", &row, row! { "id": 1 }).await.unwrap();
        assert_eq!(row["ms"], Value::from(["sad", "ok"]));
        assert_eq!(
            kind(t.db.insert("t", row! { "m": "angry" }).await),
            ErrorKind::InvalidValue
        );
        assert_eq!(
            kind(t.db.insert("t", row! { "z": "x" }).await),
            ErrorKind::CheckViolation
        );
        let rows =
            t.db.select("t", "m")
                .filter(row! { "m": ["sad", "ok"] })
                .await
                .unwrap();
        assert_eq!(column(&rows, "m"), [Value::from("ok")]);
    }
}

async fn nul_is_refused(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, s text, c {char(5)}, v {varchar(5)}, a {text[]})")
        .await;
    for data in [
        row! { "s": "a\0b" },
        row! { "c": "a\0" },
        row! { "v": "\0" },
        row! { "a": ["\0"] },
    ] {
        assert_eq!(
            kind(t.db.insert("t", &data).await),
            ErrorKind::InvalidValue,
            "{data:?}"
        );
        assert_eq!(
            kind(t.db.select("t", "*").filter(&data).await),
            ErrorKind::InvalidValue,
            "{data:?}"
        );
    }
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
}

const TYPES: [&str; 22] = [
    "bool",
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "numeric",
    "numeric(6,2)",
    "text",
    "varchar(5)",
    "char(5)",
    "uuid",
    "timestamptz",
    "timestamp",
    "date",
    "time",
    "timetz",
    "bytea",
    "json",
    "jsonb",
    "int4[]",
    "text[]",
];

async fn null_is_null_for_every_type(t: &Case) {
    let columns: Vec<String> = TYPES
        .iter()
        .enumerate()
        .map(|(i, ty)| format!("c{i} {{{ty}}}"))
        .collect();
    t.ddl(&format!(
        "CREATE TABLE t (id {{id}}, {})",
        columns.join(", ")
    ))
    .await;
    let nulls: Row = (0..TYPES.len())
        .map(|i| (format!("c{i}"), Value::Null))
        .collect();
    let row = t.db.insert("t", &nulls).await.unwrap();
    t.db.insert_many("t", [&nulls, &nulls]).await.unwrap();
    for (name, value) in nulls.iter() {
        assert!(value.is_null() && row[name].is_null(), "{name}");
        assert_eq!(
            t.db.count("t", row! { (name): None::<i64> }).await.unwrap(),
            3,
            "{name}"
        );
        assert_eq!(
            t.db.count("t", row! { (name): op::not_null() })
                .await
                .unwrap(),
            0,
            "{name}"
        );
        assert_eq!(
            t.scalar(&format!("SELECT count(*) FROM t WHERE {name} IS NULL"))
                .await,
            "3"
        );
    }
}

// --- random values, with a printed seed ----------------------------------------------------------

/// A seed from `DB_ADAPTER_TESTS_SEED`, else a new one; printed, so that a failure can be run again.
fn runner(what: &str) -> TestRunner {
    let seed: u64 = match std::env::var("DB_ADAPTER_TESTS_SEED") {
        Ok(text) => text.parse().expect("a number as the seed"),
        Err(_) => std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64,
    };
    eprintln!("{what}: DB_ADAPTER_TESTS_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(
        Config::default(),
        TestRng::from_seed(RngAlgorithm::ChaCha, &bytes),
    )
}

/// Random canonical values: written in bulk, given back in order, selected, found by equality.
async fn random<S>(t: &Case, sql_type: &str, strategy: S)
where
    S: Strategy,
    S::Value: Into<Value>,
{
    let total = if support::long() { 100_000 } else { 300 };
    let mut runner = runner(sql_type);
    t.ddl(&format!(
        "CREATE TABLE t (id {{int4}} PRIMARY KEY, v {{{sql_type}}}, w text)"
    ))
    .await;
    let is_json = sql_type.starts_with("json");
    for from in (0..total).step_by(5000) {
        let mut next = || strategy.new_tree(&mut runner).unwrap().current().into();
        let values: Vec<Value> = (from..total.min(from + 5000)).map(|_| next()).collect();
        let data: Vec<Row> = values
            .iter()
            .enumerate()
            .map(|(i, value)| {
                let text = match value {
                    Value::Array(_) => None,
                    Value::Bytes(_) => {
                        Some(value.to_json().trim_matches('"').replace("\\\\", "\\"))
                    }
                    Value::Float(v) => Some(v.to_string()),
                    Value::Text(v) => Some(v.to_string()),
                    Value::Numeric(v) => Some(v.to_string()),
                    other => Some(other.to_json()),
                };
                row! { "id": i + from, "v": value, "w": text }
            })
            .collect();
        let returned = t.db.insert_many("t", &data).returning("v").await.unwrap();
        for (given, row) in values.iter().zip(&returned) {
            assert_eq!(&row["v"], given, "{sql_type}, inserted");
        }
        let selected =
            t.db.select("t", "v")
                .filter(row! { "id": op::gte(from) })
                .order_by("id")
                .await
                .unwrap();
        assert_eq!(selected.len(), values.len());
        for (given, row) in values.iter().zip(&selected) {
            assert_eq!(&row["v"], given, "{sql_type}, selected");
        }
        if is_json {
            continue;
        }
        let found =
            t.db.count("t", row! { "v": op::is_in(&values), "id": op::gte(from) })
                .await
                .unwrap();
        assert_eq!(found, values.len() as u64, "{sql_type}, found among all");
        for (i, value) in values.iter().enumerate().take(100) {
            let filter = row! { "id": i + from, "v": op::eq(value) };
            assert!(
                t.db.exists("t", filter).await.unwrap(),
                "{sql_type}, found by {value:?}"
            );
        }
    }
    if t.is_postgres() {
        let sql = format!(
            "SELECT v::text || ' is not ' || (w::{sql_type})::text FROM t WHERE v::text <> (w::{sql_type})::text"
        );
        assert_eq!(t.scalar(&sql).await, "", "{sql_type}, as the server has it");
    }
}

async fn random_integers(t: &Case) {
    random(
        t,
        "int8",
        prop_oneof![any::<i64>(), -3_i64..3, Just(i64::MAX), Just(i64::MIN)],
    )
    .await;
}

async fn random_doubles(t: &Case) {
    use prop::num::f64::{INFINITE, NEGATIVE, NORMAL, POSITIVE, QUIET_NAN, SUBNORMAL, ZERO};
    let all = POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO | INFINITE | QUIET_NAN;
    let sqlite = !t.is_postgres();
    // see `negative_zero`
    let values = all.prop_map(move |v| if sqlite && v == 0.0 { 0.0 } else { v });
    random(t, "float8", values).await;
}

async fn random_floats(t: &Case) {
    use prop::num::f32::{INFINITE, NEGATIVE, NORMAL, POSITIVE, QUIET_NAN, SUBNORMAL, ZERO};
    let all = POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO | INFINITE | QUIET_NAN;
    let sqlite = !t.is_postgres();
    // see `negative_zero`
    let values = all.prop_map(move |v| if sqlite && v == 0.0 { 0.0 } else { v });
    random(t, "float4", values).await;
}

fn any_numeric() -> impl Strategy<Value = Value> {
    prop_oneof![
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?".prop_map(|text| num(&text)),
        "-?0\\.0{0,30}[0-9]{1,5}".prop_map(|text| num(&text)),
        "-?[1-9]0{0,60}".prop_map(|text| num(&text)),
        any::<i64>().prop_map(|int| num(&int.to_string())),
        Just(num("NaN")),
    ]
}

async fn random_numerics(t: &Case) {
    random(t, "numeric", any_numeric()).await;
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>().prop_map(|text| text.replace('\0', "")),
        "[ '\"\\\\%_,{}\\[\\]:$?\n\r\t-]{0,20}",
        "-?[0-9]{1,20}(\\.[0-9]{1,3}0)?(e[0-9])?",
    ]
}

async fn random_texts(t: &Case) {
    random(t, "text", any_text()).await;
}

async fn random_bytes(t: &Case) {
    random(t, "bytea", prop::collection::vec(any::<u8>(), 0..100)).await;
}

const FIRST: i64 = -211_813_488_000_000_000;
const LAST: i64 = 9_223_371_331_199_999_999;

fn any_micros() -> impl Strategy<Value = i64> {
    let near = -3_000_000_000_000_000_i64..3_000_000_000_000_000;
    let infinite = prop::sample::select(vec![i64::MAX, i64::MIN, FIRST, LAST, 0, -1]);
    prop_oneof![near.clone(), near, FIRST..=LAST, infinite]
}

async fn random_instants(t: &Case) {
    random(
        t,
        "timestamptz",
        any_micros().prop_map(temporal::format_timestamptz),
    )
    .await;
}

async fn random_timestamps(t: &Case) {
    random(
        t,
        "timestamp",
        any_micros().prop_map(temporal::format_timestamp),
    )
    .await;
}

async fn random_dates(t: &Case) {
    let infinite = prop::sample::select(vec![i32::MAX, i32::MIN, -2_451_545, 2_145_031_948]);
    let days = prop_oneof![-800_000..800_000, -2_451_545..=2_145_031_948, infinite];
    random(t, "date", days.prop_map(temporal::format_date)).await;
}

async fn random_times(t: &Case) {
    random(
        t,
        "time",
        (0..=86_400_000_000_i64).prop_map(temporal::format_time),
    )
    .await;
}

async fn random_times_with_zone(t: &Case) {
    let zone = prop_oneof![
        (-63..=63_i32).prop_map(|quarters| quarters * 900),
        -57_599..=57_599_i32
    ];
    let time = (0..=86_400_000_000_i64, zone);
    random(
        t,
        "timetz",
        time.prop_map(|(micros, east)| temporal::format_timetz(micros, east)),
    )
    .await;
}

async fn random_uuids(t: &Case) {
    random(
        t,
        "uuid",
        any::<u128>().prop_map(|bits| uuid::Uuid::from_u128(bits).to_string()),
    )
    .await;
}

async fn random_documents(t: &Case) {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|v| v.to_string()),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
        any_text().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    let documents = leaf.prop_recursive(4, 30, 5, |inner| {
        let key = any_text().prop_map(|text| serde_json::to_string(&text).unwrap());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((key, inner), 0..5).prop_map(|entries| {
                let entries: Vec<_> = entries.iter().map(|(k, v)| format!("{k} : {v}")).collect();
                format!("{{ {} }}", entries.join(","))
            }),
        ]
    });
    random(t, "json", documents.prop_map(|text| json(&text))).await;
}

async fn random_text_arrays(t: &Case) {
    let items = prop::collection::vec(prop::option::weighted(0.9, any_text()), 0..8);
    random(t, "text[]", items).await;
}

async fn random_numeric_arrays(t: &Case) {
    random(t, "numeric[]", prop::collection::vec(any_numeric(), 0..8)).await;
}

/// SQLite keeps bytes under any name; of what PostgreSQL takes as text they are refused unsent.
async fn bytes_for_unknown_types(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v polygon, w interval[])")
        .await;
    let bytes = Value::from(vec![0_u8, 255]);
    let inserted = t.db.insert("t", row! { "v": &bytes }).await;
    let filtered = t.db.count("t", row! { "v": op::is_in([&bytes]) }).await;
    if t.is_postgres() {
        for refused in [inserted.unwrap_err(), filtered.unwrap_err()] {
            assert_eq!(refused.kind(), ErrorKind::InvalidValue);
            let said = refused.to_string();
            assert!(
                said.contains("for `v` in table `t`") && said.contains("found bytes"),
                "{said}"
            );
        }
        assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
    } else {
        assert_eq!(inserted.unwrap()["v"], bytes);
        assert_eq!(filtered.unwrap(), 1);
        assert_eq!(t.scalar("SELECT hex(v) FROM t").await, "00FF");
    }
    // in an array they have no form on either
    let refused =
        t.db.insert("t", row! { "w": vec![&bytes] })
            .await
            .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidValue);
}
