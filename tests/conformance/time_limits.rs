//! Operations that take too long or are dropped: what they leave behind, and what is said of it.

use std::future::IntoFuture;
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind};

use crate::case::{Case, kind};

cases! {
    outside: [
        what_is_fast_enough_is_not_hindered, a_slow_read_ends_at_its_limit,
        a_slow_write_changes_nothing, in_a_transaction_it_aborts, a_stream_has_a_limit_too,
        a_dropped_write_is_undone_and_told_of, the_wait_for_a_connection_counts,
        a_dropped_transaction_is_told_of, what_is_refused_is_not_called_unknown,
    ]
}

const T: &str = "CREATE TABLE t (id {int4} PRIMARY KEY, n {int4})";
const ALL: &str = "SELECT id, n FROM t ORDER BY id";
const LIMIT: Duration = Duration::from_millis(120);
const LONG: Duration = Duration::from_secs(60);

/// A query that would take minutes.
fn slow(t: &Case) -> &'static str {
    t.either(
        "SELECT 1 AS n FROM pg_sleep(300)",
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 4000000000) SELECT max(n) AS n FROM c",
    )
}

/// A write that would take minutes.
fn slow_write(t: &Case) -> String {
    format!(
        "UPDATE t SET n = n + 1 WHERE (SELECT q.n FROM ({}) AS q) > 0",
        slow(t)
    )
}

async fn what_is_fast_enough_is_not_hindered(t: &Case) {
    t.ddl(T).await;
    let db = &t.db;
    db.insert("t", row! { "id": 1, "n": 1 })
        .timeout(LONG)
        .await
        .unwrap();
    let many = [row! { "id": 2, "n": 2 }, row! { "id": 3, "n": 3 }];
    assert_eq!(db.insert_many("t", many).timeout(LONG).await.unwrap(), 2);
    let row = db
        .upsert("t", row! { "id": 3, "n": 4 }, ["id"])
        .timeout(LONG)
        .await;
    assert_eq!(row.unwrap()["n"], 4);
    let row = db
        .update("t", row! { "n": 5 }, row! { "id": 3 })
        .timeout(LONG)
        .await;
    assert_eq!(row.unwrap()["n"], 5);
    let changes = [row! { "id": 1, "n": 6 }, row! { "id": 2, "n": 7 }];
    assert_eq!(
        db.update_many("t", changes, ["id"])
            .timeout(LONG)
            .await
            .unwrap(),
        2
    );
    assert_eq!(db.count("t", row! {}).timeout(LONG).await.unwrap(), 3);
    assert!(db.exists("t", row! { "n": 7 }).timeout(LONG).await.unwrap());
    assert_eq!(db.select("t", "id").timeout(LONG).await.unwrap().len(), 3);
    assert_eq!(
        db.query("SELECT id FROM t")
            .timeout(LONG)
            .await
            .unwrap()
            .len(),
        3
    );
    let sql = "UPDATE t SET n = 8 WHERE id = :id";
    assert_eq!(
        db.execute(sql).bind("id", 1).timeout(LONG).await.unwrap(),
        1
    );
    db.execute_script("UPDATE t SET n = 9 WHERE id = 2")
        .timeout(LONG)
        .await
        .unwrap();
    assert_eq!(
        db.delete("t", row! { "id": 3 })
            .timeout(LONG)
            .await
            .unwrap(),
        1
    );
    assert_eq!(t.table(ALL).await, "1,8|2,9");
}

async fn a_slow_read_ends_at_its_limit(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    assert_eq!(
        kind(tx.query(slow(t)).timeout(LIMIT).await),
        ErrorKind::Timeout
    );
    drop(tx);
    t.db.insert("t", row! { "id": 1, "n": 1 }).await.unwrap();
    assert_eq!(t.table(ALL).await, "1,1");
}

async fn a_slow_write_changes_nothing(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", row! { "id": 1, "n": 1 }).await.unwrap();
    let tx = t.db.begin().await.unwrap();
    tx.update("t", row! { "n": 2 }, row! { "id": 1 })
        .await
        .unwrap();
    let late = tx.execute(slow_write(t)).timeout(LIMIT).await;
    assert_eq!(kind(late), ErrorKind::Timeout);
    assert_eq!(tx.commit().await.unwrap_err(), Error::TransactionAborted);
    assert_eq!(t.table(ALL).await, "1,1");
    // the row is free
    t.db.update("t", row! { "n": 3 }, row! { "id": 1 })
        .await
        .unwrap();
    assert_eq!(t.table(ALL).await, "1,3");
}

async fn in_a_transaction_it_aborts(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", row! { "id": 1, "n": 1 }).await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    let late = savepoint.query(slow(t)).timeout(LIMIT).await;
    assert_eq!(kind(late), ErrorKind::Timeout);
    let after = savepoint.count("t", row! {}).await;
    assert_eq!(after.unwrap_err(), Error::TransactionAborted);
    savepoint.rollback().await.unwrap();
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(t.table(ALL).await, "1,1");
}

async fn a_stream_has_a_limit_too(t: &Case) {
    use futures_util::TryStreamExt;
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    let rows = tx.query(slow(t)).timeout(LIMIT).stream();
    let rows = rows.try_collect::<Vec<Row>>().await;
    assert_eq!(kind(rows), ErrorKind::Timeout);
    tx.rollback().await.unwrap();
    t.db.insert("t", row! { "id": 1, "n": 1 }).await.unwrap();
    assert_eq!(t.table(ALL).await, "1,1");
}

async fn a_dropped_write_is_undone_and_told_of(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", row! { "id": 1, "n": 1 }).await.unwrap();
    t.db.settle().await.unwrap();
    let write = t.db.execute(slow_write(t)).into_future();
    assert!(tokio::time::timeout(LIMIT, write).await.is_err());
    let settled = t.db.settle().await.unwrap();
    assert_eq!((settled.completed, settled.unknown), (0, 0), "{settled:?}");
    assert_eq!(t.table(ALL).await, "1,1");
    t.db.update("t", row! { "n": 2 }, row! { "id": 1 })
        .await
        .unwrap();
    assert_eq!(t.table(ALL).await, "1,2");
    assert!(t.db.settle().await.unwrap().is_empty());
}

async fn a_dropped_transaction_is_told_of(t: &Case) {
    t.ddl(T).await;
    t.db.settle().await.unwrap();
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", row! { "id": 1, "n": 1 }).await.unwrap();
    drop(tx);
    let settled = t.db.settle().await.unwrap();
    assert_eq!(
        (settled.rolled_back, settled.completed, settled.unknown),
        (1, 0, 0)
    );
    assert_eq!(t.table(ALL).await, "");
}

async fn the_wait_for_a_connection_counts(t: &Case) {
    t.ddl(T).await;
    // as many as the pool has: the next one has to wait
    let mut held = Vec::new();
    while let Ok(tx) = t.db.begin().timeout(LIMIT).await {
        held.push(tx);
        assert!(held.len() < 1000);
    }
    let late =
        t.db.insert("t", row! { "id": 1, "n": 1 })
            .timeout(LIMIT)
            .await;
    assert_eq!(kind(late), ErrorKind::Timeout);
    drop(held);
    assert_eq!(t.table(ALL).await, "");
    t.db.insert("t", row! { "id": 2, "n": 2 }).await.unwrap();
    assert_eq!(t.table(ALL).await, "2,2");
}

async fn what_is_refused_is_not_called_unknown(t: &Case) {
    t.ddl(T).await;
    t.db.settle().await.unwrap();
    t.db.insert("t", row! { "id": "x" }).await.unwrap_err();
    t.db.insert("missing", row! { "id": 1 }).await.unwrap_err();
    assert_eq!(t.db.settle().await.unwrap(), db_adapter::Settled::default());
    t.db.close().await.unwrap();
    t.db.insert("t", row! { "id": 1 }).await.unwrap_err();
    t.db.count("t", row! {}).await.unwrap_err();
    assert!(t.db.begin().await.is_err());
    let settled = t.db.settle().await.unwrap();
    assert_eq!((settled.completed, settled.unknown), (0, 0), "{settled:?}");
}
