//! An absent key is the column's default, an explicit null is NULL; a null filter is IS NULL.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::case::{Case, kind};
use crate::values::ints;

cases! {
    anywhere: [
        absent_is_the_default_and_null_is_null,
        absent_is_the_default_and_null_is_null_in_bulk,
        null_filter_is_is_null,
        none_in_a_filter_is_is_null,
        underscore_keys_that_are_no_columns_are_dropped,
        underscore_columns_are_written,
        update_to_null_is_null,
    ]
    outside: [
        null_for_a_not_null_column_with_a_default_is_refused,
        generated_columns_are_refused,
        column_given_twice_is_refused,
    ]
}

const T: &str = "CREATE TABLE t (id {id}, n {int4} DEFAULT 7, s text DEFAULT 'd')";

async fn absent_is_the_default_and_null_is_null(t: &Case) {
    t.ddl(T).await;
    let db = &t.db;
    let row = db.insert("t", row! { "n": None::<i64> }).await.unwrap();
    assert_eq!(row, row! { "id": 1, "n": None::<i64>, "s": "d" });
    let row = db.insert("t", row! { "s": Value::Null }).await.unwrap();
    assert_eq!(row, row! { "id": 2, "n": 7, "s": () });
    assert_eq!(
        t.table("SELECT id, n, s FROM t ORDER BY id").await,
        "1,NULL,d|2,7,NULL"
    );
}

async fn absent_is_the_default_and_null_is_null_in_bulk(t: &Case) {
    t.ddl(T).await;
    let data = [
        row! { "n": 1, "s": "a" },
        row! { "s": "b" },
        row! {},
        row! { "n": None::<i64> },
        row! { "s": None::<&str>, "n": 2 },
        row! { "n": 3 },
        row! {},
        row! { "id": 100 },
    ];
    let rows =
        t.db.insert_many("t", &data)
            .returning("n, s")
            .await
            .unwrap();
    let expected = [
        row! { "n": 1, "s": "a" },
        row! { "n": 7, "s": "b" },
        row! { "n": 7, "s": "d" },
        row! { "n": (), "s": "d" },
        row! { "n": 2, "s": () },
        row! { "n": 3, "s": "d" },
        row! { "n": 7, "s": "d" },
        row! { "n": 7, "s": "d" },
    ];
    assert_eq!(rows, expected);
    assert_eq!(
        t.scalar("SELECT count(*) FROM t WHERE n IS NULL").await,
        "1"
    );
    assert_eq!(
        t.scalar("SELECT count(*) FROM t WHERE s IS NULL").await,
        "1"
    );
    assert_eq!(t.scalar("SELECT count(DISTINCT id) FROM t").await, "8");
}

async fn null_filter_is_is_null(t: &Case) {
    t.ddl(T).await;
    t.db.insert_many("t", [row! { "id": 1, "n": () }, row! { "id": 2, "n": 0 }])
        .await
        .unwrap();
    let found = async |filter: Filter| {
        ints(
            &t.db
                .select("t", "id")
                .filter(filter)
                .order_by("id")
                .await
                .unwrap(),
            "id",
        )
    };
    assert_eq!(found(row! { "n": () }.into()).await, [1]);
    assert_eq!(found(row! { "n": op::eq(()) }).await, [1]);
    assert_eq!(found(row! { "n": op::is_null() }).await, [1]);
    assert_eq!(found(row! { "n": op::ne(()) }).await, [2]);
    assert_eq!(found(row! { "n": op::not_null() }).await, [2]);
    assert_eq!(found(row! { "n": op::ne(0) }).await, [] as [i64; 0]);
    for never in [op::gt(()), op::gte(()), op::lt(()), op::lte(())] {
        assert_eq!(found(row! { "n": never }).await, [] as [i64; 0]);
    }
}

async fn none_in_a_filter_is_is_null(t: &Case) {
    t.ddl(T).await;
    t.db.insert_many("t", [row! { "id": 1, "n": () }, row! { "id": 2, "n": 0 }])
        .await
        .unwrap();
    let maybe: Option<i64> = None;
    assert_eq!(t.db.delete("t", row! { "n": maybe }).await.unwrap(), 1);
    assert_eq!(t.table("SELECT id FROM t").await, "2");
}

async fn underscore_keys_that_are_no_columns_are_dropped(t: &Case) {
    t.ddl(T).await;
    let row =
        t.db.insert("t", row! { "n": 1, "_meta": "x", "_": 1 })
            .await
            .unwrap();
    assert_eq!(row, row! { "id": 1, "n": 1, "s": "d" });
    let row =
        t.db.update("t", row! { "n": 2, "_meta": "x" }, row! { "id": 1 })
            .await
            .unwrap();
    assert_eq!(row["n"], 2);
    t.db.insert_many("t", [row! { "n": 3, "_a": 1 }, row! { "n": 4, "_b": [1] }])
        .await
        .unwrap();
    t.db.upsert("t", row! { "id": 1, "n": 5, "_c": 1 }, "id")
        .await
        .unwrap();
    assert_eq!(t.table("SELECT n FROM t ORDER BY id").await, "5|3|4");
}

async fn underscore_columns_are_written(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, _state text)").await;
    let row =
        t.db.insert("t", row! { "_state": "new", "_meta": 1 })
            .await
            .unwrap();
    assert_eq!(row, row! { "id": 1, "_state": "new" });
    let row =
        t.db.update("t", row! { "_state": "old" }, row! { "_state": "new" })
            .await
            .unwrap();
    assert_eq!(row["_state"], "old");
    assert_eq!(t.table("SELECT _state FROM t").await, "old");
}

async fn update_to_null_is_null(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", row! { "n": 1 }).await.unwrap();
    let row =
        t.db.update("t", row! { "n": (), "s": None::<String> }, row! { "n": 1 })
            .await
            .unwrap();
    assert!(row["n"].is_null() && row["s"].is_null());
    assert_eq!(t.table("SELECT n, s FROM t").await, "NULL,NULL");
}

async fn null_for_a_not_null_column_with_a_default_is_refused(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, n {int4} NOT NULL DEFAULT 7)")
        .await;
    assert_eq!(
        kind(t.db.insert("t", row! { "id": 1, "n": () }).await),
        ErrorKind::NotNullViolation
    );
    let data = [row! { "id": 2 }, row! { "id": 3, "n": () }];
    assert_eq!(
        kind(t.db.insert_many("t", data).await),
        ErrorKind::NotNullViolation
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
}

async fn generated_columns_are_refused(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, a {int4}, twice {int4} GENERATED ALWAYS AS (a * 2) STORED)")
        .await;
    let row = t.db.insert("t", row! { "a": 21 }).await.unwrap();
    assert_eq!(row, row! { "id": 1, "a": 21, "twice": 42 });
    assert_eq!(
        kind(t.db.insert("t", row! { "a": 1, "twice": 2 }).await),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(
            t.db.update("t", row! { "twice": 2 }, row! { "a": 21 })
                .await
        ),
        ErrorKind::InvalidValue
    );
    assert_eq!(t.db.count("t", row! { "twice": 42 }).await.unwrap(), 1);
}

async fn column_given_twice_is_refused(t: &Case) {
    t.ddl(T).await;
    let twice = || row! { "n": 1, "n": 2 };
    assert_eq!(
        kind(t.db.insert("t", twice()).await),
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        kind(t.db.insert_many("t", [row! { "n": 1 }, twice()]).await),
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        kind(t.db.update("t", twice(), row! { "id": 1 }).await),
        ErrorKind::InvalidQuery
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
}
