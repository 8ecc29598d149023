//! Runs that stop: by an error, by whoever listens, dropped, by the end of the process, by the end of the session. What
//! is there afterwards is what was there, or all that was wanted; and a run of a new plan does the rest.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use db_adapter::fix::{ApplyOptions, FixEvent, apply_fixes};
use db_adapter::{DatabaseClient, DatabaseClientExt, DatabaseSchema, Error, ErrorKind, ExactJson};
use db_adapter_core::fix::{FixMode, FixOptions, FixPlan};
use support::TestDatabase;

use crate::run::{client, expected, is_sqlite, plan, run, try_run_with, wanted as confirmed};

/// What both kinds of database understand.
const BEFORE: &str = "
    CREATE TABLE p (id int PRIMARY KEY);
    CREATE TABLE t (a int, b varchar(9), old int);
    INSERT INTO p VALUES (1), (2);
    INSERT INTO t VALUES (1, 'x', 7), (2, 'y', 8), (2, 'z', NULL);";
const AFTER: &str = "
    CREATE TABLE p (id int PRIMARY KEY, more int DEFAULT 3);
    CREATE TABLE t (a int NOT NULL REFERENCES p (id), b varchar(9), c int);
    CREATE TABLE n (id int PRIMARY KEY, t int REFERENCES p (id));
    CREATE INDEX t_b ON t (b);";
const ROWS: &str = "SELECT a, b FROM t ORDER BY b";

pub(crate) fn options(mode: FixMode) -> FixOptions {
    FixOptions::new()
        .mode(mode)
        .allow("column:t.old".parse().unwrap())
        .allow("add:t.c".parse().unwrap())
}

/// What says all that there is.
async fn schema_of(database: &TestDatabase) -> Vec<Vec<Option<String>>> {
    let sql = match is_sqlite(database) {
        true => "SELECT type, name, sql FROM sqlite_schema ORDER BY name",
        false => {
            "SELECT attrelid::regclass::text, attname::text, attnotnull::text, atthasdef::text FROM pg_attribute \
             WHERE attrelid::regclass::text !~ '^(pg_|information)' AND attnum > 0 UNION ALL \
             SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), '' FROM pg_constraint \
             WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2, 3"
        }
    };
    let mut all = database.rows_text(sql).await;
    all.extend(database.rows_text("SELECT a, b FROM t ORDER BY b").await);
    all
}

async fn both() -> [TestDatabase; 2] {
    let databases = [TestDatabase::sqlite(), TestDatabase::postgres().await];
    for database in &databases {
        database.sql(BEFORE).await;
    }
    databases
}

async fn planned(database: &TestDatabase) -> (DatabaseSchema, FixPlan) {
    let wanted = expected(database, AFTER).await;
    let plan = plan(database, &wanted, options(FixMode::Atomic)).await;
    assert!(plan.not_fixed.is_empty(), "{:#?}", plan.not_fixed);
    (wanted, plan)
}

/// A new plan does all that is left, and every row is there.
async fn converges(database: &TestDatabase, wanted: &DatabaseSchema, mode: FixMode) {
    let rest = plan(database, wanted, options(mode)).await;
    run(database, &rest).await;
    let again = plan(database, wanted, options(mode)).await;
    assert!(
        again.is_empty() && again.not_fixed.is_empty(),
        "{}",
        again.sql()
    );
    let rows = database.rows_text(ROWS).await;
    let rows: Vec<String> = rows.into_iter().flatten().map(Option::unwrap).collect();
    assert_eq!(rows.join(" "), "1 x 2 y 2 z");
    left_clean(database).await;
}

/// No lock, no transaction, no helper of ours.
async fn left_clean(database: &TestDatabase) {
    let mut oracle = database.oracle().await;
    match is_sqlite(database) {
        true => {
            let sql = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'db_adapter%'";
            assert_eq!(oracle.scalar_text(sql).await.as_deref(), Some("0"));
        }
        false => {
            let sql = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
                WHERE a.datname = current_database() AND pid <> pg_backend_pid()";
            oracle.until(sql, "0").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_that_nobody_has_confirmed() {
    for database in both().await {
        let (_, plan) = planned(&database).await;
        let before = schema_of(&database).await;
        let losing = ApplyOptions::new().dry_run(false).confirm(true);
        for (options, kind) in [
            (ApplyOptions::new(), None),
            (ApplyOptions::new().confirm(true), None),
            (
                ApplyOptions::new().dry_run(false),
                Some(ErrorKind::FixRefused),
            ),
            // a column is dropped, and nobody keeps it
            (losing, Some(ErrorKind::FixRefused)),
        ] {
            let ended = try_run_with(&database, &plan, options).await;
            assert_eq!(ended.err().map(|error| error.kind()), kind);
            assert_eq!(schema_of(&database).await, before);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_is_for_one_schema_and_for_no_other() {
    for database in both().await {
        let (wanted, plan) = planned(&database).await;
        database.sql("CREATE TABLE other (x int)").await;
        let before = schema_of(&database).await;
        let error = try_run_with(&database, &plan, confirmed())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FixRefused, "{error}");
        let error = try_run_with(&database, &plan, ApplyOptions::new())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FixRefused, "{error}");
        assert_eq!(schema_of(&database).await, before);
        database.sql("DROP TABLE other").await;
        converges(&database, &wanted, FixMode::Atomic).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_lost_is_backed_up_in_the_same_transaction() {
    for database in both().await {
        let (_, plan) = planned(&database).await;
        let before = schema_of(&database).await;
        let fails = ApplyOptions::new()
            .dry_run(false)
            .confirm(true)
            .backup(|_, _| async { Err(Error::Closed) });
        let error = try_run_with(&database, &plan, fails).await.unwrap_err();
        assert!(error.message().contains("the backup failed"), "{error}");
        assert_eq!(schema_of(&database).await, before);
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&seen);
        let keeps = ApplyOptions::new()
            .dry_run(false)
            .confirm(true)
            .backup(move |tx, tables| {
                let kept = Arc::clone(&kept);
                async move {
                    for table in tables {
                        for row in tx.select(table.to_string(), "old").order_by("old").await? {
                            kept.lock()
                                .unwrap()
                                .push(format!("{table} {}", row["old"].to_json()));
                        }
                    }
                    Ok(())
                }
            });
        try_run_with(&database, &plan, keeps).await.unwrap();
        assert_eq!(*seen.lock().unwrap(), ["t 7", "t 8", "t null"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verification_that_says_no_undoes_all() {
    for database in both().await {
        let (wanted, plan) = planned(&database).await;
        let before = schema_of(&database).await;
        let refuses =
            confirmed().verify(async |tx| Ok(tx.count("t", db_adapter::row! {}).await? == 4));
        let error = try_run_with(&database, &plan, refuses).await.unwrap_err();
        assert!(error.message().contains("nothing was changed"), "{error}");
        assert_eq!(schema_of(&database).await, before);
        let takes =
            confirmed().verify(async |tx| Ok(tx.select("p", "more").await?[0]["more"] == 3));
        try_run_with(&database, &plan, takes).await.unwrap();
        converges(&database, &wanted, FixMode::Atomic).await;
    }
}

/// Whether the client enforces foreign keys.
async fn enforces(client: &dyn DatabaseClient) -> bool {
    let insert = "INSERT INTO n (id, t) VALUES (1, 99)";
    client
        .execute("CREATE TABLE IF NOT EXISTS n (id int PRIMARY KEY, t int REFERENCES p (id))")
        .await
        .unwrap();
    let refused = client.execute(insert).await;
    let _ = client.execute("DROP TABLE n").await;
    refused.is_err_and(|error| error.kind() == ErrorKind::ForeignKeyViolation)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_and_dropped_at_every_event_it_changes_nothing() {
    for database in both().await {
        let (wanted, plan) = planned(&database).await;
        let before = schema_of(&database).await;
        let client = client(&database).await;
        for dropped in [false, true] {
            for stop in 0.. {
                let seen = Arc::new(AtomicUsize::new(0));
                let (counted, notify) = (Arc::clone(&seen), Arc::new(tokio::sync::Notify::new()));
                let told = Arc::clone(&notify);
                let options = confirmed().on_event(move |event| {
                    if matches!(event, FixEvent::Applied { .. }) {
                        return Ok(());
                    }
                    match counted.fetch_add(1, Ordering::SeqCst) == stop {
                        true if dropped => told.notify_one(),
                        true => return Err(Error::Closed),
                        false => {}
                    }
                    Ok(())
                });
                let ended = tokio::select! {
                    biased;
                    () = notify.notified() => Err(Error::Closed),
                    ended = apply_fixes(&client, &plan, options) => ended,
                };
                if ended.is_ok() {
                    assert!(stop > 4, "{stop}");
                    break;
                }
                client.settle().await.unwrap();
                if schema_of(&database).await != before {
                    // dropped when the commit was sent already
                    assert!(dropped && stop > 4, "{stop}");
                    break;
                }
                assert!(enforces(&client).await, "foreign keys are off after {stop}");
            }
            if schema_of(&database).await != before {
                break;
            }
        }
        client.close().await.unwrap();
        converges(&database, &wanted, FixMode::Atomic).await;
    }
}

/// The process that ends at an event, for the test below: told by variables, and nothing without them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is the process that the next test ends"]
async fn a_process_that_ends() {
    let Ok(told) = std::env::var("DB_ADAPTER_TESTS_FIX_ENDS") else {
        return;
    };
    let (stop, rest) = told.split_once(' ').unwrap();
    let (mode, url) = rest.split_once(' ').unwrap();
    let stop: usize = stop.parse().unwrap();
    let db = db_adapter::connect(url).await.unwrap();
    let mode = if mode == "online" {
        FixMode::Online
    } else {
        FixMode::Atomic
    };
    let file = std::env::var("DB_ADAPTER_TESTS_FIX_WANTED").unwrap();
    let wanted: DatabaseSchema =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let plan = db_adapter::fix::plan_fixes(&db, &wanted, options(mode))
        .await
        .unwrap();
    let seen = AtomicUsize::new(0);
    let ends = confirmed().on_event(move |_| {
        if seen.fetch_add(1, Ordering::SeqCst) == stop {
            // nothing is unwound, and no connection is closed by us
            std::process::abort();
        }
        Ok(())
    });
    apply_fixes(&db, &plan, ends).await.unwrap();
}

/// Ends a process at each event, or at every so manieth, until one comes to its end.
async fn ended_at_every_event(database: TestDatabase, mode: FixMode, every: usize) {
    database.sql(BEFORE).await;
    let wanted = expected(&database, AFTER).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wanted.json");
    std::fs::write(&file, serde_json::to_string(&wanted).unwrap()).unwrap();
    let name = if mode == FixMode::Online {
        "online"
    } else {
        "atomic"
    };
    for stop in (0..).step_by(every) {
        let copy = match is_sqlite(&database) {
            true => {
                let copy = TestDatabase::sqlite();
                copy.sql(BEFORE).await;
                copy
            }
            false => database.copy().await,
        };
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([
            "--exact",
            "stopped::a_process_that_ends",
            "--ignored",
            "--nocapture",
        ]);
        child.env(
            "DB_ADAPTER_TESTS_FIX_ENDS",
            format!("{stop} {name} {}", copy.url()),
        );
        child.env("DB_ADAPTER_TESTS_FIX_WANTED", &file);
        let output = child.output().unwrap();
        let done = output.status.success();
        if !done {
            assert_eq!(output.status.code(), None, "{output:?}");
        }
        converges(&copy, &wanted, mode).await;
        if done {
            assert!(stop > 4, "{stop}");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_ends_on_sqlite_changes_nothing() {
    ended_at_every_event(TestDatabase::sqlite(), FixMode::Atomic, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_ends_on_postgres_changes_nothing() {
    ended_at_every_event(TestDatabase::postgres().await, FixMode::Atomic, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_ends_online_is_gone_on_from() {
    ended_at_every_event(TestDatabase::postgres().await, FixMode::Online, 11).await;
}
