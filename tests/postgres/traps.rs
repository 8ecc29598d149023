//! The traps of the driver and of PostgreSQL that corrupt silently; each test fails without the
//! rule that closes its trap.

use db_adapter::prelude::*;
use db_adapter::{ErrorKind, Value};

use crate::database;

/// The driver finds prepared statements by their text alone: the same text with a parameter of
/// another type would read the bytes of one as the other.
#[tokio::test]
async fn the_same_sql_takes_values_of_any_type() {
    let (_database, db) = database("CREATE TABLE t (n bigint, s text, b bytea)").await;
    let sql = "SELECT :v AS v";
    assert_eq!(db.query(sql).bind("v", 42).one().await.unwrap()["v"], 42);
    assert_eq!(
        db.query(sql).bind("v", "12345678").one().await.unwrap()["v"],
        "12345678"
    );
    assert_eq!(db.query(sql).bind("v", 1.5).one().await.unwrap()["v"], 1.5);
    assert_eq!(
        db.query(sql).bind("v", true).one().await.unwrap()["v"],
        true
    );
    assert_eq!(
        db.query(sql).bind("v", vec![1_u8]).one().await.unwrap()["v"],
        Value::from(vec![1_u8])
    );
    assert!(db.query(sql).bind("v", None::<i64>).one().await.unwrap()["v"].is_null());
    assert_eq!(db.query(sql).bind("v", 42).one().await.unwrap()["v"], 42);
    // one text, each kind of value and NULL, on one connection
    for value in [
        Value::from(1),
        "2".into(),
        3.0.into(),
        Value::Null,
        4.into(),
    ] {
        db.insert("t", row! { "n": value }).await.unwrap();
    }
    for value in [Value::from(vec![0_u8]), Value::Null, "\\x01".into()] {
        db.insert("t", row! { "b": value }).await.unwrap();
    }
    assert_eq!(
        db.query("SELECT sum(n)::int8 AS s FROM t")
            .one()
            .await
            .unwrap()["s"],
        10
    );
    for value in [Value::from(2), "2".into(), 2.0.into()] {
        assert_eq!(db.count("t", row! { "n": value }).await.unwrap(), 1);
    }
}

/// An explicit cast to `varchar(3)`, also by a domain, cuts without a word.
#[tokio::test]
async fn what_is_too_long_is_refused_and_not_cut() {
    let (_database, db) = database(
        "CREATE DOMAIN short AS varchar(3); CREATE DOMAIN shorter AS short; CREATE DOMAIN cents AS numeric(4,2);
         CREATE TABLE t (v varchar(3), c char(3), d short, e shorter, b bit(3), n numeric(4,2), m cents, a varchar(3)[], f short[])",
    )
    .await;
    for (column, value) in [
        ("v", "abcdef"),
        ("c", "abcdef"),
        ("d", "abcdef"),
        ("e", "abcdef"),
        ("b", "10101"),
        ("n", "123.4"),
        ("m", "123.4"),
    ] {
        for many in [1, 2] {
            let rows = vec![Row::from([(column, value)]); many];
            let error = db.insert_many("t", rows).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidValue, "{column}: {error}");
            assert!(!error.to_string().contains(value), "{error}");
        }
        let error = db
            .query(format!("INSERT INTO t ({column}) VALUES (:v)"))
            .bind("v", value)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{column}: {error}");
    }
    for column in ["a", "f"] {
        let error = db
            .insert("t", Row::from([(column, vec!["abcdef"])]))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{column}: {error}");
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    // a cast without a length would mean one of 1
    let row = db
        .insert("t", row! { "b": "101", "c": "abc", "m": "1.5" })
        .await
        .unwrap();
    assert_eq!(
        (&row["b"], &row["c"]),
        (&Value::from("101"), &Value::from("abc"))
    );
    assert_eq!(
        db.count("t", row! { "c": "abc", "b": "101" })
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        db.count("t", row! { "v": "longer than it can be" })
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn a_not_null_domain_may_be_absent() {
    let (_database, db) = database(
        "CREATE DOMAIN nn AS text NOT NULL; CREATE TABLE t (id serial PRIMARY KEY, d nn DEFAULT 'x', j jsonb)",
    )
    .await;
    let row = db.insert("t", row! {}).await.unwrap();
    assert_eq!(row["d"], "x");
    assert_eq!(
        db.insert_many("t", [row! {}, row! { "id": 9 }, row! {}])
            .await
            .unwrap(),
        3
    );
    assert_eq!(
        db.insert("t", row! { "d": None::<&str> })
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::NotNullViolation
    );
    // SQL NULL and the JSON null are two things
    let null = Value::json_from(&()).unwrap();
    assert_eq!(
        db.insert("t", row! { "j": null.clone() }).await.unwrap()["j"],
        null
    );
    assert!(db.insert("t", row! { "j": None::<&str> }).await.unwrap()["j"].is_null());
    assert_eq!(db.count("t", row! { "j": op::is_null() }).await.unwrap(), 5);
}

/// `0A000` comes for ever on a connection whose driver keeps the stale statement.
#[tokio::test]
async fn a_changed_table_is_read_again() {
    let (database, db) = database("CREATE TABLE t (id int PRIMARY KEY, v int)").await;
    let mut other = database.oracle().await;
    db.insert("t", row! { "id": 1, "v": 5 }).await.unwrap();
    // every connection of the pool knows the statement
    let select = || async { db.select("t", "id, v").one().await };
    for _ in 0..3 {
        let all = tokio::join!(select(), select(), select(), select());
        all.0.unwrap();
    }
    other.sql("ALTER TABLE t ALTER v TYPE text").await;
    for _ in 0..3 {
        let (a, b, c, d) = tokio::join!(select(), select(), select(), select());
        for row in [a, b, c, d] {
            assert_eq!(row.unwrap()["v"], "5");
        }
    }
    assert_eq!(
        db.insert("t", row! { "id": 2, "v": "x" }).await.unwrap()["v"],
        "x"
    );
    other
        .sql("ALTER TABLE t ADD w int; ALTER TABLE t RENAME v TO u")
        .await;
    assert_eq!(
        db.insert("t", row! { "id": 3, "w": 7 }).await.unwrap()["w"],
        7
    );
    assert_eq!(
        db.select("t", "u")
            .filter(row! { "id": 2 })
            .one()
            .await
            .unwrap()["u"],
        "x"
    );
    assert_eq!(
        db.select("t", "v").await.unwrap_err().kind(),
        ErrorKind::UndefinedColumn
    );
    other.sql("DROP TABLE t; CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id int PRIMARY KEY, u e); INSERT INTO t VALUES (1, 'a')").await;
    assert_eq!(db.select("t", "id, u").one().await.unwrap()["u"], "a");
    let sql = "SELECT * FROM t WHERE id = :id";
    assert_eq!(db.query(sql).bind("id", 1).one().await.unwrap()["u"], "a");
    other
        .sql("ALTER TABLE t ALTER u TYPE text, ADD x int[]")
        .await;
    assert_eq!(db.query(sql).bind("id", 1).one().await.unwrap()["u"], "a");
    other.sql("DROP TABLE t").await;
    assert_eq!(
        db.select("t", "id, u").await.unwrap_err().kind(),
        ErrorKind::UndefinedTable
    );
}

#[tokio::test]
async fn our_own_ddl_is_seen_at_once() {
    let (_database, db) = database("").await;
    db.execute("CREATE TABLE t (id int)").await.unwrap();
    db.insert("t", row! { "id": 1 }).await.unwrap();
    db.execute("ALTER TABLE t ADD name text DEFAULT 'x'")
        .await
        .unwrap();
    assert_eq!(db.select("t", "*").one().await.unwrap()["name"], "x");
    let tx = db.begin().await.unwrap();
    tx.execute("ALTER TABLE t ADD secret int").await.unwrap();
    assert_eq!(tx.select("t", "*").one().await.unwrap().len(), 3);
    tx.rollback().await.unwrap();
    assert_eq!(db.select("t", "*").one().await.unwrap().len(), 2);
}

#[tokio::test]
async fn types_outside_of_the_search_path_are_found() {
    let (_database, db) = database(
        "CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('a', 'b'); CREATE TYPE public.mood AS ENUM ('c');
         CREATE TABLE other.t (id int, m other.mood, ms other.mood[])",
    )
    .await;
    let row = row! { "id": 1, "m": "a", "ms": ["a", "b"] };
    assert_eq!(db.insert("other.t", row.clone()).await.unwrap(), row);
    assert_eq!(
        db.count("other.t", row! { "m": op::is_in(["a", "b"]) })
            .await
            .unwrap(),
        1
    );
    let found = db
        .query("SELECT * FROM other.t WHERE m = :m")
        .bind("m", "a")
        .one()
        .await
        .unwrap();
    assert_eq!(found, row);
    let error = db.insert("other.t", row! { "m": "c" }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
}

/// PostgreSQL finds the operators of any enum for an enum, and not for a domain over one.
#[tokio::test]
async fn a_domain_over_an_enum_is_read_written_and_compared() {
    let (database, db) = database(
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE DOMAIN calm AS mood CHECK (VALUE <> 'sad');
         CREATE TABLE t (id int PRIMARY KEY, v calm, w mood, vs calm[])",
    )
    .await;
    for (id, mood) in [(1, "ok"), (2, "happy")] {
        let row = row! { "id": id, "v": mood, "w": mood, "vs": [mood] };
        assert_eq!(db.insert("t", row.clone()).await.unwrap(), row);
        assert_eq!(db.upsert("t", row.clone(), "id").await.unwrap(), row);
    }
    for filter in [
        row! { "v": "ok" }.into(),
        row! { "v": op::is_in(["ok", "x"]) },
        row! { "v": op::ne("happy"), "w": "ok" },
        row! { "v": op::lt("happy") },
        Filter::not(row! { "v": op::not_in(["ok"]) }),
    ] {
        let filter: Filter = filter;
        let shown = format!("{filter:?}");
        match db.select("t", "id").filter(filter).await {
            Ok(found) => assert_eq!(found, [row! { "id": 1 }], "{shown}"),
            // a value that the enum does not have
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidValue, "{shown}: {error}"),
        }
    }
    let ordered = db.select("t", "v").order_by("v DESC").await.unwrap();
    assert_eq!(ordered, [row! { "v": "happy" }, row! { "v": "ok" }]);
    let changed = db
        .update("t", row! { "v": "happy" }, row! { "v": "ok" })
        .await
        .unwrap();
    assert_eq!(changed["id"], 1);
    let refused = db
        .update("t", row! { "v": "sad" }, row! { "id": 1 })
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::CheckViolation, "{refused}");
    assert_eq!(db.delete("t", row! { "v": "happy" }).await.unwrap(), 2);
    let left = database.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(left.as_deref(), Some("0"));
}

/// Nothing can be asked in a transaction that has failed, so the server's own error is told.
#[tokio::test]
async fn a_mistake_beside_a_filter_in_a_transaction_is_told_as_it_is() {
    let (_database, db) = database("CREATE TABLE t (id int PRIMARY KEY, n int)").await;
    db.select("t", "*").await.unwrap();
    let tx = db.begin().await.unwrap();
    let wrong = tx
        .query("SELECT nope FROM t WHERE {f}")
        .filter("f", "t", row! { "id": 1 });
    let error = wrong.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UndefinedColumn, "{error}");
    tx.rollback().await.unwrap();
}

/// Its canonical value is then the number that the table had, which is not a name.
#[tokio::test]
async fn a_regclass_whose_table_is_gone_is_written_and_compared() {
    let (database, db) = database(
        "CREATE TABLE gone (id int); CREATE TABLE t (id int PRIMARY KEY, v regclass, n int); \
         INSERT INTO t VALUES (1, 'gone', 0)",
    )
    .await;
    let oid = database
        .scalar_text("SELECT 'gone'::regclass::oid")
        .await
        .unwrap();
    database.sql("DROP TABLE gone").await;
    let value = db.select("t", "v").one().await.unwrap()["v"].clone();
    assert_eq!(value, oid.as_str());
    let row = |id: i64| row! { "id": id, "v": value.clone() };
    db.insert("t", row(2)).await.unwrap();
    db.insert_many("t", [row(3), row(4)]).await.unwrap();
    db.insert_many("t", (10..610).map(row)).await.unwrap();
    db.update("t", row! { "v": value.clone() }, row! { "id": 1 })
        .await
        .unwrap();
    db.update_many("t", [row(2)], ["id"]).await.unwrap();
    assert_eq!(
        db.count("t", row! { "v": value.clone() }).await.unwrap(),
        604
    );
    assert_eq!(
        db.count("t", row! { "v": [value.clone(), "t".into()] })
            .await
            .unwrap(),
        604
    );
    let query = db
        .query("SELECT count(*) AS n FROM t WHERE v = :v")
        .bind("v", value.clone());
    assert_eq!(query.one().await.unwrap()["n"], 604);
    db.insert("t", row! { "id": 5, "v": "t" }).await.unwrap();
    let names = "SELECT v::text FROM t WHERE id = 5";
    assert_eq!(database.scalar_text(names).await.as_deref(), Some("t"));
    // a name of nothing is a wrong value, not a table that the operation is about
    for result in [
        db.insert("t", row! { "id": 6, "v": "nope" })
            .await
            .map(drop),
        db.insert_many(
            "t",
            [row! { "id": 6, "v": "nope" }, row! { "id": 7, "v": "t" }],
        )
        .await
        .map(drop),
        db.update("t", row! { "v": "nope" }, row! { "id": 1 })
            .await
            .map(drop),
        db.count("t", row! { "v": "nope" }).await.map(drop),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
        assert!(error.to_string().contains("`v`"), "{error}");
    }
    let tx = db.begin().await.unwrap();
    let error = tx
        .insert("t", row! { "id": 6, "v": "nope" })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
    drop(tx);
    assert_eq!(
        database
            .scalar_text("SELECT count(*) FROM t")
            .await
            .as_deref(),
        Some("605")
    );
}

#[tokio::test]
async fn names_of_nothing_have_their_column() {
    for (sql_type, value) in [
        ("regtype", "nope"),
        ("regproc", "nope"),
        ("regrole", "nope"),
        ("regnamespace", "nope"),
        ("regconfig", "nope"),
    ] {
        let (_database, db) = database(&format!(
            "CREATE TABLE t (id int PRIMARY KEY, v {sql_type})"
        ))
        .await;
        db.select("t", "*").await.unwrap();
        let error = db
            .insert("t", row! { "id": 1, "v": value })
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{sql_type}: {error}");
        assert!(error.to_string().contains("`v`"), "{sql_type}: {error}");
        let tx = db.begin().await.unwrap();
        let error = tx
            .insert("t", row! { "id": 1, "v": value })
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{sql_type}: {error}");
        assert!(error.to_string().contains("`v`"), "{sql_type}: {error}");
    }
}

#[tokio::test]
async fn a_wrong_number_of_bits_has_its_column() {
    let (database, db) =
        database("CREATE TABLE t (id int PRIMARY KEY, v bit(3), w varbit(5)); INSERT INTO t VALUES (1, '101', '1')").await;
    let long = row! { "id": 2, "w": "111111" };
    let short = row! { "id": 2, "v": "1" };
    for (row, column) in [(&long, "`w`"), (&short, "`v`")] {
        let data = row.clone().without(["id"]);
        for result in [
            db.insert("t", row.clone()).await.map(drop),
            db.insert_many("t", [row.clone()]).await.map(drop),
            db.insert_many(
                "t",
                (2..602).map(|id| {
                    let mut row = row.clone();
                    row.set("id", id);
                    row
                }),
            )
            .await
            .map(drop),
            db.update("t", data, row! { "id": 1 }).await.map(drop),
        ] {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
            assert!(error.to_string().contains(column), "{error}");
        }
    }
    // a filter by another number of bits matches nothing
    assert_eq!(db.count("t", row! { "v": "1" }).await.unwrap(), 0);
    assert_eq!(
        db.count("t", row! { "v": "101", "w": "1" }).await.unwrap(),
        1
    );
    db.insert("t", row! { "id": 2, "v": "b011", "w": "x1" })
        .await
        .unwrap();
    let text = "SELECT v::text || ' ' || w::text FROM t WHERE id = 2";
    assert_eq!(
        database.scalar_text(text).await.as_deref(),
        Some("011 0001")
    );
}

#[tokio::test]
async fn an_error_about_types_names_what_the_caller_has_named() {
    let (_database, db) = database("CREATE TABLE t (id int PRIMARY KEY, s text)").await;
    let filter = || row! { "id": op::gt(0) };
    for sql in [
        "SELECT nope(id) FROM t WHERE {f}",
        "SELECT id + s FROM t WHERE {f}",
        "SELECT id FROM t WHERE {f} AND id = s",
        "SELECT id FROM t WHERE nope(:a, {f})",
    ] {
        let query = db.query(sql).filter("f", "t", filter());
        let query = if sql.contains(":a") {
            query.bind("a", 1)
        } else {
            query
        };
        let error = query.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{sql}: {error}");
        assert!(!error.to_string().contains("filter0"), "{sql}: {error}");
        assert!(
            error.to_string().contains("no such operator or function"),
            "{sql}: {error}"
        );
    }
    let error = db
        .query("SELECT nope(id) FROM t WHERE id = :a")
        .bind("a", 1)
        .await
        .unwrap_err();
    assert!(!error.to_string().contains(":a"), "{error}");
    for sql in [
        "SELECT nope(:a)",
        "SELECT id FROM t WHERE s = :a",
        "SELECT id FROM t WHERE :a = s",
    ] {
        let error = db.query(sql).bind("a", 1).await.unwrap_err();
        assert!(error.to_string().contains("`:a`"), "{sql}: {error}");
    }
}
