//! Names are parsed once and always quoted: any name that a database has works.

use db_adapter::prelude::*;

use crate::case::Case;
use crate::values::ints;

cases! {
    anywhere: [
        hostile_column_names_are_names, hostile_table_names_are_names, schema_qualified_names,
        views_are_select_targets, alias_never_changes_the_order, alias_never_changes_the_filter,
        names_of_63_bytes, case_of_names_is_kept,
    ]
}

/// Each as it stands in the catalogue.
pub(crate) const NAMES: [&str; 14] = [
    "select",
    "order",
    "user",
    "Mixed",
    "two words",
    "quo\"te",
    "single'quote",
    "semi;colon",
    "dot.ted",
    "ünïcødé",
    "日本",
    "$1",
    "a:b",
    "--",
];

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn hostile_column_names_are_names(t: &Case) {
    let columns: Vec<String> = NAMES
        .iter()
        .map(|name| format!("{} {{int4}}", quoted(name)))
        .collect();
    t.ddl(&format!(
        "CREATE TABLE t (id {{id}}, {})",
        columns.join(", ")
    ))
    .await;
    let data: Row = NAMES
        .iter()
        .enumerate()
        .map(|(i, name)| (*name, i))
        .collect();
    let row = t.db.insert("t", &data).await.unwrap();
    for (i, name) in NAMES.iter().enumerate() {
        assert_eq!(row[*name], i as i64);
        let by_name = row! { (name): i };
        let rows =
            t.db.select("t", [name])
                .filter(&by_name)
                .order_by(quoted(name))
                .await
                .unwrap();
        assert_eq!(rows, [row! { (name): i }], "{name}");
        let alias = format!("{} AS {}", quoted(name), quoted("the \"alias\""));
        assert_eq!(
            t.db.select("t", alias).one().await.unwrap(),
            row! { "the \"alias\"": i }
        );
        let changed =
            t.db.update("t", row! { (name): i + 100 }, &by_name)
                .await
                .unwrap();
        assert_eq!(changed[*name], (i + 100) as i64, "{name}");
        let many = [row! { "id": 1, (name): i }];
        assert_eq!(
            t.db.update_many("t", many, "id").await.unwrap(),
            1,
            "{name}"
        );
    }
    let more = [data.clone(), data.clone()];
    let rows = t.db.insert_many("t", more).returning(NAMES).await.unwrap();
    assert_eq!(rows, [data.clone(), data.clone()]);
    assert_eq!(t.db.delete("t", &data).await.unwrap(), 3);
}

async fn hostile_table_names_are_names(t: &Case) {
    for (i, name) in NAMES.iter().enumerate() {
        let table = quoted(name);
        t.ddl(&format!(
            "CREATE TABLE {table} (id {{id}}, n {{int4}} UNIQUE)"
        ))
        .await;
        t.db.insert(&table, row! { "n": i }).await.unwrap();
        t.db.upsert(&table, row! { "n": i }, "n").await.unwrap();
        assert_eq!(
            t.db.select(&table, "n").one().await.unwrap()["n"],
            i as i64,
            "{name}"
        );
        assert_eq!(
            t.db.count(&table, row! { "n": i }).await.unwrap(),
            1,
            "{name}"
        );
        assert_eq!(
            t.db.update(&table, row! { "n": 0 }, row! { "n": i })
                .await
                .unwrap()["n"],
            0,
            "{name}"
        );
        assert_eq!(
            t.db.delete(&table, Filter::all()).await.unwrap(),
            1,
            "{name}"
        );
        assert_eq!(
            t.scalar(&format!("SELECT count(*) FROM {table}")).await,
            "0"
        );
    }
}

async fn schema_qualified_names(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, n {int4})").await;
    let schema = t.either("public", "main");
    let (bare, quoted) = (format!("{schema}.t"), format!("\"{schema}\".\"t\""));
    t.db.insert(&bare, row! { "n": 1 }).await.unwrap();
    t.db.insert_many(&quoted, [row! { "n": 2 }]).await.unwrap();
    assert_eq!(t.db.count(&bare, row! {}).await.unwrap(), 2);
    let rows = t.db.select(&quoted, "n").order_by("n").await.unwrap();
    assert_eq!(ints(&rows, "n"), [1, 2]);
    t.db.update(&bare, row! { "n": 3 }, row! { "n": 1 })
        .await
        .unwrap();
    t.db.delete(&bare, row! { "n": 2 }).await.unwrap();
    t.db.upsert(&bare, row! { "id": 1, "n": 4 }, "id")
        .await
        .unwrap();
    assert_eq!(t.table("SELECT id, n FROM t").await, "1,4");
    if t.is_postgres() {
        t.ddl("CREATE SCHEMA \"Other\"; CREATE TABLE \"Other\".t (id bigint PRIMARY KEY, only_here text)").await;
        t.db.insert("\"Other\".t", row! { "id": 1, "only_here": "x" })
            .await
            .unwrap();
        assert_eq!(
            t.db.select("\"Other\".t", "*").one().await.unwrap()["only_here"],
            "x"
        );
        assert_eq!(t.table("SELECT id, n FROM t").await, "1,4");
    }
}

async fn views_are_select_targets(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, n {int4}, price {numeric(6,2)}, at {timestamptz})")
        .await;
    t.ddl("CREATE VIEW v AS SELECT id, n AS number, price, at FROM t WHERE n > 1")
        .await;
    let at = "2026-11-23T01:25:25.000000+00:00";
    let data = [1, 3, 2].map(|n| row! { "n": n, "price": n, "at": at });
    t.db.insert_many("t", data).await.unwrap();
    let rows = t.db.select("v", "*").order_by("number").await.unwrap();
    assert_eq!(ints(&rows, "number"), [2, 3]);
    assert_eq!(rows[0]["price"], crate::values::num("2.00"));
    assert_eq!(rows[0]["at"], at);
    let filter = row! { "price": op::gt(2), "at": at };
    assert_eq!(t.db.count("v", filter).await.unwrap(), 1);
}

/// An order names columns of the table, never an alias that hides one.
async fn alias_never_changes_the_order(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, a {int4}, b {int4})")
        .await;
    t.db.insert_many(
        "t",
        [
            row! { "id": 1, "a": 1, "b": 9 },
            row! { "id": 2, "a": 2, "b": 8 },
        ],
    )
    .await
    .unwrap();
    let rows = t.db.select("t", "id, b AS a").order_by("a").await.unwrap();
    assert_eq!(rows, [row! { "id": 1, "a": 9 }, row! { "id": 2, "a": 8 }]);
    let rows =
        t.db.select("t", "a AS b, b AS a")
            .order_by("b DESC")
            .await
            .unwrap();
    assert_eq!(rows, [row! { "b": 1, "a": 9 }, row! { "b": 2, "a": 8 }]);
}

async fn alias_never_changes_the_filter(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, a {int4}, b {int4})")
        .await;
    t.db.insert_many(
        "t",
        [
            row! { "id": 1, "a": 1, "b": 9 },
            row! { "id": 2, "a": 9, "b": 1 },
        ],
    )
    .await
    .unwrap();
    let rows =
        t.db.select("t", "id, b AS a")
            .filter(row! { "a": 1 })
            .await
            .unwrap();
    assert_eq!(rows, [row! { "id": 1, "a": 9 }]);
}

async fn names_of_63_bytes(t: &Case) {
    let long = "n".repeat(63);
    t.ddl(&format!("CREATE TABLE {long} (id {{id}}, {long} text)"))
        .await;
    let row = t.db.insert(&long, row! { (long): "x" }).await.unwrap();
    assert_eq!(row[long.as_str()], "x");
    assert_eq!(
        t.db.select(&long, &*long)
            .filter(row! { (long): "x" })
            .order_by(&long)
            .await
            .unwrap()
            .len(),
        1
    );
}

/// Names are quoted: `Users` is not `users`, on any backend.
async fn case_of_names_is_kept(t: &Case) {
    t.ddl("CREATE TABLE \"Users\" (\"Id\" {id}, \"userName\" text)")
        .await;
    let row =
        t.db.insert("Users", row! { "userName": "x" })
            .await
            .unwrap();
    assert_eq!(row, row! { "Id": 1, "userName": "x" });
    assert_eq!(
        t.db.select("Users", "userName")
            .order_by("userName")
            .await
            .unwrap()
            .len(),
        1
    );
}
