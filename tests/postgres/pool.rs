//! What the pool promises: no open transaction comes back, no more connections than may be, and
//! what is dropped or takes too long is ended on the server. The server says what is true.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, PostgresAdapter, Result};
use futures_util::TryStreamExt;
use support::{Oracle, TestDatabase};

use crate::database;

const TABLE: &str = "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)";

/// Ours that are in this state.
const OURS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
    AND application_name = 'db-adapter'";

async fn nothing_is_open(oracle: &mut Oracle) {
    oracle
        .until(&format!("{OURS} AND state <> 'idle'"), "0")
        .await;
}

/// Each way to leave a transaction half done; `?` drops it.
async fn half_done(db: &PostgresAdapter, way: usize) -> Result<()> {
    let tx = db.begin().await?;
    tx.insert("t", row! { "id": 1 }).await?;
    match way {
        0 => drop(tx.insert("t", row! { "id": "user input" }).await?),
        1 => drop(tx.insert("t", row! { "id": 2, "nope": 1 }).await?),
        2 => {
            let savepoint = tx.begin().await?;
            let _ = savepoint.insert("t", row! { "id": "x" }).await;
        }
        3 => drop(tx.update("t", row! { "n": 1 }, row! { "nope": 1 }).await),
        4 => drop(tx.insert("t", row! { "id": 1 }).await?),
        5 => drop(tx.select("missing", "*").await),
        _ => drop(tx.query("SELECT 1 / 0").await?),
    }
    Ok(())
}

#[tokio::test]
async fn a_transaction_that_is_dropped_after_any_error_is_rolled_back() {
    for way in 0..7 {
        let (database, db) = database(TABLE).await;
        let mut oracle = database.oracle().await;
        let _ = half_done(&db, way).await;
        db.insert("t", row! { "id": 100 }).await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "id": 101 }).await.unwrap();
        tx.commit().await.unwrap();
        let rows = "SELECT string_agg(id::text, ',' ORDER BY id) FROM t";
        assert_eq!(
            oracle.scalar_text(rows).await.unwrap(),
            "100,101",
            "way {way}"
        );
        nothing_is_open(&mut oracle).await;
        db.close().await.unwrap();
        assert_eq!(
            oracle.scalar_text(rows).await.unwrap(),
            "100,101",
            "way {way}"
        );
    }
}

#[tokio::test]
async fn refused_input_costs_no_connection() {
    let (database, db) = database(TABLE).await;
    let mut oracle = database.oracle().await;
    db.insert("t", row! { "id": 0 }).await.unwrap();
    let ours = "SELECT string_agg(pid::text, ',' ORDER BY pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'db-adapter'";
    let before = oracle.scalar_text(ours).await.unwrap();
    for i in 0..30 {
        let tx = db.begin().await.unwrap();
        let data = if i % 2 == 0 {
            row! { "id": "x" }
        } else {
            row! { "nope": 1 }
        };
        tx.insert("t", data).await.unwrap_err();
        tx.rollback().await.unwrap();
        db.insert("t", row! { "id": "x" }).await.unwrap_err();
    }
    assert_eq!(oracle.scalar_text(ours).await.unwrap(), before);
    assert_eq!(
        db.pool_status().open,
        1,
        "a program that does one thing at a time has one"
    );
}

#[tokio::test]
async fn abandoned_statements_keep_their_places_until_they_have_ended() {
    let database = TestDatabase::postgres().await;
    database.sql(TABLE).await;
    database.sql("INSERT INTO t VALUES (1)").await;
    let mut oracle = database.oracle().await;
    let options = ConnectOptions::new(database.url()).max_connections(5);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let mut most = 0;
    for _ in 0..12 {
        let five = (0..5).map(|_| {
            let sleep = db.query("SELECT pg_sleep(30)").into_future();
            tokio::time::timeout(Duration::from_millis(60), sleep)
        });
        for result in futures_util::future::join_all(five).await {
            assert!(result.is_err() || result.is_ok_and(|rows| rows.is_err()));
        }
        let sleeping = format!("{OURS} AND query LIKE '%pg_sleep%'");
        let now: u32 = oracle
            .scalar_text(&sleeping)
            .await
            .unwrap()
            .parse()
            .unwrap();
        most = most.max(now);
    }
    assert!(most <= 5, "{most} connections");
    // the pool works, with all of its places
    let all: Vec<_> = (0..5).map(|_| db.begin().into_future()).collect();
    for tx in futures_util::future::join_all(all).await {
        tx.unwrap().rollback().await.unwrap();
    }
    oracle
        .until(
            &format!("{OURS} AND query LIKE '%pg_sleep(30)%' AND state = 'active'"),
            "0",
        )
        .await;
}

#[tokio::test]
async fn a_dropped_write_is_cancelled_and_its_locks_are_gone() {
    let (database, db) = database(TABLE).await;
    database.sql("INSERT INTO t VALUES (1)").await;
    let mut oracle = database.oracle().await;
    let slow = "UPDATE t SET n = n + 1 WHERE id = 1 AND pg_sleep(30) IS NOT NULL";
    for in_transaction in [false, true] {
        let tx = db.begin().await.unwrap();
        let client: &dyn DatabaseClient = if in_transaction { &tx } else { &db };
        let write = client.execute(slow).into_future();
        assert!(
            tokio::time::timeout(Duration::from_millis(200), write)
                .await
                .is_err()
        );
        drop(tx);
        let settled = db.settle().await.unwrap();
        assert_eq!((settled.completed, settled.unknown), (0, 0), "{settled:?}");
        assert!(settled.rolled_back >= 1);
        let locks = "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass";
        assert_eq!(oracle.scalar_text(locks).await.unwrap(), "0");
        assert_eq!(oracle.scalar_text("SELECT n FROM t").await.unwrap(), "0");
        nothing_is_open(&mut oracle).await;
    }
}

#[tokio::test]
async fn a_time_limit_says_what_is_true() {
    let (database, db) = database(TABLE).await;
    database.sql("INSERT INTO t VALUES (1)").await;
    let mut oracle = database.oracle().await;
    let limit = Duration::from_millis(150);
    let started = std::time::Instant::now();
    let error = db
        .query("SELECT pg_sleep(30)")
        .timeout(limit)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let slow = "UPDATE t SET n = n + 1 WHERE id = 1 AND pg_sleep(30) IS NOT NULL";
    let error = db.execute(slow).timeout(limit).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(oracle.scalar_text("SELECT n FROM t").await.unwrap(), "0");
    // what is fast enough is not hindered
    assert_eq!(
        db.count("t", row! {})
            .timeout(Duration::from_secs(20))
            .await
            .unwrap(),
        1
    );
    let tx = db.begin().timeout(Duration::from_secs(20)).await.unwrap();
    tx.insert("t", row! { "id": 2 }).await.unwrap();
    let error = tx
        .query("SELECT pg_sleep(30)")
        .timeout(limit)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        tx.count("t", row! {}).await.unwrap_err(),
        Error::TransactionAborted
    );
    assert_eq!(tx.commit().await.unwrap_err(), Error::TransactionAborted);
    // the wait for a connection counts
    let all: Vec<_> = (0..4).map(|_| db.begin().into_future()).collect();
    let all = futures_util::future::join_all(all).await;
    let error = db
        .insert("t", row! { "id": 3 })
        .timeout(limit)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    drop(all);
    assert_eq!(
        oracle
            .scalar_text("SELECT string_agg(id::text, ',') FROM t")
            .await
            .unwrap(),
        "1"
    );
    nothing_is_open(&mut oracle).await;
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
    assert!(db.settle().await.unwrap().unknown == 0);
}

#[tokio::test]
async fn an_error_that_looks_like_a_changed_plan_is_not_one() {
    let (database, db) = database(TABLE).await;
    database
        .sql("CREATE SEQUENCE s; CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN \
            PERFORM nextval('s'); RAISE EXCEPTION 'no' USING ERRCODE = '0A000'; END $$; \
            CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql AS $$ BEGIN \
            PERFORM nextval('s'); EXECUTE 'SELECT nope FROM t'; RETURN 1; END $$; \
            CREATE FUNCTION h() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM g(); RETURN NEW; END $$;")
        .await;
    let mut oracle = database.oracle().await;
    let last = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM s";
    db.query("SELECT f()").await.unwrap_err();
    assert_eq!(oracle.scalar_text(last).await.unwrap(), "1");
    db.query("SELECT g()").await.unwrap_err();
    assert_eq!(oracle.scalar_text(last).await.unwrap(), "2");
    db.insert("t", row! { "id": 1 }).await.unwrap();
    database
        .sql("CREATE TRIGGER h BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION h()")
        .await;
    db.insert("t", row! { "id": 2 }).await.unwrap_err();
    assert_eq!(oracle.scalar_text(last).await.unwrap(), "3");
}

/// A procedure that has committed is not undone by what ends it.
#[tokio::test]
async fn what_has_committed_in_parts_has_an_unknown_outcome() {
    let procedure = "CREATE PROCEDURE fill() LANGUAGE plpgsql AS
        'BEGIN INSERT INTO t VALUES (1); COMMIT; PERFORM pg_sleep(60); END'";
    let (database, db) = database(&format!("{TABLE}; {procedure}")).await;
    let mut oracle = database.oracle().await;
    let call = db.execute("CALL fill()").timeout(Duration::from_secs(1));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    oracle.sql("DELETE FROM t").await;
    let client = db.clone();
    let call = tokio::spawn(async move { client.execute("CALL fill()").await });
    oracle.until("SELECT count(*) FROM t", "1").await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    let settled = db.settle().await.unwrap();
    assert_eq!((settled.unknown, settled.rolled_back), (1, 0));
    nothing_is_open(&mut oracle).await;
    db.close().await.unwrap();
}

/// What one caller sets is not what the next one gets, whichever connection that has.
#[tokio::test]
async fn a_session_that_a_caller_changed_is_nobody_elses() {
    let database = TestDatabase::postgres().await;
    database.sql(TABLE).await;
    let options = ConnectOptions::new(database.url()).max_connections(1);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let answer = || async {
        let sql = "SELECT interval '14 months' AS i, current_setting('work_mem') AS m";
        let row = db.query(sql).one().await.unwrap();
        row.to_json()
    };
    let before = answer().await;
    for (i, sql) in [
        "SET intervalstyle = iso_8601",
        "SET SESSION work_mem = '71MB'",
        "SELECT set_config('work_mem', '71MB', false)",
        "DEALLOCATE ALL",
        "DISCARD ALL",
        "RESET ALL",
        "LISTEN x",
        "PREPARE p AS SELECT 1",
    ]
    .into_iter()
    .enumerate()
    {
        for in_transaction in [false, true] {
            let id = 4 * i as i64 + 2 * i64::from(in_transaction);
            if in_transaction && sql.starts_with("DISCARD") {
                continue;
            }
            if in_transaction && (sql.contains("intervalstyle") || sql == "RESET ALL") {
                // verbs would write and read other texts afterwards
                let tx = db.begin().await.unwrap();
                let refused = tx.execute(sql).await.unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::Unsupported, "{sql}");
                tx.execute_script(sql).await.unwrap();
                tx.commit().await.unwrap();
            } else if in_transaction {
                let tx = db.begin().await.unwrap();
                tx.execute(sql).await.unwrap();
                tx.commit().await.unwrap();
            } else {
                db.execute(sql).await.unwrap();
            }
            assert_eq!(answer().await, before, "{sql}");
            db.insert("t", row! { "id": id }).await.unwrap();
            db.select("t", "*").await.unwrap();
        }
    }
    // what ends with its transaction costs no connection
    let pid = || async {
        db.query("SELECT pg_backend_pid() AS p")
            .one()
            .await
            .unwrap()["p"]
            .clone()
    };
    let mine = pid().await;
    let tx = db.begin().await.unwrap();
    tx.execute("SET LOCAL work_mem = '71MB'").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(pid().await, mine);
}

/// Servers before 16 let a transaction that may not write be reset to one that may. Whatever was written
/// then is rolled back, and told.
#[tokio::test]
async fn what_was_written_where_nothing_may_be_is_rolled_back() {
    let (database, db) = database(
        "CREATE TABLE t (id bigint PRIMARY KEY); \
         CREATE FUNCTION writes(n int) RETURNS int VOLATILE LANGUAGE plpgsql AS $$ BEGIN \
           RESET transaction_read_only; INSERT INTO t VALUES (n); SET transaction_read_only = on; \
           RETURN n; END $$; \
         CREATE VIEW v AS SELECT writes(7) AS n; \
         CREATE TABLE r (id int PRIMARY KEY); INSERT INTO r VALUES (1); \
         CREATE TABLE s (id int PRIMARY KEY)",
    )
    .await;
    let options = ConnectOptions::new(database.url()).read_only(true);
    let reader = PostgresAdapter::connect_with(options).await.unwrap();
    let refused = |way: &str, result: Result<()>| {
        let error = result.expect_err(way);
        assert_eq!(error.kind(), ErrorKind::ReadOnly, "{way}: {error}");
    };
    let resets = [
        "RESET transaction_read_only",
        "SET LOCAL transaction_read_only TO DEFAULT",
    ];
    for reset in resets {
        let script = format!("{reset}; INSERT INTO t VALUES (1)");
        refused(reset, reader.execute_script(script).await);
        let block = format!("DO $$ BEGIN {reset}; INSERT INTO t VALUES (2); END $$");
        refused(&block, reader.execute(block.as_str()).await.map(drop));
        for client in [&db, &reader] {
            let tx = client.begin().read_only().await.unwrap();
            tx.execute(reset).await.unwrap();
            tx.insert("t", row! { "id": 3 }).await.unwrap();
            refused(reset, tx.commit().await);
        }
    }
    refused("query", reader.query("SELECT writes(4)").await.map(drop));
    refused("select", reader.select("v", "*").await.map(drop));
    refused("count", reader.count("v", row! {}).await.map(drop));
    let rows: Result<Vec<_>> = reader.select("v", "*").stream().try_collect().await;
    refused("stream", rows.map(drop));
    let rows: Result<Vec<_>> = reader
        .query("SELECT writes(5)")
        .stream()
        .try_collect()
        .await;
    refused("stream of a query", rows.map(drop));
    let tx = reader.begin().await.unwrap();
    tx.query("SELECT writes(6)").await.unwrap();
    refused("in a transaction", tx.commit().await);
    let written = database.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(written.as_deref(), Some("0"));
    // what only reads goes on
    let tx = reader.begin().await.unwrap();
    assert_eq!(tx.select("r", "*").await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    assert_eq!(reader.query("SELECT now() AS n").await.unwrap().len(), 1);
    let status = reader.pool_status();
    assert_eq!(status.open, status.idle);
}

#[tokio::test]
async fn what_may_only_read_cannot_be_made_to_write() {
    let (database, db) = database(TABLE).await;
    let options = ConnectOptions::new(database.url()).read_only(true);
    let reader = PostgresAdapter::connect_with(options).await.unwrap();
    let ways = [
        "SET TRANSACTION READ WRITE",
        "SET LOCAL transaction_read_only = off",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SET default_transaction_read_only = off",
    ];
    for sql in ways {
        for client in [&db, &reader] {
            let tx = client.begin().read_only().await.unwrap();
            let _ = tx.execute(sql).await;
            tx.insert("t", row! { "id": 1 }).await.unwrap_err();
            drop(tx);
        }
        let script = format!("{sql}; INSERT INTO t VALUES (1)");
        reader.execute_script(script).await.unwrap_err();
        let _ = reader.execute(sql).await;
        reader.insert("t", row! { "id": 1 }).await.unwrap_err();
        reader
            .query("INSERT INTO t VALUES (1) RETURNING id")
            .await
            .unwrap_err();
    }
    assert_eq!(
        database
            .scalar_text("SELECT count(*) FROM t")
            .await
            .unwrap(),
        "0"
    );
}

#[test]
fn outside_of_a_runtime_there_is_an_error_and_no_panic() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_database, db) = runtime.block_on(database(TABLE));
    let error = futures_util::FutureExt::now_or_never(db.count("t", row! {}).into_future());
    assert_eq!(error.unwrap().unwrap_err().kind(), ErrorKind::Config);
    let limited = db
        .count("t", row! {})
        .timeout(Duration::from_secs(1))
        .into_future();
    let error = futures_util::FutureExt::now_or_never(limited);
    assert_eq!(error.unwrap().unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(
        runtime
            .block_on(async { db.count("t", row! {}).await })
            .unwrap(),
        0
    );
}

/// A thread of the caller's is in no runtime: what it drops is cancelled all the same, and keeps its place in the
/// pool meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_dropped_on_a_thread_without_a_runtime_is_cancelled() {
    let database = TestDatabase::postgres().await;
    database.sql(TABLE).await;
    let options = ConnectOptions::new(database.url()).max_connections(2);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let backends = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() \
        AND application_name = 'db-adapter'";
    let mut most = 0;
    for n in 0..8 {
        let mut work: Pin<Box<dyn Future<Output = ()> + Send + '_>> = match n % 2 {
            0 => Box::pin(async {
                let _ = db.query("SELECT pg_sleep(30)").await;
            }),
            _ => Box::pin(async {
                let tx = db.begin().await.unwrap();
                tx.execute("LOCK TABLE t").await.unwrap();
                let _ = tx.query("SELECT pg_sleep(30)").await;
            }),
        };
        let time = Duration::from_millis(100);
        assert!(tokio::time::timeout(time, &mut work).await.is_err());
        std::thread::scope(|scope| scope.spawn(move || drop(work)).join().unwrap());
        let now = database.scalar_text(backends).await.unwrap();
        most = most.max(now.parse().unwrap());
    }
    assert!(most <= 2, "{most} backends of a pool of 2");
    let settled = db.settle().await.unwrap();
    assert_eq!(settled.unknown, 0, "{settled:?}");
    let left = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() \
        AND state <> 'idle' AND pid <> pg_backend_pid()";
    assert_eq!(database.scalar_text(left).await.as_deref(), Some("0"));
    let locks = "SELECT count(*)::text FROM pg_locks WHERE relation = 't'::regclass";
    assert_eq!(database.scalar_text(locks).await.as_deref(), Some("0"));
    assert!(db.query("SELECT 1").await.is_ok());
}
