//! Transactions and savepoints: what is committed, what is not, and who may run when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind, Isolation, Result};
use futures_util::future::join_all;

use crate::case::{Case, kind};

cases! {
    outside: [
        commit_makes_permanent, rollback_undoes, dropped_transaction_is_undone, own_writes_are_seen,
        nested_savepoints, savepoint_dropped_inside, savepoint_is_undone_and_the_rest_committed,
        parent_with_an_open_savepoint_is_refused, parent_ends_with_an_open_savepoint,
        swallowed_error_commits_nothing, error_in_a_savepoint_spares_the_outer, bad_call_does_not_abort,
        nothing_is_looked_at_after_a_failed_statement, closure_commits_and_rolls_back,
        closure_gives_the_callers_error, closure_in_a_spawned_task, closure_that_is_dropped_is_undone,
        handle_kept_has_ended, statements_of_one_transaction_queue, read_only_refuses_writes,
        isolation_levels_begin, savepoint_has_no_options, script_inside_a_transaction,
        ddl_inside_a_transaction, every_verb_inside_a_transaction,
        operation_dropped_inside_a_transaction, transaction_object_is_a_client,
        retrying_repeats_a_conflict, retrying_with_the_callers_error,
        transactions_give_their_connections_back,
    ]
}

const T: &str = "CREATE TABLE t (id {int4} PRIMARY KEY, n {int4} CHECK (n >= 0))";
const IDS: &str = "SELECT id FROM t ORDER BY id";

fn one(id: i64) -> Row {
    row! { "id": id, "n": 0 }
}

async fn commit_makes_permanent(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(1)).await.unwrap();
    assert_eq!(t.table(IDS).await, "", "nobody else sees it yet");
    tx.insert_many("t", [one(2), one(3)]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.table(IDS).await, "1|2|3");
}

async fn rollback_undoes(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", one(1)).await.unwrap();
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(2)).await.unwrap();
    tx.delete("t", row! { "id": 1 }).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(t.table(IDS).await, "1");
    t.db.insert("t", one(3)).await.unwrap();
    assert_eq!(t.table(IDS).await, "1|3");
}

async fn dropped_transaction_is_undone(t: &Case) {
    t.ddl(T).await;
    for id in 0..30 {
        let tx = t.db.begin().await.unwrap();
        tx.insert("t", one(id)).await.unwrap();
        drop(tx);
    }
    t.db.insert("t", one(100)).await.unwrap();
    assert_eq!(t.table(IDS).await, "100");
}

async fn own_writes_are_seen(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(1)).await.unwrap();
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 1);
    assert_eq!(t.db.count("t", row! {}).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(t.db.count("t", row! {}).await.unwrap(), 1);
}

/// What is wrong with a later call is not what the caller has to know first.
async fn nothing_is_looked_at_after_a_failed_statement(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(1)).await.unwrap();
    tx.insert("t", one(1)).await.unwrap_err();
    let none: [Row; 0] = [];
    let later = [
        tx.insert("t", row! { "id": "x" }).await.map(drop),
        tx.insert("t", row! { "nothing": 1 }).await.map(drop),
        tx.insert("nothing", one(1)).await.map(drop),
        tx.insert_many("t", none.clone()).await.map(drop),
        tx.upsert_many("t", none.clone(), "id").await.map(drop),
        tx.update_many("t", none, "id").await.map(drop),
        tx.update("t", row! {}, row! {}).await.map(drop),
        tx.delete("t", row! {}).await.map(drop),
        tx.select("t", "nothing").await.map(drop),
        tx.query("SELECT * FROM nothing").await.map(drop),
        tx.execute("SELEC").await.map(drop),
        tx.execute_script("").await.map(drop),
        tx.begin().await.map(drop),
    ];
    for (i, later) in later.into_iter().enumerate() {
        assert_eq!(kind(later), ErrorKind::TransactionAborted, "{i}");
    }
    assert_eq!(kind(tx.commit().await), ErrorKind::TransactionAborted);
    assert_eq!(t.table(IDS).await, "");
}

async fn nested_savepoints(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(1)).await.unwrap();
    let a = tx.begin().await.unwrap();
    a.insert("t", one(2)).await.unwrap();
    let b = a.begin().await.unwrap();
    b.insert("t", one(3)).await.unwrap();
    b.rollback().await.unwrap();
    a.insert("t", one(4)).await.unwrap();
    let c = a.begin().await.unwrap();
    c.insert("t", one(5)).await.unwrap();
    c.commit().await.unwrap();
    a.commit().await.unwrap();
    tx.insert("t", one(6)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.table(IDS).await, "1|2|4|5|6");
}

async fn savepoint_is_undone_and_the_rest_committed(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    let a = tx.begin().await.unwrap();
    a.insert("t", one(1)).await.unwrap();
    let b = a.begin().await.unwrap();
    b.insert("t", one(2)).await.unwrap();
    b.commit().await.unwrap();
    a.rollback().await.unwrap();
    tx.insert("t", one(3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.table(IDS).await, "3");
}

async fn savepoint_dropped_inside(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(1)).await.unwrap();
    let a = tx.begin().await.unwrap();
    a.insert("t", one(2)).await.unwrap();
    let b = a.begin().await.unwrap();
    b.insert("t", one(3)).await.unwrap();
    drop(b);
    a.insert("t", one(4)).await.unwrap();
    drop(a);
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 1);
    let c = tx.begin().await.unwrap();
    c.insert("t", one(5)).await.unwrap();
    c.commit().await.unwrap();
    let d = tx.begin().await.unwrap();
    d.insert("t", one(6)).await.unwrap();
    drop(d);
    tx.commit().await.unwrap();
    assert_eq!(t.table(IDS).await, "1|5");
}

async fn parent_with_an_open_savepoint_is_refused(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    let inner = tx.begin().await.unwrap();
    assert_eq!(kind(tx.insert("t", one(1)).await), ErrorKind::SavepointOpen);
    assert_eq!(kind(tx.select("t", "*").await), ErrorKind::SavepointOpen);
    assert_eq!(kind(tx.begin().await), ErrorKind::SavepointOpen);
    inner.insert("t", one(2)).await.unwrap();
    inner.commit().await.unwrap();
    tx.insert("t", one(3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.table(IDS).await, "2|3");
}

async fn parent_ends_with_an_open_savepoint(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(1)).await.unwrap();
    let inner = tx.begin().await.unwrap();
    assert_eq!(kind(tx.commit().await), ErrorKind::SavepointOpen);
    // the parent is gone, and with it everything
    assert_eq!(
        kind(inner.insert("t", one(2)).await),
        ErrorKind::TransactionEnded
    );
    drop(inner);
    t.db.insert("t", one(3)).await.unwrap();
    assert_eq!(t.table(IDS).await, "3");
}

/// Nothing is committed after an error that nobody heard of, and nobody is told that it was.
async fn swallowed_error_commits_nothing(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", one(1)).await.unwrap();
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(2)).await.unwrap();
    assert_eq!(
        kind(tx.insert("t", one(1)).await),
        ErrorKind::UniqueViolation
    );
    assert_eq!(
        kind(tx.insert("t", one(3)).await),
        ErrorKind::TransactionAborted
    );
    assert_eq!(kind(tx.commit().await), ErrorKind::TransactionAborted);
    assert_eq!(t.table(IDS).await, "1");

    let outcome = t.db.transaction(async |tx| {
        tx.insert("t", one(4)).await?;
        let _ = tx.execute("UPDATE t SET n = -1").await;
        Ok(())
    });
    assert_eq!(kind(outcome.await), ErrorKind::TransactionAborted);
    assert_eq!(t.table(IDS).await, "1");
    t.db.insert("t", one(5)).await.unwrap();
    assert_eq!(t.table(IDS).await, "1|5");
}

async fn error_in_a_savepoint_spares_the_outer(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(1)).await.unwrap();
    let inner = tx.begin().await.unwrap();
    inner.insert("t", one(2)).await.unwrap();
    assert_eq!(
        kind(inner.insert("t", one(1)).await),
        ErrorKind::UniqueViolation
    );
    inner.rollback().await.unwrap();
    tx.insert("t", one(3)).await.unwrap();
    let inner = tx.begin().await.unwrap();
    assert_eq!(
        kind(inner.insert("t", one(1)).await),
        ErrorKind::UniqueViolation
    );
    drop(inner);
    tx.insert("t", one(4)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.table(IDS).await, "1|3|4");
}

/// What is refused before anything is sent leaves the transaction alone.
async fn bad_call_does_not_abort(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(1)).await.unwrap();
    assert_eq!(
        kind(tx.select("t", "lower(id)").await),
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        kind(tx.insert("t", row! { "n": "text" }).await),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(tx.insert("t", row! { "x": 1 }).await),
        ErrorKind::UndefinedColumn
    );
    assert_eq!(
        kind(tx.select("nowhere", "*").await),
        ErrorKind::UndefinedTable
    );
    assert_eq!(kind(tx.delete("t", row! {}).await), ErrorKind::EmptyFilter);
    assert_eq!(
        kind(tx.update("t", row! { "n": 1 }, row! { "id": 7 }).await),
        ErrorKind::NoRowsMatched
    );
    assert_eq!(
        kind(tx.select("t", "*").filter(row! { "id": 7 }).one().await),
        ErrorKind::NoRowsMatched
    );
    tx.insert("t", one(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.table(IDS).await, "1|2");
}

async fn closure_commits_and_rolls_back(t: &Case) {
    t.ddl(T).await;
    let count = t.db.transaction(async |tx| {
        tx.insert("t", one(1)).await?;
        tx.count("t", row! {}).await
    });
    assert_eq!(count.await.unwrap(), 1);
    let failed = t.db.transaction(async |tx| {
        tx.insert("t", one(2)).await?;
        tx.insert("t", one(1)).await?;
        Ok(())
    });
    assert_eq!(kind(failed.await), ErrorKind::UniqueViolation);
    assert_eq!(t.table(IDS).await, "1");
}

async fn closure_gives_the_callers_error(t: &Case) {
    #[derive(Debug, PartialEq)]
    enum Mine {
        Db(Error),
        No(&'static str),
    }
    impl From<Error> for Mine {
        fn from(error: Error) -> Self {
            Mine::Db(error)
        }
    }
    t.ddl(T).await;
    let outcome = t.db.try_transaction(async |tx| {
        tx.insert("t", one(1)).await?;
        Err::<(), _>(Mine::No("changed my mind"))
    });
    assert_eq!(outcome.await, Err(Mine::No("changed my mind")));
    let outcome = t.db.try_transaction(async |tx| {
        tx.insert("nowhere", one(1)).await?;
        Ok::<_, Mine>(())
    });
    assert!(matches!(
        outcome.await,
        Err(Mine::Db(Error::UndefinedTable { .. }))
    ));
    assert_eq!(t.table(IDS).await, "");
}

async fn closure_in_a_spawned_task(t: &Case) {
    t.ddl(T).await;
    let db = Arc::clone(&t.db);
    let tasks = (0..10).map(|id| {
        let db = Arc::clone(&db);
        tokio::spawn(async move {
            db.transaction(async |tx| {
                tx.insert("t", one(id)).await?;
                tokio::task::yield_now().await;
                tx.update("t", row! { "n": id }, row! { "id": id }).await?;
                if id % 2 == 1 {
                    Err(Error::Closed)
                } else {
                    Ok(())
                }
            })
            .await
        })
    });
    let results = join_all(tasks).await;
    assert_eq!(
        results
            .iter()
            .filter(|result| result.as_ref().unwrap().is_ok())
            .count(),
        5
    );
    assert_eq!(t.table(IDS).await, "0|2|4|6|8");
}

async fn closure_that_is_dropped_is_undone(t: &Case) {
    t.ddl(T).await;
    let work = t.db.transaction(async |tx| {
        tx.insert("t", one(1)).await?;
        std::future::pending::<()>().await;
        Ok(())
    });
    assert!(
        tokio::time::timeout(Duration::from_millis(300), work)
            .await
            .is_err()
    );
    t.db.insert("t", one(2)).await.unwrap();
    assert_eq!(t.table(IDS).await, "2");
}

async fn handle_kept_has_ended(t: &Case) {
    t.ddl(T).await;
    for commit in [true, false] {
        let outcome = t.db.try_transaction(async |tx| {
            let kept = tx.clone();
            if commit {
                Ok(kept)
            } else {
                Err(Kept(Some(kept)))
            }
        });
        let kept = match outcome.await {
            Ok(kept) => kept,
            Err(Kept(kept)) => kept.unwrap(),
        };
        assert_eq!(
            kind(kept.insert("t", one(1)).await),
            ErrorKind::TransactionEnded
        );
        assert_eq!(
            kind(kept.select("t", "*").await),
            ErrorKind::TransactionEnded
        );
        assert_eq!(kind(kept.begin().await), ErrorKind::TransactionEnded);
    }
    assert_eq!(t.table(IDS).await, "");
}

#[derive(Debug)]
struct Kept(Option<db_adapter::Tx>);

impl From<Error> for Kept {
    fn from(_: Error) -> Self {
        Kept(None)
    }
}

async fn statements_of_one_transaction_queue(t: &Case) {
    t.ddl(T).await;
    let outcome = t.db.transaction(async |tx| {
        let inserts = (0..50).map(|id| {
            let tx = tx.clone();
            tokio::spawn(async move { tx.insert("t", one(id)).await })
        });
        for inserted in join_all(inserts).await {
            inserted.unwrap()?;
        }
        let (a, b, c) = tokio::join!(
            tx.count("t", row! {}),
            tx.count("t", row! { "id": 7 }),
            tx.select("t", "id")
        );
        assert_eq!((a?, b?, c?.len()), (50, 1, 50));
        Ok(())
    });
    outcome.await.unwrap();
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "50");
}

async fn read_only_refuses_writes(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", one(1)).await.unwrap();
    for write in 0..4 {
        let tx = t.db.begin().read_only().await.unwrap();
        assert_eq!(tx.select("t", "id").await.unwrap().len(), 1);
        let outcome = match write {
            0 => tx.insert("t", one(2)).await.map(drop),
            1 => tx
                .update("t", row! { "n": 1 }, row! { "id": 1 })
                .await
                .map(drop),
            2 => tx.delete("t", row! { "id": 1 }).await.map(drop),
            _ => tx.execute("DELETE FROM t").await.map(drop),
        };
        assert_eq!(kind(outcome), ErrorKind::ReadOnly, "write {write}");
        tx.rollback().await.unwrap();
    }
    let tx = t.db.begin().read_only().await.unwrap();
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 1);
    tx.commit().await.unwrap();
    // the connection may write again
    for id in 2..20 {
        t.db.insert("t", one(id)).await.unwrap();
    }
    assert_eq!(t.scalar("SELECT count(*), sum(n) FROM t").await, "19");
}

async fn isolation_levels_begin(t: &Case) {
    t.ddl(T).await;
    for (id, isolation) in [
        Isolation::ReadCommitted,
        Isolation::RepeatableRead,
        Isolation::Serializable,
    ]
    .into_iter()
    .enumerate()
    {
        let tx = t.db.begin().isolation(isolation).await.unwrap();
        if t.is_postgres() {
            let level: String = tx
                .query("SHOW transaction_isolation")
                .one()
                .await
                .unwrap()
                .get("transaction_isolation")
                .unwrap();
            let spelled = format!("{isolation:?}").to_lowercase();
            assert_eq!(level.replace(' ', ""), spelled);
        }
        tx.insert("t", one(id as i64)).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(t.table(IDS).await, "0|1|2");
}

async fn savepoint_has_no_options(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    assert_eq!(kind(tx.begin().read_only().await), ErrorKind::InvalidQuery);
    assert_eq!(
        kind(tx.begin().isolation(Isolation::Serializable).await),
        ErrorKind::InvalidQuery
    );
    tx.insert("t", one(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.table(IDS).await, "1");
}

async fn script_inside_a_transaction(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.execute_script("INSERT INTO t (id) VALUES (1); INSERT INTO t (id) VALUES (2)")
        .await
        .unwrap();
    assert_eq!(t.table(IDS).await, "");
    tx.rollback().await.unwrap();
    assert_eq!(t.table(IDS).await, "");
    let tx = t.db.begin().await.unwrap();
    tx.execute_script("INSERT INTO t (id) VALUES (1); INSERT INTO t (id) VALUES (2)")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.table(IDS).await, "1|2");
}

async fn ddl_inside_a_transaction(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", one(1)).await.unwrap();
    let tx = t.db.begin().await.unwrap();
    tx.execute("ALTER TABLE t ADD COLUMN s text").await.unwrap();
    tx.execute(t.spell("CREATE TABLE made (id {id})"))
        .await
        .unwrap();
    let row = tx
        .update("t", row! { "s": "x" }, row! { "id": 1 })
        .await
        .unwrap();
    assert_eq!(row["s"], "x");
    tx.insert("made", row! {}).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(
        kind(t.db.select("made", "*").await),
        ErrorKind::UndefinedTable
    );
    assert_eq!(
        kind(t.db.select("t", "s").await),
        ErrorKind::UndefinedColumn
    );
    assert_eq!(t.db.select("t", "*").one().await.unwrap(), one(1));
}

async fn every_verb_inside_a_transaction(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(1)).await.unwrap();
    tx.insert_many("t", [one(2), one(3)])
        .returning("id")
        .await
        .unwrap();
    tx.upsert("t", row! { "id": 3, "n": 3 }, "id")
        .await
        .unwrap();
    tx.upsert_many(
        "t",
        [row! { "id": 4, "n": 4 }, row! { "id": 1, "n": 1 }],
        "id",
    )
    .await
    .unwrap();
    tx.update("t", row! { "n": 2 }, row! { "id": 2 })
        .await
        .unwrap();
    tx.update_many("t", [row! { "id": 2, "n": 20 }], "id")
        .await
        .unwrap();
    tx.delete("t", row! { "id": 4 }).await.unwrap();
    assert!(tx.exists("t", row! { "n": 20 }).await.unwrap());
    assert_eq!(
        tx.query("SELECT sum(n) AS n FROM t").one().await.unwrap()["n"],
        24
    );
    assert_eq!(
        tx.execute("UPDATE t SET n = n + :n")
            .bind("n", 1)
            .await
            .unwrap(),
        3
    );
    tx.ping().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        t.table("SELECT id, n FROM t ORDER BY id").await,
        "1,2|2,21|3,4"
    );
}

/// A statement that takes long: about a second.
fn slow(t: &Case) -> &'static str {
    t.either(
        "SELECT pg_sleep(1)::text AS n",
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000000) SELECT max(n) AS n FROM c",
    )
}

async fn operation_dropped_inside_a_transaction(t: &Case) {
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", one(1)).await.unwrap();
    let timed_out =
        tokio::time::timeout(Duration::from_millis(30), async { tx.query(slow(t)).await }).await;
    assert!(timed_out.is_err());
    // what comes next is right or an error, never another statement's answer
    match tx.count("t", row! {}).await {
        Ok(count) => {
            assert_eq!(count, 1);
            tx.commit().await.unwrap();
            assert_eq!(t.table(IDS).await, "1");
        }
        Err(_) => {
            assert!(tx.commit().await.is_err());
            assert_eq!(t.table(IDS).await, "");
        }
    }
    t.db.insert("t", one(2)).await.unwrap();
    assert_eq!(t.db.count("t", row! { "id": 2 }).await.unwrap(), 1);
}

async fn transaction_object_is_a_client(t: &Case) {
    async fn work(db: &dyn DatabaseClient) -> Result<Row> {
        db.insert("t", one(1)).await
    }
    t.ddl(T).await;
    let tx = t.db.begin().await.unwrap();
    work(&tx).await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    assert_eq!(kind(work(&savepoint).await), ErrorKind::UniqueViolation);
    savepoint.rollback().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.table(IDS).await, "1");
}

/// Two increments that read the same value: one of them conflicts and runs again.
async fn retrying_repeats_a_conflict(t: &Case) {
    t.ddl(T).await;
    t.db.insert("t", one(1)).await.unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    // on PostgreSQL both read before either writes, in the first round
    let both_read = Arc::new(tokio::sync::Barrier::new(if t.is_postgres() {
        2
    } else {
        1
    }));
    let increment = || {
        let (db, runs, both_read) = (Arc::clone(&t.db), Arc::clone(&runs), Arc::clone(&both_read));
        tokio::spawn(async move {
            db.transaction_retrying(5, async |tx| {
                let run = runs.fetch_add(1, Ordering::SeqCst);
                let n: i64 = tx
                    .select("t", "n")
                    .filter(row! { "id": 1 })
                    .one()
                    .await?
                    .get("n")?;
                if run < 2 {
                    both_read.wait().await;
                }
                tx.update("t", row! { "n": n + 1 }, row! { "id": 1 })
                    .await?;
                Ok(())
            })
            .await
        })
    };
    let (a, b) = tokio::join!(increment(), increment());
    a.unwrap().unwrap();
    b.unwrap().unwrap();
    assert_eq!(t.scalar("SELECT n FROM t").await, "2");
    let runs = runs.load(Ordering::SeqCst);
    assert_eq!(runs, t.either(3, 2));
    let never = t.db.transaction_retrying(3, async |tx| {
        tx.insert("t", one(1)).await?;
        Ok(())
    });
    assert_eq!(
        kind(never.await),
        ErrorKind::UniqueViolation,
        "what is no conflict is not repeated"
    );
}

/// The caller says which of its errors is a conflict; every other one is the last.
async fn retrying_with_the_callers_error(t: &Case) {
    #[derive(Debug, PartialEq)]
    enum Mine {
        Db(ErrorKind),
        Again(u32),
        Enough,
    }
    impl From<Error> for Mine {
        fn from(error: Error) -> Self {
            Mine::Db(error.kind())
        }
    }
    t.ddl(T).await;
    for (attempts, enough, expected, left) in [
        (1, 9, Err(Mine::Again(1)), ""),
        (3, 9, Err(Mine::Again(3)), ""),
        (3, 2, Err(Mine::Enough), ""),
        (9, 10, Ok(()), "1"),
    ] {
        let runs = AtomicU32::new(0);
        let is_again = |error: &Mine| matches!(error, Mine::Again(_));
        let outcome =
            t.db.try_transaction_retrying(attempts, is_again, async |tx| {
                let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
                tx.insert("t", one(1)).await?;
                match run {
                    _ if run == enough => Err(Mine::Enough),
                    9 => Ok(()),
                    _ => Err(Mine::Again(run)),
                }
            });
        assert_eq!(outcome.await, expected);
        assert_eq!(t.table(IDS).await, left, "{expected:?}");
    }
    let never = t.db.try_transaction_retrying(
        3,
        |_: &Mine| false,
        async |tx| {
            tx.insert("t", one(1)).await?;
            Ok(())
        },
    );
    assert_eq!(never.await, Err(Mine::Db(ErrorKind::UniqueViolation)));
}

async fn transactions_give_their_connections_back(t: &Case) {
    t.ddl(T).await;
    let db = t.connect(|options| options.max_connections(2)).await;
    for id in 0..20 {
        match id % 4 {
            0 => db.begin().await.unwrap().commit().await.unwrap(),
            1 => db.begin().await.unwrap().rollback().await.unwrap(),
            2 => drop(db.begin().await.unwrap()),
            _ => {
                let tx = db.begin().await.unwrap();
                let _open = tx.begin().await.unwrap();
                drop(tx);
            }
        }
        db.insert("t", one(id)).await.unwrap();
    }
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "20");
    db.close().await.unwrap();
}
