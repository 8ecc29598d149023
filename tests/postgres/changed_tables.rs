//! Another session changes a table in a way that no column's type tells of: a column is added that rows
//! had a key for, or another primary key puts rows in order.

use db_adapter::prelude::*;
use db_adapter::{ErrorKind, Isolation, Result, Row};

use crate::database;

/// A key that the table has no column for is left out; once it has one, it is written, by every verb.
#[tokio::test]
async fn a_column_that_begins_with_an_underscore_and_was_added() {
    async fn write(db: &dyn DatabaseClient, verb: &str) -> Result<()> {
        let row = |id: i64| row! { "id": id, "s": "new", "_x": 5 };
        let data = row! { "s": "new", "_x": 5 };
        match verb {
            "insert" => db.insert("t", row(10)).await.map(drop),
            "insert id" => db.insert("t", row(10)).returning("id").await.map(drop),
            "upsert" => db
                .upsert("t", row(1), ["id"])
                .returning("id")
                .await
                .map(drop),
            "insert_many" => db.insert_many("t", [row(10), row(11)]).await.map(drop),
            "copy" => db.insert_many("t", (10..610).map(row)).await.map(drop),
            "or_ignore" => db.insert("t", row(10)).or_ignore().await.map(drop),
            "upsert_many" => db
                .upsert_many("t", [row(1), row(10)], ["id"])
                .await
                .map(drop),
            "count" => db.update("t", data, Filter::all()).count().await.map(drop),
            "update id" => db
                .update("t", data, row! { "id": 1 })
                .returning("id")
                .await
                .map(drop),
            _ => db.update_many("t", [row(1)], ["id"]).await.map(drop),
        }
    }
    let (database, db) = database("SELECT 1").await;
    for verb in [
        "insert",
        "insert id",
        "upsert",
        "insert_many",
        "copy",
        "or_ignore",
        "upsert_many",
        "count",
        "update id",
        "update_many",
    ] {
        database
            .sql("DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, s text); INSERT INTO t VALUES (1)")
            .await;
        for _ in 0..2 {
            write(&db, verb).await.unwrap();
            database.sql("TRUNCATE t; INSERT INTO t VALUES (1)").await;
        }
        database.sql("ALTER TABLE t ADD COLUMN _x int").await;
        write(&db, verb).await.unwrap();
        let lost = "SELECT count(*) FILTER (WHERE s = 'new'), count(*) FILTER (WHERE s = 'new' AND _x IS DISTINCT FROM 5) FROM t";
        let found = database.rows_text(lost).await;
        assert_ne!(found[0][0].as_deref(), Some("0"), "{verb}");
        assert_eq!(found[0][1].as_deref(), Some("0"), "{verb}");
    }
}

/// Rows that are equal in the caller's order are put in order by the primary key.
#[tokio::test]
async fn pages_by_a_key_that_is_another_one_by_now() {
    async fn pages(db: &dyn DatabaseClient) -> Result<Vec<Row>> {
        let mut all: Vec<Row> = Vec::new();
        loop {
            let page = db.select("t", "*").order_by("s").limit(5);
            let page = match all.last() {
                Some(last) => page.after(last).await?,
                None => page.await?,
            };
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }
    let (database, db) = database(
        "CREATE TABLE t (id int CONSTRAINT tk PRIMARY KEY, k int NOT NULL, \"it's\\\" int NOT NULL DEFAULT 1, s text);
         INSERT INTO t SELECT i, i, 1, 'x' FROM generate_series(1, 20) AS i",
    )
    .await;
    assert_eq!(pages(&db).await.unwrap().len(), 20);
    for (key, more) in [
        (
            "(k)",
            "SELECT 1, i, 1, 'x' FROM generate_series(21, 40) AS i",
        ),
        (
            "(id, k)",
            "SELECT 2, i, 1, 'x' FROM generate_series(41, 60) AS i",
        ),
        (
            "(k, id, \"it's\\\")",
            "SELECT 2, 60, i, 'x' FROM generate_series(61, 80) AS i",
        ),
        (
            "(\"it's\\\", k) INCLUDE (id)",
            "SELECT 3, i, 1, 'x' FROM generate_series(81, 100) AS i",
        ),
    ] {
        database
            .sql(&format!("ALTER TABLE t DROP CONSTRAINT tk, ADD CONSTRAINT tk PRIMARY KEY {key}; INSERT INTO t {more}"))
            .await;
        let count = database.scalar_text("SELECT count(*) FROM t").await;
        for _ in 0..2 {
            let mut found = pages(&db)
                .await
                .unwrap_or_else(|error| panic!("{key}: {error}"));
            assert_eq!(Some(found.len().to_string()), count, "{key}");
            found.sort_by_key(|row| format!("{row:?}"));
            found.dedup();
            assert_eq!(Some(found.len().to_string()), count, "{key}");
        }
    }
    let tx = db.begin().await.unwrap();
    assert_eq!(pages(&tx).await.unwrap().len(), 100);
    tx.rollback().await.unwrap();
}

/// The snapshot of a transaction does not have the rows of the catalogue that tell of the new table, while the
/// server finds it by its name: that is a change of the schema, not a table that is missing.
#[tokio::test]
async fn a_table_that_took_the_place_of_another_behind_the_snapshot() {
    for verb in ["insert", "select", "update", "delete", "upsert"] {
        let (database, db) = database("CREATE TABLE t (id int PRIMARY KEY, n int)").await;
        let tx = db.begin().isolation(Isolation::RepeatableRead);
        let tx = tx.await.unwrap();
        tx.query("SELECT 1").await.unwrap();
        let swap = "BEGIN; CREATE TABLE u (LIKE t INCLUDING ALL); DROP TABLE t; ALTER TABLE u RENAME TO t; COMMIT";
        database.sql(swap).await;
        let error = write_or_read(&tx, verb).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{verb}: {error}");
        tx.rollback().await.unwrap();
        let done = db.transaction_retrying(3, async |tx| write_or_read(&tx, verb).await);
        done.await.unwrap();
        // what is not there at all is still told so
        let tx = db
            .begin()
            .isolation(Isolation::RepeatableRead)
            .await
            .unwrap();
        let error = tx.select("nothing", "*").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UndefinedTable);
    }
}

async fn write_or_read(db: &dyn DatabaseClient, verb: &str) -> Result<()> {
    let key = row! { "id": 1 };
    let row = row! { "id": 1, "n": 1 };
    match verb {
        "insert" => db.insert("t", row).await.map(drop),
        "select" => db.select("t", "*").await.map(drop),
        "update" => db.update("t", row! { "n": 2 }, key).count().await.map(drop),
        "delete" => db.delete("t", key).await.map(drop),
        _ => db.upsert("t", row, ["id"]).await.map(drop),
    }
}
