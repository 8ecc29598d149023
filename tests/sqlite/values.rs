//! Declared types decide what a value is; what SQLite would alter is refused.

use db_adapter::prelude::*;
use db_adapter::{ErrorKind, Numeric, SqliteAdapter};

use crate::with;

fn numeric(text: &str) -> Value {
    Numeric::parse(text).unwrap().into()
}

#[tokio::test]
async fn declared_types_decide() {
    let (_database, db) = with(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b BOOLEAN, i INT, r DOUBLE, n DECIMAL(10,2),
            nt DECIMAL_TEXT, u UUID, ts TIMESTAMPTZ, d DATE, c CHAR(4), v VARCHAR(5), x BLOB,
            j JSON_TEXT, a INTEGER[], o MONEY, whatever)",
    )
    .await;
    let row = row! {
        "b": true, "i": i64::MAX, "r": 0.1, "n": numeric("1.10"),
        "nt": numeric("12345678901234567890.12345678901234567890"),
        "u": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "ts": "2026-11-23 02:25:25+01",
        "d": "2026-11-23", "c": "ab  ", "v": "äöüß€", "x": vec![0_u8, 255],
        "j": Value::json_from(&[1.5]).unwrap(), "a": [1, 2], "o": 5, "whatever": 7,
    };
    let found = db.insert("t", row).await.unwrap();
    assert_eq!(
        found,
        row! {
            "id": 1, "b": true, "i": i64::MAX, "r": 0.1, "n": numeric("1.10"),
            "nt": numeric("12345678901234567890.12345678901234567890"),
            "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "ts": "2026-11-23T01:25:25.000000+00:00",
            "d": "2026-11-23", "c": "ab", "v": "äöüß€", "x": vec![0_u8, 255],
            "j": Value::json_from(&[1.5]).unwrap(), "a": [1, 2], "o": "5", "whatever": 7,
        }
    );
    // by caller-written SQL, and through every canonical value as a filter
    assert_eq!(
        db.query("SELECT * FROM t").await.unwrap()[..],
        *std::slice::from_ref(&found)
    );
    for (name, value) in found.iter().filter(|(name, _)| *name != "j") {
        let mut filter = Row::new();
        filter.set(name, value.clone());
        let filter: Filter = if name == "a" {
            row! { "a": op::eq(value) }
        } else {
            filter.into()
        };
        assert_eq!(db.count("t", filter).await.unwrap(), 1, "{name}");
    }
}

#[tokio::test]
async fn what_affinity_would_alter_is_refused() {
    let (_database, db) = with(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n NUMERIC, d DECIMAL(30,20), s STRING, j JSON, r REAL, iv INTERVAL)",
    )
    .await;
    for (column, value) in [
        ("n", numeric("1.10")),
        ("n", numeric("12345678901234567890.123")),
        ("n", numeric("9223372036854775808")),
        ("d", numeric("0.12345678901234567890")),
        ("s", "007".into()),
        ("s", "1e5".into()),
        ("s", "1".into()),
        ("j", Value::Json(db_adapter::Json::parse("1.0").unwrap())),
        (
            "j",
            Value::Json(db_adapter::Json::parse("12345678901234567890123").unwrap()),
        ),
        ("r", Value::Float(-0.0)),
        ("iv", "05".into()),
    ] {
        let mut row = Row::new();
        row.set(column, value.clone());
        let error = db.insert("t", row).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{column} {value:?}");
        assert!(
            error.to_string().contains(&format!("`{column}`")),
            "{error}"
        );
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    for (column, value) in [
        ("n", numeric("1.1")),
        ("n", numeric("-5")),
        ("n", numeric("NaN")),
        ("n", numeric("Infinity")),
        ("d", numeric("5.50000000000000000000")),
        ("s", "seven".into()),
        ("j", Value::Json(db_adapter::Json::parse("1.5").unwrap())),
        ("j", Value::Json(db_adapter::Json::parse("17").unwrap())),
        ("j", Value::Json(db_adapter::Json::parse("null").unwrap())),
        (
            "j",
            Value::Json(db_adapter::Json::parse(r#"{"a": 1.0}"#).unwrap()),
        ),
        ("r", Value::Float(f64::INFINITY)),
        ("r", Value::Float(f64::NEG_INFINITY)),
        ("r", Value::Float(f64::NAN)),
        ("r", Value::Float(5.0)),
        ("r", Value::Float(f64::MIN_POSITIVE)),
        ("iv", "5".into()),
        ("iv", "1 day".into()),
    ] {
        let mut row = Row::new();
        row.set(column, value.clone());
        let found = db.insert("t", row).await.unwrap();
        assert_eq!(found[column], value, "{column}");
        let again = db
            .select("t", column)
            .filter(row! { "id": &found["id"] })
            .one()
            .await
            .unwrap();
        assert_eq!(again[column], value, "{column}");
    }
}

#[tokio::test]
async fn rows_of_others_read_as_what_they_mean() {
    let (database, db) = with(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, u UUID,
            b BOOLEAN, n DECIMAL(10,2), c CHAR(5), i INTEGER, x BYTEA, name TEXT, r REAL, j JSON)",
    )
    .await;
    database
        .sql(
            "INSERT INTO t (id, at, u, b, n, c, i, x, name, r, j) VALUES
              (1, '2026-11-23 02:25:25', 'A0EEBC999C0B4EF8BB6D6BB9BD380A11', 1, 5, 'ab   ', 'many', 'text', x'00ff', 3, 1.5),
              (2, 'yesterday', 'no uuid', 7, 'x', 'ab', 2.5, x'00', 12, 'much', '{bad')",
        )
        .await;
    let rows = db.select("t", "*").order_by("id").await.unwrap();
    assert_eq!(
        rows[0],
        row! {
            "id": 1, "at": "2026-11-23T02:25:25.000000", "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "b": true, "n": numeric("5.00"), "c": "ab", "i": "many", "x": "text",
            "name": vec![0_u8, 255], "r": 3.0, "j": Value::Json(db_adapter::Json::parse("1.5").unwrap()),
        }
    );
    assert_eq!(
        rows[1],
        row! {
            "id": 2, "at": "yesterday", "u": "no uuid", "b": 7, "n": "x", "c": "ab", "i": 2.5,
            "x": vec![0_u8], "name": "12", "r": "much", "j": "{bad",
        }
    );
    // every spelling is found by the canonical value
    for filter in [
        row! { "at": "2026-11-23T02:25:25.000000" }.into(),
        row! { "at": op::lte("2026-11-23T02:25:25.000000"), "id": 1 },
        row! { "at": ["2026-11-23T02:25:25"] }.into(),
        row! { "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" }.into(),
        row! { "u": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"] }.into(),
        row! { "u": op::gte("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), "id": 1 },
        row! { "c": "ab", "id": 1 }.into(),
        row! { "c": op::like("_b"), "id": 1 },
        row! { "n": numeric("5.0") }.into(),
    ] {
        let filter: Filter = filter;
        assert_eq!(db.count("t", &filter).await.unwrap(), 1, "{filter:?}");
    }
    db.execute("INSERT INTO t (id) VALUES (3)").await.unwrap();
    let at = db
        .select("t", "at")
        .filter(row! { "id": 3 })
        .one()
        .await
        .unwrap();
    let now = at.get::<String>("at").unwrap();
    assert_eq!(now.len(), "2026-11-23T02:25:25.000000".len());
    assert_eq!(db.count("t", row! { "at": now }).await.unwrap(), 1);
}

#[tokio::test]
async fn nan_equals_itself_and_is_the_greatest() {
    let (_database, db) =
        with("CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL, n NUMERIC_TEXT)").await;
    for value in [f64::NAN, 1.0, f64::INFINITY, f64::NEG_INFINITY] {
        let text = if value.is_nan() {
            "NaN".into()
        } else if value == 1.0 {
            "1.00".to_owned()
        } else if value > 0.0 {
            "Infinity".into()
        } else {
            "-Infinity".into()
        };
        db.insert("t", row! { "r": value, "n": numeric(&text) })
            .await
            .unwrap();
    }
    for column in ["r", "n"] {
        let rows = db.select("t", "id").order_by(column).await.unwrap();
        let ids: Vec<i64> = rows.iter().map(|row| row.get("id").unwrap()).collect();
        assert_eq!(ids, [4, 2, 3, 1], "{column}");
        let nan: Value = if column == "r" {
            f64::NAN.into()
        } else {
            numeric("NaN")
        };
        for (test, count) in [
            (op::eq(&nan), 1),
            (op::ne(&nan), 3),
            (op::lt(&nan), 3),
            (op::gte(&nan), 1),
            (op::gt(f64::INFINITY), 1),
            (op::is_in([nan.clone(), 1.0.into()]), 2),
        ] {
            let filter = if column == "r" {
                row! { "r": test }
            } else {
                row! { "n": test }
            };
            assert_eq!(db.count("t", &filter).await.unwrap(), count, "{filter:?}");
        }
    }
}

#[tokio::test]
async fn text_that_is_no_utf8_is_an_error_that_names_the_column() {
    let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)").await;
    database
        .sql("INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT))")
        .await;
    let error = db.select("t", "*").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conversion);
    assert!(error.to_string().contains("`name`"), "{error}");
    // the connection is as good as before
    assert_eq!(db.select("t", "id").await.unwrap().len(), 1);
}

#[tokio::test]
async fn strict_tables_refuse_with_a_typed_error() {
    let (_database, db) = with("CREATE TABLE t (i INTEGER, r REAL, a ANY, x TEXT) STRICT").await;
    let error = db.insert("t", row! { "r": f64::NAN }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
    let row = db
        .insert("t", row! { "a": "007", "i": 1, "r": 1.0, "x": "1" })
        .await
        .unwrap();
    assert_eq!(
        (&row["a"], &row["x"]),
        (&Value::from("007"), &Value::from("1"))
    );
    let row = db.insert("t", row! { "a": 7 }).await.unwrap();
    assert_eq!(row["a"], 7);
    assert_eq!(db.count("t", row! { "a": "007" }).await.unwrap(), 1);
    assert_eq!(db.count("t", row! { "a": 7 }).await.unwrap(), 1);
}

/// What was read is accepted back: bytes under the name of a type that nobody knows too.
#[tokio::test]
async fn bytes_stand_under_names_of_unknown_types() {
    let (database, db) = with(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v FOO, g GEOMETRY, e VECTOR(3));
         INSERT INTO t VALUES (1, x'00ff', 'POINT(1 2)', x'')",
    )
    .await;
    let found = db.select("t", "*").one().await.unwrap();
    let bytes = |bytes: &[u8]| Value::from(bytes.to_vec());
    assert_eq!(
        found,
        row! { "id": 1, "v": bytes(&[0, 255]), "g": "POINT(1 2)", "e": bytes(&[]) }
    );

    let mut copy = found.clone();
    copy.set("id", 2);
    assert_eq!(db.insert("t", &copy).await.unwrap(), copy);
    copy.set("id", 3);
    db.upsert("t", &copy, "id").await.unwrap();
    db.update(
        "t",
        row! { "g": bytes(b"\x01") },
        row! { "v": bytes(&[0, 255]), "id": 3 },
    )
    .await
    .unwrap();
    let stored = "SELECT id, quote(v), quote(g), typeof(e) FROM t ORDER BY id";
    let rows = database.oracle().await.rows_text(stored).await;
    let rows: Vec<String> = rows
        .into_iter()
        .map(|row| row.into_iter().flatten().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        rows,
        [
            "1 X'00FF' 'POINT(1 2)' blob",
            "2 X'00FF' 'POINT(1 2)' blob",
            "3 X'00FF' X'01' blob"
        ]
    );

    let count = async |filter: Filter| db.count("t", filter).await.unwrap();
    assert_eq!(count(row! { "v": bytes(&[0, 255]) }.into()).await, 3);
    assert_eq!(
        count(row! { "v": op::is_in([bytes(&[0, 255]), bytes(&[1])]) }).await,
        3
    );
    assert_eq!(count(row! { "g": op::ne(bytes(b"\x01")) }).await, 2);
    assert_eq!(count(row! { "e": bytes(&[0]) }.into()).await, 0);
}

/// A full-text query is a value, the words of which SQLite takes for columns.
#[tokio::test]
async fn the_words_of_a_full_text_query_are_not_shown() {
    let db = SqliteAdapter::connect("sqlite::memory:").await.unwrap();
    let table = "CREATE VIRTUAL TABLE ft USING fts5 (a); INSERT INTO ft VALUES ('b')";
    db.execute_script(table).await.unwrap();
    for words in ["S3cr3t:b", "foo-S3cr3t", "S3cr3t AND", "\"S3cr3t"] {
        for sql in [
            "SELECT * FROM ft WHERE ft MATCH :x",
            "DELETE FROM ft WHERE ft MATCH :x",
        ] {
            let error = db.query(sql).bind("x", words).await.unwrap_err();
            assert_ne!(error.kind(), ErrorKind::UndefinedColumn, "{words}");
            assert!(
                !format!("{error} {error:?}").contains("S3cr3t"),
                "{error:?}"
            );
        }
    }
    assert_eq!(db.count("ft", Filter::all()).await.unwrap(), 1);
}
