//! A transaction that failed is over, as on PostgreSQL, whatever SQLite would allow.

use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ErrorKind, TxOptions};

use crate::with;

const TABLES: &str = "CREATE TABLE p (id INTEGER PRIMARY KEY);
    CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0,
        p INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED,
        gone INTEGER UNIQUE ON CONFLICT ROLLBACK);";

#[tokio::test]
async fn after_a_failed_statement_nothing_is_done_and_nothing_committed() {
    let (_database, db) = with(TABLES).await;
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "id": 1 }).await.unwrap();
    // found before anything is sent: no harm
    assert_eq!(
        tx.insert("t", row! { "id": "x" }).await.unwrap_err().kind(),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        tx.delete("t", row! {}).await.unwrap_err().kind(),
        ErrorKind::EmptyFilter
    );
    assert_eq!(
        tx.select("nope", "*").await.unwrap_err().kind(),
        ErrorKind::UndefinedTable
    );
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 1);
    assert_eq!(
        tx.insert("t", row! { "id": 1 }).await.unwrap_err().kind(),
        ErrorKind::UniqueViolation
    );
    assert_eq!(
        tx.count("t", row! {}).await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    assert_eq!(
        tx.begin().await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
}

#[tokio::test]
async fn a_savepoint_saves() {
    let (_database, db) = with(TABLES).await;
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "id": 1 }).await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    savepoint.insert("t", row! { "id": 2 }).await.unwrap();
    savepoint.insert("t", row! { "id": 1 }).await.unwrap_err();
    assert_eq!(
        tx.count("t", row! {}).await.unwrap_err().kind(),
        ErrorKind::SavepointOpen
    );
    assert_eq!(
        savepoint.count("t", row! {}).await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    savepoint.rollback().await.unwrap();
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 1);
    // dropped, the same
    let savepoint = tx.begin().await.unwrap();
    savepoint.insert("t", row! { "id": 1 }).await.unwrap_err();
    drop(savepoint);
    tx.insert("t", row! { "id": 3 }).await.unwrap();
    // committed in a failed state, an error
    let savepoint = tx.begin().await.unwrap();
    savepoint.insert("t", row! { "id": 1 }).await.unwrap_err();
    assert_eq!(
        savepoint.commit().await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    tx.commit().await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 2);
}

#[tokio::test]
async fn sqlite_rolling_back_by_itself_is_noticed() {
    let (_database, db) = with(TABLES).await;
    db.insert("t", row! { "id": 1, "gone": 1 }).await.unwrap();
    for nested in [false, true] {
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "id": 2 }).await.unwrap();
        if nested {
            let savepoint = tx.begin().await.unwrap();
            savepoint.insert("t", row! { "gone": 1 }).await.unwrap_err();
            assert_eq!(
                savepoint.rollback().await.unwrap_err().kind(),
                ErrorKind::TransactionAborted
            );
        } else {
            tx.insert("t", row! { "gone": 1 }).await.unwrap_err();
        }
        drop(tx);
        // the next transaction is not in the last one's state
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "id": 3 }).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(db.count("t", row! {}).await.unwrap(), 1);
    }
    let error = db
        .insert_many("t", [row! { "id": 4 }, row! { "gone": 1 }])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "id": 5 }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 2);
}

#[tokio::test]
async fn a_deferred_foreign_key_fails_the_commit() {
    let (_database, db) = with(TABLES).await;
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "p": 9 }).await.unwrap();
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        ErrorKind::ForeignKeyViolation
    );
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "p": 9 }).await.unwrap();
    tx.insert("p", row! { "id": 9 }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 1);
    // without a transaction around it, at the end of the statement
    let error = db.insert("t", row! { "p": 10 }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 1);
}

#[tokio::test]
async fn a_read_only_transaction_is_a_snapshot_that_refuses_writes() {
    let (_database, db) = with(TABLES).await;
    db.insert("t", row! { "id": 1 }).await.unwrap();
    let tx = db.begin().read_only().await.unwrap();
    // what only reads is read, however it is asked for
    tx.execute_script("SELECT 1; PRAGMA user_version")
        .await
        .unwrap();
    tx.query("PRAGMA user_version").await.unwrap();
    db.insert("t", row! { "id": 2 }).await.unwrap();
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 1);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 2);
    assert!(!tx.query("PRAGMA table_info(t)").await.unwrap().is_empty());
    let error = tx.insert("t", row! { "id": 3 }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    for sql in [
        "DELETE FROM t",
        "CREATE TABLE x (a)",
        "PRAGMA query_only = OFF",
    ] {
        let tx = db.begin_with(TxOptions::serializable()).await.unwrap();
        drop(tx);
        let tx = db.begin().read_only().await.unwrap();
        assert_eq!(
            tx.execute(sql).await.unwrap_err().kind(),
            ErrorKind::ReadOnly,
            "{sql}"
        );
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), 2);
}

#[tokio::test]
async fn uncommitted_tables_are_seen_by_their_transaction_only() {
    let (_database, db) = with(TABLES).await;
    let tx = db.begin().await.unwrap();
    tx.execute("ALTER TABLE t ADD COLUMN late BOOLEAN")
        .await
        .unwrap();
    tx.execute("CREATE TABLE new (id INTEGER)").await.unwrap();
    let row = tx
        .insert("t", row! { "id": 1, "late": true })
        .await
        .unwrap();
    assert_eq!(row["late"], true);
    tx.insert("new", row! { "id": 1 }).await.unwrap();
    assert_eq!(
        tx.query("SELECT late FROM t").await.unwrap()[0]["late"],
        true
    );
    assert_eq!(
        db.select("t", "late").await.unwrap_err().kind(),
        ErrorKind::UndefinedColumn
    );
    assert_eq!(
        db.select("new", "*").await.unwrap_err().kind(),
        ErrorKind::UndefinedTable
    );
    let savepoint = tx.begin().await.unwrap();
    savepoint.execute("DROP TABLE new").await.unwrap();
    assert_eq!(
        savepoint.select("new", "*").await.unwrap_err().kind(),
        ErrorKind::UndefinedTable
    );
    savepoint.rollback().await.unwrap();
    assert_eq!(tx.count("new", row! {}).await.unwrap(), 1);
    tx.rollback().await.unwrap();
    assert_eq!(
        db.select("t", "late").await.unwrap_err().kind(),
        ErrorKind::UndefinedColumn
    );
    assert_eq!(db.insert("t", row! { "id": 1 }).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_write_dropped_half_way_aborts() {
    let (_database, db) = with(TABLES).await;
    for i in 0..30_u64 {
        let tx = db.begin().await.unwrap();
        let rows = (0..3000).map(|id| row! { "id": id });
        let write = tx.insert_many("t", rows).into_future();
        let done = tokio::time::timeout(Duration::from_micros(i * 50), write)
            .await
            .is_ok();
        let result = tx.commit().await;
        let count = db.count("t", row! {}).await.unwrap();
        if done {
            result.unwrap();
            assert_eq!(count, 3000);
            db.delete("t", Filter::all()).await.unwrap();
        } else {
            // the future was dropped before or after its first statement
            assert_eq!(count, 0, "{result:?}");
        }
    }
}

#[tokio::test]
async fn the_disk_full_is_an_error_and_the_database_stays_good() {
    let (_database, db) = with(TABLES).await;
    db.execute("CREATE TABLE big (x TEXT)").await.unwrap();
    let pages: i64 = db.query("PRAGMA page_count").await.unwrap()[0]
        .get("page_count")
        .unwrap();
    db.execute(format!("PRAGMA max_page_count = {}", pages + 5))
        .await
        .unwrap();
    let tx = db.begin().await.unwrap();
    tx.insert("p", row! { "id": 1 }).await.unwrap();
    let error = tx
        .insert_many("big", (0..1000).map(|_| row! { "x": "x".repeat(1000) }))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database, "{error}");
    assert!(error.message().contains("full"), "{error}");
    // SQLite has ended the transaction: what comes after it says so, and nothing else
    for later in [
        tx.insert("p", row! { "id": 2 }).await.map(drop),
        tx.insert("p", row! { "id": "x" }).await.map(drop),
        tx.execute("INSERT INTO nothing VALUES (1)").await.map(drop),
        tx.begin().await.map(drop),
    ] {
        assert_eq!(later.unwrap_err().kind(), ErrorKind::TransactionAborted);
    }
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    assert_eq!(db.count("p", row! {}).await.unwrap(), 0);
    db.insert("p", row! { "id": 1 }).await.unwrap();
}
