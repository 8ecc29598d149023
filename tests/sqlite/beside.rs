//! Others at the same file: another library in this process, and other processes.

use std::process::Command;

use db_adapter::SqliteAdapter;
use db_adapter::prelude::*;
use sqlx::{Connection, Row as _};

use crate::with;

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, n NUMERIC_TEXT)";

#[tokio::test]
async fn an_application_uses_sqlx_and_this_library_together() {
    let (database, db) = with(TABLE).await;
    let url = format!("sqlite://{}", database.path().display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    db.insert("t", row! { "n": "1.50" }).await.unwrap();
    let row = sqlx::query("SELECT n FROM t").fetch_one(&mut other).await;
    assert_eq!(row.unwrap().get::<String, _>(0), "1.50");
    sqlx::query("INSERT INTO t (n) VALUES ('2')")
        .execute(&mut other)
        .await
        .unwrap();
    assert_eq!(db.count("t", row! { "n": op::gt(1) }).await.unwrap(), 2);
    let version = sqlx::query("SELECT sqlite_version()")
        .fetch_one(&mut other)
        .await
        .unwrap();
    let ours = db.server_version().await.unwrap();
    assert_eq!(version.get::<String, _>(0), ours);
    other.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn other_processes_write_and_read_at_the_same_time() {
    let (database, db) = with(TABLE).await;
    let url = format!("sqlite://{}", database.path().display());
    let writers = (0..3).map(|process| {
        let first = (1000 + process * 100).to_string();
        let mut writer = Command::new(env!("CARGO_BIN_EXE_test-writer"));
        writer.args([url.as_str(), first.as_str(), "50"]);
        writer.spawn().unwrap()
    });
    let writers: Vec<_> = writers.collect();
    for id in 1..=200 {
        db.insert("t", row! { "id": id }).await.unwrap();
        db.select("t", "*").await.unwrap();
    }
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), 350);
    let other = SqliteAdapter::connect(database.url()).await.unwrap();
    assert_eq!(other.count("t", row! {}).await.unwrap(), 350);
    let count = database.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(count.as_deref(), Some("350"));
}

/// Another program changes the schema faster than a statement is made for it.
#[tokio::test(flavor = "multi_thread")]
async fn reads_hold_while_another_program_changes_the_schema() {
    let (database, db) = with(TABLE).await;
    db.insert("t", row! { "id": 1, "n": 1 }).await.unwrap();
    let url = format!("sqlite://{}", database.path().display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let changes = tokio::spawn(async move {
        for i in 0..400 {
            let sql = match i % 4 {
                // the same rows in a table of other columns
                0 => format!(
                    "BEGIN; DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, n NUMERIC_TEXT, c{i}); \
                     INSERT INTO t (id, n) VALUES (1, '1'); COMMIT"
                ),
                _ => format!("CREATE TABLE n{i} (a)"),
            };
            let sql = sqlx::AssertSqlSafe(sql);
            sqlx::raw_sql(sql).execute(&mut other).await.unwrap();
        }
    });
    let mut reads = 0;
    while !changes.is_finished() {
        let rows = db.select("t", "*").await.unwrap();
        assert_eq!(rows[0]["id"], 1);
        assert!(db.exists("t", row! { "n": op::gt(0) }).await.unwrap());
        assert_eq!(db.count("t", row! {}).await.unwrap(), 1);
        reads += 1;
    }
    changes.await.unwrap();
    assert!(reads > 10, "{reads}");
}
