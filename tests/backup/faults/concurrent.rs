//! Others at the same time: a backup is one snapshot, and of two restores one waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use db_adapter::backup::{
    BackupOptions, RestoreOptions, backup_database, restore_database, validate_backup,
};
use db_adapter::{TableDef, Value};
use support::Oracle;

use super::{PAIR, filled, held, pair};
use crate::side::{Backend, Side};
use crate::steps::{back_up, restore, schema};

cases! {
    a_thousand_transactions_tear_no_backup,
    two_restores_of_the_same_user_at_once,
    two_spellings_of_a_user_and_a_table_at_once,
    a_user_and_whole_tables_at_once,
    restores_of_different_users_at_once,
    an_application_goes_on_during_a_restore,
}

/// Each transaction raises a number on both sides, adds a pair or takes one away; until it is told to
/// stop, and `least` of them. Gives how many there were.
async fn writes(
    mut oracle: Oracle,
    backend: Backend,
    least: usize,
    stop: Arc<AtomicBool>,
) -> usize {
    oracle
        .sql(backend.either("SELECT 1", "PRAGMA busy_timeout = 20000"))
        .await;
    let begin = backend.either("BEGIN", "BEGIN IMMEDIATE");
    let mut i = 0;
    while i < least || !stop.load(Ordering::Relaxed) {
        let work = match i % 3 {
            0 => "UPDATE rights SET n = n + 1; UPDATE lefts SET n = n + 1".to_owned(),
            1 => format!(
                "INSERT INTO lefts (user_id, slug, n) SELECT 'ann', 'new{i}', max(n) FROM lefts;
                 INSERT INTO rights (left_id, slug, n) SELECT id, slug, n FROM lefts WHERE slug = 'new{i}'"
            ),
            _ => "DELETE FROM rights WHERE id = (SELECT min(id) FROM rights);
                  DELETE FROM lefts WHERE id NOT IN (SELECT left_id FROM rights)"
                .to_owned(),
        };
        oracle.sql(&format!("{begin}; {work}; COMMIT")).await;
        i += 1;
    }
    i
}

async fn a_thousand_transactions_tear_no_backup(backend: Backend) {
    let side = filled(backend, 60).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writing = writes(
        side.database.oracle().await,
        backend,
        1000,
        Arc::clone(&stop),
    );
    let writer = tokio::spawn(writing);
    let mut backups = 0;
    while !writer.is_finished() {
        let kept = back_up(&side, &pair(), "ann").await;
        assert!(validate_backup(&kept.path, &pair()).unwrap().valid);
        let file: serde_json::Value = serde_json::from_str(&kept.text()).unwrap();
        let of = |table: &str, id: &str| {
            let rows = file[table].as_array().unwrap().iter();
            let mut pairs: Vec<(i64, i64)> = rows
                .map(|row| (row[id].as_i64().unwrap(), row["n"].as_i64().unwrap()))
                .collect();
            pairs.sort_unstable();
            pairs
        };
        assert_eq!(
            of("lefts", "id"),
            of("rights", "left_id"),
            "backup {backups}"
        );
        backups += 1;
        // a busy machine makes fewer of them in the time of a thousand transactions
        stop.store(backups > 3, Ordering::Relaxed);
    }
    let count = writer.await.unwrap();
    eprintln!("{backups} backups during {count} transactions");
    assert!(backups > 3);
}

async fn two_restores_of_the_same_user_at_once(backend: Backend) {
    let kept = back_up(&filled(backend, 2000).await, &pair(), "ann").await;
    let mut side = Side::with(backend, PAIR).await;
    let (a, b) = {
        let schema = pair();
        let one = || {
            let options = RestoreOptions::default();
            restore_database(side.db.as_ref(), &schema, &kept.path, "ann", options)
        };
        tokio::join!(one(), one())
    };
    let (a, b) = (a.unwrap(), b.unwrap());
    let mut outcome = [&a, &b].map(|s| (s.tables[0].inserted, s.tables[0].skipped));
    outcome.sort_unstable();
    assert_eq!(outcome, [(0, 2000), (2000, 0)], "{a:#?} {b:#?}");
    assert!(a.committed && b.committed);
    assert_eq!(held(&mut side).await, "2000,2000");
}

/// One uuid in two spellings, one table under two names.
async fn two_spellings_of_a_user_and_a_table_at_once(backend: Backend) {
    const ANN: &str = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    let tables = "CREATE TABLE lefts (id {id}, user_id uuid, slug text)";
    let with_rows = async || {
        let mut side = Side::with(backend, tables).await;
        side.sql(&format!(
            "INSERT INTO lefts (user_id, slug) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 2000)
             SELECT '{ANN}', 's' || i FROM s"
        ))
        .await;
        side
    };
    let plain = schema([TableDef::new("lefts")]);
    let full = schema([TableDef::new(backend.either("public.lefts", "main.lefts"))]);
    let files = [
        back_up(&with_rows().await, &plain, ANN).await,
        back_up(&with_rows().await, &full, ANN).await,
    ];
    let mut side = Side::with(backend, tables).await;
    let db = side.db.as_ref();
    let upper = ANN.to_uppercase();
    let (a, b) = tokio::join!(
        restore_database(db, &plain, &files[0].path, ANN, RestoreOptions::default()),
        restore_database(db, &full, &files[1].path, upper, RestoreOptions::default()),
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    let mut outcome = [&a, &b].map(|s| (s.tables[0].inserted, s.tables[0].skipped));
    outcome.sort_unstable();
    assert_eq!(outcome, [(0, 2000), (2000, 0)], "{a:#?} {b:#?}");
    let sql = "SELECT count(*), count(DISTINCT slug) FROM lefts";
    assert_eq!(side.table(sql).await, "2000,2000");
}

async fn a_user_and_whole_tables_at_once(backend: Backend) {
    let from = filled(backend, 2000).await;
    let of_user = back_up(&from, &pair(), "ann").await;
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.json");
    let options = BackupOptions::new().output(&whole).all_rows();
    let written = backup_database(from.db.as_ref(), &pair(), Value::Null, options).await;
    written.unwrap();
    let mut side = Side::with(backend, PAIR).await;
    let (db, schema) = (side.db.as_ref(), pair());
    let all = RestoreOptions::default().all_rows();
    let (a, b) = tokio::join!(
        restore_database(db, &schema, &of_user.path, "ann", RestoreOptions::default()),
        restore_database(db, &schema, &whole, Value::Null, all),
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    let mut outcome = [&a, &b].map(|s| (s.tables[0].inserted, s.tables[0].skipped));
    outcome.sort_unstable();
    assert_eq!(outcome, [(0, 2000), (2000, 0)], "{a:#?} {b:#?}");
    assert_eq!(held(&mut side).await, "2000,2000");
}

async fn restores_of_different_users_at_once(backend: Backend) {
    let kept = back_up(&filled(backend, 500).await, &pair(), "ann").await;
    let mut side = Side::with(backend, PAIR).await;
    let schema = pair();
    let one = |user: &'static str| {
        let options = RestoreOptions::default();
        restore_database(side.db.as_ref(), &schema, &kept.path, user, options)
    };
    let (a, b, c) = tokio::join!(one("a"), one("b"), one("c"));
    for summary in [a.unwrap(), b.unwrap(), c.unwrap()] {
        assert_eq!(summary.tables[1].inserted, 500, "{summary:#?}");
    }
    assert_eq!(held(&mut side).await, "1500,1500");
}

/// The application takes keys from the same sequences meanwhile.
async fn an_application_goes_on_during_a_restore(backend: Backend) {
    let kept = back_up(&filled(backend, 2000).await, &pair(), "ann").await;
    let mut side = Side::with(backend, PAIR).await;
    let mut oracle = side.database.oracle().await;
    let application = tokio::spawn(async move {
        oracle
            .sql(backend.either("SELECT 1", "PRAGMA busy_timeout = 20000"))
            .await;
        for i in 0..200 {
            let sql = format!(
                "INSERT INTO lefts (user_id, slug, n) VALUES ('bob', 's{i}', 1);
                 INSERT INTO rights (left_id, slug, n) SELECT max(id), 's{i}', 1 FROM lefts WHERE user_id = 'bob'"
            );
            oracle.sql(&sql).await;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    let summary = restore(&side, &pair(), &kept, "ann", RestoreOptions::default()).await;
    assert!(summary.committed);
    application.await.unwrap();
    assert_eq!(held(&mut side).await, "2200,2200");
}

/// Texts of one user that only the server calls equal: by a type, a domain, a collation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spellings_that_only_the_server_knows_at_once() {
    const KINDS: [(&str, &str, [&str; 2]); 5] = [
        ("", "inet", ["10.0.0.1", "10.0.0.1/32"]),
        ("", "cidr", ["10.0.0.0/24", "10.0.0/24"]),
        ("", "interval", ["1 mon", "30 days"]),
        ("CREATE DOMAIN host AS inet;", "host", ["::1", "0:0::1"]),
        (
            "CREATE COLLATION plain (provider = icu, locale = 'und-u-ks-level1', deterministic = false);",
            "text COLLATE plain",
            ["José", "jose"],
        ),
    ];
    let schema = schema([TableDef::new("notes")]);
    for (before, kind, users) in KINDS {
        let tables = format!("{before} CREATE TABLE notes (id {{id}}, user_id {kind}, slug text)");
        let mut from = Side::with(Backend::Postgres, &tables).await;
        from.sql(&format!(
            "INSERT INTO notes (user_id, slug) SELECT '{}', 's' || i FROM generate_series(1, 2000) AS i",
            users[0]
        ))
        .await;
        let kept = back_up(&from, &schema, users[0]).await;
        let mut side = Side::with(Backend::Postgres, &tables).await;
        let (db, options) = (side.db.as_ref(), RestoreOptions::default);
        let (a, b) = tokio::join!(
            restore_database(db, &schema, &kept.path, users[0], options()),
            restore_database(db, &schema, &kept.path, users[1], options()),
        );
        assert!(a.unwrap().committed && b.unwrap().committed, "{kind}");
        let sql = "SELECT count(*), count(DISTINCT slug) FROM notes";
        assert_eq!(side.table(sql).await, "2000,2000", "{kind}");
    }
}

/// Another session rewrites or replaces a table behind the snapshot, before it is read: the server would read
/// it as empty.
#[tokio::test]
async fn a_table_that_is_rewritten_behind_the_snapshot_is_not_missing_in_the_file() {
    for change in [
        "ALTER TABLE rights SET UNLOGGED",
        "CREATE TABLE copied (LIKE rights INCLUDING ALL); INSERT INTO copied SELECT * FROM rights; DROP TABLE rights;
         ALTER TABLE copied RENAME TO rights; ALTER TABLE rights ADD FOREIGN KEY (left_id) REFERENCES lefts NOT VALID",
    ] {
        let side = filled(Backend::Postgres, 500).await;
        let mut holder = side.database.oracle().await;
        let mut watcher = side.database.oracle().await;
        // the first table that is read makes the backup wait, with its snapshot
        holder.sql("BEGIN; LOCK TABLE lefts IN ACCESS EXCLUSIVE MODE").await;
        let waits = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
            WHERE d.datname = current_database() AND NOT l.granted AND l.locktype = 'relation'";
        let pair = pair();
        let (kept, ()) = tokio::join!(back_up(&side, &pair, "ann"), async {
            watcher.until(waits, "1").await;
            holder.sql(change).await;
            holder.sql("COMMIT").await;
        });
        let report = validate_backup(&kept.path, &pair).unwrap();
        assert!(report.valid, "{change}: {report:?}");
        let into = Side::with(Backend::Postgres, PAIR).await;
        restore(&into, &pair, &kept, "ann", RestoreOptions::default()).await;
        let mut into = into;
        assert_eq!(held(&mut into).await, "500,500", "{change}");
    }
}
