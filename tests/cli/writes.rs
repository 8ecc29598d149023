//! `query` reads only, unless it is told to write.

use support::TestDatabase;

use crate::databases;
use crate::program::query;

const WRITES: [&str; 4] = [
    "INSERT INTO t VALUES (2)",
    "UPDATE t SET n = 3",
    "DELETE FROM t",
    "CREATE TABLE u (n integer)",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_refused_with_the_flag_that_allows_it() {
    for database in databases().await {
        database
            .sql("CREATE TABLE t (n integer); INSERT INTO t VALUES (1)")
            .await;
        for sql in WRITES {
            let run = query(database.url(), &[sql]);
            assert_eq!(
                (run.stdout.as_str(), run.code),
                ("", Some(4)),
                "{sql}: {run:?}"
            );
            assert_eq!(
                run.stderr,
                "error: only a statement that reads is run without `--write`\n\
                 hint: pass `--write` if it is meant to change the database\n"
            );
        }
        assert_eq!(
            database.rows_text("SELECT n FROM t").await,
            [[Some("1".to_owned())]]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_flag_it_writes() {
    for database in databases().await {
        for (sql, said) in [
            ("CREATE TABLE t (n integer)", "done, no rows to show\n"),
            ("INSERT INTO t VALUES (0), (7)", "done, 2 rows changed\n"),
            ("UPDATE t SET n = 1 WHERE n = 7", "done, 1 row changed\n"),
            ("DELETE FROM t WHERE n <> 1", "done, 1 row changed\n"),
            ("DELETE FROM t WHERE n <> 1", "done, 0 rows changed\n"),
        ] {
            let run = query(database.url(), &[sql, "--write"]);
            assert_eq!(
                (run.stdout.as_str(), run.code),
                ("", Some(0)),
                "{sql}: {run:?}"
            );
            assert_eq!(run.stderr, said);
        }
        let run = query(
            database.url(),
            &["UPDATE t SET n = 1", "--write", "--json", "-q"],
        );
        assert_eq!(
            run.stdout, "{\"version\":1,\"rows\":[],\"changed\":1}\n",
            "{run:?}"
        );
        let run = query(
            database.url(),
            &[
                "INSERT INTO t VALUES (2) RETURNING n",
                "--write",
                "--json",
                "-q",
            ],
        );
        assert_eq!(
            run.stdout, "{\"version\":1,\"rows\":[\n{\"n\":2}\n]}\n",
            "{run:?}"
        );
        assert_eq!(
            database
                .scalar_text("SELECT count(*) FROM t")
                .await
                .as_deref(),
            Some("2")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_constraint_is_named() {
    for database in databases().await {
        database
            .sql("CREATE TABLE t (n integer PRIMARY KEY); INSERT INTO t VALUES (1)")
            .await;
        let run = query(database.url(), &["INSERT INTO t VALUES (1)", "--write"]);
        assert_eq!((run.stdout.as_str(), run.code), ("", Some(3)), "{run:?}");
        assert!(run.stderr.contains("already exists"), "{run:?}");
        assert!(run.stderr.contains("`t`"), "{run:?}");
    }
}

#[test]
fn looking_at_a_missing_file_makes_none() {
    let database = TestDatabase::sqlite();
    let run = query(database.url(), &["SELECT 1"]);
    assert_eq!((run.stdout.as_str(), run.code), ("", Some(3)), "{run:?}");
    assert!(!database.path().exists());
    let made = query(database.url(), &["CREATE TABLE t (n integer)", "--write"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(database.path().exists());
}

/// Opening a file to write switches it to WAL; looking at it must not.
#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_no_byte_of_the_file() {
    let database = TestDatabase::sqlite();
    database
        .sql("PRAGMA journal_mode = DELETE; CREATE TABLE t (n integer)")
        .await;
    let before = std::fs::read(database.path()).unwrap();
    let run = query(database.url(), &["SELECT count(*) AS n FROM t"]);
    assert_eq!(
        (run.stdout.as_str(), run.code),
        ("n\n0\n", Some(0)),
        "{run:?}"
    );
    assert_eq!(std::fs::read(database.path()).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_works_while_another_program_writes() {
    let database = TestDatabase::sqlite();
    database
        .sql("PRAGMA journal_mode = WAL; CREATE TABLE t (n integer)")
        .await;
    let mut writer = database.oracle().await;
    writer
        .sql("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
        .await;
    let run = query(database.url(), &["SELECT count(*) AS n FROM t"]);
    assert_eq!(
        (run.stdout.as_str(), run.code),
        ("n\n0\n", Some(0)),
        "{run:?}"
    );
    writer.sql("COMMIT").await;
}
