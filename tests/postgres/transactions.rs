//! Transactions: what was committed is what the caller was told.

use std::future::IntoFuture;
use std::task::Poll;
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind, TxOptions};
use futures_util::FutureExt;

use crate::database;

const TABLE: &str = "CREATE TABLE t (id int PRIMARY KEY, v int)";

#[tokio::test]
async fn a_swallowed_error_is_no_commit() {
    let (_database, db) = database(TABLE).await;
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "id": 1 }).await.unwrap();
    let _ = tx.insert("t", row! { "id": 1 }).await.unwrap_err();
    assert_eq!(
        tx.count("t", row! {}).await.unwrap_err(),
        Error::TransactionAborted
    );
    assert_eq!(tx.commit().await.unwrap_err(), Error::TransactionAborted);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    // an error of ours, before anything was sent, does no harm
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "id": 1 }).await.unwrap();
    assert_eq!(
        tx.insert("t", row! { "id": "x" }).await.unwrap_err().kind(),
        ErrorKind::InvalidValue
    );
    tx.commit().await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 1);
}

#[tokio::test]
async fn a_savepoint_heals_a_failure() {
    let (_database, db) = database(TABLE).await;
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "id": 1 }).await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    let _ = savepoint.insert("t", row! { "id": 1 }).await.unwrap_err();
    savepoint.rollback().await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    let _ = savepoint.insert("t", row! { "id": 1 }).await.unwrap_err();
    drop(savepoint);
    tx.insert("t", row! { "id": 2 }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 2);
}

#[tokio::test]
async fn deferred_constraints_and_conflicts_show_at_commit() {
    let (_database, db) = database(
        "CREATE TABLE t (id int PRIMARY KEY, v int REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
    )
    .await;
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "id": 1, "v": 9 }).await.unwrap();
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        ErrorKind::ForeignKeyViolation
    );
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    db.insert_many("t", [row! { "id": 1 }, row! { "id": 2 }])
        .await
        .unwrap();
    let (a, b) = (
        db.begin_with(TxOptions::serializable()).await.unwrap(),
        db.begin_with(TxOptions::serializable()).await.unwrap(),
    );
    for (tx, from, to) in [(&a, 1, 2), (&b, 2, 1)] {
        tx.select("t", "*").await.unwrap();
        tx.update("t", row! { "v": from }, row! { "id": to })
            .await
            .unwrap();
    }
    a.commit().await.unwrap();
    assert_eq!(
        b.commit().await.unwrap_err().kind(),
        ErrorKind::SerializationFailure
    );
    let tx = db.begin().read_only().await.unwrap();
    assert_eq!(
        tx.insert("t", row! { "id": 9 }).await.unwrap_err().kind(),
        ErrorKind::ReadOnly
    );
}

#[tokio::test]
async fn dropped_transactions_and_futures_lose_nothing() {
    let (_database, db) = database(TABLE).await;
    for i in 0..20 {
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "id": i }).await.unwrap();
        drop(tx);
        let slow = db.query("SELECT pg_sleep(30)").into_future();
        assert!(
            tokio::time::timeout(Duration::from_millis(20), slow)
                .await
                .is_err()
        );
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "id": i }).await.unwrap();
        let slow = tx.query("SELECT pg_sleep(30)").into_future();
        assert!(
            tokio::time::timeout(Duration::from_millis(20), slow)
                .await
                .is_err()
        );
        drop(tx);
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    assert!(db.pool_status().open <= 4);
    let all: Vec<_> = (0..4).map(|_| db.begin().into_future()).collect();
    for tx in futures_util::future::join_all(all).await {
        tx.unwrap().rollback().await.unwrap();
    }
}

#[tokio::test]
async fn a_write_dropped_in_its_middle_cannot_be_committed() {
    let (_database, db) = database(TABLE).await;
    db.execute_script("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 5001 THEN PERFORM pg_sleep(1); END IF; RETURN NEW; END $$;
        CREATE TRIGGER slow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION slow()").await.unwrap();
    let tx = db.begin().await.unwrap();
    let rows = (0..10_001).map(|id| row! { "id": id });
    let many = tx.insert_many("t", rows).into_future();
    assert!(
        tokio::time::timeout(Duration::from_millis(900), many)
            .await
            .is_err()
    );
    assert_eq!(tx.commit().await.unwrap_err(), Error::TransactionAborted);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
}

#[test]
fn a_transaction_may_be_dropped_outside_of_a_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_database, db) = runtime.block_on(database(TABLE));
    let tx = runtime.block_on(db.begin().into_future()).unwrap();
    runtime
        .block_on(tx.insert("t", row! { "id": 1 }).into_future())
        .unwrap();
    drop(tx);
    assert_eq!(
        runtime
            .block_on(db.count("t", row! {}).into_future())
            .unwrap(),
        0
    );
}

/// The row was written and cannot be read, so the transaction is aborted; run again, it is read
/// as the table is now.
#[tokio::test]
async fn a_write_whose_row_has_an_unknown_type_now_succeeds_at_the_second_attempt() {
    let (database, db) = database(TABLE).await;
    db.insert("t", row! { "id": 1 }).await.unwrap();
    for (id, other) in [(2, "inet"), (3, "interval")] {
        let alter = format!("ALTER TABLE t ALTER v TYPE {other} USING NULL");
        database.sql(&alter).await;
        let insert = db.transaction_retrying(2, async |tx| {
            tx.insert("t", row! { "id": id }).await.map(drop)
        });
        insert.await.unwrap();
    }
    let ids = "SELECT string_agg(id::text, ' ' ORDER BY id) FROM t";
    assert_eq!(database.scalar_text(ids).await.as_deref(), Some("1 2 3"));
}

/// Nobody is told that it failed, and nothing is done twice.
#[tokio::test]
async fn a_write_whose_row_has_an_unknown_type_now_is_done_once() {
    let (database, db) = database(TABLE).await;
    db.insert("t", row! { "id": 1 }).await.unwrap();
    database
        .sql("ALTER TABLE t ALTER v TYPE inet USING NULL")
        .await;
    // another text than the prepared one, which the server would refuse
    let upsert = db.upsert("t", row! { "id": 2 }, ["id"]).await;
    assert!(
        matches!(upsert, Ok(_) | Err(Error::OutcomeUnknown { .. })),
        "{upsert:?}"
    );
    db.insert("t", row! { "id": 3 }).await.unwrap();
    let ids = "SELECT string_agg(id::text, ' ' ORDER BY id) FROM t";
    assert_eq!(database.scalar_text(ids).await.as_deref(), Some("1 2 3"));
}

/// The cancellation may hit the question whether the table is still what it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_that_aborts_nothing_is_none_whose_time_was_over() {
    let (_database, db) = database(TABLE).await;
    for id in 0..40 {
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "id": id }).await.unwrap();
        let mistake = tx.insert("t", row! { "id": 99, "nope": 1 });
        let limit = Duration::from_micros(u64::try_from(id * 20).unwrap());
        let error = mistake.timeout(limit).await.unwrap_err();
        let next = tx.count("t", row! { "id": id }).await;
        match error.kind() {
            ErrorKind::UndefinedColumn => assert_eq!(next, Ok(1), "within {limit:?}"),
            kind => assert_eq!(kind, ErrorKind::Timeout, "within {limit:?}"),
        }
        drop(tx);
    }
}

/// The server may have released the savepoint before: then what is around it has to be undone.
#[tokio::test(flavor = "multi_thread")]
async fn a_savepoint_whose_commit_is_dropped_leaves_a_transaction_that_knows_its_state() {
    let (database, db) = database(TABLE).await;
    for round in 0..24 {
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "id": 100 + round }).await.unwrap();
        let outer = tx.begin().await.unwrap();
        let inner = outer.begin().await.unwrap();
        inner.insert("t", row! { "id": 1 }).await.unwrap();
        let mut commit = Box::pin(inner.commit());
        for _ in 0..round % 6 {
            let poll = std::future::poll_fn(|context| Poll::Ready(commit.poll_unpin(context)));
            if poll.await.is_ready() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(commit);
        match outer.count("t", row! { "id": 1 }).await {
            Ok(_) | Err(Error::TransactionAborted) => {}
            other => panic!("{other:?}"),
        }
        outer.rollback().await.unwrap();
        assert_eq!(tx.count("t", row! { "id": 1 }).await, Ok(0));
        tx.commit().await.unwrap();
    }
    let rows = "SELECT count(*) || ' ' || min(id) FROM t";
    assert_eq!(database.scalar_text(rows).await.as_deref(), Some("24 100"));
}

/// Also where its limit has passed and the server, asked to cancel it, has just done it: nobody has
/// heard of that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_is_dropped_while_it_is_cancelled_aborts() {
    let (database, db) = database("CREATE TABLE s (id int PRIMARY KEY)").await;
    let mut dropped = 0;
    for id in 0..150 {
        let tx = db.begin().await.unwrap();
        let sql = format!("INSERT INTO s SELECT {id} FROM pg_sleep(0.002)");
        let limit = Duration::from_micros(400 + 50 * (id % 30));
        let mut insert = tx.execute(sql.as_str()).timeout(limit).into_future();
        let mut is_done = false;
        for _ in 0..=id % 7 {
            let poll = std::future::poll_fn(|context| Poll::Ready(insert.as_mut().poll(context)));
            if poll.await.is_ready() {
                is_done = true;
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(insert);
        if is_done {
            continue;
        }
        dropped += 1;
        let next = tx.insert("s", row! { "id": 1000 + id as i64 }).await;
        assert_eq!(next.unwrap_err().kind(), ErrorKind::TransactionAborted);
        tx.commit().await.unwrap_err();
        let there = format!("SELECT count(*) FROM s WHERE id IN ({id}, {})", 1000 + id);
        assert_eq!(database.scalar_text(&there).await.as_deref(), Some("0"));
    }
    eprintln!("{dropped} were dropped");
    assert!(dropped > 0);
}

/// The commit is a part of the operation, and so is the wait for a connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_of_a_text_that_writes_holds_for_its_commit() {
    let (database, db) = database(TABLE).await;
    database
        .sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION slow()",
        )
        .await;
    let begun = std::time::Instant::now();
    for way in 0..3 {
        let query = db
            .query("INSERT INTO t (id) VALUES (1) RETURNING id")
            .timeout(Duration::from_millis(300));
        let refused = match way {
            0 => query.one().await.map(drop),
            1 => query.optional().await.map(drop),
            _ => query.deserialize::<Row>().await.map(drop),
        };
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Timeout, "{way}");
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
}
