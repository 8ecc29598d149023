//! A `jsonb` column holds what PostgreSQL makes of a document, and refuses what it refuses, on every
//! backend; a `json` column keeps the text.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::case::{Case, error, kind};
use crate::values::json;

cases! {
    anywhere: [jsonb_is_normalised, jsonb_refuses_what_postgresql_refuses, json_is_kept_as_it_is]
    outside: [jsonb_of_others_is_normalised_when_it_is_read]
}

const NORMALISED: [(&str, &str); 14] = [
    (r#"{"a":1,"a":2}"#, r#"{"a": 2}"#),
    (
        r#"{"bb":1,"a":{"z":1,"b":[]},"c":3}"#,
        r#"{"a": {"b": [], "z": 1}, "c": 3, "bb": 1}"#,
    ),
    ("1E5", "100000"),
    ("-0", "0"),
    ("[1.50,-0.0,1e-3]", "[1.50, 0.0, 0.001]"),
    (
        "123456789012345678901234567890.10",
        "123456789012345678901234567890.10",
    ),
    (" [ 1 , 2 ] ", "[1, 2]"),
    (r#""\u00e9\/\ud83d\ude00\u001f""#, "\"é/😀\\u001f\""),
    (r#"{"\u0061":1,"é":2,"b":3}"#, r#"{"a": 1, "b": 3, "é": 2}"#),
    ("{}", "{}"),
    ("[]", "[]"),
    ("null", "null"),
    (
        r#"[{"a":[{"b":[null,true,false]}]}]"#,
        r#"[{"a": [{"b": [null, true, false]}]}]"#,
    ),
    (r#"{"":1," ":2}"#, r#"{"": 1, " ": 2}"#),
];

async fn jsonb_is_normalised(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v {jsonb}, list {jsonb[]})")
        .await;
    for (given, expected) in NORMALISED {
        let row = row! { "v": json(given), "list": [json(given)] };
        let row = t.db.insert("t", row).await.unwrap();
        assert_eq!(row["v"], json(expected), "{given}");
        assert_eq!(row["list"], Value::from([json(expected)]), "{given}");
        let id = row.get::<i64>("id").unwrap();
        let stored = t.scalar(&format!("SELECT v FROM t WHERE id = {id}")).await;
        assert_eq!(stored, expected, "{given}, as the database has it");
        let selected = t.db.select("t", "v").filter(row! { "id": id }).one().await;
        assert_eq!(selected.unwrap()["v"], json(expected), "{given}");
    }
    // other values become documents first
    let row =
        t.db.insert("t", row! { "v": vec![1.5, 1e20] })
            .await
            .unwrap();
    assert_eq!(row["v"], json("[1.5, 100000000000000000000]"));
}

async fn jsonb_refuses_what_postgresql_refuses(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v {jsonb})").await;
    let deep = format!("{}{}", "[".repeat(5001), "]".repeat(5001));
    for given in [
        r#""\u0000""#,
        r#"{"a\u0000":1}"#,
        r#""\ud800""#,
        r#""\ud800\ud800""#,
        r#"["\udc00"]"#,
        "1e200000",
        r#"{"n":1e-16384}"#,
        deep.as_str(),
    ] {
        let start = given.get(..20).unwrap_or(given);
        let refused = error(t.db.insert("t", row! { "v": json(given) }).await);
        let db_adapter::Error::InvalidValue(details) = &refused else {
            panic!("{start}: {refused}");
        };
        assert_eq!(details.column.as_deref(), Some("v"), "{start}");
        if t.is_postgres() && given != deep {
            let literal = format!("SELECT '{given}'::jsonb");
            assert!(
                t.oracle_fails(&literal).await,
                "{start}: the server takes it"
            );
        }
    }
    assert_eq!(
        kind(t.db.insert("t", row! { "v": "a\0b" }).await),
        ErrorKind::InvalidValue
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
    let deep = json(&format!("{}{}", "[".repeat(5000), "]".repeat(5000)));
    let row = t.db.insert("t", row! { "v": &deep }).await.unwrap();
    assert_eq!(row["v"], deep);
}

async fn json_is_kept_as_it_is(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v {json})").await;
    for given in [
        r#"{"b":1, "a":1,"a":2}"#,
        "1E5",
        r#""\ud800""#,
        r#""\u0000""#,
        "1e200000",
    ] {
        let row = t.db.insert("t", row! { "v": json(given) }).await.unwrap();
        assert_eq!(row["v"], json(given));
        let id = row.get::<i64>("id").unwrap();
        let stored = t.scalar(&format!("SELECT v FROM t WHERE id = {id}")).await;
        assert_eq!(stored, given);
    }
    let deep = json(&format!("{}{}", "[".repeat(5001), "]".repeat(5001)));
    assert_eq!(
        kind(t.db.insert("t", row! { "v": deep }).await),
        ErrorKind::InvalidValue
    );
}

async fn jsonb_of_others_is_normalised_when_it_is_read(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, v {jsonb})")
        .await;
    // braces mean something to the spelling of DDL
    let sql = r#"INSERT INTO t VALUES (1, '{"b":1E5,"a":1,"a":2}')"#;
    assert!(!t.oracle_fails(sql).await);
    let row = t.db.select("t", "v").one().await.unwrap();
    assert_eq!(row["v"], json(r#"{"a": 2, "b": 100000}"#));
    let row = t.db.query("SELECT v FROM t").one().await.unwrap();
    assert_eq!(row["v"], json(r#"{"a": 2, "b": 100000}"#));
}
