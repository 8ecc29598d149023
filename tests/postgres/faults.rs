//! A server that is away, refuses, or ends connections.

use std::future::IntoFuture;
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, PostgresAdapter};
use futures_util::StreamExt;
use support::{PostgresServer, Stop, TestDatabase};

use crate::database;

async fn refused(url: &str) -> Error {
    let options = ConnectOptions::new(url).connect_timeout(Duration::from_secs(2));
    PostgresAdapter::connect_with(options).await.unwrap_err()
}

#[tokio::test]
async fn a_failed_connection_says_why_and_where_but_no_secret() {
    let database = TestDatabase::postgres().await;
    let url = database.url();
    let (start, place) = url.rsplit_once('@').unwrap();
    let (user, password) = start.rsplit_once(':').unwrap();
    let address = place.split('/').next().unwrap();
    let error = refused(&format!("{user}:wrong{password}@{place}")).await;
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(
        error.to_string().contains(address) && !error.to_string().contains(password),
        "{error}"
    );
    let error = refused(&format!("{start}@{address}/missing")).await;
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    let started = std::time::Instant::now();
    let error = refused("postgresql://u:secret@127.0.0.1:1/db").await;
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(1));
    // accepts and never answers
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let error = refused(&format!(
        "postgresql://u:secret@{}/db",
        silent.local_addr().unwrap()
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(
        refused("postgresql://u:se/cret@h/db").await.kind(),
        ErrorKind::Config
    );
    let db = PostgresAdapter::connect(url).await.unwrap();
    assert!(!format!("{db:?}").contains(password));
}

#[tokio::test]
async fn time_outs_are_typed() {
    let database = TestDatabase::postgres().await;
    database.sql("CREATE TABLE t (id int)").await;
    let options = ConnectOptions::new(database.url())
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(300))
        .statement_timeout(Duration::from_millis(200))
        .lock_timeout(Duration::from_millis(100));
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let error = db.query("SELECT pg_sleep(5)").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let mut other = database.oracle().await;
    other.sql("BEGIN; LOCK TABLE t").await;
    assert_eq!(
        db.select("t", "*").await.unwrap_err().kind(),
        ErrorKind::Timeout
    );
    other.sql("ROLLBACK").await;
    let tx = db.begin().await.unwrap();
    let error = db.count("t", row! {}).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::PoolTimeout {
                in_use: 1,
                max_connections: 1,
                ..
            }
        ),
        "{error:?}"
    );
    tx.rollback().await.unwrap();
    db.count("t", row! {}).await.unwrap();
}

const KILL: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'db-adapter' AND datname = current_database()";

#[tokio::test]
async fn reads_survive_killed_connections_and_writes_are_honest() {
    let (database, db) = database("CREATE TABLE t (id int PRIMARY KEY)").await;
    let mut other = database.oracle().await;
    let count = || async { db.count("t", row! {}).await };
    for _ in 0..5 {
        let (a, b, c, d) = tokio::join!(count(), count(), count(), count());
        assert!([a, b, c, d].into_iter().all(|n| n.is_ok()));
        other.scalar_text(KILL).await;
        count().await.unwrap();
    }
    // killed in the middle of a write
    db.execute("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); RETURN NEW; END $$").await.unwrap();
    db.execute("CREATE TRIGGER slow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION slow()")
        .await
        .unwrap();
    let kill = async {
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
        other.until(sleeping, "1").await;
        other.scalar_text(KILL).await;
    };
    let (result, ()) = tokio::join!(db.insert("t", row! { "id": 1 }).into_future(), kill);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    let tx = db.begin().await.unwrap();
    other.scalar_text(KILL).await;
    assert_eq!(
        tx.count("t", row! {}).await.unwrap_err().kind(),
        ErrorKind::Connection
    );
    assert_eq!(tx.commit().await.unwrap_err(), Error::TransactionAborted);
}

/// Whatever the caller takes for a conflict: what may be there already is never done again.
#[tokio::test]
async fn a_commit_whose_outcome_is_unknown_is_not_repeated() {
    let (database, db) = database(
        "CREATE TABLE t (id int PRIMARY KEY);
         CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()",
    )
    .await;
    let mut other = database.oracle().await;
    let runs = std::sync::atomic::AtomicU32::new(0);
    let work = db.try_transaction_retrying(
        5,
        |_: &Error| true,
        async |tx| {
            let run = runs.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            tx.insert("t", row! { "id": run }).await.map(drop)
        },
    );
    let kill = async {
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
        other.until(sleeping, "1").await;
        other.scalar_text(KILL).await;
    };
    let (result, ()) = tokio::join!(work, kill);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(runs.into_inner(), 1);
}

#[tokio::test]
async fn a_restarted_server_is_used_again() {
    let server = PostgresServer::start();
    let database = TestDatabase::postgres_on(&server).await;
    // the cluster commits without waiting for its log, which the stop below would lose
    database
        .sql("SET synchronous_commit = on; CREATE TABLE t (id int)")
        .await;
    let options = ConnectOptions::new(database.url())
        .max_connections(3)
        .acquire_timeout(Duration::from_secs(3));
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let count = || async { db.count("t", row! {}).await };
    let _ = tokio::join!(count(), count(), count());
    server.stop(Stop::Immediate);
    let error = count().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    let error = db.begin().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    server.start_again();
    assert_eq!(count().await.unwrap(), 0);
    drop(db);
}

/// The server is always ahead of us, so that nothing waits: limits hold all the same, and others have turns.
#[tokio::test]
async fn a_flood_of_rows_leaves_turns_to_others() {
    let (_database, db) = database("").await;
    let ticks = tokio::spawn(async {
        let mut longest = Duration::ZERO;
        let mut last = std::time::Instant::now();
        loop {
            tokio::time::sleep(Duration::from_millis(2)).await;
            longest = longest.max(last.elapsed());
            last = std::time::Instant::now();
            if STOP.load(std::sync::atomic::Ordering::Relaxed) {
                return longest;
            }
        }
    });
    static STOP: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    let sql = "SELECT i FROM generate_series(1, 4000000) AS i";
    let limit = Duration::from_millis(300);
    let all = db.query(sql).timeout(limit).await;
    assert_eq!(all.unwrap_err().kind(), ErrorKind::Timeout);
    let typed = db.query_as::<Row>(sql).timeout(limit).await;
    assert_eq!(typed.unwrap_err().kind(), ErrorKind::Timeout);
    let dropped = tokio::time::timeout(limit, db.query(sql).into_future()).await;
    assert!(dropped.is_err());
    let mut rows = db.query(sql).timeout(limit).stream();
    let mut given = 0;
    let ended = loop {
        match rows.next().await {
            Some(Ok(_)) => given += 1,
            Some(Err(error)) => break error.kind(),
            None => panic!("all {given} rows came within the limit"),
        }
    };
    assert_eq!(ended, ErrorKind::Timeout);
    drop(rows);
    STOP.store(true, std::sync::atomic::Ordering::Relaxed);
    let longest = ticks.await.unwrap();
    assert!(longest < Duration::from_secs(2), "{longest:?}");
}
