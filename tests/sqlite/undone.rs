//! What fails is undone, also where SQLite by itself would keep a part of it; and what one caller
//! sets on a connection is nobody else's. The file is asked.

use db_adapter::prelude::*;
use db_adapter::{ErrorKind, Result, SqliteAdapter};
use futures_util::TryStreamExt;

use crate::with;

/// The second row of a change is refused, and SQLite keeps the first.
const KEEPS_A_PART: [&str; 2] = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, u INTEGER UNIQUE ON CONFLICT FAIL);
     INSERT INTO t VALUES (1, 1), (2, 5), (3, 7);",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, u INTEGER);
     INSERT INTO t VALUES (1, 1), (2, 5), (3, 7);
     CREATE TRIGGER no_update BEFORE UPDATE ON t WHEN OLD.id = 2 BEGIN SELECT RAISE(FAIL, 'no'); END;
     CREATE TRIGGER no_delete BEFORE DELETE ON t WHEN OLD.id = 2 BEGIN SELECT RAISE(FAIL, 'no'); END;
     CREATE TRIGGER no_insert BEFORE INSERT ON t WHEN NEW.id = 21 BEGIN SELECT RAISE(FAIL, 'no'); END;",
];
const INSERT: &str =
    "INSERT INTO t (id, u) SELECT 20, 100 UNION ALL SELECT 21, 100 UNION ALL SELECT 22, 101";

async fn attempt(db: &SqliteAdapter, way: usize) -> Result<()> {
    let data = row! { "u": 100 };
    match way {
        0 => db.update("t", data, Filter::all()).await.map(drop),
        1 => db.update("t", data, Filter::all()).count().await.map(drop),
        2 => db.update("t", data, Filter::all()).all().await.map(drop),
        3 => db.execute("UPDATE t SET u = 100").await.map(drop),
        4 => db
            .query("UPDATE t SET u = 100 RETURNING id")
            .await
            .map(drop),
        5 => db.execute(INSERT).await.map(drop),
        6 => db.query(format!("{INSERT} RETURNING id")).await.map(drop),
        7 => {
            let rows = db.query(format!("{INSERT} RETURNING id")).stream();
            rows.try_collect::<Vec<Row>>().await.map(drop)
        }
        8 => db.execute_script(INSERT).await,
        9 => {
            let with = "WITH n(u) AS (SELECT 100) UPDATE t SET u = (SELECT u FROM n)";
            db.execute(with).await.map(drop)
        }
        _ => db.delete("t", Filter::all()).await.map(drop),
    }
}

#[tokio::test]
async fn a_statement_that_fails_leaves_nothing() {
    for (kind, schema) in KEEPS_A_PART.iter().enumerate() {
        for way in 0..11 {
            let (database, db) = with(schema).await;
            let result = attempt(&db, way).await;
            // without the trigger a delete of all rows is fine
            let expected = match (kind, way) {
                (0, 10) => "",
                _ => "1:1,2:5,3:7",
            };
            assert_eq!(result.is_ok(), expected.is_empty(), "{kind}, way {way}");
            let rows = "SELECT coalesce(group_concat(id || ':' || u, ','), '') FROM (SELECT * FROM t ORDER BY id)";
            let found = database.scalar_text(rows).await.unwrap();
            assert_eq!(found, expected, "{kind}, way {way}");
            // the connection is free again
            db.insert("t", row! { "id": 50, "u": 50 }).await.unwrap();
        }
    }
}

#[tokio::test]
async fn nobody_switches_off_what_the_adapter_promises() {
    let (database, db) = with(
        "CREATE TABLE a (id INTEGER PRIMARY KEY);
        CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a, n INTEGER CHECK (n > 0))",
    )
    .await;
    for sql in [
        "PRAGMA foreign_keys = OFF",
        "pragma /* x */ main.foreign_keys(0)",
        "PRAGMA ignore_check_constraints=ON",
        "PRAGMA query_only = ON",
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA \"writable_schema\" = 1",
        "PRAGMA of_a_later_version = 1",
        // SQLite sets it while it prepares the statement
        "EXPLAIN PRAGMA ignore_check_constraints = 1",
        "explain query plan pragma main.query_only = 1",
        "EXPLAIN /* x */ PRAGMA foreign_keys(0)",
    ] {
        let (script, query) = (db.execute_script(sql).await, db.query(sql).await);
        let tx = db.begin().await.unwrap();
        let inside = tx.execute(sql).await.map(drop);
        for result in [script, query.map(drop), inside] {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported, "{sql}");
        }
        tx.rollback().await.unwrap();
    }
    // to ask is allowed, and so is what the file keeps
    let mode = db.query("PRAGMA journal_mode").one().await.unwrap();
    assert_eq!(mode["journal_mode"], "wal");
    db.execute("PRAGMA user_version = 7").await.unwrap();
    assert_eq!(
        database.scalar_text("PRAGMA user_version").await.unwrap(),
        "7"
    );
    let error = db.insert("b", row! { "id": 1, "a": 9, "n": 1 }).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::ForeignKeyViolation);
    let error = db.insert("b", row! { "id": 1, "n": 0 }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
    assert_eq!(
        database
            .scalar_text("SELECT count(*) FROM b")
            .await
            .unwrap(),
        "0"
    );
}

/// SQLite takes the mark of a file's encoding for a blank, wherever it comes.
#[tokio::test]
async fn no_text_ends_the_transaction_that_it_runs_in() {
    let mark = '\u{feff}';
    let hidden = [
        format!("SELECT 1; {mark}{mark}COMMIT"),
        format!("INSERT INTO t VALUES (1); {mark}/**/{mark} COMMIT; INSERT INTO t VALUES (2)"),
        format!("{mark}{mark}ROLLBACK"),
        format!("SELECT 1;{mark} \n{mark}END; INSERT INTO t VALUES (3)"),
    ];
    for sql in hidden {
        let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
        let outside = db.execute_script(&sql).await.unwrap_err();
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "id": 8 }).await.unwrap();
        let inside = tx.execute_script(&sql).await.unwrap_err();
        for error in [outside, inside] {
            assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
        }
        tx.rollback().await.unwrap();
        let rows = database.scalar_text("SELECT count(*) FROM t").await;
        assert_eq!(rows.unwrap(), "0", "{sql:?}");
    }
    // a statement behind such marks is itself
    let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    let sql = format!("INSERT INTO t VALUES (1);{mark}{mark}INSERT INTO t VALUES (2)");
    db.execute_script(sql).await.unwrap();
    let rows = database.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(rows.unwrap(), "2");
}

#[tokio::test]
async fn a_text_with_a_nul_is_not_cut() {
    let (database, db) =
        with("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)").await;
    let sql = "DELETE FROM t\0 WHERE id = 1";
    for result in [
        db.execute(sql).await.map(drop),
        db.query(sql).await.map(drop),
        db.execute_script(sql).await,
        db.execute("DELETE FROM t WHERE id > :p\0 AND id = 1")
            .bind("p", 0)
            .await
            .map(drop),
    ] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidQuery);
    }
    assert_eq!(
        database
            .scalar_text("SELECT count(*) FROM t")
            .await
            .unwrap(),
        "2"
    );
}

/// Another program makes the table anew, with other types: the very next write goes by them.
#[tokio::test]
async fn the_first_write_after_a_change_by_others_goes_by_the_new_types() {
    for in_transaction in [false, true] {
        let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, z TEXT)").await;
        db.insert("t", row! { "a": "x", "z": "y" }).await.unwrap();
        database
            .sql("DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, a BOOLEAN, z UUID)")
            .await;
        let data = row! { "a": true, "z": "no uuid" };
        let result = if in_transaction {
            let tx = db.begin().await.unwrap();
            assert!(tx.select("t", "*").await.unwrap().is_empty());
            tx.insert("t", data).await
        } else {
            db.insert("t", data).await
        };
        assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidValue);
        assert_eq!(
            database
                .scalar_text("SELECT count(*) FROM t")
                .await
                .unwrap(),
            "0"
        );
    }
}
