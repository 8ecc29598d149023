//! What is dropped is cancelled behind the pooler, hits nobody else, and is told as it is.

use std::future::IntoFuture;
use std::task::Poll;
use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{BoxFuture, ErrorKind, PostgresAdapter};
use futures_util::{FutureExt, TryFutureExt};

use super::{bounced, bounced_by, connect, data, drop_after, options};

/// Behind it a statement is cancelled as well, and its place is free again.
#[tokio::test]
async fn abandoned_statements_are_cancelled_behind_the_pooler() {
    let (database, _bouncer, url) = bounced().await;
    let db = connect(&url).await;
    for _ in 0..4 {
        let slow = db.query("SELECT pg_sleep(30)").into_future();
        assert!(
            tokio::time::timeout(Duration::from_millis(150), slow)
                .await
                .is_err()
        );
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    db.settle().await.unwrap();
    let active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' \
        AND state = 'active' AND datname = current_database() AND pid <> pg_backend_pid()";
    // the pooler has two connections: with both of them busy the request cannot get through, and
    // the server notices that the client is gone
    database.oracle().await.until(active, "0").await;
    let error = db
        .query("SELECT pg_sleep(30)")
        .timeout(Duration::from_millis(150))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

/// The same without a moment between.
async fn drop_at_once<T>(polls: usize, mut future: BoxFuture<'_, T>) -> bool {
    for _ in 0..polls {
        let poll = std::future::poll_fn(|context| Poll::Ready(future.poll_unpin(context)));
        if poll.await.is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

/// Every operation commits by itself there, and may be dropped meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_dropped_write_is_told_as_it_is() {
    let (database, _bouncer, url) = bounced_by(1).await;
    let db = PostgresAdapter::connect_with(options(&url).max_connections(1))
        .await
        .unwrap();
    // each number of polls twice
    let rounds = if support::long() { 60 } else { 25 };
    for id in 1..rounds {
        let polls = usize::try_from(id % 12).unwrap();
        if drop_after(polls, db.insert("t", data(1, id, 1)).into_future()).await {
            continue;
        }
        let settled = db.settle().await.unwrap();
        let sql = format!("SELECT count(*) FROM t WHERE id = {id}");
        let done = database.scalar_text(&sql).await.unwrap() == "1";
        let (least, most) = (settled.completed, settled.completed + settled.unknown);
        let told = (least..=most).contains(&u64::from(done));
        assert!(told, "after {polls} polls, done: {done}, {settled:?}");
    }
}

/// A call that is refused for what is known of its table looks at the table again, in a transaction of
/// its own whose end is not the commit of the call.
#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_call_with_a_mistake_is_never_done() {
    let (_database, _bouncer, url) = bounced_by(1).await;
    let db = PostgresAdapter::connect_with(options(&url).max_connections(1))
        .await
        .unwrap();
    db.insert("t", data(1, 1, 1)).await.unwrap();
    let mut dropped = 0;
    for micros in (0..50)
        .map(|i| i * 100)
        .cycle()
        .take(if support::long() { 150 } else { 60 })
    {
        let mut mistaken = db.insert("t", row! { "id": "not a number" }).into_future();
        let end = Instant::now() + Duration::from_micros(micros);
        let mut is_done = false;
        while !is_done && Instant::now() < end {
            is_done = drop_at_once(1, (&mut mistaken).boxed()).await;
        }
        drop(mistaken);
        let settled = db.settle().await.unwrap();
        assert_eq!(settled.completed, 0, "after {micros} us: {settled:?}");
        dropped += i32::from(!is_done);
    }
    assert!(dropped > 10, "{dropped}");
}

/// The savepoint was dropped, so that statements of the driver's have to go before the COMMIT is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_was_dropped_before_it_was_sent_is_told_as_it_is() {
    let (database, _bouncer, url) = bounced_by(4).await;
    let db = PostgresAdapter::connect_with(options(&url).max_connections(1))
        .await
        .unwrap();
    let mut fates = [0; 3];
    for id in 1..33_i64 {
        let tx = db.begin().await.unwrap();
        drop_at_once(2, tx.begin().into_future()).await;
        let inserted = tx.insert("t", data(1, id, 1)).await;
        let polls = usize::try_from(id % 4).unwrap() + 1;
        let is_done = drop_at_once(polls, tx.commit().boxed()).await;
        let settled = db.settle().await.unwrap();
        let sql = format!("SELECT count(*) FROM t WHERE id = {id}");
        let is_there = database.scalar_text(&sql).await.as_deref() == Some("1");
        if is_done && inserted.is_ok() {
            assert!(settled.is_empty(), "{id}: {settled:?}");
            continue;
        }
        let told = match (settled.completed, settled.rolled_back, settled.unknown) {
            (0, 0, 1) => 2,
            (done, _, 0) => usize::from(done > 0),
            other => panic!("{id}: {other:?}"),
        };
        if told < 2 {
            assert_eq!(is_there, told == 1, "{id} after {polls}: {settled:?}");
        }
        fates[told] += 1;
    }
    eprintln!("{fates:?}: rolled back, completed, unknown");
    assert!(fates[0] > 0, "{fates:?}");
}

/// A transaction that has ended gives its server process to others: what is cancelled must not be
/// theirs. Operations are dropped at every point while others, which nobody cancels, run beside them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_hits_nobody_else_behind_the_pooler() {
    let (_database, _bouncer, url) = bounced().await;
    let (dropping, checked) = (connect(&url).await, connect(&url).await);
    dropping.insert("t", data(1, 1, 1)).await.unwrap();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let bystander = tokio::spawn({
        let stop = std::sync::Arc::clone(&stop);
        async move {
            let mut answers = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let sql = "SELECT 1 AS n FROM pg_sleep(0.003)";
                let row = checked.query(sql).one().await.unwrap();
                assert_eq!(row["n"], 1);
                answers += 1;
            }
            answers
        }
    });
    for polls in 0..100_u32 {
        let write = dropping
            .update("t", row! { "n": polls }, row! { "id": 1 })
            .into_future();
        let mut write = write;
        let mut left = polls % 23;
        std::future::poll_fn(|cx| {
            if left == 0 || write.as_mut().poll(cx).is_ready() {
                return std::task::Poll::Ready(());
            }
            left -= 1;
            std::task::Poll::Pending
        })
        .await;
        drop(write);
    }
    dropping.settle().await.unwrap();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(bystander.await.unwrap() > 0);
}

/// A process that has committed is the next client's, so that it is kept until the request to cancel it
/// has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deferred_to_a_commit_is_cancelled_behind_the_pooler() {
    let (database, _bouncer, url) = bounced_by(6).await;
    database
        .sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION slow()",
        )
        .await;
    let db = connect(&url).await;
    let mut oracle = database.oracle().await;
    let limit = Duration::from_millis(300);
    let insert = "INSERT INTO t (id, client, n, name) VALUES (1, 1, 1, 'x') RETURNING id";
    let begun = Instant::now();
    for way in 0..8 {
        let started = Instant::now();
        let is_limit = way < 4;
        let result = match way {
            0 => db.insert("t", data(1, 1, 1)).timeout(limit).await.map(drop),
            1 => db.query(insert).timeout(limit).await.map(drop),
            2 => db.query(insert).timeout(limit).one().await.map(drop),
            3 => db.execute(insert).timeout(limit).await.map(drop),
            _ => {
                let work: BoxFuture<'_, db_adapter::Result<()>> = match way {
                    4 => db
                        .insert("t", data(1, 1, 1))
                        .into_future()
                        .map_ok(drop)
                        .boxed(),
                    5 => db.query(insert).one().map_ok(drop).boxed(),
                    6 => db
                        .transaction(async |tx| tx.insert("t", data(1, 1, 1)).await.map(drop))
                        .boxed(),
                    _ => {
                        let tx = db.begin().await.unwrap();
                        tx.insert("t", data(1, 1, 1)).await.unwrap();
                        tx.commit().boxed()
                    }
                };
                let cut = tokio::time::timeout(limit, work).await;
                assert!(cut.is_err(), "{way}: {cut:?}");
                Ok(())
            }
        };
        if is_limit {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout, "{way}");
        }
        let settled = db.settle().await.unwrap();
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{way}: {:?}",
            started.elapsed()
        );
        assert_eq!(settled.completed + settled.unknown, 0, "{way}: {settled:?}");
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' \
            AND datname = current_database()";
        assert_eq!(oracle.scalar_text(sleeping).await.unwrap(), "0", "{way}");
        let rows = "SELECT count(*) FROM t";
        assert_eq!(oracle.scalar_text(rows).await.unwrap(), "0", "{way}");
    }
    assert!(begun.elapsed() < Duration::from_secs(45));
    // what they refuse is refused, and what they allow is committed
    database
        .sql(
            "DROP TRIGGER slow ON t; ALTER TABLE t ADD parent bigint REFERENCES t
                DEFERRABLE INITIALLY DEFERRED",
        )
        .await;
    let tx = db.begin().await.unwrap();
    let mut child = data(1, 1, 1);
    child.set("parent", 2);
    tx.insert("t", child.clone()).await.unwrap();
    let refused = tx.commit().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ForeignKeyViolation);
    let refused = db.insert("t", child.clone()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ForeignKeyViolation);
    db.transaction(async |tx| {
        tx.insert("t", child).await?;
        tx.insert("t", data(1, 2, 1)).await
    })
    .await
    .unwrap();
    let rows = "SELECT string_agg(id::text, ',' ORDER BY id) FROM t";
    assert_eq!(oracle.scalar_text(rows).await.unwrap(), "1,2");
}

/// In a COMMIT a deferred trigger's writes are checked, and fire deferred triggers of their own, when all
/// that was deferred before has run; nothing that comes earlier than the COMMIT does the same.
#[tokio::test]
async fn what_is_deferred_runs_in_the_commit_itself() {
    let (database, _bouncer, url) = bounced_by(6).await;
    database
        .sql(
            "CREATE TABLE led (amt int); CREATE TABLE tot (sum int); CREATE TABLE job (id int);
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO tot SELECT sum(amt) FROM led; RETURN NULL; END $$;
             CREATE FUNCTION book() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO led VALUES (5); INSERT INTO led VALUES (-5); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER note AFTER INSERT ON led DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION note();
             CREATE CONSTRAINT TRIGGER book AFTER INSERT ON job DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION book();
             CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE asked (id int);
             CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
             CREATE FUNCTION pair() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO child VALUES (NEW.id); INSERT INTO parent VALUES (NEW.id); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER pair AFTER INSERT ON asked DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION pair()",
        )
        .await;
    let db = connect(&url).await;
    let mut oracle = database.oracle().await;
    for id in 0..3 {
        db.insert("job", row! { "id": id }).await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.insert("asked", row! { "id": id }).await.unwrap();
        tx.commit().await.unwrap();
    }
    let sums = oracle
        .scalar_text("SELECT string_agg(sum::text, ',') FROM tot")
        .await;
    assert_eq!(sums.unwrap(), "0,0,0,0,0,0");
    let both = oracle
        .scalar_text("SELECT count(*) FROM child JOIN parent USING (id)")
        .await;
    assert_eq!(both.unwrap(), "3");
    // no transaction is left open by that
    let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' \
        AND datname = current_database()";
    assert_eq!(oracle.scalar_text(open).await.unwrap(), "0");
}

/// A role that is set for the login sees nothing of its sessions, and may not cancel them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_of_the_login_does_not_keep_a_statement_from_being_cancelled() {
    let (database, _bouncer, url) = bounced_by(6).await;
    let role = format!("role_of_{}", database.name());
    database
        .sql(&format!(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION slow();
             CREATE ROLE {role};
             GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
             DO $$ BEGIN EXECUTE format('ALTER ROLE %I IN DATABASE %I SET role = %L',
                session_user, current_database(), '{role}'); END $$",
        ))
        .await;
    let db = connect(&url).await;
    let begun = Instant::now();
    let limit = Duration::from_millis(300);
    let in_commit = db.insert("t", data(1, 1, 1)).timeout(limit).await;
    assert_eq!(in_commit.unwrap_err().kind(), ErrorKind::Timeout);
    let alone = db.execute("SELECT pg_sleep(30)").timeout(limit).await;
    assert_eq!(alone.unwrap_err().kind(), ErrorKind::Timeout);
    assert!(begun.elapsed() < Duration::from_secs(15));
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
}
