//! Rows as a program uses them: typed access, serde, exact JSON; from real rows of each backend.

use db_adapter::prelude::*;
use db_adapter::{Numeric, Result};
use futures_util::TryStreamExt;

use crate::case::Case;
use crate::values::{json, num};

cases! {
    anywhere: [
        values_convert_into_rust_types, rows_deserialize_into_structs, rows_are_exact_json,
        rows_serialize_portably, typed_values_are_data_and_filters, rows_share_and_index_their_names,
        selects_and_queries_give_typed_rows, typed_rows_are_the_rows_read_by_hand,
        a_float_is_the_nearest_and_loses_no_whole_number,
    ]
    outside: [a_column_that_a_type_does_not_take_is_named]
}

async fn book(t: &Case) -> Row {
    t.ddl("CREATE TABLE books (id {id}, title text NOT NULL, price {numeric(10,2)}, pages {int4}, score {float8},
           sold {bool}, isbn {uuid}, at {timestamptz}, day {date}, clock {time}, plain {timestamp}, cover {bytea},
           meta {jsonb}, tags {text[]}, absent text)").await;
    let data = row! {
        "title": "Größe", "price": num("1.50"), "pages": 300, "score": 0.1, "sold": true,
        "isbn": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "at": "2026-11-23T01:25:35.896668+00:00",
        "day": "2026-11-23", "clock": "01:25:35.896668", "plain": "2026-11-23T01:25:35.896668",
        "cover": vec![0_u8, 255], "meta": json(r#"{"a": [1, 2]}"#), "tags": [Some("x"), None],
    };
    t.db.insert("books", data).await.unwrap()
}

async fn values_convert_into_rust_types(t: &Case) {
    let row = book(t).await;
    assert_eq!(row.get::<i64>("id").unwrap(), 1);
    assert_eq!(row.get::<u32>("pages").unwrap(), 300);
    assert_eq!(row.get::<String>("title").unwrap(), "Größe");
    assert_eq!(row.get::<Option<String>>("absent").unwrap(), None);
    assert_eq!(row.get::<Numeric>("price").unwrap().as_str(), "1.50");
    assert_eq!(
        row.get::<rust_decimal::Decimal>("price")
            .unwrap()
            .to_string(),
        "1.50"
    );
    assert_eq!(row.get::<f64>("score").unwrap(), 0.1);
    assert!(row.get::<bool>("sold").unwrap());
    assert_eq!(row.get::<Vec<u8>>("cover").unwrap(), [0, 255]);
    assert_eq!(
        row.get::<Vec<Option<String>>>("tags").unwrap(),
        [Some("x".to_owned()), None]
    );
    assert_eq!(
        row.get::<uuid::Uuid>("isbn").unwrap().to_string(),
        row["isbn"].as_str().unwrap()
    );
    let at: chrono::DateTime<chrono::Utc> = row.get("at").unwrap();
    assert_eq!(at.timestamp_micros(), 1_795_397_135_896_668);
    assert_eq!(
        row.get::<time::OffsetDateTime>("at")
            .unwrap()
            .unix_timestamp(),
        at.timestamp()
    );
    assert_eq!(
        row.get::<chrono::NaiveDate>("day").unwrap().to_string(),
        "2026-11-23"
    );
    assert_eq!(
        row.get::<chrono::NaiveTime>("clock").unwrap().to_string(),
        "01:25:35.896668"
    );
    assert_eq!(
        row.get::<chrono::NaiveDateTime>("plain").unwrap(),
        at.naive_utc()
    );
    assert_eq!(
        row.get::<serde_json::Value>("meta").unwrap(),
        serde_json::json!({"a": [1, 2]})
    );
    for (name, found) in [
        ("title", row.get::<i64>("title").map(drop)),
        ("pages", row.get::<i8>("pages").map(drop)),
        ("price", row.get::<i64>("price").map(drop)),
        ("absent", row.get::<String>("absent").map(drop)),
    ] {
        assert_eq!(
            crate::case::kind(found),
            db_adapter::ErrorKind::Conversion,
            "{name}"
        );
    }
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Book {
    id: i64,
    title: String,
    price: rust_decimal::Decimal,
    pages: Option<u16>,
    score: f32,
    isbn: uuid::Uuid,
    at: chrono::DateTime<chrono::Utc>,
    cover: Vec<u8>,
    meta: Meta,
    tags: Vec<Option<String>>,
    absent: Option<String>,
    #[serde(default)]
    missing: bool,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Meta {
    a: Vec<u8>,
}

async fn rows_deserialize_into_structs(t: &Case) {
    book(t).await;
    let rows = t.db.select("books", "*").await.unwrap();
    let books: Vec<Book> = rows
        .iter()
        .map(Row::deserialize)
        .collect::<Result<_>>()
        .unwrap();
    let book = &books[0];
    assert_eq!(
        (book.id, book.title.as_str(), book.pages),
        (1, "Größe", Some(300))
    );
    assert_eq!((book.price.to_string().as_str(), book.score), ("1.50", 0.1));
    assert_eq!(book.meta, Meta { a: vec![1, 2] });
    assert_eq!(book.tags, [Some("x".to_owned()), None]);
    assert_eq!(book.at.to_rfc3339(), "2026-11-23T01:25:35.896668+00:00");
    assert!(book.absent.is_none() && !book.missing && !book.isbn.is_nil());
}

async fn rows_are_exact_json(t: &Case) {
    t.ddl("CREATE TABLE t (id {int8} PRIMARY KEY, n {numeric}, f {float8}, x {bytea}, j {json}, a {numeric[]}, z text)").await;
    let data = row! {
        "id": 9_007_199_254_740_993_i64, "n": num("1.50"), "f": f64::NAN, "x": vec![0_u8, 255],
        "j": json(r#"{"b": 1.10, "a": null}"#), "a": [num("1.0"), num("NaN")], "z": (),
    };
    let row = t.db.insert("t", data).await.unwrap();
    let expected = r#"{"id":9007199254740993,"n":1.50,"f":"NaN","x":"\\x00ff","j":{"b": 1.10, "a": null},"a":[1.0,"NaN"],"z":null}"#;
    assert_eq!(row.to_json(), expected);
    assert_eq!(serde_json::to_string(&row.as_json()).unwrap(), expected);
    let rows = t.db.select("t", "id, n").await.unwrap();
    assert_eq!(rows.to_json(), r#"[{"id":9007199254740993,"n":1.50}]"#);
}

async fn rows_serialize_portably(t: &Case) {
    let row = book(t).await;
    let value = serde_json::to_value(&row).unwrap();
    assert_eq!(value["price"], "1.50");
    assert_eq!(value["cover"], "\\x00ff");
    assert_eq!(value["meta"], serde_json::json!({"a": [1, 2]}));
    assert_eq!(value["absent"], serde_json::Value::Null);
    // exact JSON reads back into a row that the database takes
    let mut copy: Row = serde_json::from_str(&row.to_json()).unwrap();
    copy.set("id", 2);
    let copied = t.db.insert("books", &copy).await.unwrap();
    let mut expected = row.clone();
    expected.set("id", 2);
    assert_eq!(copied, expected);
}

async fn typed_values_are_data_and_filters(t: &Case) {
    let row = book(t).await;
    let at: chrono::DateTime<chrono::Utc> = row.get("at").unwrap();
    let isbn: uuid::Uuid = row.get("isbn").unwrap();
    let price: rust_decimal::Decimal = row.get("price").unwrap();
    let offset: time::OffsetDateTime = row.get("at").unwrap();
    let data = row! { "title": "typed", "at": at, "isbn": isbn, "price": price, "day": at.date_naive(), "clock": at.time(), "plain": at.naive_utc() };
    let copy = t.db.insert("books", data).await.unwrap();
    for name in ["at", "isbn", "price", "day", "clock", "plain"] {
        assert_eq!(copy[name], row[name], "{name}");
    }
    assert_eq!(
        t.db.count(
            "books",
            row! { "at": offset, "isbn": isbn, "price": op::lte(price) }
        )
        .await
        .unwrap(),
        2
    );
}

async fn rows_share_and_index_their_names(t: &Case) {
    book(t).await;
    t.db.insert("books", row! { "title": "second" })
        .await
        .unwrap();
    let rows =
        t.db.select("books", "id, title")
            .order_by("id")
            .await
            .unwrap();
    assert_eq!(rows[1]["title"], "second");
    assert_eq!(rows[1].get_index(0), Some(&Value::from(2)));
    assert_eq!(rows[1].value("nope"), None);
    assert_eq!(
        rows[1].iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["id", "title"]
    );
    assert_eq!(
        rows[1].get::<i64>("titel").unwrap_err().kind(),
        db_adapter::ErrorKind::UndefinedColumn
    );
}

async fn selects_and_queries_give_typed_rows(t: &Case) {
    book(t).await;
    t.db.insert("books", row! { "title": "second" })
        .await
        .unwrap();
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Title {
        id: i64,
        title: String,
    }
    let title = |id, title: &str| Title {
        id,
        title: title.to_owned(),
    };
    let select = || t.db.select_as::<Title>("books").order_by("id");
    let both = [title(1, "Größe"), title(2, "second")];
    assert_eq!(select().await.unwrap(), both);
    let streamed: Vec<Title> = select().stream().try_collect().await.unwrap();
    assert_eq!(streamed, both);
    let one = select().filter(row! { "id": 2 }).one().await.unwrap();
    assert_eq!(one, both[1]);
    let none = select().filter(row! { "id": 3 }).optional().await.unwrap();
    assert_eq!(none, None);
    let query = || {
        t.db.query_as::<Title>("SELECT id, title FROM books WHERE id >= :id ORDER BY id")
    };
    assert_eq!(query().bind("id", 1).await.unwrap(), both);
    let streamed: Vec<Title> = query().bind("id", 1).stream().try_collect().await.unwrap();
    assert_eq!(streamed, both);
    assert_eq!(query().bind("id", 2).one().await.unwrap(), both[1]);
    assert_eq!(query().bind("id", 3).optional().await.unwrap(), None);
    let narrow =
        t.db.select("books", ["id", "title"])
            .filter(row! { "id": 1 });
    assert_eq!(narrow.deserialize::<Title>().one().await.unwrap(), both[0]);
}

/// The row as it is read from a row that stays, and from one that is used up.
async fn typed_rows_are_the_rows_read_by_hand(t: &Case) {
    let row = book(t).await;
    let by_hand: Book = row.deserialize().unwrap();
    assert_eq!(
        t.db.select_as::<Book>("books").one().await.unwrap(),
        by_hand
    );
    let by_hand: std::collections::BTreeMap<String, serde_json::Value> =
        row.without(["cover"]).deserialize().unwrap();
    let columns: Vec<&str> = by_hand.keys().map(String::as_str).collect();
    let select = t.db.select("books", columns.as_slice());
    assert_eq!(select.deserialize().one().await, Ok(by_hand));
}

async fn a_column_that_a_type_does_not_take_is_named(t: &Case) {
    book(t).await;
    #[derive(Debug, serde::Deserialize)]
    struct Wrong {
        #[serde(rename = "title")]
        _title: i64,
    }
    #[derive(Debug, serde::Deserialize)]
    struct Missing {
        #[serde(rename = "titel")]
        _title: String,
    }
    let wrong = crate::case::error(t.db.select_as::<Wrong>("books").await);
    assert_eq!(wrong.kind(), db_adapter::ErrorKind::Conversion);
    let text = wrong.to_string();
    assert!(
        text.contains("`title`") && !text.contains("Größe"),
        "{text}"
    );
    let mut rows = t.db.select_as::<Wrong>("books").stream();
    assert_eq!(rows.try_next().await.unwrap_err(), wrong);
    let missing = crate::case::error(t.db.query_as::<Missing>("SELECT * FROM books").await);
    assert!(missing.to_string().contains("`titel`"), "{missing}");
    // a mistake of the select itself comes before any row
    let unknown = crate::case::error(t.db.select_as::<Wrong>("bookz").await);
    assert!(unknown.to_string().contains("did you mean"), "{unknown}");
}

#[derive(Debug, serde::Deserialize)]
struct Wide {
    n: f64,
}

#[derive(Debug, serde::Deserialize)]
struct Narrow {
    n: f32,
}

#[derive(Debug, serde::Deserialize, serde::Serialize)]
struct Exact {
    n: Numeric,
}

/// 0.1 is in no float; the digits before a point are in it or are not.
async fn a_float_is_the_nearest_and_loses_no_whole_number(t: &Case) {
    t.ddl("CREATE TABLE f (id {int4} PRIMARY KEY, n {numeric})")
        .await;
    for (digits, wide, narrow) in [
        ("0.1", Some(0.1), Some(0.1)),
        ("-1.50", Some(-1.5), Some(-1.5)),
        ("3.3333333333333333", Some(10.0 / 3.0), Some(3.333_333_3)),
        (
            "3333.3333333333333333",
            Some(10_000.0 / 3.0),
            Some(3_333.333_3),
        ),
        (
            "9007199254740992",
            Some(9_007_199_254_740_992.0),
            Some(9_007_199_254_740_992.0),
        ),
        ("9007199254740993", None, None),
        ("16777217", Some(16_777_217.0), None),
        ("1000000000000000000000", Some(1e21), None),
        ("123456789012345678901234567890.123456789", None, None),
    ] {
        t.db.upsert("f", row! { "id": 1, "n": num(digits) }, ["id"])
            .await
            .unwrap();
        let row = t.db.select("f", "n").one().await.unwrap();
        let read = t.db.select_as::<Wide>("f").one().await;
        assert_eq!(read.as_ref().ok().map(|row| row.n), wide, "{digits}");
        assert_eq!(row.get::<f64>("n").ok(), wide, "{digits}");
        if let Err(error) = read {
            assert!(error.to_string().contains("`n`"), "{error}");
            assert!(!error.to_string().contains(digits), "{error}");
        }
        let read = t.db.query_as::<Narrow>("SELECT n FROM f").one().await;
        assert_eq!(read.ok().map(|row| row.n), narrow, "{digits}");
        assert_eq!(row.get::<f32>("n").ok(), narrow, "{digits}");
        let exact = t.db.select_as::<Exact>("f").one().await.unwrap();
        assert_eq!(exact.n.as_str(), digits);
        let text = serde_json::to_string(&exact).unwrap();
        assert_eq!(
            serde_json::from_str::<Exact>(&text).unwrap().n.as_str(),
            digits
        );
    }
    let number: Exact = serde_json::from_str(r#"{"n": 1.50}"#).unwrap();
    assert_eq!(number.n.as_str(), "1.50");
}
