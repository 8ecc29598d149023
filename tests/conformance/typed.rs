//! Rows that go straight into a type: the same values, refusals and words as from rows that are
//! kept and then read by hand, for every type of column.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{BoxFuture, BoxStream, ErrorKind, Operation, Outcome, Result};
use futures_util::FutureExt;
use serde::de::{DeserializeOwned, Deserializer, SeqAccess, Visitor};

use crate::case::{Case, error};

cases! {
    anywhere: [every_type_is_what_it_is_by_hand]
    outside: [
        a_panic_of_the_type_is_the_callers, a_changed_table_begins_anew,
        a_write_that_gives_unreadable_rows_is_undone, a_wrapper_sees_and_changes_every_row,
    ]
}

/// A column's type, and values as SQL, some of them at its bounds.
const COLUMNS: [(&str, &[&str]); 19] = [
    ("bool", &["true", "false"]),
    ("int2", &["-32768", "0", "7"]),
    ("int4", &["2147483647", "-1"]),
    (
        "int8",
        &["9223372036854775807", "-9223372036854775808", "300"],
    ),
    ("float8", &["0.1", "-1e300", "16777217"]),
    ("float4", &["0.5", "0.1"]),
    (
        "numeric",
        &[
            "'1.50'",
            "'-0.00001'",
            "'123456789012345678901234567890.5'",
            "'7'",
            "'300.00'",
        ],
    ),
    ("numeric(10,2)", &["'1.50'", "'0'"]),
    ("text", &["''", "'Größe'", "'7'", "'true'", "'2026-11-23'"]),
    ("varchar(5)", &["'ab'"]),
    ("uuid", &["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]),
    (
        "timestamptz",
        &[
            "'2026-11-23T01:25:35.896668+00:00'",
            "'1999-12-31T23:59:59.000000+00:00'",
        ],
    ),
    ("timestamp", &["'2026-11-23T01:25:35.896668'"]),
    ("date", &["'2026-11-23'", "'1970-01-01'"]),
    ("time", &["'01:25:35.896668'", "'00:00:00.000000'"]),
    ("bytea", &["{bytes}"]),
    (
        "json",
        &[
            "'{\"b\": 1.50,  \"a\": [1, null]}'",
            "'null'",
            "'\"x\"'",
            "'7'",
            "'[1, 2]'",
        ],
    ),
    (
        "jsonb",
        &[
            "'{\"a\": 1, \"b\": [true]}'",
            "'null'",
            "'\"x\"'",
            "'300'",
            "'[]'",
        ],
    ),
    ("text[]", &["{array}", "{empty}"]),
];

/// How serde hands a value out, and nothing that it could be made of.
#[derive(Debug, PartialEq)]
struct Seen(String);

impl<'de> serde::Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;

        macro_rules! seen {
            ($($method:ident $ty:ty;)*) => { $(
                fn $method<E>(self, v: $ty) -> Result<Seen, E> {
                    Ok(Seen(format!("{} {v:?}", stringify!($method))))
                }
            )* };
        }

        impl<'de> Visitor<'de> for Look {
            type Value = Seen;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            seen! {
                visit_bool bool; visit_i64 i64; visit_u64 u64; visit_f64 f64; visit_str &str; visit_bytes &[u8];
            }

            fn visit_unit<E>(self) -> Result<Seen, E> {
                Ok(Seen("unit".to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Seen, A::Error> {
                let mut all = String::from("seq");
                while let Some(Seen(one)) = seq.next_element()? {
                    all.push_str(&format!(" ({one})"));
                }
                Ok(Seen(all))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
                let mut all = String::from("map");
                while let Some((key, Seen(one))) = map.next_entry::<String, _>()? {
                    all.push_str(&format!(" {key}: ({one})"));
                }
                Ok(Seen(all))
            }
        }

        deserializer.deserialize_any(Look)
    }
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Of<V> {
    v: V,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Letter {
    Ab,
    X,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Wrapped(i16);

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Document {
    a: serde_json::Value,
}

/// One row after another and all of them, into one type.
async fn compare<V>(t: &Case, table: &str, rows: &[Row])
where
    V: DeserializeOwned + Send + PartialEq + fmt::Debug + 'static,
{
    let what = format!("{table} into {}", std::any::type_name::<V>());
    for row in rows {
        let by_hand = row.deserialize::<Of<V>>();
        let id = row! { "id": &row["id"] };
        let direct = t.db.select_as::<Of<V>>(table).filter(id).await;
        assert_eq!(direct, by_hand.map(|value| vec![value]), "{what}, {row:?}");
    }
    let by_hand: Result<Vec<Of<V>>> = rows.iter().map(Row::deserialize).collect();
    let direct = t.db.select_as::<Of<V>>(table).order_by("id");
    assert_eq!(
        direct.timeout(Duration::from_secs(60)).await,
        by_hand,
        "{what}"
    );
}

async fn every_type_is_what_it_is_by_hand(t: &Case) {
    for (number, (sql_type, values)) in COLUMNS.into_iter().enumerate() {
        let letters = sql_type.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let table = &format!("t{number}_{}", letters.replace(['(', ','], "_"));
        t.ddl(&format!(
            "CREATE TABLE {table} (id {{id}}, v {{{sql_type}}})"
        ))
        .await;
        for value in values.iter().chain(&["NULL"]) {
            let value = match *value {
                "{bytes}" => t.either(r"'\x00ff61'", "x'00ff61'"),
                "{array}" => t.either("ARRAY['x', NULL, '']", "'[\"x\",null,\"\"]'"),
                "{empty}" => t.either("'{}'", "'[]'"),
                value => value,
            };
            let insert = format!("INSERT INTO {table} (v) VALUES ({value})");
            t.db.execute(insert).await.unwrap();
        }
        let rows = t.db.select(table, "*").order_by("id").await.unwrap();
        assert_eq!(rows.len(), values.len() + 1);
        compare::<Seen>(t, table, &rows).await;
        let sql = format!("SELECT * FROM {table} ORDER BY id");
        let queried = t.db.query(&sql).await.unwrap();
        let by_hand: Result<Vec<Of<Seen>>> = queried.iter().map(Row::deserialize).collect();
        let direct = t.db.query_as(&sql).await;
        assert_eq!(direct, by_hand, "{table}, by query");
        let themselves: Vec<Row> = t.db.select_as(table).order_by("id").await.unwrap();
        assert_eq!(themselves, rows, "{table}, as rows");
        let themselves: Vec<Row> = t.db.query_as(&sql).await.unwrap();
        assert_eq!(themselves, queried, "{table}, by query, as rows");
        compare::<Value>(t, table, &rows).await;
        compare::<Option<Value>>(t, table, &rows).await;
        compare::<bool>(t, table, &rows).await;
        compare::<u8>(t, table, &rows).await;
        compare::<i64>(t, table, &rows).await;
        compare::<i128>(t, table, &rows).await;
        compare::<f32>(t, table, &rows).await;
        compare::<Option<f64>>(t, table, &rows).await;
        compare::<char>(t, table, &rows).await;
        compare::<String>(t, table, &rows).await;
        compare::<Option<String>>(t, table, &rows).await;
        compare::<Vec<u8>>(t, table, &rows).await;
        compare::<Vec<Option<String>>>(t, table, &rows).await;
        compare::<()>(t, table, &rows).await;
        compare::<Letter>(t, table, &rows).await;
        compare::<Wrapped>(t, table, &rows).await;
        compare::<Document>(t, table, &rows).await;
        compare::<serde_json::Value>(t, table, &rows).await;
        compare::<Option<rust_decimal::Decimal>>(t, table, &rows).await;
        compare::<Option<uuid::Uuid>>(t, table, &rows).await;
        compare::<Option<chrono::DateTime<chrono::Utc>>>(t, table, &rows).await;
        compare::<Option<chrono::NaiveDateTime>>(t, table, &rows).await;
        compare::<Option<chrono::NaiveDate>>(t, table, &rows).await;
        compare::<Option<chrono::NaiveTime>>(t, table, &rows).await;
    }
}

/// An error means that nothing was done.
async fn a_write_that_gives_unreadable_rows_is_undone(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v text)").await;
    let insert = "INSERT INTO t (v) VALUES ('one'), ('two') RETURNING v";
    let wrong = error(t.db.query_as::<Of<i64>>(insert).await);
    assert_eq!(wrong.kind(), ErrorKind::Conversion);
    assert!(wrong.to_string().contains("`v`"), "{wrong}");
    let rest =
        t.db.query_as::<Of<String>>("INSERT INTO t (v) VALUES ('three') RETURNING v");
    assert_eq!(
        rest.await.unwrap(),
        [Of {
            v: "three".to_owned()
        }]
    );
    let none =
        t.db.query_as::<Of<i64>>("UPDATE t SET v = 'x' WHERE id > 9 RETURNING v");
    assert_eq!(none.await.unwrap(), []);
    assert_eq!(t.table("SELECT v FROM t ORDER BY id").await, "three");
}

async fn a_panic_of_the_type_is_the_callers(t: &Case) {
    #[derive(Debug)]
    struct Panics;

    impl<'de> serde::Deserialize<'de> for Panics {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("by the type")
        }
    }

    t.ddl("CREATE TABLE t (id {id}, v text); INSERT INTO t (v) VALUES ('one'), ('two')")
        .await;
    let only = t.connect(|options| options.max_connections(1)).await;
    for _ in 0..3 {
        let select = only.select_as::<Of<Panics>>("t").into_future();
        let panic = AssertUnwindSafe(select).catch_unwind().await.unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"by the type"));
    }
    // the connection is as good as before
    assert_eq!(only.select_as::<Of<String>>("t").await.unwrap().len(), 2);
    only.close().await.unwrap();
}

/// What was prepared before the change cannot be run; no row is there twice, and none is missing.
async fn a_changed_table_begins_anew(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v {int4}); INSERT INTO t (v) VALUES (1), (2)")
        .await;
    let select = || t.db.select_as::<Of<Seen>>("t").order_by("id");
    assert_eq!(select().await.unwrap().len(), 2);
    t.ddl("DROP TABLE t; CREATE TABLE t (v text, id {id}); INSERT INTO t (v) VALUES ('x')")
        .await;
    let seen = Seen("visit_str \"x\"".to_owned());
    assert_eq!(select().await.unwrap(), [Of { v: seen }]);
}

/// Shows no text of a row.
struct Masking<C>(C);

impl<C: DatabaseClient> DatabaseClient for Masking<C> {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move {
            let mut outcome = self.0.run(operation).await?;
            for row in &mut outcome.rows {
                row.set("v", "***");
            }
            Ok(outcome)
        })
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        self.0.run_stream(operation)
    }
}

/// A wrapper that knows nothing of sinks is not passed by.
async fn a_wrapper_sees_and_changes_every_row(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v text); INSERT INTO t (v) VALUES ('one'), ('two')")
        .await;
    let masked = || Of {
        v: "***".to_owned(),
    };
    let db = Masking(&t.db);
    assert_eq!(
        db.select_as::<Of<String>>("t").await.unwrap(),
        [masked(), masked()]
    );
    let query = db.query_as::<Of<String>>("SELECT v FROM t");
    assert_eq!(query.await.unwrap(), [masked(), masked()]);
    // an adapter's own rows are not its business
    assert_eq!(t.db.select_as::<Of<String>>("t").await.unwrap().len(), 2);
}
