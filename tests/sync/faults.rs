//! A sync that is killed, dropped, doubled, or whose source changes meanwhile: nothing or all of it, and the next one
//! completes the work.

use std::time::Duration;

use db_adapter::sync::{SyncOptions, sync};
use db_adapter::{DatabaseClientExt as _, Error};

use crate::case::{Backend, LIBRARY, Pair, ROWS, of_ann, told};

on_all_pairs! {
    two_at_once_bring_the_rows_once,
    one_that_is_dropped_leaves_nothing,
    the_source_is_one_snapshot,
    a_process_that_is_killed_leaves_nothing,
}

async fn two_at_once_bring_the_rows_once(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let options = of_ann().dry_run(false).confirm(true);
    let (one, other) = tokio::join!(
        sync(&t.source.db, &t.dest.db, &options),
        sync(&t.source.db, &t.dest.db, &options)
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    let mut inserts = [one.plan.inserts(), other.plan.inserts()];
    inserts.sort_unstable();
    assert_eq!(inserts, [0, 11]);
    assert!(one.is_proven() && other.is_proven());
    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
}

/// Dropped again and again, each time a little later.
async fn one_that_is_dropped_leaves_nothing(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let rows = async || {
        let lines = t.dest.everything().await.into_iter();
        lines
            .filter(|line| !line.starts_with('['))
            .collect::<Vec<_>>()
    };
    let before = rows().await;
    let options = of_ann().dry_run(false).confirm(true);
    let mut dropped = 0;
    for step in 0..40 {
        let limit = Duration::from_millis(step * 3);
        let done = tokio::time::timeout(limit, sync(&t.source.db, &t.dest.db, &options)).await;
        t.dest.db.settle().await.unwrap();
        t.source.db.settle().await.unwrap();
        match done {
            Err(_) => {
                dropped += 1;
                let now = rows().await;
                // the commit may have been on its way
                if now != before {
                    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
                    break;
                }
            }
            Ok(done) => {
                assert!(done.unwrap().committed);
                break;
            }
        }
    }
    assert!(dropped > 0);
    t.synced(&of_ann()).await;
    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
}

async fn the_source_is_one_snapshot(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let mut writer = t.source.database.oracle().await;
    let done = std::sync::atomic::AtomicBool::new(false);
    let all = async {
        let result = t.synced(&of_ann()).await;
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        result
    };
    // both columns of the two tables always have one value
    let writing = async {
        let mut number = 1;
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            number += 1;
            let sql = format!(
                "BEGIN; UPDATE books SET title = '{number}' WHERE user_id = 'ann'; UPDATE chapters SET n = {number}; COMMIT"
            );
            writer.try_sql(&sql).await.ok();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let (result, ()) = tokio::join!(all, writing);
    assert_eq!(result.plan.inserts(), 11);
    let torn = "SELECT count(DISTINCT x) FROM (SELECT title AS x FROM books UNION ALL SELECT CAST(n AS text) FROM chapters) AS t";
    let first = "SELECT count(*) FROM books WHERE title IN ('one', 'two', 'three')";
    if t.dest.table(first).await == "0" {
        assert_eq!(t.dest.table(torn).await, "1");
    }
}

/// The program itself, killed at once, each time a little later.
async fn a_process_that_is_killed_leaves_nothing(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let folder = tempfile::tempdir().unwrap();
    let profile = |name: &str, url: &str| format!("[profiles.{name}]\nurl = \"{url}\"\n");
    let config =
        profile("source", t.source.database.url()) + &profile("dest", t.dest.database.url());
    std::fs::write(folder.path().join("db.toml"), config).unwrap();
    let schema = serde_json::to_string(&crate::case::library()).unwrap();
    std::fs::write(folder.path().join("tables.json"), schema).unwrap();
    let command = || {
        let mut command = tokio::process::Command::new(support::program());
        let line = "sync --from source --to dest --user-id ann --backup-schema tables.json --confirm --no-dotenv";
        command
            .args(line.split(' '))
            .current_dir(folder.path())
            .kill_on_drop(true);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        command
    };
    let whole = told(&t.source, "ann").await;
    let mut killed = 0;
    for step in 0..30 {
        let mut child = command().spawn().unwrap();
        let limit = Duration::from_millis(20 + step * 12);
        if let Ok(status) = tokio::time::timeout(limit, child.wait()).await {
            assert!(status.unwrap().success());
            break;
        }
        child.kill().await.unwrap();
        killed += 1;
        let mut there = told(&t.dest, "ann").await;
        if t.dest.is_postgres() && there.is_empty() {
            // its session may be on its way to a commit that was sent
            let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()";
            t.dest.database.oracle().await.until(sessions, "0").await;
            there = told(&t.dest, "ann").await;
        }
        assert!(there.is_empty() || there == whole, "{there:?}");
        if !there.is_empty() {
            break;
        }
    }
    assert!(killed > 0);
    t.synced(&of_ann()).await;
    assert_eq!(told(&t.dest, "ann").await, whole);
}

/// Killed while it writes the last table, which somebody holds.
async fn killed(source: Backend) {
    let t = Pair::new(source, Backend::Postgres).await;
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let rows = async || {
        let lines = t.dest.everything().await.into_iter();
        lines
            .filter(|line| !line.starts_with('['))
            .collect::<Vec<_>>()
    };
    let before = rows().await;
    let mut holder = t.dest.database.oracle().await;
    let mut watcher = t.dest.database.oracle().await;
    holder.sql("BEGIN; LOCK TABLE chapters IN SHARE MODE").await;
    let options = of_ann().dry_run(false).confirm(true);
    let waits = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'";
    let killer = async {
        watcher
            .until(&format!("SELECT count(*) {waits}"), "1")
            .await;
        watcher
            .sql(&format!("SELECT pg_terminate_backend(pid) {waits}"))
            .await;
    };
    let (done, ()) = tokio::join!(sync(&t.source.db, &t.dest.db, &options), killer);
    let error = done.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Connection { .. } | Error::OutcomeUnknown { .. }
        ),
        "{error}"
    );
    holder.sql("ROLLBACK").await;
    assert_eq!(rows().await, before);
    t.synced(&of_ann()).await;
    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_from_postgres() {
    killed(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_from_sqlite() {
    killed(Backend::Sqlite).await;
}

/// The source goes away while its rows are read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_is_lost() {
    let t = Pair::new(Backend::Postgres, Backend::Sqlite).await;
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let mut holder = t.source.database.oracle().await;
    let mut watcher = t.source.database.oracle().await;
    holder
        .sql("BEGIN; LOCK TABLE chapters IN ACCESS EXCLUSIVE MODE")
        .await;
    let before = t.dest.everything().await;
    let options = of_ann().dry_run(false).confirm(true);
    let waits = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'";
    let killer = async {
        watcher
            .until(&format!("SELECT count(*) {waits}"), "1")
            .await;
        watcher
            .sql(&format!("SELECT pg_terminate_backend(pid) {waits}"))
            .await;
    };
    let (done, ()) = tokio::join!(sync(&t.source.db, &t.dest.db, &options), killer);
    assert!(done.is_err());
    assert_eq!(t.dest.everything().await, before);
    holder.sql("ROLLBACK").await;
    t.synced(&of_ann()).await;
}

/// A trigger with other wishes is told by the proof.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trigger_that_changes_what_is_written() {
    let t = Pair::new(Backend::Sqlite, Backend::Postgres).await;
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    t.dest
        .sql(
            "CREATE FUNCTION shouts() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN new.title := upper(new.title); RETURN new; END$$;
             CREATE TRIGGER shouts BEFORE INSERT OR UPDATE ON books FOR EACH ROW EXECUTE FUNCTION shouts()",
        )
        .await;
    let options = of_ann().dry_run(false).confirm(true);
    let done = sync(&t.source.db, &t.dest.db, &options).await.unwrap();
    assert!(done.committed && !done.is_proven());
    let left = done.proof.unwrap();
    assert_eq!(
        (left.tables[1].changed, left.tables[1].columns.get("title")),
        (3, Some(&3))
    );
    assert!(!done.plan.warnings.is_empty());
}

/// A trigger that waits for the commit would change rows behind the proof.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trigger_that_waits_for_the_commit() {
    for body in [
        "DELETE FROM books WHERE id = NEW.id",
        "UPDATE books SET user_id = 'bob' WHERE id = NEW.id AND user_id = 'ann'",
        "RAISE EXCEPTION 'no'",
        "SET CONSTRAINTS ALL DEFERRED",
    ] {
        let t = Pair::new(Backend::Postgres, Backend::Postgres).await;
        t.both(LIBRARY).await;
        t.source.sql(ROWS).await;
        t.dest
            .sql(&format!(
                "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$; \
                 CREATE CONSTRAINT TRIGGER late AFTER INSERT ON books DEFERRABLE INITIALLY DEFERRED \
                 FOR EACH ROW EXECUTE FUNCTION f()"
            ))
            .await;
        let options = of_ann().dry_run(false).confirm(true);
        let done = sync(&t.source.db, &t.dest.db, &options).await;
        if body.starts_with("SET") {
            assert!(done.unwrap().committed);
            assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
            continue;
        }
        assert!(!done.is_ok_and(|done| done.committed), "{body}");
        let rows = "SELECT (SELECT count(*) FROM authors) + (SELECT count(*) FROM books)";
        assert_eq!(t.dest.table(rows).await, "0", "{body}");
        // in a transaction of the caller the trigger waits again afterwards
        let tx = t.dest.db.begin().await.unwrap();
        assert!(
            !sync(&t.source.db, &tx, &options)
                .await
                .is_ok_and(|done| done.committed)
        );
        tx.query("INSERT INTO authors (slug, user_id) VALUES ('late', 'eve')")
            .await
            .unwrap();
        tx.query(
            "INSERT INTO books (slug, user_id, author_id) SELECT 'late', 'eve', id FROM authors",
        )
        .await
        .unwrap();
        let count = tx
            .query("SELECT count(*) AS n FROM books")
            .one()
            .await
            .unwrap();
        assert_eq!(count.get::<i64>("n").unwrap(), 1, "{body}");
        tx.rollback().await.unwrap();
    }
}

/// SQLite ends the transaction for a row that its table or a trigger refuses in this way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_takes_the_transaction_with_it() {
    for (column, trigger) in [
        (
            "n {int8} CHECK (n > 0), name text UNIQUE ON CONFLICT ROLLBACK",
            "",
        ),
        (
            "n {int8}, name text",
            "CREATE TRIGGER no BEFORE INSERT ON notes BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
        ),
    ] {
        let t = Pair::new(Backend::Postgres, Backend::Sqlite).await;
        let notes = |columns: &str| {
            format!(
                "CREATE TABLE notes (id {{id}}, user_id text, slug text NOT NULL UNIQUE, {columns});"
            )
        };
        t.source.sql(&notes("n {int8}, name text")).await;
        t.dest.sql(&notes(column)).await;
        t.source
            .sql("INSERT INTO notes (user_id, slug, n, name) VALUES ('ann', 'a', 1, 'same'), ('ann', 'b', 2, 'same')")
            .await;
        if !trigger.is_empty() {
            t.dest.sql(trigger).await;
        }
        let before = t.dest.everything().await;
        let options = SyncOptions::new(["notes"])
            .user_id("ann")
            .dry_run(false)
            .confirm(true);
        let error = sync(&t.source.db, &t.dest.db, &options).await.unwrap_err();
        assert!(matches!(error, Error::SyncRefused { .. }), "{error:?}");
        let told = error.to_string();
        assert!(
            told.contains("a row of `notes` was refused, and the database undid"),
            "{told}"
        );
        assert_eq!(t.dest.everything().await, before);
    }
}
