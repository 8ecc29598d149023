//! Another session changes the type of a column, or only its length, precision or scale, so that the
//! statements that are known fail no more than before: nothing is rounded, and nothing is read as
//! what it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, PostgresAdapter, Result, Value};
use futures_util::TryStreamExt;
use support::TestDatabase;

use crate::database;

/// A type, the same with less room, and a value that only the first one holds.
const NARROWED: [(&str, &str, &str); 9] = [
    ("numeric", "numeric(4,1)", "1.25"),
    ("numeric(6,2)", "numeric(6,1)", "1.25"),
    ("numeric(6,2)[]", "numeric(6,1)[]", "{1.25}"),
    ("timestamp(3)", "timestamp(0)", "2020-01-01 10:00:00.125"),
    ("timestamptz", "timestamptz(1)", "2020-01-01 10:00:00.25+00"),
    ("time(4)", "time(2)", "10:00:00.125"),
    ("dn", "numeric(4,1)", "1.25"),
    ("numeric", "dn", "1.26"),
    ("float8", "real", "0.12345678901"),
];

/// Every verb that writes, by a way that gives as little back as it can.
const WRITES: [&str; 11] = [
    "insert",
    "upsert",
    "insert_many",
    "or_ignore",
    "upsert_many",
    "update",
    "count",
    "update_many",
    "returning id",
    "copy",
    "update returning id",
];

async fn write(db: &dyn DatabaseClient, verb: &str, value: &Value) -> Result<()> {
    let row = |id: i64| row! { "id": id, "v": value.clone() };
    match verb {
        "insert" => db.insert("t", row(10)).await.map(drop),
        "upsert" => db.upsert("t", row(1), ["id"]).await.map(drop),
        "insert_many" => db.insert_many("t", [row(10), row(11)]).await.map(drop),
        "or_ignore" => db.insert("t", row(10)).or_ignore().await.map(drop),
        "upsert_many" => db
            .upsert_many("t", [row(1), row(10)], ["id"])
            .await
            .map(drop),
        "update" => {
            let data = row! { "v": value.clone() };
            db.update("t", data, row! { "id": 1 }).await.map(drop)
        }
        "count" => {
            let data = row! { "v": value.clone() };
            db.update("t", data, Filter::all()).count().await.map(drop)
        }
        "update_many" => db.update_many("t", [row(1)], ["id"]).await.map(drop),
        "returning id" => {
            let rows = db.insert_many("t", [row(10), row(11)]);
            rows.returning("id").await.map(drop)
        }
        "copy" => db.insert_many("t", (10..610).map(row)).await.map(drop),
        _ => {
            let data = row! { "v": value.clone() };
            let update = db.update("t", data, row! { "id": 1 });
            update.returning("id").await.map(drop)
        }
    }
}

/// Whether the server holds nothing but the row from before.
async fn is_untouched(database: &TestDatabase) -> bool {
    let sql = "SELECT count(*) = 1 AND bool_and(id = 1 AND v IS NULL) FROM t";
    database.scalar_text(sql).await.as_deref() == Some("t")
}

#[tokio::test]
async fn a_column_with_less_room_rounds_nothing() {
    let (database, db) = database("CREATE DOMAIN dn AS numeric(4,1)").await;
    for (i, (before, after, value)) in NARROWED.into_iter().enumerate() {
        let value = match before {
            "float8" => Value::Float(value.parse().unwrap()),
            _ => Value::from(value),
        };
        // every verb with the first type, and every type with some
        let verbs = WRITES.into_iter().enumerate();
        for (_, verb) in verbs.filter(|(j, _)| i == 0 || (i + j) % 4 == 0) {
            // the domain takes as little as what comes after it
            let fits = if before == "dn" {
                Value::from("1.2")
            } else {
                value.clone()
            };
            let make = format!(
                "DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v {before}); INSERT INTO t VALUES (1)"
            );
            database.sql(&make).await;
            write(&db, verb, &fits)
                .await
                .unwrap_or_else(|error| panic!("{before} {verb}: {error}"));
            database.sql("TRUNCATE t; INSERT INTO t VALUES (1)").await;
            database
                .sql(&format!("ALTER TABLE t ALTER v TYPE {after}"))
                .await;
            for _ in 0..2 {
                let result = write(&db, verb, &value).await;
                let error = result.expect_err(&format!("{before} {after} {verb}"));
                assert_eq!(
                    error.kind(),
                    ErrorKind::InvalidValue,
                    "{before} {after} {verb}: {error}"
                );
                assert!(error.to_string().contains("`v`"), "{error}");
                assert!(is_untouched(&database).await, "{before} {after} {verb}");
            }
        }
    }
}

#[tokio::test]
async fn in_a_transaction_it_is_to_be_run_again() {
    for verb in WRITES {
        let (database, db) =
            database("CREATE TABLE t (id int PRIMARY KEY, v numeric); INSERT INTO t VALUES (1)")
                .await;
        let value = Value::from("1.25");
        write(&db, verb, &value).await.unwrap();
        database.sql("TRUNCATE t; INSERT INTO t VALUES (1)").await;
        let tx = db.begin().await.unwrap();
        tx.query("SELECT 1").await.unwrap();
        database
            .sql("ALTER TABLE t ALTER v TYPE numeric(4,1)")
            .await;
        let error = write(&tx, verb, &value).await.unwrap_err();
        assert!(
            matches!(error, Error::SchemaChanged { .. }),
            "{verb}: {error}"
        );
        assert!(tx.commit().await.is_err());
        assert!(is_untouched(&database).await, "{verb}");
        let run = db.transaction_retrying(3, async |tx| write(&tx, verb, &value).await);
        assert_eq!(
            run.await.unwrap_err().kind(),
            ErrorKind::InvalidValue,
            "{verb}"
        );
        assert!(is_untouched(&database).await, "{verb}");
    }
}

/// The name is the same, and the type is another one.
#[tokio::test]
async fn a_domain_that_was_made_again_rounds_nothing() {
    let make = "CREATE DOMAIN d AS numeric; CREATE TABLE t (id int PRIMARY KEY, v d, w d[]); INSERT INTO t VALUES (1)";
    let again = "ALTER TABLE t ALTER v TYPE numeric, ALTER w TYPE numeric[]; DROP DOMAIN d; CREATE DOMAIN d AS numeric(4,1); \
        ALTER TABLE t ALTER v TYPE d, ALTER w TYPE d[]";
    for verb in WRITES {
        let (database, db) = database(make).await;
        let value = Value::from("1.25");
        write(&db, verb, &value).await.unwrap();
        let array = Value::from("{1.25}");
        db.update("t", row! { "w": array.clone() }, Filter::all())
            .count()
            .await
            .unwrap();
        database.sql("TRUNCATE t; INSERT INTO t VALUES (1)").await;
        for statement in again.split("; ") {
            database.sql(statement).await;
        }
        let error = write(&db, verb, &value).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{verb}: {error}");
        let update = db.update("t", row! { "w": array }, Filter::all());
        assert_eq!(
            update.count().await.unwrap_err().kind(),
            ErrorKind::InvalidValue
        );
        assert!(is_untouched(&database).await, "{verb}");
    }
}

/// What a type that is read as its text becomes, what `v` is then, and what is read.
fn natives() -> [(&'static str, &'static str, Value); 9] {
    let json = Value::Json(db_adapter::Json::parse("[1]").unwrap());
    [
        ("int8", "5", Value::Int(5)),
        ("bool", "true", Value::Bool(true)),
        ("jsonb", "'[1]'::jsonb", json),
        ("bytea", "'\\x01'::bytea", Value::Bytes([1].into())),
        ("int4[]", "ARRAY[1,2]", Value::from([1, 2])),
        ("numeric", "1.50", Value::Numeric("1.50".parse().unwrap())),
        (
            "timestamptz",
            "'2020-01-01 10:00:00+00'",
            Value::from("2020-01-01T10:00:00.000000+00:00"),
        ),
        ("time", "'10:00:00'", Value::from("10:00:00.000000")),
        ("text", "'x'", Value::from("x")),
    ]
}

const AS_TEXT: [&str; 12] = [
    "money",
    "interval",
    "mood",
    "inet",
    "xml",
    "tsvector",
    "int4range",
    "bit(3)",
    "dmood",
    "mood[]",
    "regclass",
    "pg_node_tree",
];

async fn read(db: &dyn DatabaseClient, way: &str) -> Value {
    let query = |sql: &'static str| async move { db.query(sql).one().await };
    let row = match way {
        "select" => db.select("t", "*").one().await,
        "column" => db.select("t", "v").filter(row! { "id": 1 }).one().await,
        "stream" => {
            let rows: Vec<Row> = db.select("t", "*").stream().try_collect().await.unwrap();
            Ok(rows.into_iter().next().unwrap())
        }
        "update" => db.update("t", row! { "n": 2 }, row! { "id": 1 }).await,
        "query" => query("SELECT * FROM t").await,
        "query of a column" => query("SELECT v FROM t WHERE id = 1").await,
        "query that writes" => query("UPDATE t SET n = 3 RETURNING *").await,
        _ => db.insert("t", row! {}).await,
    };
    row.unwrap_or_else(|error| panic!("{way}: {error}"))["v"].clone()
}

const WAYS: [&str; 8] = [
    "select",
    "column",
    "stream",
    "update",
    "query",
    "query of a column",
    "query that writes",
    "insert of defaults",
];

#[tokio::test]
async fn what_was_read_as_text_is_read_as_what_it_is() {
    let types = "CREATE TYPE mood AS ENUM ('sad'); CREATE DOMAIN dmood AS mood";
    let (database, db) = database(types).await;
    for (i, before) in AS_TEXT.into_iter().enumerate() {
        // the driver knows nothing of it, and a text that writes can be asked about by it alone
        let ways = WAYS
            .into_iter()
            .filter(|way| before != "pg_node_tree" || *way != "query that writes");
        let natives = natives().into_iter().enumerate();
        for (_, (after, using, expected)) in natives.filter(|(j, _)| (i + j) % 3 == 0) {
            let make = format!(
                "DROP TABLE IF EXISTS t; CREATE TABLE t (id serial PRIMARY KEY, n int, v {before}); INSERT INTO t (n) VALUES (1)"
            );
            database.sql(&make).await;
            for way in ways.clone() {
                read(&db, way).await;
            }
            database.sql("DELETE FROM t WHERE id > 1").await;
            let alter = format!(
                "ALTER TABLE t ALTER v TYPE {after} USING {using}, ALTER v SET DEFAULT {using}"
            );
            database.sql(&alter).await;
            for way in ways.clone() {
                assert_eq!(read(&db, way).await, expected, "{before} {after} {way}");
                database.sql("DELETE FROM t WHERE id > 1").await;
            }
        }
    }
}

/// A transaction that has not touched the table reads it as it is, or is to be run again.
#[tokio::test]
async fn a_transaction_reads_no_text_of_what_is_none() {
    let make = "CREATE TABLE t (id serial PRIMARY KEY, n int, v money); INSERT INTO t (n, v) VALUES (1, 5)";
    for way in ["select", "query"] {
        let (database, db) = database(make).await;
        read(&db, way).await;
        let tx = db.begin().await.unwrap();
        tx.query("SELECT 1").await.unwrap();
        database
            .sql("ALTER TABLE t ALTER v TYPE int8 USING 5")
            .await;
        let error = match way {
            "select" => tx.select("t", "*").await.unwrap_err(),
            _ => tx.query("SELECT * FROM t").await.unwrap_err(),
        };
        assert!(
            matches!(error, Error::SchemaChanged { .. }),
            "{way}: {error}"
        );
        drop(tx);
        assert_eq!(read(&db, way).await, Value::Int(5));
    }
}

/// A guard names no type of a column that is only read: the role needs no right to its schema.
#[tokio::test]
async fn a_role_without_a_right_to_the_schema_of_a_type_reads_it() {
    let make = "CREATE SCHEMA hidden; CREATE TYPE hidden.mood AS ENUM ('sad'); \
        CREATE TABLE t (id int PRIMARY KEY, v hidden.mood); INSERT INTO t VALUES (1, 'sad'); \
        GRANT ALL ON t TO PUBLIC";
    let (database, _) = database(make).await;
    let role = format!("reader_{}", std::process::id());
    database
        .sql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'x'"))
        .await;
    let at = database.url().find("://").unwrap() + 3;
    let host = database.url()[at..]
        .split_once('@')
        .map_or(&database.url()[at..], |(_, host)| host);
    let db = PostgresAdapter::connect(&format!("postgres://{role}:x@{host}"))
        .await
        .unwrap();
    assert_eq!(db.select("t", "*").one().await.unwrap()["v"], "sad");
    assert_eq!(db.query("SELECT * FROM t").one().await.unwrap()["v"], "sad");
    // a write names it, and says what is missing
    let error = db.insert_many("t", [row! { "id": 2, "v": "sad" }]).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().contains("schema `hidden`"), "{error}");
    db.close().await.unwrap();
    let drop = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    for statement in drop.split("; ") {
        database.sql(statement).await;
    }
}

/// A value in a filter is one of the column's type: 0.1 of four bytes is no 0.1 of eight.
#[tokio::test]
async fn a_filter_is_of_the_type_that_the_column_has() {
    let (database, db) = database(
        "CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1); \
         CREATE TABLE t (id int PRIMARY KEY, v real); INSERT INTO t VALUES (1, 0.1)",
    )
    .await;
    let filter = || row! { "v": 0.1 };
    let refers = || Filter::refers_to(["id"], "t", ["id"], filter()).unwrap();
    for change in [
        "",
        "ALTER TABLE t ALTER v TYPE float8 USING 0.1",
        "ALTER TABLE t ALTER v TYPE real",
    ] {
        if !change.is_empty() {
            database.sql(change).await;
        }
        assert_eq!(db.count("t", filter()).await.unwrap(), 1, "{change}");
        assert!(db.exists("t", filter()).await.unwrap(), "{change}");
        assert_eq!(
            db.select("t", "id").filter(filter()).await.unwrap().len(),
            1,
            "{change}"
        );
        assert_eq!(
            db.select("p", "id").filter(refers()).await.unwrap().len(),
            1,
            "{change}"
        );
        let query = db
            .query("SELECT id FROM t WHERE {f}")
            .filter("f", "t", filter());
        assert_eq!(query.await.unwrap().len(), 1, "{change}");
        assert_eq!(
            db.update("t", row! { "id": 1 }, filter())
                .count()
                .await
                .unwrap(),
            1,
            "{change}"
        );
        let tx = db.begin().await.unwrap();
        assert_eq!(tx.delete("t", filter()).await.unwrap(), 1, "{change}");
        tx.rollback().await.unwrap();
        let page = db
            .select("t", "id")
            .order_by("v")
            .limit(1)
            .after(&row! { "v": 0.05, "id": 0 });
        assert_eq!(page.await.unwrap().len(), 1, "{change}");
    }
}

/// The type is another one while a text is first looked at: a check that is refused only for that must
/// not give way to a weaker one for good.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_text_that_is_first_read_while_its_type_changes() {
    let (database, db) =
        database("CREATE TABLE t (id int PRIMARY KEY, v money); INSERT INTO t VALUES (0, 5)").await;
    let db = Arc::new(db);
    let stop = Arc::new(AtomicBool::new(false));
    let text = |reader: usize, n: usize| {
        format!("SELECT v FROM t WHERE id = 0 AND {reader} = {reader} AND {n} = {n}")
    };
    let readers: Vec<_> = (0..3)
        .map(|reader| {
            let (db, stop) = (Arc::clone(&db), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut n = 0;
                while !stop.load(Ordering::Relaxed) {
                    // another text now and then, so that many are first read in such a moment
                    let _ = db.query(text(reader, n / 40 % 8)).await;
                    n += 1;
                }
                n
            })
        })
        .collect();
    let mut oracle = database.oracle().await;
    let alter = |to: &str| {
        let number = "replace(v::text, '$', '')::numeric";
        format!("ALTER TABLE t ALTER v TYPE {to} USING {number}::{to}")
    };
    for round in 0..150 {
        let to = [
            "numeric(6,2)",
            "money",
            "numeric(4,1)",
            "text",
            "money",
            "int8",
        ][round % 6];
        oracle.sql(&alter(to)).await;
        tokio::time::sleep(Duration::from_millis(round as u64 % 12)).await;
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
    for to in ["int8", "numeric(6,2)", "int8"] {
        oracle.sql(&alter(to)).await;
        for (reader, n) in (0..3).flat_map(|reader| (0..8).map(move |n| (reader, n))) {
            let row = db.query(text(reader, n)).one().await.unwrap();
            let is_right = match to {
                "int8" => matches!(row["v"], Value::Int(5)),
                _ => matches!(&row["v"], Value::Numeric(n) if n.as_str() == "5.00"),
            };
            assert!(is_right, "{to}, {reader} {n}: {:?}", row["v"]);
        }
    }
}

/// A connection that has not seen the text finds out by its answer. It only reads, so that it is
/// repeated, with a filter of ours in it too.
#[tokio::test]
async fn a_read_on_another_connection_is_repeated() {
    let (database, _) =
        database("CREATE TABLE t (id int PRIMARY KEY, v numeric); INSERT INTO t VALUES (0, 5)")
            .await;
    for to in ["money", "interval"] {
        database
            .sql("ALTER TABLE t ALTER v TYPE numeric USING 5")
            .await;
        let options = ConnectOptions::new(database.url()).max_connections(2);
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        let read = async || {
            let text = "SELECT v FROM t WHERE {f}";
            db.query(text)
                .filter("f", "t", row! { "id": 0 })
                .one()
                .await
        };
        let before = read().await.unwrap();
        assert!(matches!(before["v"], Value::Numeric(_)), "{before:?}");
        // the connection that has seen it is taken
        let tx = db.begin().await.unwrap();
        let using = if to == "money" {
            "5::money"
        } else {
            "'5 days'"
        };
        database
            .sql(&format!("ALTER TABLE t ALTER v TYPE {to} USING {using}"))
            .await;
        let found = read().await.unwrap();
        let expected = if to == "money" { "$5.00" } else { "5 days" };
        assert_eq!(found["v"], expected);
        tx.rollback().await.unwrap();
    }
}

/// A type is dropped and made again as a domain, under its name: what is cast to it would be rounded.
#[tokio::test]
async fn a_type_that_is_another_one_under_the_same_name() {
    let (database, db) = database("SELECT 1").await;
    for verb in WRITES {
        database
            .sql(
                "DROP TABLE IF EXISTS t; DROP TYPE IF EXISTS ty; CREATE TYPE ty AS ENUM ('1.25');
                  CREATE TABLE t (id int PRIMARY KEY, v ty); INSERT INTO t VALUES (1)",
            )
            .await;
        write(&db, verb, &"1.25".into())
            .await
            .unwrap_or_else(|error| panic!("{verb}: {error}"));
        database
            .sql(
                "DROP TABLE t; DROP TYPE ty; CREATE DOMAIN ty AS numeric(4,1);
                  CREATE TABLE t (id int PRIMARY KEY, v ty); INSERT INTO t VALUES (1)",
            )
            .await;
        for _ in 0..2 {
            let result = write(&db, verb, &"1.25".into()).await;
            assert!(result.is_err(), "{verb}");
            assert!(is_untouched(&database).await, "{verb}");
        }
        database.sql("DROP TABLE t; DROP DOMAIN ty").await;
    }
}
