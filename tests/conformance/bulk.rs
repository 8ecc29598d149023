//! Many rows at once: mixed columns, beyond every parameter limit, all or nothing.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::case::{Case, error as self_error, kind};
use crate::values::{ints, num};

cases! {
    anywhere: [
        rows_come_back_in_the_order_of_the_data, key_sets_may_differ, empty_lists_do_nothing,
        upsert_inserts_then_updates, upsert_changes_only_what_is_given, upsert_of_a_key_alone,
        upsert_many_does_both, update_many_changes_each_row, composite_keys,
        update_many_of_unknown_keys_changes_nothing,
    ]
    outside: [
        one_bad_row_undoes_all, one_bad_value_sends_nothing, upsert_keys_are_checked,
        update_many_keys_are_checked, a_key_is_named_once, upsert_without_a_unique_index,
        upsert_many_is_all_or_nothing, bulk_of_every_type, many_rows_with_many_key_sets,
        many_columns_by_many_rows, many_rows_are_upserted_and_updated,
        one_bad_row_among_many_undoes_all,
    ]
}

const T: &str = "CREATE TABLE t (id {id}, k text UNIQUE, n {int4} DEFAULT 7, s text DEFAULT 'd')";
const ALL: &str = "SELECT k, n, s FROM t ORDER BY k";

async fn rows_come_back_in_the_order_of_the_data(t: &Case) {
    t.ddl(T).await;
    let data: Vec<Row> = (0..100)
        .map(|i| row! { "k": format!("{:02}", i * 37 % 100), "n": i })
        .collect();
    let rows =
        t.db.insert_many("t", &data)
            .returning("n, id, k")
            .await
            .unwrap();
    assert_eq!(ints(&rows, "n"), (0..100).collect::<Vec<_>>());
    for (row, data) in rows.iter().zip(&data) {
        assert_eq!(row["k"], data["k"]);
        let sql = format!("SELECT k FROM t WHERE id = {}", row["id"].as_i64().unwrap());
        if row["n"].as_i64().unwrap() % 25 == 0 {
            assert_eq!(t.scalar(&sql).await, data["k"].as_str().unwrap());
        }
    }
}

async fn key_sets_may_differ(t: &Case) {
    t.ddl(T).await;
    let data: Vec<Row> = (0..60_i64)
        .map(|i| {
            let k = format!("{i:02}");
            match i % 4 {
                0 => row! { "k": k },
                1 => row! { "n": i, "k": k },
                2 => row! { "k": k, "s": () },
                _ => row! { "s": "x", "n": (), "k": k },
            }
        })
        .collect();
    let rows = t.db.insert_many("t", &data).returning("*").await.unwrap();
    for (i, row) in rows.iter().enumerate() {
        let (n, s) = match i % 4 {
            0 => (Value::from(7), Value::from("d")),
            1 => (Value::from(i), "d".into()),
            2 => (7.into(), Value::Null),
            _ => (Value::Null, "x".into()),
        };
        assert_eq!(row["k"], format!("{i:02}"), "in the order of the data");
        assert_eq!((&row["n"], &row["s"]), (&n, &s), "row {i}");
    }
    assert_eq!(
        t.db.insert_many("t", [row! { "n": 1 }, row! { "s": "y" }])
            .await
            .unwrap(),
        2
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "62");
}

async fn empty_lists_do_nothing(t: &Case) {
    t.ddl(T).await;
    let none = || Vec::<Row>::new();
    assert_eq!(t.db.insert_many("t", none()).await.unwrap(), 0);
    assert!(
        t.db.insert_many("t", none())
            .returning("*")
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(t.db.upsert_many("t", none(), "k").await.unwrap(), 0);
    assert_eq!(t.db.update_many("t", none(), "k").await.unwrap(), 0);
    assert_eq!(t.table(ALL).await, "");
}

async fn upsert_inserts_then_updates(t: &Case) {
    t.ddl(T).await;
    let row =
        t.db.upsert("t", row! { "k": "a", "n": 1 }, ["k"])
            .await
            .unwrap();
    assert_eq!(row, row! { "id": 1, "k": "a", "n": 1, "s": "d" });
    let row =
        t.db.upsert("t", row! { "k": "a", "n": 2 }, "k")
            .await
            .unwrap();
    assert_eq!(row, row! { "id": 1, "k": "a", "n": 2, "s": "d" });
    assert_eq!(t.table(ALL).await, "a,2,d");
}

async fn upsert_changes_only_what_is_given(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", row! { "k": "a", "n": 1, "s": "kept" })
        .await
        .unwrap();
    t.db.upsert("t", row! { "k": "a", "n": () }, "k")
        .await
        .unwrap();
    assert_eq!(t.table(ALL).await, "a,NULL,kept");
}

async fn upsert_of_a_key_alone(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", row! { "k": "a", "n": 1 }).await.unwrap();
    let row = t.db.upsert("t", row! { "k": "a" }, "k").await.unwrap();
    assert_eq!(row, row! { "id": 1, "k": "a", "n": 1, "s": "d" });
    assert_eq!(t.table(ALL).await, "a,1,d");
}

async fn upsert_many_does_both(t: &Case) {
    t.ddl(T).await;
    t.db.insert_many("t", [row! { "k": "a", "n": 1 }, row! { "k": "b", "n": 2 }])
        .await
        .unwrap();
    let data = [
        row! { "k": "c" },
        row! { "k": "b", "n": 20 },
        row! { "k": "a", "s": "x" },
        row! { "k": "d", "n": () },
    ];
    let rows =
        t.db.upsert_many("t", &data, ["k"])
            .returning("k, n, s")
            .await
            .unwrap();
    let expected = [
        row! { "k": "c", "n": 7, "s": "d" },
        row! { "k": "b", "n": 20, "s": "d" },
        row! { "k": "a", "n": 1, "s": "x" },
        row! { "k": "d", "n": (), "s": "d" },
    ];
    assert_eq!(rows, expected);
    assert_eq!(t.db.upsert_many("t", &data, "k").await.unwrap(), 4);
    assert_eq!(t.table(ALL).await, "a,1,x|b,20,d|c,7,d|d,NULL,d");
}

async fn update_many_changes_each_row(t: &Case) {
    t.ddl(T).await;
    t.db.insert_many("t", ["a", "b", "c"].map(|k| row! { "k": k }))
        .await
        .unwrap();
    let data = [
        row! { "k": "c", "n": 3, "s": "z" },
        row! { "k": "a", "n": 1 },
        row! { "k": "b", "s": () },
    ];
    assert_eq!(t.db.update_many("t", data, ["k"]).await.unwrap(), 3);
    assert_eq!(t.table(ALL).await, "a,1,d|b,7,NULL|c,3,z");
}

async fn update_many_of_unknown_keys_changes_nothing(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", row! { "k": "a" }).await.unwrap();
    let data = [row! { "k": "a", "n": 1 }, row! { "k": "nobody", "n": 2 }];
    assert_eq!(t.db.update_many("t", data, "k").await.unwrap(), 1);
    assert_eq!(t.table(ALL).await, "a,1,d");
}

async fn composite_keys(t: &Case) {
    t.ddl("CREATE TABLE c (a {int4}, d {date}, v text, PRIMARY KEY (a, d))")
        .await;
    let day = |day: i64| format!("2026-11-{day:02}");
    let rows = (1..=4_i64).map(|i| row! { "a": i % 2, "d": day(i), "v": "old" });
    t.db.insert_many("c", rows).await.unwrap();
    let change = [
        row! { "a": 1, "d": day(1), "v": "new" },
        row! { "a": 0, "d": day(1), "v": "none" },
    ];
    assert_eq!(t.db.update_many("c", change, ["a", "d"]).await.unwrap(), 1);
    let change = [
        row! { "a": 0, "d": day(2), "v": "up" },
        row! { "a": 0, "d": day(9), "v": "in" },
    ];
    assert_eq!(t.db.upsert_many("c", change, "a, d").await.unwrap(), 2);
    let row =
        t.db.upsert("c", row! { "a": 1, "d": day(3), "v": "one" }, ["d", "a"])
            .await
            .unwrap();
    assert_eq!(row["v"], "one");
    let rows = t.db.select("c", "v").order_by("d").await.unwrap();
    assert_eq!(
        crate::values::texts(&rows, "v"),
        ["new", "up", "one", "old", "in"]
    );
}

async fn one_bad_row_undoes_all(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", row! { "k": "taken" }).await.unwrap();
    let data = [
        row! { "k": "a" },
        row! { "k": "b", "n": 1 },
        row! { "k": "taken" },
        row! { "k": "c" },
    ];
    assert_eq!(
        kind(t.db.insert_many("t", &data).await),
        ErrorKind::UniqueViolation
    );
    assert_eq!(
        kind(t.db.insert_many("t", &data).returning("id").await),
        ErrorKind::UniqueViolation
    );
    assert_eq!(t.table(ALL).await, "taken,7,d");
}

async fn one_bad_value_sends_nothing(t: &Case) {
    t.ddl(T).await;
    let error = self_error(
        t.db.insert_many(
            "t",
            [row! { "k": "a", "n": 1 }, row! { "k": "b", "n": "x" }],
        )
        .await,
    );
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    assert!(error.to_string().contains("`n`"), "{error}");
    let error = self_error(
        t.db.insert_many("t", [row! { "k": "a" }, row! { "kk": "b" }])
            .await,
    );
    assert_eq!(error.kind(), ErrorKind::UndefinedColumn);
    assert_eq!(t.table(ALL).await, "");
}

async fn upsert_keys_are_checked(t: &Case) {
    t.ddl(T).await;
    let twice = || {
        [
            row! { "k": "a", "n": 1 },
            row! { "k": "b" },
            row! { "k": "a", "n": 2 },
        ]
    };
    let refused = self_error(t.db.upsert_many("t", twice(), "k").await);
    assert_eq!(refused.kind(), ErrorKind::InvalidQuery, "{refused}");
    assert_eq!(
        kind(t.db.upsert("t", row! { "k": (), "n": 1 }, "k").await),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(t.db.upsert("t", row! { "n": 1 }, "k").await),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(
            t.db.upsert_many("t", [row! { "k": "z" }, row! { "n": 1 }], "k")
                .await
        ),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(t.db.upsert("t", row! { "k": "a" }, ["nope"]).await),
        ErrorKind::UndefinedColumn
    );
    assert_eq!(t.table(ALL).await, "");
    // equal keys in another spelling are the same key
    t.ddl("CREATE TABLE d (k {numeric} PRIMARY KEY, v {int4})")
        .await;
    let equal = [
        row! { "k": num("1.5"), "v": 1 },
        row! { "k": num("1.50"), "v": 2 },
    ];
    let outcome = t.db.upsert_many("d", equal, "k").await;
    assert_eq!(kind(outcome), ErrorKind::InvalidQuery);
    assert_eq!(t.scalar("SELECT count(*) FROM d").await, "0");
}

async fn a_key_is_named_once(t: &Case) {
    t.ddl("CREATE TABLE t (a {int4}, b {int4}, n {int4}, UNIQUE (a, b))")
        .await;
    let row = || row! { "a": 1, "b": 2, "n": 3 };
    let keys = "a, b, a";
    let refused = [
        self_error(t.db.upsert("t", row(), keys).await),
        self_error(t.db.upsert("t", row(), keys).or_ignore().await),
        self_error(t.db.upsert_many("t", [row()], keys).await),
        self_error(t.db.upsert_many("t", [row()], keys).or_ignore().await),
        self_error(t.db.update_many("t", [row()], keys).await),
    ];
    for error in refused {
        assert_eq!(error.kind(), ErrorKind::InvalidQuery);
        assert!(error.to_string().contains("the key `a` twice"), "{error}");
    }
    assert_eq!(t.table("SELECT * FROM t").await, "");
}

async fn update_many_keys_are_checked(t: &Case) {
    t.ddl(T).await;
    t.db.insert_many("t", [row! { "k": "a" }, row! { "k": () }])
        .await
        .unwrap();
    let twice = [row! { "k": "a", "n": 1 }, row! { "k": "a", "n": 2 }];
    assert_eq!(
        kind(t.db.update_many("t", twice, "k").await),
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        kind(t.db.update_many("t", [row! { "n": 1 }], "k").await),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(t.db.update_many("t", [row! { "k": (), "n": 1 }], "k").await),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(t.db.update_many("t", [row! { "k": "a" }], "k").await),
        ErrorKind::EmptyData
    );
    assert_eq!(
        kind(
            t.db.update_many("t", [row! { "k": "a", "x": 1 }], "k")
                .await
        ),
        ErrorKind::UndefinedColumn
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t WHERE n = 7").await, "2");
}

async fn upsert_without_a_unique_index(t: &Case) {
    t.ddl(T).await;
    let refused = self_error(t.db.upsert("t", row! { "k": "a", "n": 1 }, "n").await);
    assert_eq!(refused.kind(), ErrorKind::InvalidQuery, "{refused}");
    assert!(refused.to_string().contains("unique"), "{refused}");
    let refused = self_error(
        t.db.upsert_many("t", [row! { "k": "a", "n": 1 }], "k, n")
            .await,
    );
    assert_eq!(refused.kind(), ErrorKind::InvalidQuery, "{refused}");
    assert_eq!(t.table(ALL).await, "");
}

async fn upsert_many_is_all_or_nothing(t: &Case) {
    t.ddl("CREATE TABLE u (k text PRIMARY KEY, n {int4} CHECK (n > 0))")
        .await;
    t.db.insert("u", row! { "k": "a", "n": 1 }).await.unwrap();
    let data = [row! { "k": "a", "n": 5 }, row! { "k": "b", "n": 0 }];
    assert_eq!(
        kind(t.db.upsert_many("u", &data, "k").await),
        ErrorKind::CheckViolation
    );
    assert_eq!(
        kind(
            t.db.update_many("u", [row! { "k": "a", "n": -1 }], "k")
                .await
        ),
        ErrorKind::CheckViolation
    );
    assert_eq!(t.table("SELECT k, n FROM u").await, "a,1");
}

async fn bulk_of_every_type(t: &Case) {
    t.ddl("CREATE TABLE e (id {int4} PRIMARY KEY, b {bool}, i {int2}, f {float8}, g {float4}, n {numeric(10,2)},
           s text, c {char(3)}, u {uuid}, z {timestamptz}, d {date}, x {bytea}, j {json}, a {text[]})").await;
    let full = row! {
        "b": true, "i": -5, "f": 0.1, "g": 0.1_f32, "n": num("1.50"), "s": "O'Brien, {x} \\ \"y\"", "c": "ab",
        "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "z": "2026-11-23T01:25:35.896668+00:00", "d": "2026-11-23",
        "x": vec![0_u8, 255], "j": crate::values::json("{\"a\": [1, null]}"), "a": [Some("x,y"), None],
    };
    let data: Vec<Row> = (0..50)
        .map(|id| {
            let mut row = row! { "id": id };
            for (i, (name, value)) in full.iter().enumerate() {
                row.set(
                    name,
                    if (id + i) % 5 == 0 {
                        Value::Null
                    } else {
                        value.clone()
                    },
                );
            }
            row
        })
        .collect();
    let rows = t.db.insert_many("e", &data).returning("*").await.unwrap();
    assert_eq!(rows, data);
    assert_eq!(t.db.upsert_many("e", &data, "id").await.unwrap(), 50);
    assert_eq!(t.db.update_many("e", &data, "id").await.unwrap(), 50);
    assert_eq!(t.db.select("e", "*").order_by("id").await.unwrap(), data);
}

fn wide(rows: usize) -> Vec<Row> {
    let of = |i: usize| {
        let k = format!("k{i:06}");
        match i % 3 {
            0 => row! { "k": k, "a": i, "b": i, "c": i, "d": i },
            1 => row! { "d": i, "k": k, "b": i },
            _ => row! { "k": k, "a": (), "c": i },
        }
    };
    (0..rows).map(of).collect()
}

const WIDE: &str =
    "CREATE TABLE w (k text PRIMARY KEY, a {int4} DEFAULT -1, b {int4}, c {int4}, d {int8})";

/// More than 65,535 parameters, and more than SQLite's 32,766.
async fn many_rows_with_many_key_sets(t: &Case) {
    t.ddl(WIDE).await;
    let data = wide(20_000);
    let rows =
        t.db.insert_many("w", &data)
            .returning("k, a, d")
            .await
            .unwrap();
    assert_eq!(rows.len(), data.len());
    for (i, (row, data)) in rows.iter().zip(&data).enumerate() {
        assert_eq!(row["k"], data["k"], "row {i} in the order of the data");
        let a = [Value::from(i), Value::from(-1), Value::Null];
        assert_eq!(row["a"], a[i % 3], "row {i}");
    }
    let sql = "SELECT count(*), count(a), count(b), count(c), sum(d) FROM w";
    let d: usize = (0..20_000).filter(|i| i % 3 < 2).sum();
    assert_eq!(t.table(sql).await, format!("20000,13334,13334,13333,{d}"));
}

async fn many_columns_by_many_rows(t: &Case) {
    let names: Vec<String> = (0..100).map(|i| format!("c{i}")).collect();
    let columns: Vec<String> = names
        .iter()
        .map(|name| format!("{name} {{int4}}"))
        .collect();
    t.ddl(&format!(
        "CREATE TABLE w (id {{id}}, {})",
        columns.join(", ")
    ))
    .await;
    let data: Vec<Row> = (0..700)
        .map(|i| names.iter().map(|name| (name, i)).collect())
        .collect();
    assert_eq!(t.db.insert_many("w", &data).await.unwrap(), 700);
    assert_eq!(
        t.table("SELECT count(*), sum(c0), sum(c99) FROM w").await,
        "700,244650,244650"
    );
}

async fn many_rows_are_upserted_and_updated(t: &Case) {
    t.ddl(WIDE).await;
    let data = wide(20_000);
    t.db.insert_many("w", &data[..10_000]).await.unwrap();
    assert_eq!(t.db.upsert_many("w", &data, "k").await.unwrap(), 20_000);
    assert_eq!(t.scalar("SELECT count(*) FROM w").await, "20000");
    let changes = (0..20_000).map(|i| row! { "k": format!("k{i:06}"), "b": i, "c": 0 });
    assert_eq!(t.db.update_many("w", changes, "k").await.unwrap(), 20_000);
    assert_eq!(
        t.table("SELECT sum(b), sum(c), count(*) FROM w").await,
        "199990000,0,20000"
    );
}

async fn one_bad_row_among_many_undoes_all(t: &Case) {
    t.ddl(WIDE).await;
    let mut data = wide(20_000);
    data[19_990].set("k", "k000001");
    assert_eq!(
        kind(t.db.insert_many("w", &data).await),
        ErrorKind::UniqueViolation
    );
    assert_eq!(t.scalar("SELECT count(*) FROM w").await, "0");
}
