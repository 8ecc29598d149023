//! A primary whose standby does not answer: no commit that the standby may lack is called done.

use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, ErrorKind, Pooler, PostgresAdapter, Result};
use futures_util::TryStreamExt;
use support::{PgBouncer, PostgresServer, psql};

const LIMIT: Duration = Duration::from_millis(300);

/// Commits wait from now on, without an end.
fn wait_for_nobody(server: &PostgresServer) {
    let admin = server.admin_url();
    psql(&admin, "CREATE TABLE t (id bigint PRIMARY KEY)").unwrap();
    for sql in [
        "ALTER SYSTEM SET synchronous_commit = 'on'",
        "ALTER SYSTEM SET synchronous_standby_names = 'nobody'",
        "SELECT pg_reload_conf()",
    ] {
        psql(&admin, sql).unwrap();
    }
    while psql(&admin, "SHOW synchronous_standby_names") != Ok("nobody".into()) {}
}

/// Writes that the limit ends.
async fn write(db: &PostgresAdapter, way: i64) -> Result<()> {
    let row = row! { "id": way };
    let sql = format!("INSERT INTO t VALUES ({way})");
    match way {
        0 => db.insert("t", row).timeout(LIMIT).await.map(drop),
        1 => db.insert_many("t", [row]).timeout(LIMIT).await.map(drop),
        2 => db.execute(sql).timeout(LIMIT).await.map(drop),
        3 => db.execute_script(sql).timeout(LIMIT).await,
        4 => {
            let query = db.query(format!("{sql} RETURNING id")).timeout(LIMIT);
            query.await.map(drop)
        }
        _ => {
            let query = db.query(format!("{sql} RETURNING id")).timeout(LIMIT);
            query.stream().try_collect::<Vec<_>>().await.map(drop)
        }
    }
}

#[tokio::test]
async fn a_commit_whose_wait_was_ended_is_not_called_done() {
    let server = PostgresServer::start();
    wait_for_nobody(&server);
    let options = ConnectOptions::new(server.admin_url());
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    for way in 0..6 {
        let error = write(&db, way).await.expect_err(&format!("way {way}"));
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{way}: {error}");
    }
    // what only reads has nothing to wait for
    let slow = db.query("SELECT 1 FROM pg_sleep(20)").timeout(LIMIT).await;
    assert_eq!(slow.unwrap_err().kind(), ErrorKind::Timeout);
    let settled = db.settle().await.unwrap();
    assert_eq!(
        (settled.completed, settled.rolled_back),
        (0, 0),
        "{settled:?}"
    );
    // dropped: nobody hears the answer, but it is counted
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "id": 100 }).await.unwrap();
    tokio::time::timeout(LIMIT, tx.commit()).await.unwrap_err();
    let settled = db.settle().await.unwrap();
    assert_eq!((settled.completed, settled.unknown), (0, 1), "{settled:?}");
    db.close().await.unwrap();
}

/// There a commit is not cancelled, but nobody waits for it without end.
#[tokio::test]
async fn behind_a_pooler_the_wait_for_a_standby_is_bounded() {
    let server = PostgresServer::start();
    wait_for_nobody(&server);
    let bouncer = PgBouncer::start(&server.admin_url(), 6);
    let options = ConnectOptions::new(bouncer.url("postgres"))
        .max_connections(4)
        .pooler(Pooler::Transaction);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let begun = Instant::now();
    let error = write(&db, 0).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(20));
    if support::long() {
        let settled = db.settle().await.unwrap();
        assert_eq!(settled.completed + settled.rolled_back, 0, "{settled:?}");
        assert!(begun.elapsed() < Duration::from_secs(90));
        db.close().await.unwrap();
    }
}
