//! The server goes away in the middle: an error that says so, nothing half done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use db_adapter::ErrorKind;
use db_adapter::backup::{BackupOptions, RestoreOptions, backup_database, restore_database};
use support::{PostgresServer, Stop, TestDatabase};

use super::{PAIR, fill, filled, held, pair};
use crate::side::{Backend, Side};
use crate::steps::{Kept, back_up, restore};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_in_the_middle_leaves_nothing_half_done() {
    let kept = back_up(&filled(Backend::Postgres, 5000).await, &pair(), "ann").await;
    let server = Arc::new(PostgresServer::start());
    let database = TestDatabase::postgres_on(&server).await;
    // the cluster commits without waiting for its log, which the stop below would lose
    let tables = PAIR.replace("{id}", "bigserial PRIMARY KEY");
    database
        .sql(&format!("SET synchronous_commit = on; {tables}"))
        .await;
    let side = Side::of(Backend::Postgres, database).await;
    for how in [Stop::Immediate, Stop::Fast] {
        // the first word of progress ends the server
        let stopped = Arc::new(AtomicBool::new(false));
        let (once, ends) = (Arc::clone(&stopped), Arc::clone(&server));
        let options = RestoreOptions::default().on_progress(move |progress| {
            if progress.rows > 0 && !once.swap(true, Ordering::SeqCst) {
                ends.stop(how);
            }
        });
        let result = restore_database(side.db.as_ref(), &pair(), &kept.path, "ann", options).await;
        assert!(stopped.load(Ordering::SeqCst));
        let error = result.expect_err("the server was away");
        assert!(
            matches!(
                error.kind(),
                ErrorKind::Connection | ErrorKind::OutcomeUnknown
            ),
            "{error:?}"
        );
        server.start_again();
        let mut oracle = side.database.oracle().await;
        let rows = oracle.scalar_text("SELECT count(*) FROM lefts").await;
        assert_eq!(rows.as_deref(), Some("0"), "after {how:?}");
    }
    let summary = restore(&side, &pair(), &kept, "ann", RestoreOptions::default()).await;
    assert!(summary.committed);
    // what was beside it went with the server
    let mut side = side;
    side.oracle = side.database.oracle().await;
    assert_eq!(held(&mut side).await, "5000,5000");

    let old = Kept::written("the old one");
    let stopped = AtomicBool::new(false);
    let ends = Arc::clone(&server);
    let options = BackupOptions::new()
        .output(&old.path)
        .on_progress(move |progress| {
            if progress.rows > 0 && !stopped.swap(true, Ordering::SeqCst) {
                ends.stop(Stop::Immediate);
            }
        });
    fill_more(&mut side).await;
    let result = backup_database(side.db.as_ref(), &pair(), "ann", options).await;
    let error = result.expect_err("the server was away");
    assert_eq!(error.kind(), ErrorKind::Connection, "{error:?}");
    assert_eq!(old.text(), "the old one");
    assert_eq!(old.names(), ["backup.json"]);
    server.start_again();
}

/// More rows than what is on its way to a client at any time.
async fn fill_more(side: &mut Side) {
    side.sql("DELETE FROM rights; DELETE FROM lefts").await;
    fill(side, 60_000).await;
}
