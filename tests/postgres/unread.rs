//! A stream with a time limit whose reader stops and does not even poll: the server waits for him, and looks at
//! no request to cancel meanwhile.

use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, ErrorKind, Pooler, PostgresAdapter};
use futures_util::StreamExt;
use support::{PgBouncer, TestDatabase};

const TABLE: &str = "CREATE TABLE big AS SELECT i AS id, repeat('x', 200) AS v FROM generate_series(1, 200000) AS i;
    CREATE TABLE done (id int)";
const WORKS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND (query LIKE '%big%' AND state = 'active' OR backend_xmin IS NOT NULL)";

async fn ends_unread(options: ConnectOptions, database: &TestDatabase) {
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let mut oracle = database.oracle().await;
    let limit = Duration::from_millis(300);
    for verb in ["select", "query", "write", "in a transaction"] {
        let tx = match verb {
            "in a transaction" => Some(db.begin().await.unwrap()),
            _ => None,
        };
        let client: &dyn DatabaseClient = match &tx {
            Some(tx) => tx,
            None => &db,
        };
        let write = "INSERT INTO done SELECT id FROM big RETURNING id, repeat('x', 200) AS v";
        let mut rows = match verb {
            "query" => client.query("SELECT * FROM big").timeout(limit).stream(),
            "write" => client.query(write).timeout(limit * 10).stream(),
            _ => client.select("big", "*").timeout(limit).stream(),
        };
        for _ in 0..10 {
            rows.next().await.unwrap().unwrap();
        }
        // nobody polls it from here on
        oracle.until(WORKS, "0").await;
        // it still has its place
        let status = db.pool_status();
        assert_eq!(status.open - status.idle, 1, "{verb}");
        let mut last = None;
        while let Some(row) = rows.next().await {
            last = Some(row);
        }
        let error = last.unwrap().unwrap_err();
        match verb {
            "write" => assert!(
                matches!(error.kind(), ErrorKind::Timeout | ErrorKind::OutcomeUnknown),
                "{error}"
            ),
            _ => assert_eq!(error.kind(), ErrorKind::Timeout, "{verb}: {error}"),
        }
        drop(rows);
        if let Some(tx) = tx {
            let error = tx.commit().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TransactionAborted);
        }
        // the next one is not hit by it
        let short = db.select("big", "id").limit(5).timeout(limit * 100);
        assert_eq!(short.await.unwrap().len(), 5, "{verb}");
        let rows = oracle.scalar_text("SELECT count(*) FROM done").await;
        assert_eq!(rows.as_deref(), Some("0"), "{verb}");
    }
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_stream_that_nobody_reads_ends_at_its_limit() {
    let database = TestDatabase::postgres().await;
    database.sql(TABLE).await;
    let options = ConnectOptions::new(database.url()).max_connections(1);
    ends_unread(options, &database).await;
}

#[tokio::test]
async fn a_stream_that_nobody_reads_ends_at_its_limit_behind_a_pooler() {
    let database = TestDatabase::postgres().await;
    database.sql(TABLE).await;
    let bouncer = PgBouncer::start(database.url(), 3);
    let options = ConnectOptions::new(bouncer.url(database.name()))
        .pooler(Pooler::Transaction)
        .max_connections(1);
    ends_unread(options, &database).await;
}

/// It is read slowly, and to its end in time: nothing is ended.
#[tokio::test]
async fn a_slow_reader_in_time_has_all_rows() {
    let database = TestDatabase::postgres().await;
    database.sql(TABLE).await;
    let db = PostgresAdapter::connect(database.url()).await.unwrap();
    let mut rows = db
        .select("big", "*")
        .timeout(Duration::from_secs(60))
        .stream();
    let mut count = 0;
    while let Some(row) = rows.next().await {
        row.unwrap();
        count += 1;
        if count % 20_000 == 0 {
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }
    assert_eq!(count, 200_000);
}
