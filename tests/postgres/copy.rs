//! Inserts of many rows, which are a COPY where that does what an insert does. Judged by the server:
//! by what it stores, and by a trigger that tells which statement it was.

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind, Json, Numeric, Value};

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
