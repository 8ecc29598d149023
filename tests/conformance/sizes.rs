//! The large, the long and the empty.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::case::{Case, kind};
use crate::values::ints;

cases! {
    outside: [
        empty_names_are_refused, nul_in_names_and_text_is_refused, two_hundred_columns,
        empty_everything, long_lists_in_filters, megabytes_of_text_and_bytes, long_lists_of_text,
    ]
}

async fn long_lists_in_filters(t: &Case) {
    t.ddl("CREATE TABLE t (id {int8} PRIMARY KEY, n {numeric})")
        .await;
    t.db.insert_many(
        "t",
        (0..1000_i64).map(|id| row! { "id": id * 1000, "n": id }),
    )
    .await
    .unwrap();
    for size in [10_000_i64, 100_000] {
        let list: Vec<i64> = (0..size).collect();
        let inside = (size / 1000) as u64;
        assert_eq!(
            t.db.count("t", row! { "id": op::is_in(&list) })
                .await
                .unwrap(),
            inside
        );
        assert_eq!(
            t.db.count("t", row! { "id": list.clone() }).await.unwrap(),
            inside
        );
        assert_eq!(
            t.db.count("t", row! { "id": op::not_in(&list) })
                .await
                .unwrap(),
            1000 - inside
        );
        let rows =
            t.db.select("t", "id")
                .filter(row! { "id": op::is_in(&list), "n": op::lt(3) })
                .order_by("id")
                .await
                .unwrap();
        assert_eq!(ints(&rows, "id"), [0, 1000, 2000]);
    }
    let list: Vec<Value> = (0..10_000)
        .map(|n| crate::values::num(&format!("{n}.0")))
        .collect();
    assert_eq!(
        t.db.count("t", row! { "n": op::is_in(&list) })
            .await
            .unwrap(),
        1000,
        "by meaning"
    );
    let list: Vec<i64> = (0..50_000).collect();
    assert_eq!(
        t.db.delete("t", row! { "id": op::is_in(&list) })
            .await
            .unwrap(),
        50
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "950");
}

async fn long_lists_of_text(t: &Case) {
    t.ddl("CREATE TABLE t (s text PRIMARY KEY)").await;
    let of = |i: usize| format!("it's {{{i}}}, \"quoted\" \\ and\nbroken");
    t.db.insert_many("t", (0..10_000).map(|i| row! { "s": of(i) }))
        .await
        .unwrap();
    let list: Vec<String> = (5_000..15_000).map(of).collect();
    assert_eq!(
        t.db.count("t", row! { "s": op::is_in(&list) })
            .await
            .unwrap(),
        5_000
    );
}

async fn megabytes_of_text_and_bytes(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, s text, x {bytea}, j {json}, a {text[]})")
        .await;
    let text: String = "grün 🦀 \\ ' ".chars().cycle().take(2_000_000).collect();
    let bytes: Vec<u8> = (0..=255).cycle().take(2_000_000).collect();
    let document = Value::json_from(&text).unwrap();
    let data = row! { "s": &text, "x": &bytes, "j": document, "a": [&text, "small"] };
    let row = t.db.insert("t", &data).await.unwrap();
    for (name, value) in data.iter() {
        assert!(row[name] == *value, "{name}");
    }
    assert_eq!(
        t.db.count("t", row! { "s": &text, "x": &bytes })
            .await
            .unwrap(),
        1
    );
    t.db.insert_many("t", [&data, &data, &data]).await.unwrap();
    let length = "SELECT min(length(s)), max(length(x)), count(*) FROM t";
    assert_eq!(t.table(length).await, "2000000,2000000,4");
}

async fn empty_names_are_refused(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, n {int4})").await;
    for table in ["", " ", "\"\"", ".t", "t."] {
        assert_eq!(
            kind(t.db.select(table, "*").await),
            ErrorKind::InvalidQuery,
            "{table:?}"
        );
        assert_eq!(
            kind(t.db.delete(table, Filter::all()).await),
            ErrorKind::InvalidQuery,
            "{table:?}"
        );
    }
    assert_eq!(
        kind(t.db.insert("t", row! { "": 1 }).await),
        ErrorKind::UndefinedColumn
    );
    assert_eq!(
        kind(t.db.select("t", "*").filter(row! { "": 1 }).await),
        ErrorKind::UndefinedColumn
    );
    assert_eq!(kind(t.db.select("t", "").await), ErrorKind::InvalidQuery);
    assert_eq!(
        kind(t.db.select("t", "*").order_by("").await),
        ErrorKind::InvalidQuery
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
}

async fn nul_in_names_and_text_is_refused(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, s text)").await;
    assert_eq!(kind(t.db.select("t\0", "*").await), ErrorKind::InvalidQuery);
    assert_eq!(kind(t.db.select("t", "s\0").await), ErrorKind::InvalidQuery);
    assert_eq!(
        kind(t.db.insert("t", row! { "s\0": 1 }).await),
        ErrorKind::UndefinedColumn
    );
    assert_eq!(
        kind(t.db.insert("t", row! { "s": "a\0b" }).await),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(
            t.db.insert_many("t", [row! { "s": "a" }, row! { "s": "\0" }])
                .await
        ),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(
            t.db.select("t", "*")
                .filter(row! { "s": op::like("\0%") })
                .await
        ),
        ErrorKind::InvalidQuery
    );
    let bound =
        t.db.execute("INSERT INTO t (s) VALUES (:s)")
            .bind("s", "a\0b")
            .await;
    assert_eq!(kind(bound), ErrorKind::InvalidValue);
    assert!(t.db.query("SELECT 'a\0b' AS x").await.is_err());
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
}

async fn two_hundred_columns(t: &Case) {
    let names: Vec<String> = (0..200).map(|i| format!("column_{i}")).collect();
    let columns: Vec<String> = names.iter().map(|name| format!("{name} text")).collect();
    t.ddl(&format!(
        "CREATE TABLE t (id {{id}}, {})",
        columns.join(", ")
    ))
    .await;
    let data: Row = names.iter().map(|name| (name, name.as_str())).collect();
    let row = t.db.insert("t", &data).await.unwrap();
    assert_eq!(row.len(), 201);
    assert_eq!(t.db.select("t", &names).one().await.unwrap(), data);
    assert_eq!(t.db.count("t", &data).await.unwrap(), 1);
    let row = t.db.update("t", &data, &data).await.unwrap();
    assert_eq!(row["column_199"], "column_199");
    t.db.insert_many("t", (0..50).map(|_| &data)).await.unwrap();
    assert_eq!(t.db.select("t", "*").await.unwrap().len(), 51);
    let order = names.join(", ");
    assert_eq!(
        t.db.select("t", "id")
            .order_by(order)
            .limit(1)
            .await
            .unwrap()
            .len(),
        1
    );
}

async fn empty_everything(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, s text, x {bytea}, a {text[]})")
        .await;
    let empty = row! { "s": "", "x": Vec::<u8>::new(), "a": Vec::<String>::new() };
    let row = t.db.insert("t", &empty).await.unwrap();
    for (name, value) in empty.iter() {
        assert_eq!(&row[name], value, "{name} is not NULL");
        assert_eq!(
            t.db.count("t", row! { (name): op::eq(value) })
                .await
                .unwrap(),
            1,
            "{name}"
        );
        assert_eq!(
            t.db.count("t", row! { (name): () }).await.unwrap(),
            0,
            "{name}"
        );
    }
    assert_eq!(t.db.count("t", row! {}).await.unwrap(), 1);
    assert_eq!(
        t.db.select("t", "*")
            .filter(Filter::default())
            .await
            .unwrap()
            .len(),
        1
    );
    let none: Vec<Filter> = Vec::new();
    assert_eq!(t.db.delete("t", Filter::any_of(none)).await.unwrap(), 0);
}
