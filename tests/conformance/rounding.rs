//! What a column would round or cut is refused with its name, alike everywhere; on request it is
//! rounded or cut as PostgreSQL does it.

use db_adapter::prelude::*;
use db_adapter::{ErrorKind, Rounding};

use crate::case::{Case, error, kind};
use crate::values::num;

cases! {
    anywhere: [
        what_would_be_lost_is_refused_with_its_column, what_is_the_same_value_is_taken,
        a_name_has_an_end,
    ]
    outside: [the_databases_own_way_is_the_same_everywhere, a_clock_of_rust_is_read_to_the_microsecond]
}

/// A type, a value that it does not keep whole, and what is kept of it.
fn losses() -> Vec<(&'static str, Value, Value)> {
    let instant = |text: &str| Value::from(format!("2026-11-23T{text}+00:00"));
    let moment = |text: &str| Value::from(format!("2026-11-23T{text}"));
    vec![
        ("numeric(8,2)", "1.555".into(), num("1.56")),
        ("numeric(8,2)", num("-1.005"), num("-1.01")),
        ("numeric(8,2)", 0.125.into(), num("0.13")),
        ("numeric(4)", num("1.5"), num("2")),
        ("float4", 16_777_217.into(), 16_777_216.0.into()),
        ("float4", 16_777_217.0.into(), 16_777_216.0.into()),
        ("float4", 0.123456789.into(), 0.12345679.into()),
        ("float4", num("0.123456789"), 0.12345679.into()),
        ("float4", "0.123456789".into(), 0.12345679.into()),
        (
            "float8",
            ((1_i64 << 53) + 1).into(),
            9_007_199_254_740_992.0.into(),
        ),
        (
            "float8",
            i64::MAX.into(),
            9_223_372_036_854_775_807.0.into(),
        ),
        (
            "float8",
            "3.14159265358979323846".into(),
            std::f64::consts::PI.into(),
        ),
        ("date", "2026-11-23T10:00:00".into(), "2026-11-23".into()),
        (
            "date",
            "2026-11-23T00:00:00+02:00".into(),
            "2026-11-23".into(),
        ),
        (
            "timestamp",
            moment("23:59:59.9999999"),
            "2026-11-24T00:00:00.000000".into(),
        ),
        (
            "timestamp",
            moment("10:00:00+02:00"),
            moment("10:00:00.000000"),
        ),
        (
            "timestamptz",
            instant("01:25:35.1234575"),
            instant("01:25:35.123458"),
        ),
        ("time", "01:25:35.1234575".into(), "01:25:35.123458".into()),
        (
            "time",
            "2026-11-23 01:25:35".into(),
            "01:25:35.000000".into(),
        ),
        (
            "timestamptz(0)",
            instant("00:00:00.7"),
            instant("00:00:01.000000"),
        ),
        (
            "timestamp(3)",
            moment("00:00:00.1235"),
            moment("00:00:00.124000"),
        ),
        ("time(0)", "23:59:59.7".into(), "24:00:00.000000".into()),
        (
            "timetz(1)",
            "01:02:03.15+05:30".into(),
            "01:02:03.200000+05:30".into(),
        ),
        ("varchar(3)", "abc  ".into(), "abc".into()),
        ("char(3)", "abc  ".into(), "abc".into()),
        (
            "numeric(8,2)[]",
            Value::from([num("1.555")]),
            Value::from([num("1.56")]),
        ),
        (
            "timestamp(0)[]",
            Value::from([moment("00:00:00.7")]),
            Value::from([moment("00:00:01.000000")]),
        ),
        (
            "date[]",
            Value::from(["2026-11-23T10:00:00"]),
            Value::from(["2026-11-23"]),
        ),
    ]
}

async fn what_would_be_lost_is_refused_with_its_column(t: &Case) {
    for (i, (sql_type, given, _)) in losses().into_iter().enumerate() {
        let what = format!("{sql_type} {given:?}");
        let table = &format!("t{i}");
        t.ddl(&format!(
            "CREATE TABLE {table} (id {{int4}} PRIMARY KEY, v {{{sql_type}}})"
        ))
        .await;
        t.db.insert(table, row! { "id": 1, "v": None::<i64> })
            .await
            .unwrap();
        let bad = |id: i32| row! { "id": id, "v": &given };
        let outcomes = [
            t.db.insert(table, bad(2)).await.map(drop),
            t.db.insert_many(table, [row! { "id": 3, "v": None::<i64> }, bad(4)])
                .await
                .map(drop),
            t.db.upsert(table, bad(1), ["id"]).await.map(drop),
            t.db.upsert_many(table, [bad(1)], ["id"]).await.map(drop),
            t.db.update(table, row! { "v": &given }, row! { "id": 1 })
                .await
                .map(drop),
            t.db.update_many(table, [bad(1)], ["id"]).await.map(drop),
        ];
        for outcome in outcomes {
            let refused = error(outcome);
            let db_adapter::Error::InvalidValue(details) = &refused else {
                panic!("{what}: {refused}");
            };
            assert_eq!(details.column.as_deref(), Some("v"), "{what}");
            assert_eq!(details.table.as_deref(), Some(table.as_str()), "{what}");
            assert!(details.hint.is_some(), "{what}");
        }
        let state = t
            .table(&format!("SELECT id, v FROM {table} ORDER BY id"))
            .await;
        assert_eq!(state, "1,NULL", "{what}");
    }
}

/// Zeros, blanks of `char(n)` and other spellings are the same value.
async fn what_is_the_same_value_is_taken(t: &Case) {
    for (i, (sql_type, given, kept)) in [
        ("numeric(8,2)", Value::from("1.5500"), num("1.55")),
        ("numeric(8,2)", 1.into(), num("1.00")),
        ("float4", 0.1.into(), 0.1.into()),
        ("float4", f64::from(0.1_f32).into(), 0.1.into()),
        ("float4", 16_777_216.into(), 16_777_216.0.into()),
        (
            "float8",
            (1_i64 << 53).into(),
            9_007_199_254_740_992.0.into(),
        ),
        (
            "date",
            "2026-11-23T00:00:00.000000+00:00".into(),
            "2026-11-23".into(),
        ),
        (
            "timestamp",
            "2026-11-23T10:00:00Z".into(),
            "2026-11-23T10:00:00.000000".into(),
        ),
        (
            "timestamp(3)",
            "2026-11-23T10:00:00.125000".into(),
            "2026-11-23T10:00:00.125000".into(),
        ),
        ("timestamptz(0)", "infinity".into(), "infinity".into()),
        ("varchar(3)", "ab ".into(), "ab ".into()),
        ("char(3)", "ab ".into(), "ab".into()),
    ]
    .into_iter()
    .enumerate()
    {
        t.ddl(&format!("CREATE TABLE t{i} (v {{{sql_type}}})"))
            .await;
        let row = t.db.insert(format!("t{i}"), row! { "v": &given }).await;
        assert_eq!(row.unwrap()["v"], kept, "{sql_type} {given:?}");
    }
}

async fn the_databases_own_way_is_the_same_everywhere(t: &Case) {
    let lenient = t
        .connect(|options| options.rounding(Rounding::Database))
        .await;
    for (i, (sql_type, given, kept)) in losses().into_iter().enumerate() {
        let what = format!("{sql_type} {given:?}");
        let table = &format!("t{i}");
        t.ddl(&format!("CREATE TABLE {table} (v {{{sql_type}}})"))
            .await;
        let row = lenient.insert(table, row! { "v": &given }).await;
        assert_eq!(row.unwrap()["v"], kept, "{what}");
        let Some(text) = given.as_str().filter(|_| t.is_postgres()) else {
            continue;
        };
        // the server's own assignment of the same text
        t.ddl(&format!("INSERT INTO {table} VALUES ('{text}')"))
            .await;
        let distinct = t
            .scalar(&format!("SELECT count(DISTINCT v::text) FROM {table}"))
            .await;
        assert_eq!(distinct, "1", "{what}: as the server does it");
    }
    // nor is anything rounded beyond the last moment
    t.ddl("CREATE TABLE last (a {timestamptz(0)}, b {timestamp(3)})")
        .await;
    let last = "294276-12-31T23:59:59.9995";
    for (column, value) in [("a", format!("{last}+00:00")), ("b", last.to_owned())] {
        let refused = error(lenient.insert("last", row! { column: value }).await);
        assert_eq!(refused.kind(), ErrorKind::InvalidValue);
        assert!(
            refused.to_string().contains(&format!("`{column}`")),
            "{refused}"
        );
    }
    assert_eq!(t.table("SELECT * FROM last").await, "");
    // what a database refuses itself is refused
    t.ddl("CREATE TABLE refused (n {numeric(3,2)}, s {varchar(2)}, i {int4})")
        .await;
    for row in [
        row! { "n": "123" },
        row! { "s": "abc" },
        row! { "i": num("1.5") },
    ] {
        assert_eq!(
            kind(lenient.insert("refused", row).await),
            ErrorKind::InvalidValue
        );
    }
    // in a transaction that changes the schema as well
    let tx = lenient.begin().await.unwrap();
    tx.execute(t.spell("CREATE TABLE own (v {numeric(8,2)})"))
        .await
        .unwrap();
    let row = tx.insert("own", row! { "v": "1.555" }).await.unwrap();
    assert_eq!(row["v"], num("1.56"));
    tx.commit().await.unwrap();
    lenient.close().await.unwrap();
}

/// Rust's clocks have nanoseconds, no database has.
async fn a_clock_of_rust_is_read_to_the_microsecond(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, at {timestamptz})").await;
    let now = chrono::DateTime::from_timestamp(1_795_000_000, 123_456_999).unwrap();
    let row = t.db.insert("t", row! { "at": now }).await.unwrap();
    let text = row.get::<String>("at").unwrap();
    assert!(text.ends_with(".123456+00:00"), "{text}");
    assert_eq!(t.db.count("t", row! { "at": now }).await.unwrap(), 1);
}

async fn a_name_has_an_end(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, n name)")
        .await;
    let longest = "n".repeat(63);
    t.db.insert("t", row! { "id": 1, "n": &longest })
        .await
        .unwrap();
    for value in [format!("{longest}n"), "ä".repeat(32)] {
        let refused = error(t.db.insert("t", row! { "id": 2, "n": &value }).await);
        assert_eq!(refused.kind(), ErrorKind::InvalidValue);
        assert!(refused.to_string().contains("`n`"), "{refused}");
        let changed = t.db.update("t", row! { "n": &value }, row! { "id": 1 });
        assert_eq!(kind(changed.await), ErrorKind::InvalidValue);
    }
    assert_eq!(t.table("SELECT n FROM t").await, longest);
}
