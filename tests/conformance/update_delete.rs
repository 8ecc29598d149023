//! `update` and `delete`: which rows, what comes back, and what is refused.

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind};

use crate::case::{Case, error, kind};
use crate::values::ints;

cases! {
    anywhere: [
        update_changes_every_match_and_gives_the_first, first_is_first_of_a_composite_key,
        all_gives_every_changed_row, count_gives_their_number, update_that_matches_nothing_is_an_error,
        update_by_its_own_column, delete_by_filter_all, update_of_the_key_itself,
    ]
    outside: [
        empty_filters_are_refused, empty_data_is_refused, filter_all_says_it_on_purpose,
        update_of_a_table_without_key, update_of_many_rows_fetches_one,
        a_row_without_its_key_is_refused,
    ]
}

async fn table(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, n {int4}, s text)")
        .await;
    let data = [(5, 1), (3, 1), (9, 2), (1, 1)];
    t.db.insert_many("t", data.map(|(id, n)| row! { "id": id, "n": n }))
        .await
        .unwrap();
}

async fn a_row_without_its_key_is_refused(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, n {int4})").await;
    t.db.insert("t", row! { "id": 1, "n": 1 }).await.unwrap();
    let data = || row! { "id": () };
    let by = || row! { "n": 1 };
    for refused in [
        t.db.update("t", data(), by()).await.map(drop),
        t.db.update("t", data(), by()).count().await.map(drop),
        t.db.update("t", data(), by()).all().await.map(drop),
    ] {
        let refused = error(refused);
        let Error::NotNullViolation(violation) = &refused else {
            panic!("{refused:?}");
        };
        assert_eq!(violation.columns, ["id"]);
        assert_eq!(violation.table.as_deref(), Some("t"));
    }
    assert_eq!(t.scalar("SELECT id FROM t").await, "1");
}

const ALL: &str = "SELECT id, n, s FROM t ORDER BY id";
const UNTOUCHED: &str = "1,1,NULL|3,1,NULL|5,1,NULL|9,2,NULL";

async fn update_changes_every_match_and_gives_the_first(t: &Case) {
    table(t).await;
    let row =
        t.db.update("t", row! { "s": "x" }, row! { "n": 1 })
            .await
            .unwrap();
    assert_eq!(row, row! { "id": 1, "n": 1, "s": "x" });
    assert_eq!(t.table(ALL).await, "1,1,x|3,1,x|5,1,x|9,2,NULL");
}

async fn first_is_first_of_a_composite_key(t: &Case) {
    t.ddl("CREATE TABLE t (b {int4}, a {int4}, s text, PRIMARY KEY (a, b))")
        .await;
    let data = [(2, 1), (1, 2), (1, 10), (3, 1)];
    t.db.insert_many("t", data.map(|(a, b)| row! { "a": a, "b": b }))
        .await
        .unwrap();
    let row =
        t.db.update("t", row! { "s": "x" }, row! { "a": op::gte(1) })
            .await
            .unwrap();
    assert_eq!(row, row! { "b": 2, "a": 1, "s": "x" });
}

async fn all_gives_every_changed_row(t: &Case) {
    table(t).await;
    let rows =
        t.db.update("t", row! { "s": "x" }, row! { "n": 1 })
            .all()
            .await
            .unwrap();
    let mut ids = ints(&rows, "id");
    ids.sort_unstable();
    assert_eq!(ids, [1, 3, 5]);
    assert!(rows.iter().all(|row| row["s"] == "x" && row.len() == 3));
    assert!(
        t.db.update("t", row! { "s": "y" }, row! { "n": 7 })
            .all()
            .await
            .unwrap()
            .is_empty()
    );
}

async fn count_gives_their_number(t: &Case) {
    table(t).await;
    assert_eq!(
        t.db.update("t", row! { "s": "x" }, row! { "n": 1 })
            .count()
            .await
            .unwrap(),
        3
    );
    assert_eq!(
        t.db.update("t", row! { "s": "x" }, row! { "n": 7 })
            .count()
            .await
            .unwrap(),
        0
    );
    assert_eq!(t.table(ALL).await, "1,1,x|3,1,x|5,1,x|9,2,NULL");
}

async fn update_that_matches_nothing_is_an_error(t: &Case) {
    table(t).await;
    let error = error(t.db.update("t", row! { "s": "x" }, row! { "id": 77 }).await);
    assert_eq!(error.kind(), ErrorKind::NoRowsMatched);
    assert!(error.to_string().contains("`t`"), "{error}");
    let never = row! { "id": Vec::<i64>::new() };
    assert_eq!(
        kind(t.db.update("t", row! { "s": "x" }, never).await),
        ErrorKind::NoRowsMatched
    );
    assert_eq!(t.table(ALL).await, UNTOUCHED);
}

/// The filter means the row before the change, the answer the row after it.
async fn update_by_its_own_column(t: &Case) {
    table(t).await;
    let row =
        t.db.update("t", row! { "n": 8 }, row! { "n": 1, "id": op::gt(1) })
            .await
            .unwrap();
    assert_eq!(row, row! { "id": 3, "n": 8, "s": () });
    assert_eq!(t.table(ALL).await, "1,1,NULL|3,8,NULL|5,8,NULL|9,2,NULL");
}

async fn update_of_the_key_itself(t: &Case) {
    table(t).await;
    let row =
        t.db.update("t", row! { "id": 100 }, row! { "id": 1 })
            .await
            .unwrap();
    assert_eq!(row["id"], 100);
    assert_eq!(t.table("SELECT id FROM t ORDER BY id").await, "3|5|9|100");
}

async fn delete_by_filter_all(t: &Case) {
    table(t).await;
    assert_eq!(t.db.delete("t", Filter::all()).await.unwrap(), 4);
    assert_eq!(t.table(ALL).await, "");
}

async fn empty_filters_are_refused(t: &Case) {
    table(t).await;
    let nothing: Filter = row! { "id": op::not_in(Vec::<i64>::new()) };
    let any = Filter::any_of([Filter::from(row! { "id": 1 }), nothing.clone()]);
    let nested = Filter::default().and(nothing.clone());
    for filter in [row! {}.into(), Filter::default(), nothing, any, nested] {
        for error in [
            error(t.db.update("t", row! { "s": "x" }, &filter).await),
            error(t.db.update("t", row! { "s": "x" }, &filter).count().await),
            error(t.db.update("t", row! { "s": "x" }, &filter).all().await),
            error(t.db.delete("t", &filter).await),
        ] {
            assert_eq!(error.kind(), ErrorKind::EmptyFilter, "{filter:?}");
            assert!(error.to_string().contains("Filter::all()"), "{error}");
            assert!(error.to_string().contains("`t`"), "{error}");
        }
    }
    assert_eq!(t.table(ALL).await, UNTOUCHED);
}

async fn empty_data_is_refused(t: &Case) {
    table(t).await;
    for data in [row! {}, row! { "_meta": 1 }] {
        assert_eq!(
            kind(t.db.update("t", &data, row! { "id": 1 }).await),
            ErrorKind::EmptyData
        );
        assert_eq!(
            kind(t.db.update("t", &data, row! { "id": 1 }).count().await),
            ErrorKind::EmptyData
        );
        assert_eq!(
            kind(t.db.update("t", &data, Filter::all()).all().await),
            ErrorKind::EmptyData
        );
    }
    assert_eq!(t.table(ALL).await, UNTOUCHED);
}

async fn filter_all_says_it_on_purpose(t: &Case) {
    table(t).await;
    assert_eq!(
        t.db.update("t", row! { "s": "x" }, Filter::all())
            .count()
            .await
            .unwrap(),
        4
    );
    assert_eq!(
        t.db.update("t", row! { "s": "y" }, Filter::all())
            .await
            .unwrap()["id"],
        1
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t WHERE s = 'y'").await, "4");
}

async fn update_of_a_table_without_key(t: &Case) {
    t.ddl("CREATE TABLE t (n {int4}, s text)").await;
    t.db.insert_many("t", [1, 1, 2].map(|n| row! { "n": n }))
        .await
        .unwrap();
    let row =
        t.db.update("t", row! { "s": "x" }, row! { "n": 1 })
            .await
            .unwrap();
    assert_eq!(row, row! { "n": 1, "s": "x" });
    assert_eq!(
        t.table("SELECT n, s FROM t ORDER BY n").await,
        "1,x|1,x|2,NULL"
    );
}

async fn update_of_many_rows_fetches_one(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, s text)")
        .await;
    let data = (0..20_000).rev().map(|id| row! { "id": id, "s": "old" });
    t.db.insert_many("t", data).await.unwrap();
    let row =
        t.db.update("t", row! { "s": "new" }, row! { "s": "old" })
            .await
            .unwrap();
    assert_eq!(row, row! { "id": 0, "s": "new" });
    assert_eq!(
        t.scalar("SELECT count(*) FROM t WHERE s = 'new'").await,
        "20000"
    );
}
