//! Somebody else listens in a session of the pooler that is ours for a transaction: what the server tells
//! him comes between our answers, and must not be taken for one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Pooler, PostgresAdapter};
use support::{PgBouncer, TestDatabase, psql};

async fn behind_one_session() -> (TestDatabase, PgBouncer, String, PostgresAdapter) {
    let database = TestDatabase::postgres().await;
    database.sql("CREATE TABLE t (id bigint PRIMARY KEY)").await;
    let bouncer = PgBouncer::start(database.url(), 1);
    let url = bouncer.url(database.name());
    let options = ConnectOptions::new(&url)
        .max_connections(1)
        .pooler(Pooler::Transaction);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    (database, bouncer, url, db)
}

#[tokio::test]
async fn a_notification_for_somebody_else_is_no_lost_commit() {
    let (database, _bouncer, url, db) = behind_one_session().await;
    for (id, commits) in [(1, true), (2, false), (3, true)] {
        psql(&url, "LISTEN news").unwrap();
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "id": id }).await.unwrap();
        database.sql("NOTIFY news").await;
        match commits {
            true => tx.commit().await.unwrap(),
            false => tx.rollback().await.unwrap(),
        }
        let sql = format!("SELECT count(*) FROM t WHERE id = {id}");
        let there = database.scalar_text(&sql).await;
        assert_eq!(there, Some(u8::from(commits).to_string()));
    }
    // where it is read only as well
    psql(&url, "LISTEN news").unwrap();
    let tx = db.begin().read_only().await.unwrap();
    assert_eq!(tx.count("t", Filter::all()).await.unwrap(), 2);
    database.sql("NOTIFY news").await;
    tx.commit().await.unwrap();
}

/// One that comes when the session is given to us, before the transaction has begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notification_for_somebody_else_hinders_no_operation() {
    let (database, _bouncer, url, db) = behind_one_session().await;
    let ended = Arc::new(AtomicBool::new(false));
    let (direct, end) = (database.url().to_owned(), Arc::clone(&ended));
    let notifies = std::thread::spawn(move || {
        while !end.load(Ordering::Relaxed) {
            let many = "DO $$ BEGIN FOR i IN 1..300 LOOP PERFORM pg_notify('news', i::text); COMMIT; END LOOP; END $$";
            psql(&direct, many).unwrap();
        }
    });
    let rounds = if support::long() { 300 } else { 40 };
    let mut failed = Vec::new();
    for id in 0..rounds {
        psql(&url, "LISTEN news").unwrap();
        if let Err(error) = db.insert("t", row! { "id": id }).await {
            failed.push(error);
        }
        psql(&url, "LISTEN news").unwrap();
        let dropped = db.begin().await;
        failed.extend(dropped.err());
    }
    ended.store(true, Ordering::Relaxed);
    notifies.join().unwrap();
    assert!(
        failed.is_empty(),
        "{} of {}: {:?}",
        failed.len(),
        2 * rounds,
        failed.first()
    );
    let there = database.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(there, Some(rounds.to_string()));
}
