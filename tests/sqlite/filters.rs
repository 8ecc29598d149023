//! Comparisons, lists and patterns mean what they mean on PostgreSQL.

use db_adapter::prelude::*;
use db_adapter::{ErrorKind, Numeric};

use crate::with;

#[tokio::test]
async fn long_lists_are_found_whatever_their_type() {
    let (_database, db) = with(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, u UUID, at TIMESTAMPTZ, r REAL, n NUMERIC_TEXT, x BLOB);
         CREATE INDEX t_u ON t (u)",
    )
    .await;
    let uuid = |i: i64| format!("00000000-0000-4000-8000-{i:012}");
    let at = |i: i64| format!("2026-01-01T00:{:02}:{:02}Z", i / 60 % 60, i % 60);
    let rows = (0..1000_i64).map(|i| {
        row! { "id": i, "name": format!("0{i}"), "u": uuid(i), "at": at(i), "r": i as f64 / 2.0,
        "n": Numeric::parse(&format!("{i}.50")).unwrap(), "x": i.to_be_bytes().to_vec() }
    });
    assert_eq!(db.insert_many("t", rows).await.unwrap(), 1000);
    for size in [1_i64, 500, 501, 10_000, 100_000] {
        let expected = size.min(1000) as u64;
        let all = || 0..size;
        let mut filters = vec![
            row! { "id": op::is_in(all()) },
            row! { "name": op::is_in(all().map(|i| format!("0{i}"))) },
            row! { "u": op::is_in(all().map(uuid)) },
            row! { "at": op::is_in(all().map(|i| at(i % 1000))) },
            row! { "n": op::is_in(all().map(|i| Numeric::parse(&format!("{i}.5")).unwrap())) },
        ];
        if size == 100_000 && !support::long() {
            // through our collations: seconds in a debug build
            filters.truncate(2);
        }
        for filter in filters {
            assert_eq!(
                db.count("t", &filter).await.unwrap(),
                expected,
                "{filter:?} {size}"
            );
        }
        if size <= 10_000 || support::long() {
            let none = row! { "u": op::not_in(all().map(uuid)) };
            assert_eq!(db.count("t", none).await.unwrap(), 1000 - expected);
        }
        for filter in [
            row! { "r": op::is_in(all().map(|i| i as f64 / 2.0)) },
            row! { "x": op::is_in(all().map(|i| i.to_be_bytes().to_vec())) },
        ] {
            let count = db.count("t", &filter).await;
            if size <= 30_000 {
                assert_eq!(count.unwrap(), expected, "{filter:?} {size}");
            } else {
                assert_eq!(count.unwrap_err().kind(), ErrorKind::InvalidQuery);
            }
        }
    }
    let plan = db
        .query("EXPLAIN QUERY PLAN SELECT * FROM t WHERE t.u IN ('a', 'b')")
        .await
        .unwrap();
    assert!(plan[0].get::<String>("detail").unwrap().contains("t_u"));
}

#[tokio::test]
async fn decimals_compare_exactly_with_floats() {
    let (_database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY, n NUMERIC)").await;
    for n in [
        "-1.5",
        "0.1",
        "0.2",
        "3",
        "9007199254740993",
        "9223372036854775807",
    ] {
        db.insert("t", row! { "n": Numeric::parse(n).unwrap() })
            .await
            .unwrap();
    }
    let n = |text: &str| Numeric::parse(text).unwrap();
    for (test, count) in [
        (op::eq(n("0.10")), 1),
        (op::eq(n("0.10000000000000000001")), 0),
        (op::gt(n("0.10000000000000000001")), 4),
        (op::gte(n("0.09999999999999999999")), 5),
        (op::lt(n("0.10000000000000000001")), 2),
        (op::gt(n("9007199254740992.5")), 2),
        (op::gt(n("9007199254740993.5")), 1),
        (op::lte(n("9223372036854775807.5")), 6),
        (op::gt(n("1e30")), 0),
        (op::lt(n("1e400")), 6),
        (op::ne(n("0.10000000000000000001")), 6),
        (
            op::is_in([n("3.00"), n("0.2"), n("7.77777777777777777777")]),
            2,
        ),
        (op::not_in([n("7.77777777777777777777")]), 6),
        (op::eq(n("3.0")), 1),
    ] {
        let filter = row! { "n": test };
        assert_eq!(db.count("t", &filter).await.unwrap(), count, "{filter:?}");
    }
}

#[tokio::test]
async fn text_is_never_taken_for_a_number() {
    let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY, s STRING, x TEXT)").await;
    database
        .sql("INSERT INTO t VALUES (1, '007', '007'), (2, 'a', '7')")
        .await;
    // SQLite stored the integer 7
    assert_eq!(db.count("t", row! { "s": "007" }).await.unwrap(), 0);
    assert_eq!(db.count("t", row! { "s": ["007", "a"] }).await.unwrap(), 1);
    assert_eq!(db.count("t", row! { "x": "007" }).await.unwrap(), 1);
    assert_eq!(db.count("t", row! { "x": op::gt("07") }).await.unwrap(), 1);
}

#[tokio::test]
async fn patterns_are_per_character_and_only_ilike_folds_case() {
    let (_database, db) = with("CREATE TABLE t (name TEXT, ci CITEXT)").await;
    for name in ["Ärger", "ärger", "a*b", "a[b", "100%", "x_y", "日本"] {
        db.insert("t", row! { "name": name, "ci": name })
            .await
            .unwrap();
    }
    for (test, count) in [
        (op::like("ä%"), 1),
        (op::ilike("ä%"), 2),
        (op::ilike("ÄRGER"), 2),
        (op::like("a*b"), 1),
        (op::like("a[b"), 1),
        (op::like("%\\%"), 1),
        (op::like("x\\_y"), 1),
        (op::like("__"), 1),
        (op::like("%%%%"), 7),
        (op::like("a?b"), 0),
    ] {
        let filter = row! { "name": test };
        assert_eq!(db.count("t", &filter).await.unwrap(), count, "{filter:?}");
    }
    assert_eq!(db.count("t", row! { "ci": "ÄRGER" }).await.unwrap(), 2);
    assert_eq!(
        db.count("t", row! { "ci": op::like("ä%") }).await.unwrap(),
        2
    );
    let error = db
        .count("t", row! { "name": op::like("a".repeat(60_000)) })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
}

#[tokio::test]
async fn order_is_by_value_with_nulls_as_said() {
    let (database, db) =
        with("CREATE TABLE t (id INTEGER PRIMARY KEY, at TIMESTAMPTZ, n NUMERIC_TEXT, b BOOLEAN)")
            .await;
    database
        .sql(
            "INSERT INTO t VALUES (1, '2026-01-01T12:00:00+02:00', '10', 1), (2, '2026-01-01 11:00:00', '9.5', 0),
             (3, NULL, NULL, NULL), (4, 'infinity', '-1', 1), (5, '2025-12-31T23:00:00-05:00', '9.50', 0)",
        )
        .await;
    for (order, expected) in [
        ("at", [5, 1, 2, 4, 3]),
        ("at DESC", [3, 4, 2, 1, 5]),
        ("n, id", [4, 2, 5, 1, 3]),
        ("b, id", [2, 5, 1, 4, 3]),
        ("b DESC NULLS LAST, id", [1, 4, 2, 5, 3]),
    ] {
        let rows = db.select("t", "id").order_by(order).await.unwrap();
        let ids: Vec<i64> = rows.iter().map(|row| row.get("id").unwrap()).collect();
        assert_eq!(ids, expected, "{order}");
    }
}
