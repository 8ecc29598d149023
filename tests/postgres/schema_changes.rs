//! Another session changes the schema under an adapter that knows it. Outside of transactions nobody
//! notices; inside, the transaction is to be run again; and nothing is done twice.

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, PostgresAdapter};
use support::TestDatabase;

use crate::database;

const TABLE: &str = "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)";

/// Each change, and whether a row with only `id` can still be inserted.
const CHANGES: [&str; 6] = [
    "ALTER TABLE t ADD COLUMN extra text DEFAULT 'x'",
    "ALTER TABLE t DROP COLUMN n",
    "ALTER TABLE t RENAME COLUMN n TO m",
    "ALTER TABLE t ALTER COLUMN n TYPE bigint",
    "ALTER TABLE t ALTER COLUMN n DROP DEFAULT, ALTER COLUMN n TYPE int4range USING int4range(n, n + 1), \
        ALTER COLUMN n DROP NOT NULL",
    "ALTER TABLE t RENAME TO gone; CREATE TABLE t (id int PRIMARY KEY, other uuid)",
];

#[tokio::test]
async fn outside_of_transactions_nobody_notices() {
    for change in CHANGES {
        let (database, db) = database(TABLE).await;
        // several connections know the statements
        for _ in 0..2 {
            let all = (0..4).map(|_| db.select("t", "*").into_future());
            futures_util::future::join_all(all).await;
        }
        db.insert("t", row! { "id": 1 }).await.unwrap();
        let expected = database.rows_text("SELECT count(*) FROM t").await;
        database.sql(change).await;
        for id in 10..14 {
            db.select("t", "*").await.unwrap();
            db.query("SELECT * FROM t WHERE id > :id")
                .bind("id", 0)
                .await
                .unwrap();
            db.insert("t", row! { "id": id }).await.unwrap();
            db.upsert("t", row! { "id": id }, ["id"]).await.unwrap();
            db.insert_many("t", [row! { "id": id * 10 }, row! { "id": id * 10 + 1 }])
                .await
                .unwrap();
        }
        let now = database
            .rows_text("SELECT count(*) FROM t WHERE id >= 10")
            .await;
        assert_eq!(
            now,
            [[Some("12".to_owned())]],
            "{change}, before {expected:?}"
        );
    }
}

/// The table was not known before: it changes between the look at the catalog and the statement.
#[tokio::test]
async fn a_table_that_was_never_seen_may_change_as_well() {
    for change in CHANGES {
        let (database, _db) = database(TABLE).await;
        let other = PostgresAdapter::connect(database.url()).await.unwrap();
        let tx = other.begin().await.unwrap();
        for statement in change.split("; ") {
            tx.execute(statement).await.unwrap();
        }
        let fresh = PostgresAdapter::connect(database.url()).await.unwrap();
        let select = tokio::spawn(async move { fresh.select("t", "*").await });
        let waiting = "SELECT CASE WHEN count(*) > 0 THEN 'waits' END FROM pg_stat_activity WHERE datname = current_database() \
            AND wait_event_type = 'Lock'";
        while database.scalar_text(waiting).await.as_deref() != Some("waits") {
            tokio::task::yield_now().await;
        }
        tx.commit().await.unwrap();
        select.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn inside_of_a_transaction_it_is_run_again() {
    for change in &CHANGES[1..3] {
        let (database, db) = database(TABLE).await;
        db.insert("t", row! { "id": 1 }).await.unwrap();
        db.update("t", row! { "n": 1 }, row! { "id": 1 })
            .await
            .unwrap();
        let tx = db.begin().await.unwrap();
        tx.query("SELECT 1").await.unwrap();
        database.sql(change).await;
        let error = tx.select("t", "*").await.unwrap_err();
        assert!(
            matches!(error, Error::SchemaChanged { .. }),
            "{change}: {error}"
        );
        assert!(error.is_retryable());
        assert_eq!(tx.commit().await.unwrap_err(), Error::TransactionAborted);
        let runs = std::sync::atomic::AtomicU32::new(0);
        let rows = db
            .transaction_retrying(3, async |tx| {
                let run = runs.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                tx.insert("t", row! { "id": 2 + i64::from(run) }).await?;
                Ok(tx.select("t", "*").await?.len())
            })
            .await
            .unwrap();
        assert_eq!(rows, 2, "{change}");
    }
}

/// A connection that has not prepared a statement would first learn from the answer of a write that a
/// column has another type: it asks before it writes.
#[tokio::test]
async fn what_a_write_gives_is_known_before_it_is_sent() {
    for verb in ["query", "insert", "upsert", "update", "first", "delete"] {
        let database = TestDatabase::postgres().await;
        database
            .sql("CREATE TABLE t (id int PRIMARY KEY, n int4, w int); INSERT INTO t VALUES (1, 1, 0), (2, 2, 0)")
            .await;
        let options = ConnectOptions::new(database.url()).max_connections(2);
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        let write = async |id: i64| -> db_adapter::Result<Value> {
            let row = match verb {
                "query" => {
                    let sql = "INSERT INTO t (id) VALUES (:id) RETURNING *";
                    // all rows: to read one it would be a transaction
                    db.query(sql).bind("id", id).await?.remove(0)
                }
                "insert" => db.insert("t", row! { "id": id }).await?,
                "upsert" => db.upsert("t", row! { "id": id }, ["id"]).await?,
                "update" => {
                    let update = db.update("t", row! { "w": 1 }, row! { "id": id - 10 });
                    update.await?
                }
                "first" => {
                    let update = db.update("t", row! { "w": 1 }, Filter::all());
                    update.await?
                }
                _ => {
                    let delete = db.delete("t", row! { "id": id - 10 });
                    delete.returning("n").await?.remove(0)
                }
            };
            Ok(row["n"].clone())
        };
        write(11).await.unwrap();
        // the next connection has not prepared the statement, and the adapter knows it
        let first = db.begin().await.unwrap();
        first.query("SELECT 1").await.unwrap();
        database
            .sql("ALTER TABLE t ALTER n TYPE int4range USING int4range(n, n + 1)")
            .await;
        let before = database
            .scalar_text("SELECT count(*) FROM t")
            .await
            .unwrap();
        let n = write(12)
            .await
            .unwrap_or_else(|error| panic!("{verb}: {error}"));
        assert!(
            n.is_null() || n.as_str() == Some("[2,3)") || n.as_str() == Some("[1,2)"),
            "{verb}: {n:?}"
        );
        // once
        let change = match verb {
            "delete" => -1,
            "update" | "first" => 0,
            _ => 1,
        };
        let after = database
            .scalar_text("SELECT count(*) FROM t")
            .await
            .unwrap();
        assert_eq!(
            after.parse::<i64>().unwrap(),
            before.parse::<i64>().unwrap() + change,
            "{verb}"
        );
        let sql = "SELECT count(*) FROM t WHERE w = 1";
        let updated = database.scalar_text(sql).await.unwrap();
        assert_eq!(
            updated == "2",
            matches!(verb, "update" | "first"),
            "{verb}: {updated}"
        );
        first.rollback().await.unwrap();
    }
}

/// A type that is read as text puts the caller's text into another one, which names the columns.
#[tokio::test]
async fn a_query_with_a_type_of_its_own_follows_its_table() {
    let (database, db) = database(
        "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (id int PRIMARY KEY, n int, w mood); \
         INSERT INTO t VALUES (1, 2, 'a')",
    )
    .await;
    let names = |row: &Row| {
        row.iter()
            .map(|(name, _)| name.to_owned())
            .collect::<Vec<_>>()
            .join(",")
    };
    for (change, expected) in [
        ("", "id,n,w"),
        ("ALTER TABLE t DROP COLUMN n", "id,w"),
        (
            "ALTER TABLE t ADD COLUMN x int, ADD COLUMN y mood",
            "id,w,x,y",
        ),
        ("ALTER TABLE t DROP COLUMN w", "id,x,y"),
        (
            "ALTER TABLE t ALTER COLUMN y TYPE text; DROP TYPE mood",
            "id,x,y",
        ),
    ] {
        database.sql(change).await;
        for _ in 0..2 {
            let row = db.query("SELECT * FROM t").one().await.unwrap();
            assert_eq!(names(&row), expected, "{change}");
            let row = db.query("UPDATE t SET id = id RETURNING *").one().await;
            assert_eq!(names(&row.unwrap()), expected, "{change}");
        }
    }
}

/// It is the transaction's own change, so it goes on.
#[tokio::test]
async fn a_transaction_follows_its_own_changes() {
    let (_database, db) = database("CREATE TABLE p (id int PRIMARY KEY, n int)").await;
    db.insert("p", row! { "id": 1, "n": 2 }).await.unwrap();
    let tx = db.begin().await.unwrap();
    for change in [
        "ALTER TABLE p ADD COLUMN a text",
        "ALTER TABLE p ALTER COLUMN n TYPE text",
        "ALTER TABLE p DROP COLUMN a",
    ] {
        for _ in 0..2 {
            tx.query("SELECT * FROM p").await.unwrap();
            tx.select("p", "*").await.unwrap();
        }
        tx.execute(change).await.unwrap();
        assert_eq!(
            tx.query("SELECT * FROM p").await.unwrap(),
            tx.select("p", "*").await.unwrap()
        );
    }
    let inner = tx.begin().await.unwrap();
    inner
        .execute("ALTER TABLE p ADD COLUMN b int")
        .await
        .unwrap();
    assert_eq!(inner.query("SELECT * FROM p").one().await.unwrap().len(), 3);
    assert_eq!(inner.select("p", "*").await.unwrap()[0].len(), 3);
    inner.rollback().await.unwrap();
    assert_eq!(tx.query("SELECT * FROM p").one().await.unwrap().len(), 2);
    tx.update("p", row! { "n": "3" }, row! { "id": 1 })
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.select("p", "*").await.unwrap()[0]["n"], "3");
}

/// What the server looks up only when it runs is a mistake of the caller, and nobody's change.
#[tokio::test]
async fn a_mistake_in_a_statement_that_is_not_planned_is_no_changed_schema() {
    let (_database, db) = database(TABLE).await;
    for sql in [
        "DO $$ BEGIN foo bar; END $$",
        "CREATE VIEW v AS SELECT nosuch FROM t",
        "CREATE TABLE q (a nosuchtype)",
        "DROP FUNCTION nosuch()",
        "ALTER TABLE t ADD CHECK (nosuch > 1)",
    ] {
        for _ in 0..2 {
            let tx = db.begin().await.unwrap();
            tx.count("t", Filter::all()).await.unwrap();
            let error = tx.query(sql).await.unwrap_err();
            assert!(!error.is_retryable(), "{sql}: {error}");
            assert_ne!(error.kind(), ErrorKind::SchemaChanged, "{sql}: {error}");
            tx.rollback().await.unwrap();
        }
    }
}
