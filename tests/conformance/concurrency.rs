//! Many tasks on a small pool, and operations dropped half-way: totals stay exact.

use std::sync::Arc;
use std::time::Duration;

use db_adapter::prelude::*;
use futures_util::StreamExt;
use futures_util::future::join_all;

use crate::case::Case;

cases! {
    outside: [many_tasks_on_a_small_pool, operations_dropped_at_any_moment]
}

async fn many_tasks_on_a_small_pool(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, task {int4}, n {int4})")
        .await;
    t.ddl("CREATE TABLE total (id {int4} PRIMARY KEY, n {int4})")
        .await;
    t.ddl("INSERT INTO total VALUES (1, 0)").await;
    let db = t
        .connect(|options| {
            options
                .max_connections(5)
                .acquire_timeout(Duration::from_secs(60))
        })
        .await;
    let tasks = (0..100_i64).map(|task| {
        let db = Arc::clone(&db);
        tokio::spawn(async move {
            let first = task * 10;
            db.insert("t", row! { "id": first, "task": task, "n": 0 })
                .await?;
            db.insert_many(
                "t",
                (1..10).map(|i| row! { "id": first + i, "task": task, "n": 0 }),
            )
            .await?;
            db.update("t", row! { "n": 1 }, row! { "task": task })
                .count()
                .await?;
            assert_eq!(
                db.select("t", "id")
                    .filter(row! { "task": task, "n": 1 })
                    .await?
                    .len(),
                10
            );
            db.transaction(async |tx| {
                tx.delete("t", row! { "id": first }).await?;
                tx.execute("UPDATE total SET n = n + :n WHERE id = 1")
                    .bind("n", task)
                    .await?;
                Ok::<_, db_adapter::Error>(())
            })
            .await?;
            let mut rows = db
                .select("t", "id")
                .filter(row! { "task": task })
                .order_by("id")
                .stream();
            assert_eq!(rows.next().await.unwrap()?["id"], first + 1);
            drop(rows); // who waits for a second connection with one in hand waits for himself
            db.query("SELECT count(*) AS n FROM t WHERE task = :task")
                .bind("task", task)
                .one()
                .await?
                .get::<i64>("n")
        })
    });
    for result in join_all(tasks).await {
        assert_eq!(result.unwrap().unwrap(), 9);
    }
    assert_eq!(t.table("SELECT count(*), sum(n) FROM t").await, "900,900");
    assert_eq!(t.scalar("SELECT n FROM total").await, "4950");
    db.close().await.unwrap();
}

/// Whatever is dropped half-way, the pool stays whole and every later answer is its own.
async fn operations_dropped_at_any_moment(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, s text)")
        .await;
    let data = (0..2000).map(|id| row! { "id": id, "s": format!("s{id}") });
    t.db.insert_many("t", data).await.unwrap();
    let db = t.connect(|options| options.max_connections(3)).await;
    let mut dropped = 0;
    for i in 0..200_u64 {
        // a spread of moments, from before anything was sent to after the answer
        let patience = Duration::from_micros(i * i % 4001);
        let id = i as i64 * 7 % 2000;
        let work = async {
            match i % 7 {
                0 => db.select("t", "*").order_by("s").await.map(drop),
                1 => db
                    .insert("t", row! { "id": 10_000 + i, "s": "in" })
                    .await
                    .map(drop),
                2 => db
                    .update("t", row! { "s": format!("s{id}") }, row! { "id": id })
                    .await
                    .map(drop),
                3 => db
                    .query("SELECT count(*) AS n FROM t a, t b WHERE a.id < 100")
                    .await
                    .map(drop),
                4 => {
                    let tx = db.begin().await?;
                    tx.insert("t", row! { "id": 20_000 + i, "s": "tx" }).await?;
                    tx.insert("t", row! { "id": 30_000 + i, "s": "tx" }).await?;
                    tx.commit().await
                }
                5 => db
                    .insert_many(
                        "t",
                        (0..100).map(|n| row! { "id": 100_000 + 100 * i + n, "s": "many" }),
                    )
                    .await
                    .map(drop),
                _ => {
                    let mut rows = db.select("t", "*").stream();
                    while let Some(row) = rows.next().await {
                        row?;
                    }
                    Ok(())
                }
            }
        };
        match tokio::time::timeout(patience, work).await {
            Ok(outcome) => outcome.unwrap(),
            Err(_) => dropped += 1,
        }
        if i % 5 == 0 {
            let row = db
                .select("t", "*")
                .filter(row! { "id": id })
                .one()
                .await
                .unwrap();
            assert_eq!(
                row,
                row! { "id": id, "s": format!("s{id}") },
                "after operation {i}"
            );
        }
    }
    assert!(dropped > 20, "only {dropped} operations were dropped");
    let all = (0..3).map(|_| db.begin());
    let held: Vec<_> = if t.is_postgres() {
        join_all(all.map(IntoFuture::into_future)).await
    } else {
        vec![db.begin().await]
    };
    for tx in held {
        let tx = tx.expect("the pool is whole");
        assert_eq!(
            tx.count("t", row! { "id": op::lt(2000) }).await.unwrap(),
            2000
        );
        tx.rollback().await.unwrap();
    }
    let half = "SELECT count(*) FROM t a WHERE s = 'tx' AND id < 30000 AND NOT EXISTS (SELECT 1 FROM t b WHERE b.id = a.id + 10000)";
    assert_eq!(t.scalar(half).await, "0", "no transaction is half there");
    let many = "SELECT count(*) FROM (SELECT id / 100 FROM t WHERE s = 'many' GROUP BY id / 100 HAVING count(*) <> 100) AS x";
    assert_eq!(t.scalar(many).await, "0", "no bulk insert is half there");
    db.close().await.unwrap();
}
