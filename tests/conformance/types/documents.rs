//! json keeps its text, jsonb its meaning.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use super::{round_trip, same};
use crate::case::{Case, kind};
use crate::values::{ints, json, num};

cases! {
    anywhere: [
        json_keeps_its_text, jsonb_keeps_its_meaning, json_null_is_not_null,
        plain_values_become_documents,
    ]
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
