//! Rows that their caller does not take, of texts that write without saying so.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::database;

const TABLES: &str = "CREATE TABLE done (i int); CREATE TABLE u (id int); INSERT INTO u VALUES (1), (2), (3);
             CREATE FUNCTION w(i int) RETURNS int LANGUAGE sql AS $$ INSERT INTO done VALUES (i) RETURNING i $$;
             CREATE FUNCTION calm(i int) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN w(i); END $$;
             CREATE FUNCTION empty_of(i int) RETURNS SETOF int LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO done VALUES (i); RETURN; END $$;
             CREATE FUNCTION fl(u) RETURNS int LANGUAGE sql AS $$ SELECT w(1) $$;
             CREATE OPERATOR @@@ (FUNCTION = w, RIGHTARG = int);
             CREATE VIEW wv AS SELECT w(id) AS id FROM u;
             CREATE PROCEDURE pr(INOUT i int) LANGUAGE sql AS $$ INSERT INTO done VALUES (i) RETURNING i $$;
             CREATE SEQUENCE counter";

#[derive(Debug, serde::Deserialize)]
struct Wrong {
    #[allow(dead_code)]
    absent: i64,
}

/// A text writes by what it calls, too: an error about its rows undoes that.
#[tokio::test]
async fn rows_of_what_writes_without_saying_so_are_judged() {
    let (database, db) = database(TABLES).await;
    let mut oracle = database.oracle().await;
    for text in [
        "SELECT w(1) AS id FROM u",
        "SELECT calm(1) AS id FROM u",
        "SELECT * FROM empty_of(1)",
        "SELECT U&\"\\0077\" (1) AS id FROM u",
        "SELECT id FROM u WHERE w(id) < 0",
        "VALUES (w(1)), (w(2))",
        "SELECT id FROM wv",
        "SELECT @@@ id FROM u",
        "SELECT u.fl FROM u",
        "WITH a AS (SELECT w(1) AS id FROM u) SELECT * FROM a",
        "SELECT nextval('counter') FROM u",
        "SELECT query_to_xml('SELECT w(1)', true, true, '')::text FROM u",
        "EXPLAIN ANALYZE INSERT INTO done VALUES (1)",
        "CALL pr(1)",
    ] {
        for in_transaction in [false, true] {
            let result = if in_transaction {
                let tx = db.begin().await.unwrap();
                let result = tx.query_as::<Wrong>(text).one().await.map(drop);
                assert_eq!(
                    tx.commit().await.expect_err(text).kind(),
                    ErrorKind::TransactionAborted,
                    "{text}"
                );
                result
            } else {
                db.query_as::<Wrong>(text).one().await.map(drop)
            };
            let kind = result.unwrap_err().kind();
            let about_rows = [
                ErrorKind::NoRowsMatched,
                ErrorKind::TooManyRows,
                ErrorKind::Conversion,
            ];
            assert!(about_rows.contains(&kind), "{text}: {kind:?}");
            let done = oracle.scalar_text("SELECT count(*) FROM done").await;
            assert_eq!(
                done.unwrap(),
                "0",
                "{text}, in a transaction: {in_transaction}"
            );
        }
    }
}

/// What surely reads changes nothing, so that an error about its rows is not the transaction's.
#[tokio::test]
async fn rows_of_what_only_reads_are_not_judged() {
    let (_database, db) = database("CREATE TABLE u (id int); INSERT INTO u VALUES (1)").await;
    for text in [
        "SELECT count(*) AS n FROM u WHERE id IN (1, 2)",
        "SELECT now() AS n",
        "SELECT lower('X') AS n",
        "SELECT coalesce(max(id), 0) AS n FROM u",
    ] {
        let tx = db.begin().await.unwrap();
        let wrong = tx.query_as::<Wrong>(text).one().await.unwrap_err();
        assert_eq!(wrong.kind(), ErrorKind::Conversion, "{text}");
        tx.commit().await.unwrap();
    }
}
