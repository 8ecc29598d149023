//! Operations that are dropped or reach their time limit: what the file says afterwards, whether its
//! lock is free, whether the pool is whole, and that no other statement is hit.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, ErrorKind, SqliteAdapter};
use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use support::TestDatabase;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::with;

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)";
/// Never ends by itself.
const READ: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
    SELECT max(i) AS i FROM n";
/// Never ends by itself.
const WRITE: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
    INSERT INTO t (n) SELECT i FROM n";
/// Far longer than anything here takes, and far shorter than what never ends.
const SOON: Duration = Duration::from_secs(4);

/// Lets a future begin; whether it waits then.
fn begun<F: Future>(future: Pin<&mut F>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    future.poll(&mut context).is_pending()
}

async fn small(database: &TestDatabase) -> SqliteAdapter {
    let options = ConnectOptions::new(database.url()).max_connections(5);
    SqliteAdapter::connect_with(options).await.unwrap()
}

#[tokio::test]
async fn sixty_abandoned_reads_and_writes_leave_a_pool_that_works_and_no_lock() {
    let (database, db) = with(TABLE).await;
    db.close().await.unwrap();
    let db = small(&database).await;
    for _ in 0..12 {
        let reads = (0..5).map(|_| {
            let read = db.query(READ).into_future();
            tokio::time::timeout(Duration::from_millis(10), read)
        });
        let write = db.execute(WRITE).into_future();
        let write = tokio::time::timeout(Duration::from_millis(10), write);
        let (reads, write) = tokio::join!(join_all(reads), write);
        assert!(reads.iter().all(Result::is_err) && write.is_err());
        assert!(db.pool_status().open <= 6, "{:?}", db.pool_status());
        // at once: somebody else writes, and we do
        let started = Instant::now();
        database.sql("INSERT INTO t (n) VALUES (-1)").await;
        db.insert("t", row! { "n": -2 }).await.unwrap();
        assert_eq!(db.count("t", row! { "n": op::gt(0) }).await.unwrap(), 0);
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    }
    let settled = db.settle().await.unwrap();
    assert_eq!((settled.rolled_back, settled.completed), (12, 0));
    assert_eq!(settled.unknown, 0);
    assert!(db.settle().await.unwrap().is_empty());
    let count = database.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(count.as_deref(), Some("24"));
}

#[tokio::test]
async fn a_time_limit_ends_what_it_limits_and_says_the_truth() {
    let (database, db) = with(TABLE).await;
    let limit = Duration::from_millis(30);
    let started = Instant::now();
    let error = db.query(READ).timeout(limit).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let error = db.execute(WRITE).timeout(limit).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    // many statements in one transaction
    let rows = (0..200_000).map(|n| row! { "n": n });
    let error = db.insert_many("t", rows).timeout(limit).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    let mut rows = db.query(READ).timeout(limit).stream();
    let error = rows.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(rows.next().await.is_none());
    drop(rows);
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    // what ends before is not touched
    let id = db.insert("t", row! { "n": 1 }).timeout(SOON).await.unwrap();
    assert_eq!(id["id"], 1);
    let all: Vec<_> = db.select("t", "*").timeout(SOON).stream().collect().await;
    assert_eq!(all.len(), 1);
    let count = database.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(count.as_deref(), Some("1"));
    // its caller was told
    assert!(db.settle().await.unwrap().is_empty());
}

/// Rows that wait for their reader do not make its time longer.
#[tokio::test]
async fn a_slow_reader_keeps_to_its_limit() {
    let (_database, db) = with(TABLE).await;
    let rows = (0..50_000).map(|n| row! { "n": n });
    db.insert_many("t", rows).await.unwrap();
    let mut rows = db
        .select("t", "*")
        .timeout(Duration::from_millis(100))
        .stream();
    let mut read = 0;
    let error = loop {
        match rows.next().await.expect("an error before the end") {
            Ok(_) => read += 1,
            Err(error) => break error,
        }
        if read % 100 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(rows.next().await.is_none());
    assert!(read < 25_000, "{read} rows");
}

#[tokio::test]
async fn the_wait_for_a_connection_and_for_the_lock_of_others_counts() {
    let (database, db) = with(TABLE).await;
    let limit = Duration::from_millis(40);
    let patient = ConnectOptions::new(database.url())
        .lock_timeout(Duration::from_secs(60))
        .acquire_timeout(Duration::from_secs(60));
    let other = SqliteAdapter::connect_with(patient).await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "n": 1 }).await.unwrap();
    let started = Instant::now();
    // the writer of the same adapter is taken
    let waiting = db.insert("t", row! { "n": 2 }).timeout(limit).await;
    assert_eq!(waiting.unwrap_err().kind(), ErrorKind::Timeout);
    let waiting = db.begin().timeout(limit).await;
    assert_eq!(waiting.unwrap_err().kind(), ErrorKind::Timeout);
    // the lock of the file is taken
    let waiting = other.insert("t", row! { "n": 2 }).timeout(limit).await;
    assert_eq!(waiting.unwrap_err().kind(), ErrorKind::Timeout);
    let waiting = other.begin().timeout(limit).await;
    assert_eq!(waiting.unwrap_err().kind(), ErrorKind::Timeout);
    let dropped = other.insert("t", row! { "n": 2 }).into_future();
    assert!(tokio::time::timeout(limit, dropped).await.is_err());
    assert_eq!(other.settle().await.unwrap().rolled_back, 1);
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    tx.commit().await.unwrap();
    other.insert("t", row! { "n": 3 }).await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 2);
}

#[tokio::test]
async fn a_time_limit_and_a_drop_abort_the_transaction_but_a_stream_does_not() {
    let (_database, db) = with(TABLE).await;
    let limit = Duration::from_millis(30);
    for dropped in [false, true] {
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "n": 1 }).await.unwrap();
        let savepoint = tx.begin().await.unwrap();
        match dropped {
            true => {
                let read = savepoint.query(READ).into_future();
                assert!(tokio::time::timeout(limit, read).await.is_err());
            }
            false => {
                let error = savepoint.query(READ).timeout(limit).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Timeout);
            }
        }
        // before anything else is looked at
        let error = savepoint.insert("nope", row! { "x": "y" }).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::TransactionAborted);
        let none: [Row; 0] = [];
        let error = savepoint.insert_many("t", none).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::TransactionAborted);
        // a savepoint from before makes it good again
        savepoint.rollback().await.unwrap();
        let mut rows = tx.query("SELECT t.id FROM t, t AS u, t AS v").stream();
        rows.next().await.unwrap().unwrap();
        drop(rows);
        let mut endless = tx.query(READ).stream();
        let waiting = tokio::time::timeout(limit, endless.next()).await;
        assert!(waiting.is_err(), "{waiting:?}");
        drop(endless);
        tx.insert("t", row! { "n": 2 }).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), 4);
    // a write that is interrupted takes the whole transaction with it: SQLite does
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "n": 3 }).await.unwrap();
    let error = tx.execute(WRITE).timeout(limit).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_dropped_under_load_roll_back_and_hold_nobody_up() {
    let (database, db) = with(TABLE).await;
    let work = (0..200_i64).map(|i| {
        let db = db.clone();
        tokio::spawn(async move {
            let tx = db.begin().await.unwrap();
            tx.insert("t", row! { "id": i, "n": i }).await.unwrap();
            match i % 4 {
                // refused before it is sent, and caught
                0 => {
                    let refused = tx.insert("t", row! { "id": "user input" }).await;
                    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidValue);
                }
                1 => {
                    let twice = tx.insert("t", row! { "id": i }).await;
                    assert_eq!(twice.unwrap_err().kind(), ErrorKind::UniqueViolation);
                }
                2 => {
                    let _ = tokio::time::timeout(
                        Duration::from_micros(50),
                        tx.insert("t", row! { "id": -i }).into_future(),
                    )
                    .await;
                }
                _ => {
                    tx.commit().await.unwrap();
                    return true;
                }
            }
            drop(tx);
            false
        })
    });
    let mut committed = 0;
    for done in join_all(work).await {
        committed += u64::from(done.unwrap());
    }
    db.insert("t", row! { "id": 1000 }).await.unwrap();
    assert_eq!(db.settle().await.unwrap().rolled_back, 150);
    let ids = database.rows_text("SELECT id FROM t ORDER BY id").await;
    assert_eq!(ids.len() as u64, committed + 1);
    assert_eq!(committed, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_never_hits_a_later_statement() {
    let (database, _) = with(TABLE).await;
    let options = ConnectOptions::new(database.url()).max_connections(1);
    let db = SqliteAdapter::connect_with(options).await.unwrap();
    let times = if support::long() { 30_000 } else { 3000 };
    let mut written = 0;
    for i in 0..times {
        let after = Duration::from_micros(i % 97);
        match i % 3 {
            0 => {
                let read = db.query("SELECT count(*) FROM t, t AS u, t AS v");
                let _ = tokio::time::timeout(after, read.into_future()).await;
            }
            1 => {
                let write = db.execute("UPDATE t SET n = n + 1");
                let _ = tokio::time::timeout(after, write.into_future()).await;
            }
            _ => {
                let mut rows = db.select("t", "*").stream();
                let _ = tokio::time::timeout(after, rows.next()).await;
            }
        }
        let answer = db.query("SELECT :i AS i").bind("i", i as i64).await;
        assert_eq!(answer.unwrap()[0]["i"], i as i64);
        if i % 10 == 0 {
            let row = db.insert("t", row! { "n": i as i64 }).await.unwrap();
            written += 1;
            assert_eq!(row["id"], written);
        }
    }
    assert_eq!(db.settle().await.unwrap().unknown, 0);
    assert_eq!(db.count("t", row! {}).await.unwrap(), written as u64);
    let status = db.pool_status();
    assert!(status.open <= 2, "{status:?}");
}

#[tokio::test]
async fn what_was_dropped_is_counted_as_it_ended() {
    let (_database, db) = with(TABLE).await;
    // the answer was there before the drop, or not: the file knows
    let mut expected = 0;
    for i in 0..200_u64 {
        let write = db.insert("t", row! { "n": 1 }).into_future();
        let after = Duration::from_micros(i);
        if tokio::time::timeout(after, write).await.is_ok() {
            expected += 1;
        }
    }
    let settled = db.settle().await.unwrap();
    assert_eq!(settled.unknown, 0);
    let count = db.count("t", row! {}).await.unwrap();
    assert_eq!(count, expected + settled.completed);
}

/// Keeps the fates that are told of dropped work.
struct Fates(Arc<Mutex<Vec<String>>>);

impl Subscriber for Fates {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("db_adapter")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Fate(&self.0));
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Fate<'a>(&'a Mutex<Vec<String>>);

impl Visit for Fate<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "fate" {
            self.0.lock().unwrap().push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[tokio::test]
async fn a_dropped_operation_is_traced_with_what_became_of_it() {
    let (_database, db) = with(TABLE).await;
    let fates = Arc::new(Mutex::new(Vec::new()));
    let guard = tracing::subscriber::set_default(Fates(Arc::clone(&fates)));
    for sql in [READ, WRITE] {
        let endless = db.execute(sql).into_future();
        let after = Duration::from_millis(10);
        assert!(tokio::time::timeout(after, endless).await.is_err());
        db.settle().await.unwrap();
    }
    drop(guard);
    assert_eq!(*fates.lock().unwrap(), ["it only read", "rolled back"]);
}

#[tokio::test]
async fn who_waits_first_is_served_first() {
    let (database, db) = with(TABLE).await;
    let holder = db.begin().await.unwrap();
    // the file tells in which order they were done; who hears of it first is another matter
    let waiting = (0..20).map(|i| {
        let db = &db;
        async move { db.insert("t", row! { "n": i }).await.unwrap() }
    });
    let mut waiting = Box::pin(join_all(waiting));
    assert!(begun(waiting.as_mut()));
    drop(holder);
    waiting.await;
    let done = database
        .scalar_text("SELECT group_concat(n, ' ') FROM (SELECT n FROM t ORDER BY rowid)")
        .await;
    let expected: Vec<_> = (0..20).map(|i| i.to_string()).collect();
    assert_eq!(done.unwrap(), expected.join(" "));
}

#[test]
fn everything_can_be_dropped_outside_of_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let database = TestDatabase::sqlite();
    let (db, tx, read) = runtime.block_on(async {
        let db = SqliteAdapter::connect(database.url()).await.unwrap();
        db.execute(TABLE).await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "n": 1 }).await.unwrap();
        let owned: &'static SqliteAdapter = Box::leak(Box::new(db.clone()));
        let mut read = Box::pin(owned.query(READ).into_future());
        assert!(begun(read.as_mut()));
        (db, tx, read)
    });
    drop(runtime);
    drop(tx);
    drop(read);
    // in another runtime the same adapter goes on: the lock is free
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        db.insert("t", row! { "n": 2 }).await.unwrap();
        assert_eq!(db.count("t", row! {}).await.unwrap(), 1);
        assert_eq!(db.settle().await.unwrap().rolled_back, 1);
    });
    drop(db);
}

#[tokio::test]
async fn closing_waits_for_what_is_under_way_and_refuses_what_comes() {
    let (database, db) = with(TABLE).await;
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "n": 1 }).await.unwrap();
    let clone = db.clone();
    let closing = tokio::spawn(async move { clone.close().await });
    let refused = loop {
        match db.count("t", row! {}).await {
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => break error,
        }
    };
    assert_eq!(refused.kind(), ErrorKind::Closed);
    assert!(!closing.is_finished());
    tx.insert("t", row! { "n": 2 }).await.unwrap();
    tx.commit().await.unwrap();
    closing.await.unwrap().unwrap();
    let count = database.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(count.as_deref(), Some("2"));
}

/// Not done in between, while the connections that read are closed.
#[tokio::test]
async fn closing_refuses_what_waits_for_the_writer() {
    let (database, db) = with(TABLE).await;
    for _ in 0..50 {
        let db = SqliteAdapter::connect(database.url()).await.unwrap();
        db.count("t", row! {}).await.unwrap();
        let tx = db.begin().await.unwrap();
        let (waits, closing) = (db.clone(), db.clone());
        let mut waiting = waits.insert("t", row! { "n": 1 }).into_future();
        assert!((&mut waiting).now_or_never().is_none());
        let mut closing = closing.close();
        assert!((&mut closing).now_or_never().is_none());
        tx.rollback().await.unwrap();
        assert_eq!(waiting.await.unwrap_err().kind(), ErrorKind::Closed);
        closing.await.unwrap();
    }
    let count = database.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(count.as_deref(), Some("0"));
    drop(db);
}

/// However late the limit is: a change of the schema that was given up is not there, and one that is there
/// was not given up.
#[tokio::test]
async fn a_change_of_the_schema_at_its_limit_is_told_as_it_is() {
    let (database, db) =
        with("CREATE TABLE n (i INTEGER); CREATE TABLE base (a TEXT, b TEXT)").await;
    db.execute("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 60000) INSERT INTO n SELECT i FROM s")
        .await
        .unwrap();
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'made'";
    let create = "CREATE TABLE made AS SELECT i FROM n";
    let mut whole = Duration::MAX;
    for _ in 0..5 {
        let begin = std::time::Instant::now();
        db.execute(create).await.unwrap();
        whole = whole.min(begin.elapsed());
        db.execute("DROP TABLE made").await.unwrap();
    }
    let mut given_up = 0;
    for n in 0..80 {
        let limit = whole * (n + 10) / 60;
        let created = db.execute(create).timeout(limit).await;
        given_up += u32::from(created.is_err());
        let is_there = database.scalar_text(tables).await.unwrap() == "1";
        assert_eq!(created.is_ok(), is_there, "{n}: {created:?}");
        if is_there {
            let dropped = db.execute("DROP TABLE made").timeout(limit).await;
            let is_there = database.scalar_text(tables).await.unwrap() == "1";
            assert_eq!(dropped.is_err(), is_there, "{n}: {dropped:?}");
            db.execute("DROP TABLE IF EXISTS made").await.unwrap();
        }
    }
    assert!(given_up > 0);
}

/// Nobody polls it: its time is over all the same, the lock is free, and what it wrote is undone.
#[tokio::test]
async fn a_stream_that_nobody_reads_ends_at_its_limit() {
    let (database, db) =
        with("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); CREATE TABLE big (n INTEGER)")
            .await;
    let rows = (0..20_000).map(|n| row! { "n": n });
    db.insert_many("big", rows).await.unwrap();
    let limit = Duration::from_millis(300);
    let write = "INSERT INTO t (n) SELECT n FROM big RETURNING id, n";
    for verb in ["select", "write", "in a transaction"] {
        let tx = match verb {
            "in a transaction" => Some(db.begin().await.unwrap()),
            _ => None,
        };
        let client: &dyn DatabaseClient = match &tx {
            Some(tx) => tx,
            None => &db,
        };
        let mut rows = match verb {
            "select" => client.select("big", "*").timeout(limit).stream(),
            _ => client.query(write).timeout(SOON / 2).stream(),
        };
        for _ in 0..10 {
            rows.next().await.unwrap().unwrap();
        }
        if tx.is_none() {
            let mut oracle = database.oracle().await;
            support::until("the lock is free, and nothing is read", async || {
                // a reader keeps the log from being emptied
                let checkpoint = oracle.scalar_text("PRAGMA wal_checkpoint(TRUNCATE)").await;
                oracle.try_sql("BEGIN IMMEDIATE; ROLLBACK").await.is_ok()
                    && checkpoint.as_deref() == Some("0")
            })
            .await;
        } else {
            tokio::time::sleep(SOON / 2).await;
        }
        let mut last = None;
        while let Some(row) = rows.next().await {
            last = Some(row);
        }
        let error = last.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{verb}: {error}");
        drop(rows);
        if let Some(tx) = tx {
            let error = tx.commit().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TransactionAborted);
        }
        let count = database.scalar_text("SELECT count(*) FROM t").await;
        assert_eq!(count.as_deref(), Some("0"), "{verb}");
    }
    assert_eq!(db.count("big", Filter::all()).await.unwrap(), 20_000);
}
