//! SQL text of callers.

use db_adapter::prelude::*;
use db_adapter::{ErrorKind, Value};
use futures_util::{StreamExt, TryStreamExt};

use crate::database;

const TABLES: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE TABLE t (id int PRIMARY KEY, m mood, r int4multirange, ms mood[], n numeric, s text);
    INSERT INTO t VALUES (1, 'sad', '{[1,3)}', '{sad,happy}', 1.50, 'x'), (2, 'happy', '{}', NULL, 2, 'y')";

#[tokio::test]
async fn unknown_types_come_as_text_from_every_kind_of_statement() {
    let (_database, db) = database(TABLES).await;
    for sql in [
        "SELECT * FROM t WHERE id = :id",
        "TABLE t ORDER BY id LIMIT :id",
        "WITH x AS (SELECT * FROM t WHERE id = :id) SELECT * FROM x -- comment",
        "(SELECT * FROM t WHERE id = :id)",
        "SELECT * FROM t WHERE id = :id FOR UPDATE",
    ] {
        let row = db.query(sql).bind("id", 1).one().await.unwrap();
        assert_eq!(
            (&row["m"], &row["r"]),
            (&Value::from("sad"), &Value::from("{[1,3)}")),
            "{sql}"
        );
        assert_eq!(row["ms"], Value::from(["sad", "happy"]));
    }
    let sql = "UPDATE t SET s = :s WHERE m = :m RETURNING id, m, ms";
    let row = db
        .query(sql)
        .bind("s", "z")
        .bind("m", "sad")
        .one()
        .await
        .unwrap();
    assert_eq!(row["m"], "sad");
    let sql =
        "WITH x AS (SELECT 5 AS id) INSERT INTO t (id, m) SELECT id, 'happy' FROM x RETURNING m";
    assert_eq!(db.query(sql).one().await.unwrap()["m"], "happy");
    // the driver cannot look multiranges up
    let sql = "UPDATE t SET r = :r WHERE r = :old RETURNING id";
    let changed = db
        .query(sql)
        .bind("r", "{[5,6)}")
        .bind("old", "{[1,3)}")
        .one()
        .await
        .unwrap();
    assert_eq!(changed["id"], 1);
    let sql = "SELECT 10 / :x AS q, r FROM t WHERE id = :id AND r = :r";
    let query = db.query(sql).bind("x", 4.0).bind("id", 1);
    let row = query.bind("r", "{[5,6)}").one().await.unwrap();
    assert_eq!(row.get::<f64>("q").unwrap(), 2.5);
    assert_eq!(row["r"], "{[5,6)}");
    let sql = "UPDATE t SET r = :r WHERE id = 1";
    assert_eq!(db.execute(sql).bind("r", "{}").await.unwrap(), 1);
    let error = db.query("DELETE FROM t RETURNING r").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let sql = "WITH x AS (DELETE FROM t RETURNING r) SELECT r FROM x";
    let error = db.query(sql).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 3);
    let sql = "WITH x AS (DELETE FROM t WHERE id = 5 RETURNING m) SELECT m::text FROM x";
    assert_eq!(db.query(sql).one().await.unwrap()["m"], "happy");
    assert_eq!(
        db.query("SELECT pg_sleep(0) AS v, ROW(1, 'a') AS r")
            .one()
            .await
            .unwrap()["r"],
        "(1,a)"
    );
    assert_eq!(
        db.query("VALUES (1, 'sad'::mood)").one().await.unwrap()["column2"],
        "sad"
    );
}

/// A part of a `WITH` that writes has to be at the top, so that the text cannot be put inside of another
/// as it is.
#[tokio::test]
async fn a_part_of_a_with_that_writes_gives_columns_of_any_type() {
    let types = [
        ("money", "$1.50"),
        ("interval", "1 day"),
        ("inet", "10.0.0.1"),
        ("int4range", "[1,3)"),
        ("mood", "sad"),
        ("mood[]", "{sad}"),
        ("int", "7"),
    ];
    let mut tables = "CREATE TYPE mood AS ENUM ('sad', 'happy');".to_owned();
    for (i, (ty, value)) in types.iter().enumerate() {
        let table = format!("t{i}");
        tables += &format!(
            "CREATE TABLE {table} (id int PRIMARY KEY, n int, v {ty}); \
             INSERT INTO {table} VALUES (1, 0, '{value}'), (2, 0, NULL);"
        );
    }
    let (database, db) = database(&tables).await;
    let update = "UPDATE t SET n = n + 1 WHERE id = :id RETURNING id, v";
    for (i, (ty, _)) in types.iter().enumerate() {
        let table = format!("t{i}");
        let expected = db.select(&table, "v").filter(row! { "id": 1 });
        let expected = expected.one().await.unwrap()["v"].clone();
        let mut times = 0;
        for sql in [
            format!("WITH x AS ({update}) SELECT v FROM x"),
            format!("WITH x AS ({update}) (SELECT v FROM x) -- at the end"),
            format!("WITH RECURSIVE q AS MATERIALIZED ({update}), db AS (SELECT 1) TABLE q"),
            format!("WITH x AS ({update}), y AS (SELECT v FROM x) SELECT y.v FROM y WHERE {{f}}"),
            format!(
                "WITH x AS ({update}) UPDATE t SET n = t.n + 1 FROM x WHERE t.id = x.id + 1 \
                 RETURNING x.v"
            ),
            format!("WITH x AS ({update}) SELECT v FROM x ORDER BY v DESC LIMIT 1 -- x"),
        ] {
            let sql = sql.replace("UPDATE t ", &format!("UPDATE {table} "));
            let sql = sql.replace("t.", &format!("{table}."));
            for _ in 0..2 {
                let query = db.query(&sql).bind("id", 1);
                let query = match sql.contains("{f}") {
                    true => query.filter("f", format!("{table} AS y"), Filter::all()),
                    false => query,
                };
                let row = query.one().await;
                let row = row.unwrap_or_else(|error| panic!("{ty}: {sql}: {error}"));
                assert_eq!(row["v"], expected, "{ty}: {sql}");
                times += 1;
                let done = format!("SELECT n FROM {table} WHERE id = 1");
                assert_eq!(
                    database.scalar_text(&done).await,
                    Some(times.to_string()),
                    "{sql}"
                );
            }
        }
        let other = format!("SELECT n FROM {table} WHERE id = 2");
        assert_eq!(database.scalar_text(&other).await.as_deref(), Some("2"));
        // another type of the column, as soon as it has one
        let sql = format!("WITH x AS ({update}) SELECT v FROM x")
            .replace("UPDATE t ", &format!("UPDATE {table} "));
        let other = format!("ALTER TABLE {table} ALTER v TYPE numeric USING 2.50");
        database.sql(&other).await;
        let row = db.query(&sql).bind("id", 1).one().await.unwrap();
        assert_eq!(
            row["v"],
            db_adapter::Value::Numeric("2.50".parse().unwrap()),
            "{ty}"
        );
        let done = format!("SELECT n FROM {table} WHERE id = 1");
        assert_eq!(
            database.scalar_text(&done).await,
            Some((times + 1).to_string()),
            "{ty}"
        );
    }
}

#[tokio::test]
async fn questions_about_a_text_do_not_end_a_transaction() {
    let (_database, db) = database(TABLES).await;
    let tx = db.begin().await.unwrap();
    tx.execute("UPDATE t SET s = 'changed' WHERE id = 1")
        .await
        .unwrap();
    let row = tx
        .query("SELECT * FROM t WHERE id = :id")
        .bind("id", 1)
        .one()
        .await
        .unwrap();
    assert_eq!(row["r"], "{[1,3)}");
    assert_eq!(
        tx.query("SELECT :x IS NULL AS n")
            .bind("x", None::<&str>)
            .one()
            .await
            .unwrap()["n"],
        true
    );
    let sql =
        "WITH x AS (SELECT 6 AS id) INSERT INTO t (id, m) SELECT id, 'happy' FROM x RETURNING m";
    tx.query(sql).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.count("t", row! { "s": "changed" }).await.unwrap(), 1);
}

#[tokio::test]
async fn parameters_have_the_types_of_their_places() {
    let (_database, db) = database(TABLES).await;
    let one = |sql: &'static str, value: Value| {
        let db = &db;
        async move {
            db.query(sql)
                .bind("v", value)
                .one()
                .await
                .map(|row| row.get_index(0).cloned().unwrap())
        }
    };
    assert_eq!(
        one("SELECT id FROM t WHERE n = :v", "1.5".into())
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        one("SELECT id FROM t WHERE m = :v", "sad".into())
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        one(
            "SELECT count(*) FROM t WHERE id = ANY(:v)",
            Value::from([1, 2, 3])
        )
        .await
        .unwrap(),
        2
    );
    assert_eq!(
        one("SELECT (:v::int[])[2]", Value::from([7, 8]))
            .await
            .unwrap(),
        8
    );
    assert_eq!(
        one("SELECT (ARRAY[7,8,9])[:v:2]", 1.into()).await.unwrap(),
        Value::from([7, 8])
    );
    assert_eq!(
        one(
            "SELECT s FROM t WHERE :v IS NULL OR id = :v ORDER BY id",
            2.into()
        )
        .await
        .unwrap(),
        "y"
    );
    assert_eq!(
        one(
            "SELECT '{1,2}'::int4range[] IS NULL OR :v::text = ':v'",
            ":v".into()
        )
        .await
        .unwrap_err()
        .kind(),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        one("SELECT s FROM t ORDER BY id LIMIT :v", 1.into())
            .await
            .unwrap(),
        "x"
    );
    assert_eq!(
        one("SELECT s FROM t WHERE s = :v", 1.into())
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        one("SELECT id FROM t WHERE r = :v", "{[1,3)}".into())
            .await
            .unwrap(),
        1
    );
    let error = one("SELECT id FROM t WHERE id = :v", "secret".into())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    assert!(
        error.to_string().contains("`v`") && !error.to_string().contains("secret"),
        "{error}"
    );
}

#[tokio::test]
async fn errors_of_texts_say_where() {
    let (_database, db) = database(TABLES).await;
    let error = db
        .query("SELECT id\nFROM t WHERE id = :id +* 2")
        .bind("id", 1)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
    assert!(error.to_string().contains("line 2, column 23"), "{error}");
    let error = db
        .query("SELECT t.nmae FROM t WHERE s = 'secret'")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, db_adapter::Error::UndefinedColumn { column, .. } if column == "nmae"),
        "{error}"
    );
    let error = db
        .execute("INSERT INTO missing VALUES ('secret')")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, db_adapter::Error::UndefinedTable { table, .. } if table == "missing"),
        "{error}"
    );
    let error = db.execute("SELECT 1; SELECT 2").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert_eq!(
        db.execute("COMMIT").await.unwrap_err().kind(),
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        db.query("SELECT 1 AS a, 2 AS a").await.unwrap_err().kind(),
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        db.execute("CREATE TABLE x (id int DEFAULT :d)")
            .bind("d", 1)
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        db.query("SELECT 1/:z AS x")
            .bind("z", 0)
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Database
    );
    assert_eq!(
        db.query("SELECT point '(1,2)' = :z AS x")
            .bind("z", 0)
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::InvalidQuery
    );
}

#[tokio::test]
async fn execute_counts_and_scripts_are_atomic() {
    let (_database, db) = database(TABLES).await;
    assert_eq!(db.execute("UPDATE t SET s = 'z'").await.unwrap(), 2);
    assert_eq!(
        db.execute("UPDATE t SET s = :s WHERE id = :id")
            .bind("s", "q")
            .bind("id", 1)
            .await
            .unwrap(),
        1
    );
    assert_eq!(db.execute("SELECT * FROM t").await.unwrap(), 0);
    assert_eq!(
        db.execute("CREATE TABLE copy AS SELECT * FROM t")
            .await
            .unwrap(),
        0
    );
    db.execute_script(
        "CREATE TABLE a (id int); INSERT INTO a VALUES (1);\n INSERT INTO a VALUES (2)",
    )
    .await
    .unwrap();
    assert_eq!(db.count("a", row! {}).await.unwrap(), 2);
    let error = db
        .execute_script("INSERT INTO a VALUES (3); INSERT INTO a VALUES ('secret')")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    assert!(!error.to_string().contains("secret"));
    assert_eq!(db.count("a", row! {}).await.unwrap(), 2);
    assert!(
        db.execute_script("INSERT INTO a VALUES (3); COMMIT")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn streams_give_rows_as_they_come() {
    let (_database, db) = database(TABLES).await;
    let rows: Vec<Row> = db
        .query("SELECT x, 'sad'::mood AS m FROM generate_series(1, :n) x")
        .bind("n", 1000)
        .stream()
        .try_collect()
        .await
        .unwrap();
    assert_eq!((rows.len(), &rows[999]["x"]), (1000, &Value::from(1000)));
    let rows: Vec<Row> = db
        .select("t", "id, r")
        .order_by("id")
        .stream()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(rows[0]["r"], "{[1,3)}");
    let mut broken = db
        .query("SELECT 1 / (500 - x) AS y FROM generate_series(1, 1000) x")
        .stream();
    let mut count = 0;
    let error = loop {
        match broken.next().await {
            Some(Ok(_)) => count += 1,
            Some(Err(error)) => break error,
            None => panic!("no error"),
        }
    };
    assert!(
        count < 500 && error.kind() == ErrorKind::Database,
        "{count} {error}"
    );
    // abandoned long before its end, on every connection: nobody waits for the rest
    let started = std::time::Instant::now();
    for _ in 0..8 {
        let mut stream = db
            .query("SELECT generate_series(1, 2000000000) AS x")
            .stream();
        stream.next().await.unwrap().unwrap();
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), 2);
    assert!(started.elapsed() < std::time::Duration::from_secs(10));
    let tx = db.begin().await.unwrap();
    let mut stream = tx
        .query("SELECT x FROM generate_series(1, 10000) x")
        .stream();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    tx.insert("t", row! { "id": 77 }).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.exists("t", row! { "id": 77 }).await.unwrap());
}

#[tokio::test]
async fn a_copy_of_the_client_is_refused_and_the_connection_stays_good() {
    let (_database, db) = database("").await;
    db.execute("CREATE TABLE c (a int)").await.unwrap();
    let pid = || async { db.query("SELECT pg_backend_pid()").one().await.unwrap() };
    let before = pid().await;
    for sql in ["copy c to stdout", "COPY c (a) FROM /* rows */ STDIN"] {
        for error in [
            db.query(sql).await.unwrap_err(),
            db.execute(sql).await.unwrap_err(),
            db.execute_script(sql).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{sql}: {error}");
        }
    }
    assert_eq!(pid().await, before);
}

const JUDGED: &str = "CREATE TYPE mood AS ENUM ('ok', 'sad');
    CREATE DOMAIN positive AS int CHECK (VALUE > 0);
    CREATE DOMAIN given AS text NOT NULL;
    CREATE TABLE j (id int PRIMARY KEY, m mood, n mood, r int4range, p positive, q positive,
                    g given DEFAULT 'x', d jsonb)";

/// What only the server can judge, it judges without saying where.
#[tokio::test]
async fn errors_of_values_that_only_the_server_knows_have_their_column() {
    let (_database, db) = database(JUDGED).await;
    let invalid = |error: db_adapter::Error| match error {
        db_adapter::Error::InvalidValue(details) => details.column,
        other => panic!("{other:?}"),
    };
    let ok = row! { "id": 1, "m": "ok", "n": "sad", "r": "[1,2)", "p": 1 };
    db.insert("j", ok.clone()).await.unwrap();
    for (column, value) in [("m", "angry"), ("n", "angry"), ("r", "[2,1)"), ("r", "x")] {
        let mut bad = row! { "id": 2, "m": "ok", "n": "sad", "r": "[1,2)" };
        bad.set(column, value);
        let error = db.insert("j", bad.clone()).await.unwrap_err();
        assert_eq!(invalid(error).as_deref(), Some(column), "insert {value}");
        let good = row! { "id": 3, "m": "ok", "n": "sad", "r": "[1,2)" };
        let many = db.insert_many("j", [good, bad]).await;
        assert_eq!(invalid(many.unwrap_err()).as_deref(), Some(column));
        let data = row! { (column): value, "p": 2 };
        let update = db.update("j", data, row! { "m": "ok" }).count().await;
        assert_eq!(invalid(update.unwrap_err()).as_deref(), Some(column));
        let filter = row! { (column): op::ne(value), "m": "ok" };
        let count = db.count("j", filter).await;
        assert_eq!(invalid(count.unwrap_err()).as_deref(), Some(column));
    }
    // parameters of own SQL
    let text = "SELECT :a::mood AS a, :b::int4range AS b";
    let error = db.query(text).bind("a", "ok").bind("b", "[2,1)").await;
    assert_eq!(invalid(error.unwrap_err()).as_deref(), Some("b"));
    // in a transaction nobody can be asked any more: the only one that it can be is named
    let tx = db.begin().await.unwrap();
    let error = tx.insert("j", row! { "id": 4, "m": "angry" }).await;
    assert_eq!(invalid(error.unwrap_err()).as_deref(), Some("m"));
    drop(tx);
    let tx = db.begin().await.unwrap();
    let error = tx
        .insert("j", row! { "id": 4, "m": "ok", "n": "angry" })
        .await;
    assert_eq!(invalid(error.unwrap_err()), None);
}

/// The readers of some types refuse a text by the codes of wrong SQL, although nobody wrote any.
#[tokio::test]
async fn whatever_the_code_a_text_that_is_no_value_is_told_with_its_column() {
    let types = [
        ("tsquery", "& a"),
        ("tsvector", "'a"),
        ("jsonpath", "$."),
        ("regclass", "a.b.c.d"),
        ("regtype", "nope"),
        ("regproc", "nope"),
        ("regconfig", "nope"),
        ("regrole", "nope"),
        ("regnamespace", "nope"),
        ("xml", "<a>"),
        ("bit(3)", "12"),
        ("inet[]", "{x}"),
        ("money", "x"),
    ];
    let columns = types.iter().enumerate();
    let columns = columns.map(|(n, (name, _))| format!(", v{n} {name}"));
    let columns: String = columns.collect();
    let (database, db) = database(&format!("CREATE TABLE j (id int PRIMARY KEY{columns})")).await;
    let told = |error: db_adapter::Error| match error {
        db_adapter::Error::InvalidValue(details) => details.column,
        other => Some(other.to_string()),
    };
    db.insert("j", row! { "id": 1 }).await.unwrap();
    for (n, (name, text)) in types.iter().enumerate() {
        let column = format!("v{n}");
        let bad = || row! { "id": 2, (&*column): *text };
        let is_told = |error: db_adapter::Error, by: &str| {
            assert_eq!(told(error).as_deref(), Some(&*column), "{name} by {by}");
        };
        is_told(db.insert("j", bad()).await.unwrap_err(), "insert");
        let rows = (0..600).map(|id| row! { "id": id + 2, (&*column): *text });
        let copied = db.insert_many("j", rows.collect::<Vec<_>>()).await;
        is_told(copied.unwrap_err(), "COPY");
        let data = row! { (&*column): *text };
        let update = db.update("j", data, row! { "id": 1 }).count().await;
        is_told(update.unwrap_err(), "update");
        let upsert = db.upsert("j", bad(), ["id"]).await;
        is_told(upsert.unwrap_err(), "upsert");
        if name.starts_with("ts") || matches!(*name, "inet[]" | "money") {
            let count = db.count("j", row! { (&*column): op::eq(*text) }).await;
            is_told(count.unwrap_err(), "a filter");
            let count = db.count("j", row! { (&*column): op::is_in([*text]) }).await;
            is_told(count.unwrap_err(), "a list");
        }
        let type_name = name.trim_end_matches("(3)");
        let own = db.query(format!("SELECT (:given::{type_name})::text AS x"));
        let error = own.bind("given", *text).await.unwrap_err();
        assert_eq!(told(error).as_deref(), Some("given"), "{name}");
    }
    let tx = db.begin().await.unwrap();
    let error = tx.insert("j", row! { "id": 2, "v0": "& a" }).await;
    assert_eq!(told(error.unwrap_err()).as_deref(), Some("v0"));
    drop(tx);
    assert_eq!(
        database
            .scalar_text("SELECT count(*) FROM j")
            .await
            .unwrap(),
        "1"
    );
}

/// A function that raises an error gives it names as it likes: also values of rows.
#[tokio::test]
async fn names_that_a_function_gives_its_error_are_not_told() {
    let (_database, db) = database(
        "CREATE TABLE j (id int PRIMARY KEY, s text, CONSTRAINT known UNIQUE (s));
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION USING errcode = TG_ARGV[0], column = NEW.s, constraint = NEW.s,
                table = NEW.s, schema = NEW.s, datatype = NEW.s; END $$;",
    )
    .await;
    for code in [
        "23505", "23503", "23502", "23514", "22003", "22P02", "42501", "P0001",
    ] {
        db.execute_script(format!(
            "CREATE OR REPLACE TRIGGER f BEFORE INSERT ON j FOR EACH ROW EXECUTE FUNCTION f('{code}')"
        ))
        .await
        .unwrap();
        for s in ["MARKER", "known"] {
            let error = db.insert("j", row! { "id": 1, "s": s }).await.unwrap_err();
            let shown = format!("{error} {error:?} {:?}", error.hint());
            assert!(!shown.contains("MARKER"), "{code}: {shown}");
            if let Some(violation) = error.violation() {
                assert_eq!(violation.table.as_deref(), Some("j"), "{code}");
                let known = (s == "known").then_some("known");
                assert_eq!(violation.constraint.as_deref(), known, "{code}");
            }
        }
    }
}

/// Also of arrays whose values travel as text.
#[tokio::test]
async fn an_array_is_found_in_a_list_of_arrays() {
    let (_database, db) = database(
        "CREATE TYPE pair AS (a int, b text);
         CREATE TABLE j (id int PRIMARY KEY, a inet[], b interval[], c int4range[], d pair[], e bit(3)[], f int[]);
         INSERT INTO j VALUES (1, '{1.2.3.4}', '{1 day}', '{\"[1,2)\"}', '{\"(1,x)\"}', '{101}', '{1,2}'),
            (2, '{}', '{}', '{}', '{}', '{}', '{}')",
    )
    .await;
    for (column, text) in [
        ("a", "{1.2.3.4}"),
        ("b", "{24:00:00}"),
        ("c", "{\"[1,1]\"}"),
        ("d", "{\"(1,x)\"}"),
        ("e", "{101}"),
    ] {
        let found = db.count("j", row! { (column): op::is_in([text]) }).await;
        assert_eq!(found.unwrap(), 1, "{column}");
        let others = db
            .select("j", "id")
            .filter(row! { (column): op::not_in([text]) });
        assert_eq!(
            others.one().await.unwrap().get::<i64>("id").unwrap(),
            2,
            "{column}"
        );
    }
    let list = op::is_in([vec![1, 2], vec![3]]);
    assert_eq!(db.count("j", row! { "f": list }).await.unwrap(), 1);
}

#[tokio::test]
async fn errors_of_domains_have_their_column() {
    let (_database, db) = database(JUDGED).await;
    for (data, column) in [
        (row! { "id": 1, "p": 1, "q": -1 }, "q"),
        (row! { "id": 1, "p": -1, "q": 1 }, "p"),
        (row! { "id": 1, "g": null() }, "g"),
    ] {
        let error = db.insert("j", data).await.unwrap_err();
        let details = error.violation().unwrap_or_else(|| panic!("{error:?}"));
        assert_eq!(details.columns, [column], "{error}");
        assert_eq!(details.table.as_deref(), Some("j"));
    }
    // a trigger of the table may mean another one
    let trigger = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM 'angry'::mood; RETURN NEW; END $$;
        CREATE TRIGGER f BEFORE INSERT ON j FOR EACH ROW EXECUTE FUNCTION f()";
    db.execute_script(trigger).await.unwrap();
    let error = db
        .insert("j", row! { "id": 5, "m": "ok" })
        .await
        .unwrap_err();
    assert!(!error.to_string().contains("`m`"), "{error}");
}

fn null() -> Value {
    Value::Null
}
