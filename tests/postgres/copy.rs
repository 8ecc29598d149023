//! Inserts of many rows, which are a COPY where that does what an insert does. Judged by the server:
//! by what it stores, and by a trigger that tells which statement it was.

use db_adapter::prelude::*;
use db_adapter::{
    ConnectOptions, Error, ErrorKind, Isolation, Json, Numeric, PostgresAdapter, Rounding, Value,
};
use support::TestDatabase;

use crate::database;

/// From so many rows on there is a COPY.
const MANY: usize = 500;

/// A table that records in `seen` by which kind of statement its rows came.
const TOLD: &str = "CREATE TABLE seen (verb text);
    CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
        INSERT INTO seen VALUES (split_part(current_query(), ' ', 1)); RETURN NULL; END $$;";

fn tell(table: &str) -> String {
    format!(
        "CREATE TRIGGER tell AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION tell();"
    )
}

fn numbered(count: usize) -> Vec<Row> {
    let number = |i: usize| i64::try_from(i).unwrap();
    (1..=count)
        .map(|i| row! { "id": number(i), "n": number(i) * 2 })
        .collect()
}

fn text(rows: Vec<Vec<Option<String>>>) -> String {
    let cell = |cell: Option<String>| cell.unwrap_or_else(|| "NULL".to_owned());
    let row = |row: Vec<Option<String>>| row.into_iter().map(cell).collect::<Vec<_>>().join(",");
    rows.into_iter().map(row).collect::<Vec<_>>().join(";")
}

#[tokio::test]
async fn many_rows_are_one_copy_with_defaults_and_triggers() {
    let (database, db) = database(&format!(
        "{TOLD} CREATE TABLE t (id bigint PRIMARY KEY, n int NOT NULL, k bigint GENERATED ALWAYS AS IDENTITY,
            d text DEFAULT 'x', twice int GENERATED ALWAYS AS (n * 2) STORED); {}",
        tell("t")
    ))
    .await;
    assert_eq!(db.insert_many("t", numbered(MANY)).await.unwrap(), 500);
    let found = database
        .rows_text("SELECT count(*), sum(n), max(k), min(d), sum(twice) FROM t")
        .await;
    assert_eq!(text(found), "500,250500,500,x,501000");
    let few = (0..3).map(|i| row! { "id": 10_000 + i, "n": 0 });
    db.insert_many("t", few).await.unwrap();
    let seen = database.rows_text("SELECT verb FROM seen").await;
    assert_eq!(text(seen), "COPY;INSERT");
}

#[tokio::test]
async fn what_an_insert_refuses_a_copy_refuses_alike() {
    let (database, db) = database(
        "CREATE TABLE t (id bigint PRIMARY KEY, n int NOT NULL CHECK (n < 100000), s varchar(3),
            k bigint GENERATED ALWAYS AS IDENTITY)",
    )
    .await;
    let cases = [
        (row! { "id": 1, "n": 0 }, ErrorKind::UniqueViolation),
        (row! { "id": 9_999, "n": () }, ErrorKind::NotNullViolation),
        (
            row! { "id": 9_999, "n": 100_000 },
            ErrorKind::CheckViolation,
        ),
        (row! { "id": 9_999, "n": "x" }, ErrorKind::InvalidValue),
    ];
    for (bad, expected) in cases {
        let mut rows = numbered(MANY);
        rows.push(bad);
        let many = db.insert_many("t", rows.clone()).await.unwrap_err();
        assert_eq!(many.kind(), expected);
        let ends = vec![rows.remove(0), rows.remove(MANY - 1)];
        let few = db.insert_many("t", ends).await.unwrap_err();
        assert_eq!(many.to_string(), few.to_string());
    }
    let mut given = numbered(MANY);
    given.iter_mut().for_each(|row| row.set("k", 1));
    let error = db.insert_many("t", given).await.unwrap_err();
    assert!(
        matches!(&error, Error::InvalidValue(value) if value.column.as_deref() == Some("k")),
        "{error}"
    );
    let found = database.rows_text("SELECT count(*) FROM t").await;
    assert_eq!(text(found), "0", "a COPY that fails writes nothing");
    assert_eq!(db.insert_many("t", numbered(MANY)).await.unwrap(), 500);
}

#[tokio::test]
async fn rules_and_views_stay_with_inserts() {
    let (database, db) = database(&format!(
        "{TOLD} CREATE TABLE t (id bigint, n bigint); {}
         CREATE VIEW v AS SELECT id, n FROM t;
         CREATE TABLE ruled (id bigint, n bigint);
         CREATE RULE elsewhere AS ON INSERT TO ruled DO INSTEAD INSERT INTO t VALUES (new.id, -new.n);
         CREATE TABLE later (id bigint, n bigint);",
        tell("t")
    ))
    .await;
    db.insert_many("v", numbered(MANY)).await.unwrap();
    db.insert_many("ruled", numbered(MANY)).await.unwrap();
    // one that comes when the table is known already
    db.insert_many("later", numbered(MANY)).await.unwrap();
    database
        .sql("CREATE RULE elsewhere AS ON INSERT TO later DO INSTEAD INSERT INTO t VALUES (new.id, 0)")
        .await;
    db.insert_many("later", numbered(MANY)).await.unwrap();
    let found = database
        .rows_text("SELECT (SELECT count(*) FROM t), (SELECT sum(n) FROM t), (SELECT count(*) FROM ruled), (SELECT count(*) FROM later)")
        .await;
    assert_eq!(text(found), "1500,0,0,500");
    let seen = database.rows_text("SELECT DISTINCT verb FROM seen").await;
    assert_eq!(text(seen), "INSERT");
}

#[tokio::test]
async fn policies_decide_for_many_rows_too() {
    let (database, db) = database(
        "CREATE TABLE t (id bigint, n bigint);
         ALTER TABLE t ENABLE ROW LEVEL SECURITY;
         CREATE POLICY small ON t WITH CHECK (n < 10000);
         DO $$ BEGIN CREATE ROLE copier; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         GRANT ALL ON t TO copier;",
    )
    .await;
    // the owner, whose description of the table is the one that is kept
    db.insert_many("t", numbered(MANY)).await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.execute("SET LOCAL ROLE copier").await.unwrap();
    tx.insert_many("t", numbered(MANY)).await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    let error = savepoint
        .insert_many("t", numbered(6_000))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    savepoint.rollback().await.unwrap();
    tx.commit().await.unwrap();
    let found = database.rows_text("SELECT count(*) FROM t").await;
    assert_eq!(text(found), "1000");
}

/// Both forms of COPY, and every type that they write, beside an insert of each row.
#[tokio::test]
async fn a_copy_stores_what_inserts_store() {
    const COLUMNS: &str = "b bool, i2 int2, i4 int4, i8 int8, o oid, f4 float4, f8 float8, num numeric, scaled numeric(8,2),
        tx text, vc varchar(5), ch char(5), nm name, u uuid, by bytea, d date, ti time, ttz timetz, ts timestamp,
        tstz timestamptz, short timestamptz(2), j json, jb jsonb, m mood, dom small";
    let (database, db) = database(&format!(
        "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN small AS int CHECK (VALUE < 10);
         CREATE TABLE one ({COLUMNS}); CREATE TABLE many (LIKE one);
         CREATE TABLE one_wide (LIKE one, arr int[], span interval); CREATE TABLE many_wide (LIKE one_wide);"
    ))
    .await;
    let of = |i: i32| {
        row! {
            "b": i % 2 == 0, "i2": i - 250, "i4": i * 1_000_000, "i8": i64::MIN + i64::from(i), "o": i,
            "f4": 0.1, "f8": f64::from(i) / 3.0, "num": Numeric::parse(&format!("-{i}.{i:05}000")).unwrap(),
            "scaled": Numeric::parse(&format!("{i}.25")).unwrap(),
            "tx": format!("t\t{i}\\N\n\u{e4}"), "vc": "ab", "ch": "cd", "nm": "name",
            "u": format!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd3{i:05}"), "by": vec![0_u8, 255, 92],
            "d": "0044-03-15 BC", "ti": "24:00:00", "ttz": "01:02:03.000004+05:30", "ts": "-infinity",
            "tstz": format!("2026-11-23T01:25:35.{i:06}+01:00"), "short": "2026-11-23T01:25:35.120000+00:00",
            "j": Value::Json(Json::parse(r#"{"a": [1, "x"]}"#).unwrap()), "jb": Value::Json(Json::parse(r#"{"a":  1.50}"#).unwrap()),
            "m": if i % 3 == 0 { "glad" } else { "sad" }, "dom": i % 10,
        }
    };
    let mut rows: Vec<Row> = (1..=i32::try_from(MANY).unwrap()).map(of).collect();
    let names: Vec<String> = rows[0].names().map(str::to_owned).collect();
    rows.push(names.iter().map(|name| (name, Value::Null)).collect());
    let mut wide = rows.clone();
    for row in &mut wide {
        row.set("arr", vec![Value::Int(1), Value::Null]);
        row.set("span", "1 day");
    }
    for (by_one, by_copy, rows) in [("one", "many", rows), ("one_wide", "many_wide", wide)] {
        let tx = db.begin().await.unwrap();
        for row in &rows {
            tx.insert(by_one, row).await.unwrap();
        }
        tx.commit().await.unwrap();
        let count = db.insert_many(by_copy, &rows).await.unwrap();
        assert_eq!(count, rows.len() as u64);
        let missing = |of: &str, from: &str| {
            format!(
                "(SELECT {of}::text FROM {of} EXCEPT ALL SELECT {from}::text FROM {from} ORDER BY 1 LIMIT 1)"
            )
        };
        let (here, there) = (missing(by_one, by_copy), missing(by_copy, by_one));
        let differ = database.rows_text(&format!("SELECT {here}, {there}")).await;
        assert_eq!(text(differ), "NULL,NULL");
    }
}

/// Each would be stored as something else, were the data of a COPY made for the table of old.
#[tokio::test]
async fn a_copy_knows_the_table_as_it_is_now() {
    for change in [
        "ALTER TABLE t ALTER n TYPE timestamp USING NULL; ALTER TABLE t ALTER n TYPE bigint USING 0",
        "ALTER TABLE t ALTER n TYPE numeric, ALTER id TYPE float8",
        "ALTER TABLE t DROP COLUMN n, ADD COLUMN n numeric",
        "ALTER TABLE t RENAME TO old; CREATE TABLE t (n float8, id int)",
    ] {
        let (database, db) = database("CREATE TABLE t (id bigint, n bigint)").await;
        db.insert_many("t", numbered(MANY)).await.unwrap();
        database.sql("TRUNCATE t").await;
        database.sql(change).await;
        db.insert_many("t", numbered(MANY)).await.unwrap();
        let found = database
            .rows_text("SELECT count(*), sum(id)::bigint, sum(n::numeric)::bigint FROM t")
            .await;
        assert_eq!(text(found), "500,125250,250500", "{change}");
    }
}

#[tokio::test]
async fn in_a_transaction_a_wrong_value_is_found_before_anything_is_sent() {
    let (database, db) = database("CREATE TABLE t (id bigint, n bigint)").await;
    let tx = db.begin().await.unwrap();
    let mut rows = numbered(MANY);
    rows[MANY - 1].set("n", "x");
    let error = tx.insert_many("t", rows).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    assert_eq!(tx.insert_many("t", numbered(MANY)).await.unwrap(), 500);
    tx.rollback().await.unwrap();
    let found = database.rows_text("SELECT count(*) FROM t").await;
    assert_eq!(text(found), "0");
}

#[tokio::test]
async fn a_copy_that_waits_is_cancelled_in_time() {
    let (database, db) = database("CREATE TABLE t (id bigint, n bigint)").await;
    db.count("t", row! {}).await.unwrap();
    let other = db.begin().await.unwrap();
    other.execute("LOCK TABLE t").await.unwrap();
    let limit = std::time::Duration::from_millis(300);
    let insert = db.insert_many("t", numbered(MANY)).timeout(limit);
    assert_eq!(insert.await.unwrap_err().kind(), ErrorKind::Timeout);
    other.rollback().await.unwrap();
    assert_eq!(db.insert_many("t", numbered(MANY)).await.unwrap(), 500);
    let found = database.rows_text("SELECT count(*) FROM t").await;
    assert_eq!(text(found), "500");
}

/// A rule that came after the transaction's view of the catalog.
#[tokio::test]
async fn a_rule_counts_that_the_transaction_cannot_see_yet() {
    let rules = [
        "DO INSTEAD INSERT INTO other VALUES (new.id, new.n)",
        "DO ALSO INSERT INTO other VALUES (new.id, new.n)",
        "DO INSTEAD NOTHING",
    ];
    for (rule, stored) in rules.into_iter().zip(["0,500", "500,500", "0,0"]) {
        let (database, db) = database(
            "CREATE TABLE t (id bigint, n bigint); CREATE TABLE other (id bigint, n bigint)",
        )
        .await;
        let tx = db
            .begin()
            .isolation(Isolation::RepeatableRead)
            .await
            .unwrap();
        // its view begins here, without a lock of the table
        tx.query("SELECT 1").await.unwrap();
        database
            .sql(&format!("CREATE RULE elsewhere AS ON INSERT TO t {rule}"))
            .await;
        tx.insert_many("t", numbered(MANY)).await.unwrap();
        tx.commit().await.unwrap();
        let found = database
            .rows_text("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM other)")
            .await;
        assert_eq!(text(found), stored, "{rule}");
    }
}

#[tokio::test]
async fn an_error_in_the_last_part_undoes_them_all() {
    let (database, db) = database("CREATE TABLE t (id bigint PRIMARY KEY, n bigint)").await;
    let mut rows = numbered(20_001);
    rows[20_000].set("id", 1);
    let error = db.insert_many("t", rows).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    let found = database.rows_text("SELECT count(*) FROM t").await;
    assert_eq!(text(found), "0");
    assert_eq!(db.insert_many("t", numbered(20_001)).await.unwrap(), 20_001);
}

/// What only the server can judge, in both forms of COPY, and what triggers raise.
#[tokio::test]
async fn what_the_server_refuses_names_what_an_insert_names() {
    let (database, db) = database(
        "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN small AS int CHECK (VALUE < 10);
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.id = 666 THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
         CREATE TABLE t (id bigint, m mood, s small, j json);
         CREATE TABLE wide (id bigint, m mood, s small, j json, a int[], range int4range);
         CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse();
         CREATE TRIGGER refuse BEFORE INSERT ON wide FOR EACH ROW EXECUTE FUNCTION refuse();",
    )
    .await;
    let good = row! { "id": 1, "m": "glad", "s": 1, "j": Json::parse("[]").unwrap() };
    let mut cases: Vec<(&str, Row, Option<&str>)> = Vec::new();
    for table in ["t", "wide"] {
        for (column, value) in [
            ("id", Value::Int(666)),
            ("m", "mad".into()),
            ("s", Value::Int(10)),
        ] {
            let mut bad = good.clone();
            bad.set(column, value);
            cases.push((table, bad, (column != "id").then_some(column)));
        }
    }
    let mut bad = good.clone();
    bad.set("range", "[2,1]");
    cases.push(("wide", bad, None));
    for (table, bad, column) in cases {
        let names: Vec<String> = bad.names().map(str::to_owned).collect();
        let whole = |row: &Row| -> Row {
            let value = |name: &String| row.value(name).cloned().unwrap_or(Value::Null);
            names.iter().map(|name| (name, value(name))).collect()
        };
        let mut rows = vec![whole(&good); MANY];
        rows.push(whole(&bad));
        let many = db.insert_many(table, rows).await.unwrap_err();
        let few = db.insert_many(table, [whole(&good), whole(&bad)]).await;
        let few = few.unwrap_err();
        assert_eq!(many, few, "{table} {column:?}");
        assert_eq!(many.raised(), few.raised());
        if let Some(column) = column {
            assert!(many.to_string().contains(&format!("`{column}`")), "{many}");
        } else if names.len() == 4 {
            assert_eq!(many.raised(), Some("not this one"));
        }
    }
    let found = database
        .rows_text("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM wide)")
        .await;
    assert_eq!(text(found), "0,0");
}

#[tokio::test]
async fn rows_that_are_there_are_ignored_by_an_insert() {
    let (database, db) = database(&format!(
        "{TOLD} CREATE TABLE t (id bigint PRIMARY KEY, n bigint); {}",
        tell("t")
    ))
    .await;
    db.insert("t", row! { "id": 7, "n": 0 }).await.unwrap();
    let count = db.insert_many("t", numbered(MANY)).or_ignore().await;
    assert_eq!(count.unwrap(), 499);
    let found = database
        .rows_text("SELECT count(*), (SELECT string_agg(DISTINCT verb, ' ') FROM seen) FROM t")
        .await;
    assert_eq!(text(found), "500,INSERT");
}

/// With the database's own way to round.
#[tokio::test]
async fn a_copy_rounds_as_inserts_do() {
    const COLUMNS: &str =
        "num numeric(6,2), f4 real, vc varchar(3), ch char(3), d date, ti time(1),
        ts timestamp(2), tstz timestamptz(0)";
    let database = TestDatabase::postgres().await;
    database
        .sql(&format!(
            "CREATE TABLE one ({COLUMNS}); CREATE TABLE many (LIKE one)"
        ))
        .await;
    let options = ConnectOptions::new(database.url()).rounding(Rounding::Database);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let rows: Vec<Row> = (0..MANY)
        .map(|i| {
            row! {
                "num": Numeric::parse(&format!("{i}.{i:03}5")).unwrap(), "f4": 16_777_217, "vc": "abc  ", "ch": "abc  ",
                "d": "2026-11-23 23:59:59.9", "ti": format!("23:59:5{}.{i:04}5", i % 10),
                "ts": format!("2026-11-23 01:25:35.{i:04}5"), "tstz": format!("2026-12-31 23:59:59.{i:04}5+01:00"),
            }
        })
        .collect();
    let tx = db.begin().await.unwrap();
    for row in &rows {
        tx.insert("one", row).await.unwrap();
    }
    tx.commit().await.unwrap();
    db.insert_many("many", &rows).await.unwrap();
    let differ = database
        .rows_text(
            "SELECT (SELECT count(*) FROM (SELECT one::text FROM one EXCEPT ALL SELECT many::text FROM many) d),
                (SELECT count(*) FROM many), (SELECT DISTINCT vc || '.' FROM many)",
        )
        .await;
    assert_eq!(text(differ), "0,500,abc.");
}

/// A role that may only insert, and not read.
#[tokio::test]
async fn the_right_to_insert_is_enough() {
    let (database, db) = database(
        "CREATE TABLE t (id bigint, n bigint, hidden text DEFAULT 'x');
         DO $$ BEGIN CREATE ROLE writer; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         GRANT INSERT (id, n) ON t TO writer;",
    )
    .await;
    let tx = db.begin().await.unwrap();
    tx.execute("SET LOCAL ROLE writer").await.unwrap();
    assert_eq!(tx.insert_many("t", numbered(MANY)).await.unwrap(), 500);
    let savepoint = tx.begin().await.unwrap();
    let mut rows = numbered(MANY);
    rows.iter_mut().for_each(|row| row.set("hidden", "y"));
    let error = savepoint.insert_many("t", rows).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    savepoint.rollback().await.unwrap();
    tx.commit().await.unwrap();
    let found = database
        .rows_text("SELECT count(*), min(hidden) FROM t")
        .await;
    assert_eq!(text(found), "500,x");
}

/// A table whose COPY takes long, once it has begun.
const SLOW: &str = "CREATE TABLE t (id bigint, n bigint);
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.id = 400 THEN PERFORM pg_sleep(60); END IF; RETURN NEW; END $$;
    CREATE TRIGGER wait BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION wait();";

#[tokio::test]
async fn a_copy_under_way_ends_at_its_time_limit() {
    let (database, db) = database(SLOW).await;
    let limit = std::time::Duration::from_millis(500);
    let started = std::time::Instant::now();
    // more than the buffers between us and the server hold
    for count in [MANY, 100_000] {
        let insert = db.insert_many("t", numbered(count)).timeout(limit);
        assert_eq!(insert.await.unwrap_err().kind(), ErrorKind::Timeout);
    }
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    let few = numbered(399);
    assert_eq!(db.insert_many("t", few).await.unwrap(), 399);
    let found = database.rows_text("SELECT count(*) FROM t").await;
    assert_eq!(text(found), "399");
}

#[tokio::test]
async fn a_copy_that_is_dropped_leaves_nothing() {
    let (database, db) = database(SLOW).await;
    let mut oracle = database.oracle().await;
    let at_work = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'
        AND query LIKE 'COPY %' AND datname = current_database()";
    for count in [MANY, 100_000] {
        let client = db.clone();
        let insert = tokio::spawn(async move { client.insert_many("t", numbered(count)).await });
        oracle.until(at_work, "1").await;
        insert.abort();
        assert!(insert.await.unwrap_err().is_cancelled());
        let settled = db.settle().await.unwrap();
        assert_eq!((settled.completed, settled.unknown), (0, 0), "{settled:?}");
        oracle.until(at_work, "0").await;
    }
    // in a savepoint: its connection is of no use any more, so nothing of the transaction can be saved
    let tx = db.begin().await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    let insert = savepoint.insert_many("t", numbered(MANY));
    tokio::select! {
        inserted = insert => panic!("{inserted:?}"),
        () = oracle.until(at_work, "1") => {}
    }
    let aborted = |ended: db_adapter::Result<()>| {
        assert_eq!(ended.unwrap_err().kind(), ErrorKind::TransactionAborted);
    };
    aborted(savepoint.insert("t", row! { "id": 1 }).await.map(drop));
    aborted(savepoint.rollback().await);
    aborted(tx.insert("t", row! { "id": 1 }).await.map(drop));
    aborted(tx.commit().await);
    oracle.until(at_work, "0").await;
    assert_eq!(db.insert_many("t", numbered(3)).await.unwrap(), 3);
    let found = database.rows_text("SELECT count(*) FROM t").await;
    assert_eq!(text(found), "3");
}
