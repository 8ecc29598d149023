//! The verbs one by one: insert, select, count, exists, delete, and what they give back.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::case::{Case, kind};
use crate::values::{ints, texts};

cases! {
    anywhere: [
        insert_returns_generated_columns,
        insert_without_data_gives_the_defaults,
        insert_takes_a_row_as_it_was_selected,
        select_keeps_the_order_of_columns,
        select_without_filter_gives_every_row,
        filter_is_an_and_of_equals,
        second_filter_narrows,
        limit_and_offset_cut_the_ordered_rows,
        one_and_optional_say_how_many,
        count_and_exists_look_at_matching_rows,
        delete_gives_the_number_of_rows,
        select_from_an_empty_table_is_empty,
    ]
    outside: [
        table_made_by_the_client_is_usable_at_once,
        table_made_anew_by_somebody_else_is_seen,
        ping_and_version_answer,
        closed_client_says_so,
    ]
}

pub(crate) const USERS: &str = "CREATE TABLE users (
    id {id}, name text NOT NULL, email text UNIQUE, age {int4},
    active {bool} NOT NULL DEFAULT true, created {timestamptz} NOT NULL DEFAULT {now})";

async fn three_users(t: &Case) {
    t.ddl(USERS).await;
    for (name, age) in [("Alice", 30), ("Bob", 20), ("Carol", 40)] {
        t.db.insert("users", row! { "name": name, "age": age })
            .await
            .unwrap();
    }
}

async fn insert_returns_generated_columns(t: &Case) {
    t.ddl(USERS).await;
    let user =
        t.db.insert(
            "users",
            row! { "name": "Alice", "email": "alice@example.com" },
        )
        .await
        .unwrap();
    let names: Vec<&str> = user.names().collect();
    assert_eq!(names, ["id", "name", "email", "age", "active", "created"]);
    assert_eq!(user["id"], 1);
    assert_eq!(user["name"], "Alice");
    assert!(user["age"].is_null());
    assert_eq!(user["active"], true);
    let created: String = user.get("created").unwrap();
    assert_eq!(
        created.len(),
        "2026-11-23T01:25:35.896668+00:00".len(),
        "{created}"
    );
    assert!(created.ends_with("+00:00"), "{created}");
    assert_eq!(
        t.table("SELECT id, name, email FROM users").await,
        "1,Alice,alice@example.com"
    );
}

async fn insert_without_data_gives_the_defaults(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, n {int4} DEFAULT 7, s text)")
        .await;
    let row = t.db.insert("t", row! {}).await.unwrap();
    assert_eq!(row, row! { "id": 1, "n": 7, "s": None::<&str> });
    assert_eq!(t.table("SELECT id, n, s FROM t").await, "1,7,NULL");
}

async fn insert_takes_a_row_as_it_was_selected(t: &Case) {
    three_users(t).await;
    let mut row =
        t.db.select("users", "*")
            .filter(row! { "name": "Bob" })
            .one()
            .await
            .unwrap();
    row.set("id", 99);
    let copy = t.db.insert("users", &row).await.unwrap();
    assert_eq!(copy, row);
}

async fn select_keeps_the_order_of_columns(t: &Case) {
    three_users(t).await;
    let rows =
        t.db.select("users", "age, name, id")
            .order_by("id")
            .await
            .unwrap();
    assert_eq!(rows[0], row! { "age": 30, "name": "Alice", "id": 1 });
    let names: Vec<&str> = rows[0].names().collect();
    assert_eq!(names, ["age", "name", "id"]);
}

async fn select_without_filter_gives_every_row(t: &Case) {
    three_users(t).await;
    for rows in [
        t.db.select("users", "name").order_by("name").await.unwrap(),
        t.db.select("users", "name")
            .filter(row! {})
            .order_by("name")
            .await
            .unwrap(),
        t.db.select("users", "name")
            .filter(Filter::all())
            .order_by("name")
            .await
            .unwrap(),
    ] {
        assert_eq!(texts(&rows, "name"), ["Alice", "Bob", "Carol"]);
    }
}

async fn filter_is_an_and_of_equals(t: &Case) {
    three_users(t).await;
    let both = row! { "name": "Bob", "age": 20 };
    assert_eq!(
        t.db.select("users", "id").filter(both).await.unwrap().len(),
        1
    );
    let contradiction = row! { "name": "Bob", "age": 21 };
    assert!(
        t.db.select("users", "id")
            .filter(contradiction)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn second_filter_narrows(t: &Case) {
    three_users(t).await;
    let rows =
        t.db.select("users", "name")
            .filter(row! { "age": op::gt(20) })
            .filter(row! { "name": op::ne("Carol") })
            .await
            .unwrap();
    assert_eq!(texts(&rows, "name"), ["Alice"]);
}

async fn limit_and_offset_cut_the_ordered_rows(t: &Case) {
    t.ddl("CREATE TABLE t (n {int4} NOT NULL)").await;
    let rows = (0..10).map(|n| row! { "n": n });
    t.db.insert_many("t", rows).await.unwrap();
    let cut = async |limit: Option<u64>, offset: Option<u64>| {
        let mut select = t.db.select("t", "n").order_by("n DESC");
        if let Some(limit) = limit {
            select = select.limit(limit);
        }
        if let Some(offset) = offset {
            select = select.offset(offset);
        }
        ints(&select.await.unwrap(), "n")
    };
    assert_eq!(cut(Some(3), None).await, [9, 8, 7]);
    assert_eq!(cut(Some(3), Some(8)).await, [1, 0]);
    assert_eq!(cut(None, Some(7)).await, [2, 1, 0]);
    assert_eq!(cut(Some(0), None).await, [] as [i64; 0]);
    assert_eq!(cut(Some(5), Some(100)).await, [] as [i64; 0]);
}

async fn one_and_optional_say_how_many(t: &Case) {
    three_users(t).await;
    let select = |name: &str| t.db.select("users", "*").filter(row! { "name": name });
    assert_eq!(select("Bob").one().await.unwrap()["age"], 20);
    assert_eq!(select("Bob").optional().await.unwrap().unwrap()["age"], 20);
    assert_eq!(select("Dave").optional().await.unwrap(), None);
    assert_eq!(kind(select("Dave").one().await), ErrorKind::NoRowsMatched);
    assert_eq!(
        kind(t.db.select("users", "*").one().await),
        ErrorKind::TooManyRows
    );
    assert_eq!(
        kind(t.db.select("users", "*").optional().await),
        ErrorKind::TooManyRows
    );
    assert_eq!(
        t.db.select("users", "*")
            .order_by("age")
            .limit(1)
            .one()
            .await
            .unwrap()["age"],
        20
    );
}

async fn count_and_exists_look_at_matching_rows(t: &Case) {
    three_users(t).await;
    assert_eq!(t.db.count("users", row! {}).await.unwrap(), 3);
    assert_eq!(
        t.db.count("users", row! { "age": op::lt(40) })
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        t.db.count("users", row! { "name": "Dave" }).await.unwrap(),
        0
    );
    assert!(t.db.exists("users", row! {}).await.unwrap());
    assert!(t.db.exists("users", row! { "name": "Bob" }).await.unwrap());
    assert!(!t.db.exists("users", row! { "name": "Dave" }).await.unwrap());
}

async fn delete_gives_the_number_of_rows(t: &Case) {
    three_users(t).await;
    assert_eq!(
        t.db.delete("users", row! { "age": op::gte(30) })
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        t.db.delete("users", row! { "age": op::gte(30) })
            .await
            .unwrap(),
        0
    );
    assert_eq!(t.table("SELECT name FROM users").await, "Bob");
}

async fn select_from_an_empty_table_is_empty(t: &Case) {
    t.ddl(USERS).await;
    assert!(t.db.select("users", "*").await.unwrap().is_empty());
    assert_eq!(t.db.count("users", row! {}).await.unwrap(), 0);
}

async fn table_made_by_the_client_is_usable_at_once(t: &Case) {
    let ddl = t.spell("CREATE TABLE made (id {id}, n {int4})");
    t.db.execute(ddl).await.unwrap();
    t.db.insert("made", row! { "n": 1 }).await.unwrap();
    t.db.execute("ALTER TABLE made ADD COLUMN s text DEFAULT 'x'")
        .await
        .unwrap();
    let row =
        t.db.insert("made", row! { "n": 2, "s": "y" })
            .await
            .unwrap();
    assert_eq!(row, row! { "id": 2, "n": 2, "s": "y" });
    let rows = t.db.select("made", "*").order_by("id").await.unwrap();
    assert_eq!(rows[0], row! { "id": 1, "n": 1, "s": "x" });
    t.db.execute("DROP TABLE made").await.unwrap();
    assert_eq!(
        kind(t.db.select("made", "*").await),
        ErrorKind::UndefinedTable
    );
}

/// Nothing that was learned about a table outlives it.
async fn table_made_anew_by_somebody_else_is_seen(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v {int4})").await;
    t.db.insert("t", row! { "v": 1 }).await.unwrap();
    assert_eq!(t.db.select("t", "*").await.unwrap().len(), 1);
    t.ddl("ALTER TABLE t ADD COLUMN w text DEFAULT 'w'").await;
    assert_eq!(t.db.select("t", "id, w").await.unwrap()[0]["w"], "w");
    assert_eq!(
        t.db.select("t", "*").await.unwrap()[0],
        row! { "id": 1, "v": 1, "w": "w" }
    );
    t.ddl("DROP TABLE t").await;
    t.ddl("CREATE TABLE t (id {id}, v text)").await;
    let row = t.db.insert("t", row! { "v": "text" }).await.unwrap();
    assert_eq!(row, row! { "id": 1, "v": "text" });
    assert_eq!(
        t.db.select("t", "v")
            .filter(row! { "v": "text" })
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        kind(t.db.insert("t", row! { "v": "x", "w": "y" }).await),
        ErrorKind::UndefinedColumn
    );
}

async fn ping_and_version_answer(t: &Case) {
    t.db.ping().await.unwrap();
    let version = t.db.server_version().await.unwrap();
    let sql = t.either("SHOW server_version", "SELECT sqlite_version()");
    let truth = t.scalar(sql).await;
    assert!(
        truth.starts_with(&version) || version.starts_with(&truth),
        "{version}, {truth}"
    );
}

async fn closed_client_says_so(t: &Case) {
    t.ddl(USERS).await;
    let other = t.connect(|options| options).await;
    other.insert("users", row! { "name": "x" }).await.unwrap();
    other.close().await.unwrap();
    other.close().await.unwrap();
    assert_eq!(kind(other.select("users", "*").await), ErrorKind::Closed);
    assert_eq!(
        kind(other.insert("users", row! { "name": "y" }).await),
        ErrorKind::Closed
    );
    assert_eq!(kind(other.begin().await), ErrorKind::Closed);
    assert_eq!(t.table("SELECT name FROM users").await, "x");
}
