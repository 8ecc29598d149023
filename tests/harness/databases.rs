//! A test's database is its own, speaks plain SQL, and is gone afterwards.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use support::{Oracle, TestDatabase, cluster_admin_url};

async fn exists(name: &str) -> bool {
    let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    Oracle::postgres(cluster_admin_url())
        .await
        .scalar_text(&count)
        .await
        .as_deref()
        == Some("1")
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_databases_made_at_once_are_isolated() {
    let made = (0..20).map(|number| {
        tokio::spawn(async move {
            let database = TestDatabase::postgres().await;
            database
                .sql(&format!(
                    "CREATE TABLE sole (n int); INSERT INTO sole VALUES ({number})"
                ))
                .await;
            (number, database)
        })
    });
    let databases: Vec<_> = join_all(made)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();

    let urls: HashSet<_> = databases
        .iter()
        .map(|(_, database)| database.url())
        .collect();
    assert_eq!(urls.len(), 20);
    for (number, database) in &databases {
        let text = database
            .scalar_text("SELECT string_agg(n::text, ',') FROM sole")
            .await;
        assert_eq!(text, Some(number.to_string()));
    }
}

#[tokio::test]
async fn postgres_database_is_dropped_at_the_end() {
    let database = TestDatabase::postgres().await;
    let name = database.name().to_owned();
    assert!(exists(&name).await);
    drop(database);
    assert!(!exists(&name).await);
}

#[tokio::test]
async fn postgres_database_is_dropped_on_panic_with_open_connections() {
    let database = TestDatabase::postgres().await;
    let name = database.name().to_owned();
    let _open = database.oracle().await;
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _database = database;
        panic!("expected by this test");
    }));
    assert!(panicked.is_err());
    assert!(!exists(&name).await);
}

/// Each drop blocks a worker while other tasks are in the middle of connecting, and waits for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panicking_tasks_do_not_hold_each_other_up() {
    let begin = Instant::now();
    let tasks = (0..10).map(|_| {
        tokio::spawn(async {
            let database = TestDatabase::postgres().await;
            let _open = database.oracle().await;
            panic!("expected by this test");
        })
    });
    assert!(
        join_all(tasks)
            .await
            .into_iter()
            .all(|joined| joined.is_err())
    );
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "waited for an authentication to time out"
    );
}

#[tokio::test]
async fn sqlite_folder_disappears_on_panic() {
    let database = TestDatabase::sqlite();
    database.sql("CREATE TABLE t (n)").await;
    let path = database.path().to_owned();
    assert_eq!(database.url(), format!("sqlite://{}", path.display()));
    assert!(path.is_file());
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _database = database;
        panic!("expected by this test");
    }));
    assert!(panicked.is_err());
    assert!(!path.parent().unwrap().exists());
}

#[tokio::test]
async fn oracle_answers_in_the_servers_text() {
    let postgres = TestDatabase::postgres().await;
    let sql = r"SELECT 1.50::numeric, '\x00ff'::bytea, true, '{a,NULL}'::text[], 'ä'::text, NULL";
    let texts = ["1.50", r"\x00ff", "t", "{a,NULL}", "ä"].map(|text| Some(text.to_owned()));
    assert_eq!(
        postgres.rows_text(sql).await,
        [[&texts[..], &[None]].concat()]
    );

    let sqlite = TestDatabase::sqlite();
    let texts = ["42", "1.5", "ä"].map(|text| Some(text.to_owned()));
    assert_eq!(
        sqlite.rows_text("SELECT 42, 1.5, 'ä', NULL").await,
        [[&texts[..], &[None]].concat()]
    );
}

#[tokio::test]
async fn scalar_is_none_for_null_and_for_no_row() {
    for database in [TestDatabase::postgres().await, TestDatabase::sqlite()] {
        assert_eq!(database.scalar_text("SELECT NULL").await, None);
        assert_eq!(database.scalar_text("SELECT 1 WHERE 1 = 0").await, None);
    }
}

#[tokio::test]
async fn oracle_keeps_its_session() {
    for database in [TestDatabase::postgres().await, TestDatabase::sqlite()] {
        let mut oracle = database.oracle().await;
        oracle
            .sql("CREATE TEMPORARY TABLE mine (n int); INSERT INTO mine VALUES (1), (2)")
            .await;
        assert_eq!(
            oracle
                .scalar_text("SELECT count(*) FROM mine")
                .await
                .as_deref(),
            Some("2")
        );
    }
}

#[tokio::test]
async fn postgres_is_utf8_in_the_c_locale() {
    let database = TestDatabase::postgres().await;
    let sql = "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()";
    let rows = database.rows_text(sql).await;
    assert_eq!(
        rows,
        [[Some("UTF8".to_owned()), Some("C.UTF-8".to_owned())]]
    );
}
