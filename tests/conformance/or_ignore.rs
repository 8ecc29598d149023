//! `insert(..).or_ignore()`: what is there stays as it is, and only a unique key is a reason to leave
//! a row out.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::case::{Case, kind};
use crate::values::ints;

cases! {
    anywhere: [
        a_new_row_is_given_back, a_row_that_is_there_stays_as_it_is, every_unique_key_counts,
        many_rows_count_the_new_ones, doubles_among_the_data_are_left_out,
        only_the_new_rows_are_given_back,
    ]
    outside: [
        other_constraints_still_refuse, of_an_upsert_only_its_keys_count,
        many_batches_and_shapes_count_right, a_null_in_a_unique_key_is_new,
    ]
}

async fn table(t: &Case) {
    t.ddl(
        "CREATE TABLE t (id {int4} PRIMARY KEY, name text UNIQUE, n {int4} NOT NULL DEFAULT 7 CHECK (n > 0))",
    )
    .await;
    t.db.insert("t", row! { "id": 1, "name": "a" })
        .await
        .unwrap();
}

const ALL: &str = "SELECT id, name, n FROM t ORDER BY id";

async fn a_new_row_is_given_back(t: &Case) {
    table(t).await;
    let row = t.db.insert("t", row! { "id": 2, "name": "b" }).or_ignore();
    assert_eq!(
        row.await.unwrap(),
        Some(row! { "id": 2, "name": "b", "n": 7 })
    );
    let row =
        t.db.insert("t", row! { "id": 3 })
            .or_ignore()
            .returning("n");
    assert_eq!(row.await.unwrap(), Some(row! { "n": 7 }));
    assert_eq!(t.table(ALL).await, "1,a,7|2,b,7|3,NULL,7");
}

async fn a_row_that_is_there_stays_as_it_is(t: &Case) {
    table(t).await;
    let row = row! { "id": 1, "name": "other", "n": 9 };
    assert_eq!(t.db.insert("t", row).or_ignore().await.unwrap(), None);
    assert_eq!(t.table(ALL).await, "1,a,7");
}

async fn every_unique_key_counts(t: &Case) {
    table(t).await;
    let row = row! { "id": 2, "name": "a" };
    assert_eq!(t.db.insert("t", row).or_ignore().await.unwrap(), None);
    assert_eq!(t.table(ALL).await, "1,a,7");
}

async fn many_rows_count_the_new_ones(t: &Case) {
    table(t).await;
    let rows = || (0..4).map(|id| row! { "id": id, "name": format!("n{id}") });
    assert_eq!(t.db.insert_many("t", rows()).or_ignore().await.unwrap(), 3);
    assert_eq!(t.db.insert_many("t", rows()).or_ignore().await.unwrap(), 0);
    assert_eq!(t.table(ALL).await, "0,n0,7|1,a,7|2,n2,7|3,n3,7");
}

async fn doubles_among_the_data_are_left_out(t: &Case) {
    table(t).await;
    let rows = [(5, "x"), (5, "y"), (6, "x"), (7, "z")];
    let rows = rows.map(|(id, name)| row! { "id": id, "name": name });
    assert_eq!(t.db.insert_many("t", rows).or_ignore().await.unwrap(), 2);
    assert_eq!(t.table(ALL).await, "1,a,7|5,x,7|7,z,7");
}

async fn only_the_new_rows_are_given_back(t: &Case) {
    table(t).await;
    let rows = (0..4).map(|id| row! { "id": id, "name": format!("n{id}") });
    let new =
        t.db.insert_many("t", rows)
            .or_ignore()
            .returning("id, name");
    let mut found = ints(&new.await.unwrap(), "id");
    found.sort_unstable();
    assert_eq!(found, [0, 2, 3]);
}

async fn other_constraints_still_refuse(t: &Case) {
    table(t).await;
    t.ddl("CREATE TABLE child (id {int4} PRIMARY KEY, t_id {int4} REFERENCES t (id))")
        .await;
    let null =
        t.db.insert("t", row! { "id": 2, "n": None::<i32> })
            .or_ignore();
    assert_eq!(kind(null.await), ErrorKind::NotNullViolation);
    let check = t.db.insert("t", row! { "id": 2, "n": 0 }).or_ignore();
    assert_eq!(kind(check.await), ErrorKind::CheckViolation);
    let parent =
        t.db.insert("child", row! { "id": 1, "t_id": 99 })
            .or_ignore();
    assert_eq!(kind(parent.await), ErrorKind::ForeignKeyViolation);
    let rows = [row! { "id": 3, "n": 1 }, row! { "id": 4, "n": 0 }];
    let many = t.db.insert_many("t", rows).or_ignore();
    assert_eq!(kind(many.await), ErrorKind::CheckViolation);
    assert_eq!(t.table(ALL).await, "1,a,7");
    assert_eq!(t.scalar("SELECT count(*) FROM child").await, "0");
}

async fn of_an_upsert_only_its_keys_count(t: &Case) {
    table(t).await;
    let same =
        t.db.upsert("t", row! { "id": 1, "name": "b" }, ["id"])
            .or_ignore();
    assert_eq!(same.await.unwrap(), None);
    let other =
        t.db.upsert("t", row! { "id": 2, "name": "a" }, ["id"])
            .or_ignore();
    assert_eq!(kind(other.await), ErrorKind::UniqueViolation);
    let rows = [row! { "id": 1, "name": "c" }, row! { "id": 3, "name": "c" }];
    let many = t.db.upsert_many("t", rows, ["id"]).or_ignore();
    assert_eq!(many.await.unwrap(), 1);
    assert_eq!(t.table(ALL).await, "1,a,7|3,c,7");
}

async fn many_batches_and_shapes_count_right(t: &Case) {
    table(t).await;
    let rows = (0..3000).map(|id| match id % 3 {
        0 => row! { "id": id },
        1 => row! { "id": id, "n": 1 },
        _ => row! { "id": id, "name": format!("n{id}"), "n": 2 },
    });
    let rows: Vec<Row> = rows.collect();
    let half = rows.iter().step_by(2);
    assert_eq!(t.db.insert_many("t", half).or_ignore().await.unwrap(), 1500);
    assert_eq!(
        t.db.insert_many("t", &rows).or_ignore().await.unwrap(),
        1499
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "3000");
    assert_eq!(
        t.table("SELECT name, n FROM t WHERE id IN (1, 5)").await,
        "a,7|n5,2"
    );
}

async fn a_null_in_a_unique_key_is_new(t: &Case) {
    table(t).await;
    for id in [2, 3] {
        let row = row! { "id": id, "name": None::<&str> };
        assert!(t.db.insert("t", row).or_ignore().await.unwrap().is_some());
    }
    assert_eq!(
        t.scalar("SELECT count(*) FROM t WHERE name IS NULL").await,
        "2"
    );
}
