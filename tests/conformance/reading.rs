//! What a select can be told beyond filter and order: the rows that do not match, distinct rows,
//! locks; and which database answers.

use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{Backend, ErrorKind};

use crate::case::{Case, error, kind};
use crate::values::{ints, texts};

cases! {
    anywhere: [
        not_gives_all_other_rows, not_of_not_is_the_filter_itself, not_of_constants,
        distinct_gives_equal_rows_once, distinct_compares_as_the_columns_do,
        distinct_in_order_and_with_a_limit, the_client_knows_its_database,
    ]
    outside: [
        not_is_for_writes_and_subqueries_too, not_of_nothing_is_no_restriction,
        distinct_refuses_what_it_cannot_mean, a_lock_needs_a_transaction_that_writes,
        a_locked_row_is_waited_for, locked_rows_are_skipped,
    ]
}

async fn users(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, role text, age {int4})")
        .await;
    for (id, role, age) in [
        (1, Some("admin"), Some(40)),
        (2, Some("admin"), None),
        (3, None, Some(12)),
        (4, Some("guest"), Some(12)),
    ] {
        t.db.insert("t", row! { "id": id, "role": role, "age": age })
            .await
            .unwrap();
    }
}

async fn found(t: &Case, filter: impl Into<Filter>) -> Vec<i64> {
    let rows =
        t.db.select("t", "id")
            .filter(filter)
            .order_by("id")
            .await
            .unwrap();
    ints(&rows, "id")
}

async fn not_gives_all_other_rows(t: &Case) {
    users(t).await;
    for filter in [
        row! { "role": "admin" }.into(),
        row! { "role": "admin", "age": 40 }.into(),
        row! { "age": op::gt(12) },
        row! { "role": op::ne("admin") },
        row! { "role": op::like("a%") },
        row! { "age": op::not_in([12]) },
        row! { "age": op::is_null() },
        Filter::any_of([row! { "role": "guest" }, row! { "age": 40 }]),
    ] {
        let matching = found(t, &filter).await;
        let others = found(t, Filter::not(&filter)).await;
        let mut all = [matching, others].concat();
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3, 4], "{filter:?}");
    }
    assert_eq!(
        found(t, Filter::not(row! { "role": "admin" })).await,
        [3, 4]
    );
}

async fn not_of_not_is_the_filter_itself(t: &Case) {
    users(t).await;
    let filter: Filter = row! { "age": op::gt(12) };
    assert_eq!(found(t, Filter::not(Filter::not(filter))).await, [1]);
}

async fn not_of_constants(t: &Case) {
    users(t).await;
    assert_eq!(found(t, Filter::not(Filter::all())).await, [0_i64; 0]);
    assert_eq!(
        found(t, Filter::not(row! { "id": op::is_in([0_i64; 0]) })).await,
        [1, 2, 3, 4]
    );
    assert_eq!(found(t, Filter::not(row! {})).await, [0_i64; 0]);
}

async fn not_is_for_writes_and_subqueries_too(t: &Case) {
    users(t).await;
    t.ddl("CREATE TABLE notes (id {int4} PRIMARY KEY, user_id {int4})")
        .await;
    t.db.insert_many(
        "notes",
        [
            row! { "id": 1, "user_id": 1 },
            row! { "id": 2, "user_id": 4 },
            row! { "id": 3 },
        ],
    )
    .await
    .unwrap();
    let of_admins = Filter::refers_to("user_id", "t", "id", row! { "role": "admin" }).unwrap();
    let rows =
        t.db.select("notes", "id")
            .filter(Filter::not(of_admins))
            .order_by("id")
            .await
            .unwrap();
    assert_eq!(ints(&rows, "id"), [2, 3]);
    let changed = t.db.update(
        "t",
        row! { "age": 1 },
        Filter::not(row! { "role": "admin" }),
    );
    assert_eq!(changed.count().await.unwrap(), 2);
    assert_eq!(
        t.db.delete("t", Filter::not(row! { "age": 1 }))
            .await
            .unwrap(),
        2
    );
    assert_eq!(t.table("SELECT id FROM t ORDER BY id").await, "3|4");
}

async fn not_of_nothing_is_no_restriction(t: &Case) {
    users(t).await;
    let nothing = Filter::any_of(Vec::<Row>::new());
    for filter in [
        Filter::not(nothing),
        Filter::not(row! { "id": op::is_in([0_i64; 0]) }),
        Filter::not(row! { "age": op::gt(None::<i64>) }),
        Filter::not(Filter::not(row! {})),
    ] {
        assert_eq!(
            kind(t.db.delete("t", &filter).await),
            ErrorKind::EmptyFilter,
            "{filter:?}"
        );
    }
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "4");
    assert_eq!(
        t.db.delete("t", Filter::not(Filter::all())).await.unwrap(),
        0
    );
}

async fn distinct_gives_equal_rows_once(t: &Case) {
    users(t).await;
    let rows =
        t.db.select("t", "role")
            .distinct()
            .order_by("role")
            .await
            .unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(texts(&rows[..2], "role"), ["admin", "guest"]);
    assert!(rows[2]["role"].is_null());
    let pairs =
        t.db.select("t", "role, age AS years")
            .distinct()
            .await
            .unwrap();
    assert_eq!(pairs.len(), 4);
    let ages =
        t.db.select("t", ["age"])
            .distinct()
            .filter(row! { "age": op::not_null() })
            .await
            .unwrap();
    assert_eq!(ages.len(), 2);
}

async fn distinct_compares_as_the_columns_do(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, n {numeric}, c char(4), at {timestamptz})")
        .await;
    for (id, n, c, at) in [
        (1, "1.5", "ab", "2026-11-23T01:25:25+00:00"),
        (2, "1.50", "ab  ", "2026-11-23T02:25:25+01:00"),
        (3, "1.500", "ab ", "2026-11-23T01:25:25Z"),
    ] {
        t.db.insert("t", row! { "id": id, "n": n, "c": c, "at": at })
            .await
            .unwrap();
    }
    for columns in ["n", "c", "at", "n, c, at"] {
        let rows = t.db.select("t", columns).distinct().await.unwrap();
        assert_eq!(rows.len(), 1, "{columns}: {rows:?}");
    }
    assert_eq!(t.db.select("t", "*").distinct().await.unwrap().len(), 3);
}

async fn distinct_in_order_and_with_a_limit(t: &Case) {
    users(t).await;
    let select = || {
        t.db.select("t", "age")
            .distinct()
            .order_by("age DESC NULLS LAST")
    };
    assert_eq!(ints(&select().limit(2).await.unwrap(), "age"), [40, 12]);
    assert_eq!(
        ints(&select().limit(1).offset(1).await.unwrap(), "age"),
        [12]
    );
}

async fn distinct_refuses_what_it_cannot_mean(t: &Case) {
    users(t).await;
    t.ddl("CREATE TABLE docs (id {int4} PRIMARY KEY, doc {json})")
        .await;
    let other = t.db.select("t", "role").distinct().order_by("age").await;
    assert!(error(other).to_string().contains("not selected"));
    assert_eq!(
        kind(t.db.select("t", "role").distinct().order_by("agee").await),
        ErrorKind::UndefinedColumn
    );
    assert_eq!(
        kind(t.db.select("t", "count(*)").distinct().await),
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        kind(t.db.select("docs", "doc").distinct().await),
        ErrorKind::Unsupported
    );
    let tx = t.db.begin().await.unwrap();
    assert_eq!(
        kind(tx.select("t", "role").distinct().for_update().await),
        ErrorKind::InvalidQuery
    );
    tx.rollback().await.unwrap();
}

async fn the_client_knows_its_database(t: &Case) {
    let expected = t.either(Backend::Postgres, Backend::Sqlite);
    assert_eq!(t.db.backend().await.unwrap(), expected);
}

async fn a_lock_needs_a_transaction_that_writes(t: &Case) {
    users(t).await;
    let outside = t.db.select("t", "id").for_update().await;
    assert!(
        error(outside)
            .to_string()
            .contains("outside of a transaction")
    );
    let tx = t.db.begin().read_only().await.unwrap();
    assert_eq!(
        kind(tx.select("t", "id").for_update().await),
        ErrorKind::ReadOnly
    );
    tx.rollback().await.unwrap();
    let tx = t.db.begin().await.unwrap();
    let rows = tx
        .select("t", "id, role")
        .filter(row! { "id": 1 })
        .for_update()
        .await
        .unwrap();
    assert_eq!(rows, [row! { "id": 1, "role": "admin" }]);
    tx.update("t", row! { "role": "root" }, row! { "id": 1 })
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.scalar("SELECT role FROM t WHERE id = 1").await, "root");
}

async fn a_locked_row_is_waited_for(t: &Case) {
    users(t).await;
    let tx = t.db.begin().await.unwrap();
    tx.select("t", "id")
        .filter(row! { "id": 1 })
        .for_update()
        .await
        .unwrap();
    let other = t
        .connect(|options| {
            options
                .lock_timeout(Duration::from_millis(200))
                .acquire_timeout(Duration::from_secs(1))
        })
        .await;
    let blocked = other
        .update("t", row! { "age": 1 }, row! { "id": 1 })
        .timeout(Duration::from_millis(500))
        .await;
    assert!(blocked.is_err());
    tx.commit().await.unwrap();
    other
        .update("t", row! { "age": 2 }, row! { "id": 1 })
        .await
        .unwrap();
    assert_eq!(t.scalar("SELECT age FROM t WHERE id = 1").await, "2");
    other.close().await.unwrap();
}

async fn locked_rows_are_skipped(t: &Case) {
    users(t).await;
    let take = async |tx: &db_adapter::Transaction| {
        let select = tx.select("t", "id").order_by("id").limit(1);
        let job = select.for_update().skip_locked().one().await.unwrap();
        tx.delete("t", &job).await.unwrap();
        job["id"].as_i64().unwrap()
    };
    let first = t.db.begin().await.unwrap();
    let taken = take(&first).await;
    // on SQLite the second worker begins when the first one is done
    let (first, second) = if t.is_postgres() {
        (Some(first), t.db.begin().await.unwrap())
    } else {
        first.commit().await.unwrap();
        (None, t.db.begin().await.unwrap())
    };
    assert_eq!((taken, take(&second).await), (1, 2));
    second.commit().await.unwrap();
    if let Some(first) = first {
        first.commit().await.unwrap();
    }
    assert_eq!(t.table("SELECT id FROM t ORDER BY id").await, "3|4");
}
