//! The primary is stopped as by a crash, its standby is promoted, and the client goes on by itself.
//! The new primary says which of the answers were true.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, PostgresAdapter};
use support::{Oracle, PostgresServer, Stop, psql};

use crate::pair::{Pair, follow_synchronously, host};

const WRITERS: i64 = 4;

/// What the writers were told.
#[derive(Default)]
struct Told {
    done: BTreeSet<i64>,
    unknown: BTreeSet<i64>,
    refused: BTreeSet<i64>,
}

/// Only these say what happened when a server is lost.
fn is_of_a_lost_server(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Connection | ErrorKind::OutcomeUnknown | ErrorKind::PoolTimeout
    )
}

/// One insert after the other, by the verb, in SQL, and in transactions, until it is time to end.
async fn write(db: PostgresAdapter, next: Arc<AtomicI64>, end: Arc<AtomicBool>) -> Told {
    let mut told = Told::default();
    while !end.load(Ordering::Relaxed) {
        let id = next.fetch_add(1, Ordering::Relaxed);
        let result = match id % 3 {
            0 => db.insert("t", row! { "id": id }).await.map(drop),
            1 => {
                let sql = "INSERT INTO t VALUES (:id)";
                db.execute(sql).bind("id", id).await.map(drop)
            }
            _ => in_a_transaction(&db, id).await,
        };
        match result {
            Ok(()) => told.done.insert(id),
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => told.unknown.insert(id),
            Err(error) => {
                assert!(is_of_a_lost_server(&error), "{error}");
                // nobody listens yet
                tokio::time::sleep(Duration::from_millis(5)).await;
                told.refused.insert(id)
            }
        };
    }
    told
}

async fn in_a_transaction(db: &PostgresAdapter, id: i64) -> Result<(), Error> {
    let tx = db.begin().await?;
    tx.insert("t", row! { "id": id }).await?;
    tx.commit().await
}

/// What was acknowledged is there, at every moment.
async fn read(db: PostgresAdapter, answers: Arc<AtomicI64>, end: Arc<AtomicBool>) {
    while !end.load(Ordering::Relaxed) {
        match db.select("t", "id").filter(row! { "id": 0 }).await {
            Ok(rows) => {
                assert_eq!(rows.len(), 1);
                answers.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                assert!(is_of_a_lost_server(&error), "{error}");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

/// So many writes were begun and reads answered from now on.
async fn go_on(next: &AtomicI64, answers: &AtomicI64) {
    let until = [next, answers].map(|count| count.load(Ordering::Relaxed));
    let started = Instant::now();
    while next.load(Ordering::Relaxed) < until[0] + 100
        || answers.load(Ordering::Relaxed) < until[1] + 30
    {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "it does not go on"
        );
        tokio::task::yield_now().await;
    }
}

/// The first write that is answered from now on.
async fn first_write(db: &PostgresAdapter, next: &AtomicI64) -> (i64, Duration) {
    let started = Instant::now();
    loop {
        let id = next.fetch_add(1, Ordering::Relaxed);
        match db.insert("t", row! { "id": id }).await {
            Ok(_) => return (id, started.elapsed()),
            Err(error) => assert!(is_of_a_lost_server(&error), "{error}"),
        }
        assert!(started.elapsed() < Duration::from_secs(60), "no failover");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_goes_on_with_the_promoted_standby() {
    let pair = Pair::start().await;
    let admin = pair.primary.admin_url();
    psql(&admin, "CREATE TABLE t (id bigint PRIMARY KEY)").unwrap();
    psql(&admin, "INSERT INTO t VALUES (0)").unwrap();
    let url = pair.url(
        &pair.hosts(),
        "postgres",
        "target_session_attrs=read-write&connect_timeout=2",
    );
    let options = ConnectOptions::new(url).max_connections(6);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let next = Arc::new(AtomicI64::new(1));
    let end = Arc::new(AtomicBool::new(false));
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        writers.spawn(write(db.clone(), Arc::clone(&next), Arc::clone(&end)));
    }
    let answers = Arc::new(AtomicI64::new(0));
    let reader = tokio::spawn(read(db.clone(), Arc::clone(&answers), Arc::clone(&end)));
    // open when the server goes: it must not be committed
    let open = db.begin().await.unwrap();
    open.insert("t", row! { "id": -1 }).await.unwrap();
    go_on(&next, &answers).await;

    let Pair { primary, standby } = pair;
    let stopped = Instant::now();
    let (servers, promoted) = tokio::task::spawn_blocking(move || {
        primary.stop(Stop::Immediate);
        standby.promote();
        ((primary, standby), Instant::now())
    })
    .await
    .unwrap();
    let (mut primary, standby) = servers;
    let (first, waited) = first_write(&db, &next).await;
    let (took, after) = (stopped.elapsed(), promoted.elapsed());
    println!(
        "failover: {} ms from the stop to the first write, {} ms after the promotion ({} ms of waiting)",
        took.as_millis(),
        after.as_millis(),
        waited.as_millis()
    );
    let error = open.commit().await.unwrap_err();
    assert!(is_of_a_lost_server(&error), "{error}");
    go_on(&next, &answers).await;
    end.store(true, Ordering::Relaxed);
    let mut told = Told::default();
    told.done.insert(first);
    while let Some(one) = writers.join_next().await {
        let one = one.unwrap();
        told.done.extend(one.done);
        told.unknown.extend(one.unknown);
        told.refused.extend(one.refused);
    }
    reader.await.unwrap();
    let mut oracle = Oracle::postgres(&standby.admin_url()).await;
    let rows = oracle.rows_text("SELECT id::text FROM t").await;
    let there: BTreeSet<i64> = rows
        .iter()
        .map(|row| row[0].as_ref().unwrap().parse().unwrap())
        .collect();
    println!(
        "{} writes done, {} unknown, {} refused; {} reads",
        told.done.len(),
        told.unknown.len(),
        told.refused.len(),
        answers.load(Ordering::Relaxed)
    );
    let lost: Vec<_> = told.done.difference(&there).collect();
    assert!(lost.is_empty(), "answered Ok and gone: {lost:?}");
    let made: Vec<_> = told.refused.intersection(&there).collect();
    assert!(made.is_empty(), "refused and there: {made:?}");
    assert!(!there.contains(&-1), "a transaction that was not committed");
    assert!(db.pool_status().open <= 6);
    assert_eq!(served_by(&db).await, standby.port().to_string());
    back_and_forth(&db, &mut primary, standby).await;
}

async fn served_by(db: &PostgresAdapter) -> String {
    let row = db
        .query("SELECT current_setting('port') AS port")
        .one()
        .await;
    row.unwrap().get("port").unwrap()
}

/// The old primary comes back as a standby, first in the URL and not to be written; then it is
/// promoted in its turn.
async fn back_and_forth(db: &PostgresAdapter, old: &mut PostgresServer, new: PostgresServer) {
    old.follow(&new);
    follow_synchronously(&new).await;
    // new connections pass it over
    let tx = db.begin().await.unwrap();
    assert_eq!(served_by(db).await, new.port().to_string());
    tx.rollback().await.unwrap();
    new.stop(Stop::Immediate);
    old.promote();
    let next = AtomicI64::new(1_000_000);
    let (id, _) = first_write(db, &next).await;
    assert_eq!(
        served_by(db).await,
        old.port().to_string(),
        "{}",
        host(&new)
    );
    let found = psql(
        &old.admin_url(),
        &format!("SELECT id FROM t WHERE id = {id}"),
    );
    assert_eq!(found, Ok(id.to_string()));
}

/// Some tools take a primary out of use by a setting alone, and its connections stay.
#[tokio::test]
async fn a_primary_that_is_made_read_only_is_left() {
    let pair = Pair::start().await;
    let admin = pair.primary.admin_url();
    psql(&admin, "CREATE TABLE t (id bigint PRIMARY KEY)").unwrap();
    let parameters = "target_session_attrs=read-write";
    let url = pair.url(&pair.hosts(), "postgres", parameters);
    for in_transactions in [false, true] {
        let options = ConnectOptions::new(&url).max_connections(3);
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        let insert = async |id: i64| match in_transactions {
            true => in_a_transaction(&db, id).await,
            false => db.insert("t", row! { "id": id }).await.map(drop),
        };
        let base = i64::from(in_transactions) * 10;
        insert(base).await.unwrap();
        let (a, b) = tokio::join!(served_by(&db), served_by(&db));
        assert_eq!(
            (a.as_str(), b.as_str()),
            (&*port(&pair.primary), &*port(&pair.primary))
        );
        psql(
            &admin,
            "ALTER SYSTEM SET default_transaction_read_only = on",
        )
        .unwrap();
        psql(&admin, "SELECT pg_reload_conf()").unwrap();
        let started = Instant::now();
        // the setting reaches each session a moment later
        let mut more = (base + 1) * 1000..;
        let error = loop {
            if let Err(error) = insert(more.next().unwrap()).await {
                break error;
            }
            assert!(started.elapsed() < Duration::from_secs(30));
        };
        assert_eq!(error.kind(), ErrorKind::ReadOnly, "{error}");
        if !in_transactions {
            pair.standby.promote();
            insert(base + 2).await.unwrap();
            let (a, b) = tokio::join!(served_by(&db), served_by(&db));
            assert_eq!(
                (a.as_str(), b.as_str()),
                (&*port(&pair.standby), &*port(&pair.standby))
            );
            let there = psql(
                &pair.standby.admin_url(),
                "SELECT string_agg(id::text, ',') FROM t WHERE id < 1000",
            );
            assert_eq!(there, Ok("0,2".into()));
        } else {
            insert(base + 2).await.unwrap();
            assert_eq!(served_by(&db).await, port(&pair.standby));
        }
        // back in use for the next round
        psql(&admin, "ALTER SYSTEM RESET default_transaction_read_only").unwrap();
        psql(&admin, "ALTER SYSTEM SET synchronous_standby_names = ''").unwrap();
        psql(&admin, "SELECT pg_reload_conf()").unwrap();
        while psql(&admin, "SHOW default_transaction_read_only") != Ok("off".into()) {}
    }
}

fn port(server: &PostgresServer) -> String {
    server.port().to_string()
}
