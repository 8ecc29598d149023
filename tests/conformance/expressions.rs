//! Expressions in data: `expr::add`, `subtract` and `now`, in updates and upserts.

use std::time::{SystemTime, UNIX_EPOCH};

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind};

use crate::case::{Case, error, kind};
use crate::values::num;

cases! {
    anywhere: [
        sums_of_every_number_type, sums_that_do_not_fit_change_nothing, null_stays_null,
        every_match_is_changed_by_its_own_value, a_key_may_be_counted_up, upserts_count,
        upserts_of_a_table_called_excluded, values_and_expressions_together,
        now_is_the_time_of_the_statement,
    ]
    outside: [
        what_cannot_be_an_expression_is_refused_by_name, upserts_refuse_keys_and_inserts_sums,
        counters_lose_nothing_at_once,
    ]
}

/// A type, a value, a number to add, and the sum.
fn sums() -> Vec<(&'static str, Value, Value, Value)> {
    vec![
        ("int2", 32_000.into(), 767.into(), 32_767.into()),
        ("int4", 5.into(), (-7).into(), (-2).into()),
        ("int8", (i64::MAX - 1).into(), 1.into(), i64::MAX.into()),
        ("int8", i64::MIN.into(), i64::MAX.into(), (-1).into()),
        ("int4", 1.into(), "2".into(), 3.into()),
        ("float8", 0.1.into(), 0.2.into(), (0.1 + 0.2).into()),
        (
            "float8",
            f64::INFINITY.into(),
            1.into(),
            f64::INFINITY.into(),
        ),
        ("float8", f64::NAN.into(), 1.into(), f64::NAN.into()),
        ("float4", 0.1.into(), 0.2.into(), 0.3.into()),
        (
            "float4",
            16_777_216.0.into(),
            1.0.into(),
            16_777_216.0.into(),
        ),
        ("numeric", num("0.10"), num("0.2"), num("0.30")),
        (
            "numeric",
            num("99999999999999999999.99"),
            num("0.01"),
            num("100000000000000000000.00"),
        ),
        ("numeric", num("1.5"), num("-1.500"), num("0.000")),
        (
            "numeric(8,2)",
            num("999999.98"),
            num("0.01"),
            num("999999.99"),
        ),
        ("numeric(8,2)", num("-1.00"), 3.into(), num("2.00")),
    ]
}

async fn one_column(t: &Case, name: &str, sql_type: &str) {
    let ddl = format!("CREATE TABLE {name} (id {{int4}} PRIMARY KEY, v {{{sql_type}}})");
    t.ddl(&ddl).await;
}

async fn sums_of_every_number_type(t: &Case) {
    for (i, (sql_type, value, amount, expected)) in sums().into_iter().enumerate() {
        let name = format!("t{i}");
        one_column(t, &name, sql_type).await;
        t.db.insert(&name, row! { "id": 1, "v": &value })
            .await
            .unwrap();
        let row =
            t.db.update(&name, row! { "v": expr::add(&amount) }, row! { "id": 1 })
                .await;
        let what = format!("{value:?} + {amount:?} of {sql_type}");
        assert_eq!(row.expect(&what)["v"], expected, "{what}");
        // and back, where that is exact
        if matches!(value, Value::Int(_)) {
            let back = row! { "v": expr::subtract(amount) };
            let row = t.db.update(&name, back, row! { "id": 1 }).await.unwrap();
            assert_eq!(row["v"], value, "{what} and back");
        }
        let read = t.db.select(&name, "v").one().await.unwrap();
        assert!(
            read["v"] == expected || read["v"] == value,
            "{what}: {read:?}"
        );
    }
}

async fn sums_that_do_not_fit_change_nothing(t: &Case) {
    for (i, (sql_type, value, amount)) in [
        ("int2", Value::from(32_767), Value::from(1)),
        ("int4", i32::MIN.into(), (-1).into()),
        ("int8", i64::MAX.into(), 1.into()),
        ("float8", f64::MAX.into(), f64::MAX.into()),
        (
            "float4",
            f64::from(f32::MAX).into(),
            f64::from(f32::MAX).into(),
        ),
        ("numeric(4,2)", num("99.99"), num("0.01")),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("t{i}");
        one_column(t, &name, sql_type).await;
        t.db.insert(&name, row! { "id": 1, "v": 0 }).await.unwrap();
        t.db.insert(&name, row! { "id": 2, "v": value })
            .await
            .unwrap();
        let before = t.table(&format!("SELECT * FROM {name} ORDER BY id")).await;
        let begun = t.db.begin().await.unwrap();
        let refused = begun
            .update(&name, row! { "v": expr::add(amount) }, Filter::all())
            .await;
        let error = refused.expect_err(sql_type);
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{sql_type}: {error}");
        let Error::InvalidValue(details) = &error else {
            unreachable!("its kind says so");
        };
        assert_eq!(details.column.as_deref(), Some("v"), "{sql_type}: {error}");
        begun.rollback().await.unwrap();
        let after = t.table(&format!("SELECT * FROM {name} ORDER BY id")).await;
        assert_eq!(after, before, "{sql_type}");
    }
}

async fn null_stays_null(t: &Case) {
    one_column(t, "t", "numeric").await;
    t.db.insert("t", row! { "id": 1, "v": None::<i64> })
        .await
        .unwrap();
    let row =
        t.db.update("t", row! { "v": expr::add(1) }, row! { "id": 1 })
            .await
            .unwrap();
    assert_eq!(row["v"], Value::Null);
}

async fn every_match_is_changed_by_its_own_value(t: &Case) {
    one_column(t, "t", "int8").await;
    let rows = (1..=9).map(|id| row! { "id": id, "v": id * 10 });
    t.db.insert_many("t", rows).await.unwrap();
    let few = row! { "id": op::lte(3) };
    let changed =
        t.db.update("t", row! { "v": expr::subtract(5) }, few.clone());
    assert_eq!(changed.count().await.unwrap(), 3);
    let changed =
        t.db.update("t", row! { "v": expr::add(1) }, few)
            .all()
            .await
            .unwrap();
    assert_eq!(changed.len(), 3);
    assert_eq!(
        t.table("SELECT v FROM t ORDER BY id").await,
        "6|16|26|40|50|60|70|80|90"
    );
    // the first of several, with what it is now
    let first =
        t.db.update("t", row! { "v": expr::add(1) }, row! { "id": op::gte(8) });
    assert_eq!(first.await.unwrap(), row! { "id": 8, "v": 81 });
}

async fn a_key_may_be_counted_up(t: &Case) {
    one_column(t, "t", "int8").await;
    t.db.insert_many("t", [row! { "id": 1, "v": 1 }, row! { "id": 5, "v": 1 }])
        .await
        .unwrap();
    let row =
        t.db.update("t", row! { "id": expr::add(100) }, row! { "v": 1 })
            .await
            .unwrap();
    assert_eq!(row["id"], 101);
    assert_eq!(t.table("SELECT id FROM t ORDER BY id").await, "101|105");
}

async fn upserts_count(t: &Case) {
    t.ddl("CREATE TABLE hits (path text PRIMARY KEY, n {int4} NOT NULL, left_over {numeric(6,2)}, seen {timestamptz})")
        .await;
    for n in 1..=3 {
        let hit = row! { "path": "/", "n": expr::add(1), "left_over": expr::subtract(num("0.50")), "seen": expr::now() };
        let row = t.db.upsert("hits", hit, "path").await.unwrap();
        assert_eq!(row["n"], n);
        assert!(row["seen"].as_str().is_some(), "{row:?}");
    }
    let all = t.table("SELECT path, n, left_over FROM hits").await;
    assert_eq!(all, "/,3,-1.50");
    // what is there already stays, and a new row has the number
    let again =
        t.db.upsert("hits", row! { "path": "/", "n": 9 }, "path")
            .or_ignore();
    assert_eq!(again.await.unwrap(), None);
    assert_eq!(t.scalar("SELECT n FROM hits").await, "3");
}

async fn values_and_expressions_together(t: &Case) {
    t.ddl("CREATE TABLE t (a {int4}, id {int4} PRIMARY KEY, b {int4}, c text)")
        .await;
    t.db.insert("t", row! { "id": 1, "a": 1, "b": 2, "c": "x" })
        .await
        .unwrap();
    let changes = row! { "c": "y", "b": expr::add(1), "a": 7 };
    let row = t.db.update("t", changes, row! { "id": 1 }).await.unwrap();
    assert_eq!(row, row! { "a": 7, "id": 1, "b": 3, "c": "y" });
}

async fn now_is_the_time_of_the_statement(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, z {timestamptz}, p {timestamp}, s {timestamptz(0)}, d {date})")
        .await;
    let micros = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_micros() as i64
    };
    let to_2000 = 946_684_800_000_000;
    let before = micros() - to_2000;
    let all =
        row! { "id": 1, "z": expr::now(), "p": expr::now(), "s": expr::now(), "d": expr::now() };
    let row = t.db.insert("t", all).await.unwrap();
    let after = micros() - to_2000;
    let read = |name: &str| row[name].as_str().unwrap().to_owned();
    let z = db_adapter_core::temporal::parse_timestamptz(&read("z")).unwrap();
    assert!((before..=after).contains(&z), "{row:?}");
    let p = db_adapter_core::temporal::parse_timestamp(&read("p")).unwrap();
    assert!((before..=after).contains(&p), "{row:?}");
    let s = db_adapter_core::temporal::parse_timestamptz(&read("s")).unwrap();
    assert!((s - z).abs() <= 500_000 && s % 1_000_000 == 0, "{row:?}");
    assert!(
        read("z").starts_with(&read("d")) || after - before > 1_000_000,
        "{row:?}"
    );
    let later =
        t.db.update("t", row! { "z": expr::now() }, row! { "id": 1 })
            .await
            .unwrap();
    assert!(
        later["z"].as_str().unwrap() > read("z").as_str(),
        "{later:?}"
    );
}

async fn what_cannot_be_an_expression_is_refused_by_name(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, s text, b {bool}, d {date}, n {int4})")
        .await;
    t.db.insert("t", row! { "id": 1, "n": 1 }).await.unwrap();
    for (changes, expected) in [
        (row! { "s": expr::add(1) }, ErrorKind::InvalidValue),
        (row! { "b": expr::add(1) }, ErrorKind::InvalidValue),
        (row! { "d": expr::add(1) }, ErrorKind::InvalidValue),
        (row! { "n": expr::now() }, ErrorKind::InvalidValue),
        (row! { "n": expr::add(1.5) }, ErrorKind::InvalidValue),
        (
            row! { "n": expr::add(None::<i64>) },
            ErrorKind::InvalidValue,
        ),
        (
            row! { "n": expr::add("'); DROP TABLE t; --") },
            ErrorKind::InvalidValue,
        ),
        (row! { "n": 1, "n": expr::add(1) }, ErrorKind::InvalidQuery),
        (
            row! { "n": expr::add(1), "n": expr::add(1) },
            ErrorKind::InvalidQuery,
        ),
        (row! { "nope": expr::add(1) }, ErrorKind::UndefinedColumn),
    ] {
        let shown = format!("{changes:?}");
        let refused = t.db.update("t", changes, row! { "id": 1 }).await;
        assert_eq!(kind(refused), expected, "{shown}");
    }
    let wrong = t.db.update(
        "t",
        row! { "n": expr::add(4_294_967_296_i64) },
        row! { "id": 1 },
    );
    let text = error(wrong.await).to_string();
    assert!(
        text.contains("`n`") && !text.contains("4294967296"),
        "{text}"
    );
    assert_eq!(t.table("SELECT * FROM t").await, "1,NULL,NULL,NULL,1");
}

/// The name that the row has in `ON CONFLICT` is a name for a table too.
async fn upserts_of_a_table_called_excluded(t: &Case) {
    t.ddl("CREATE TABLE excluded (id {int4} PRIMARY KEY, v text, n {int4})")
        .await;
    t.db.insert("excluded", row! { "id": 1, "v": "old", "n": 1 })
        .await
        .unwrap();
    let data = row! { "id": 1, "v": "new", "n": expr::add(5) };
    let row = t.db.upsert("excluded", data, "id").await;
    assert_eq!(row.unwrap(), row! { "id": 1, "v": "new", "n": 6 });
    let rows = [row! { "id": 1, "v": "newer" }, row! { "id": 2, "v": "x" }];
    assert_eq!(t.db.upsert_many("excluded", rows, "id").await.unwrap(), 2);
    let sql = "SELECT count(*) FROM excluded WHERE v IN ('newer', 'x')";
    assert_eq!(t.scalar(sql).await, "2");
}

async fn upserts_refuse_keys_and_inserts_sums(t: &Case) {
    one_column(t, "t", "int4").await;
    let key =
        t.db.upsert("t", row! { "id": expr::add(1), "v": 1 }, "id")
            .await;
    assert_eq!(kind(key), ErrorKind::InvalidQuery);
    let new = t.db.insert("t", row! { "id": 1, "v": expr::add(1) }).await;
    assert_eq!(kind(new), ErrorKind::InvalidQuery);
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
}

async fn counters_lose_nothing_at_once(t: &Case) {
    one_column(t, "t", "int8").await;
    t.db.insert("t", row! { "id": 1, "v": 0 }).await.unwrap();
    let tasks = (0..20).map(|_| {
        let db = std::sync::Arc::clone(&t.db);
        tokio::spawn(async move {
            for _ in 0..10 {
                db.update("t", row! { "v": expr::add(1) }, row! { "id": 1 })
                    .await
                    .unwrap();
            }
        })
    });
    for task in futures_util::future::join_all(tasks).await {
        task.unwrap();
    }
    assert_eq!(t.scalar("SELECT v FROM t").await, "200");
}
