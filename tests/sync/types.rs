//! Values of every type arrive unchanged, and are equal afterwards: a comparison of what was just synced finds nothing.

use db_adapter::sync::{SyncOptions, sync};

use crate::case::{Backend, Pair};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_of_postgres() {
    let t = Pair::new(Backend::Postgres, Backend::Postgres).await;
    t.both(
        "CREATE TYPE mood AS ENUM ('sad', 'ok');
         CREATE TABLE kinds (id {id}, slug text NOT NULL UNIQUE, b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8,
            n numeric, n2 numeric(8, 3), v varchar(9), c char(5), u uuid, at timestamptz, ts timestamp, d date, tm time,
            bin bytea, j json, jb jsonb, m mood, iv interval, r int4range, bits bit(3), a int[], ta text[], jba jsonb[],
            made int GENERATED ALWAYS AS (i4 * 2) STORED)",
    )
    .await;
    t.source
        .sql(
            "INSERT INTO kinds (slug) VALUES ('nulls');
             INSERT INTO kinds (slug, b, i2, i4, i8, f4, f8, n, n2, v, c, u, at, ts, d, tm, bin, j, jb, m, iv, r, bits, a, ta, jba)
             VALUES ('full', true, -1, 2, 9223372036854775807, 0.1, '-0', 1.50, 2.250, 'vär', 'ch', gen_random_uuid(),
               '2026-01-01 00:00:00.000001+02', 'infinity', '-infinity', '24:00', '\\x00ff', '{\"a\" : 1.10, \"a\":2}', '{\"b\": [null, 1.10]}',
               'ok', '1 mon -3 days', '[1,5)', '101', '{1,NULL,3}', '{\"a,b\",\"\"}', ARRAY['null'::jsonb, '{\"$text\": 1}'::jsonb]),
              ('odd', false, 0, 0, 0, 'NaN', 'Infinity', 'NaN', 0, '', '', NULL, '0044-03-15 BC', NULL, NULL, NULL, '', 'null', 'null',
               'sad', '0', 'empty', '000', '{}', '[0:1]={x,y}', '{}')",
        )
        .await;
    let options = SyncOptions::new(["kinds"]);
    let done = t.synced(&options).await;
    assert_eq!(done.plan.inserts(), 3);
    let told =
        "SELECT (to_jsonb(t) - 'id')::text, md5(j::text), f8::text FROM kinds t ORDER BY slug";
    assert_eq!(t.dest.table(told).await, t.source.table(told).await);
    let before = t.dest.everything().await;
    assert!(t.synced(&options).await.plan.has_nothing_to_do());
    assert_eq!(t.dest.everything().await, before);
    // what is equal and yet another value
    t.source
        .sql("UPDATE kinds SET n = 1.500, f8 = 0 WHERE slug = 'full'")
        .await;
    let done = t.synced(&options).await;
    assert_eq!(done.plan.tables[0].changed_rows[0].columns, ["f8", "n"]);
    assert_eq!(t.dest.table(told).await, t.source.table(told).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_of_sqlite_as_they_are_stored() {
    let t = Pair::new(Backend::Sqlite, Backend::Sqlite).await;
    t.both("CREATE TABLE kinds (id {id}, slug text NOT NULL UNIQUE, n INTEGER, f REAL, at TIMESTAMP, u UUID, d DECIMAL_TEXT, j JSON, b BLOB, x)").await;
    t.source
        .sql(
            "INSERT INTO kinds (slug, n, f, at, u, d, j, b, x) VALUES
               ('plain', 1, 0.5, '2026-01-01 10:00:00', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '1.10', '{\"a\": 1}', x'00ff', 'x'),
               ('other', 'text', 'text', 'yesterday', 'none', 'text', 'no json', 'text', 5),
               ('nulls', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        )
        .await;
    let options = SyncOptions::new(["kinds"]);
    assert_eq!(t.synced(&options).await.plan.inserts(), 3);
    let told = "SELECT slug, quote(n), quote(f), quote(at), quote(u), quote(d), quote(j), quote(b), quote(x) FROM kinds ORDER BY slug";
    assert_eq!(t.dest.table(told).await, t.source.table(told).await);
    assert!(t.synced(&options).await.plan.has_nothing_to_do());
    t.source
        .sql("UPDATE kinds SET at = '2026-01-01T10:00:00' WHERE slug = 'plain'")
        .await;
    let done = t.synced(&options).await;
    assert_eq!(done.plan.tables[0].changed_rows[0].columns, ["at"]);
    assert_eq!(t.dest.table(told).await, t.source.table(told).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_and_back_between_two_kinds_of_database() {
    let t = Pair::new(Backend::Postgres, Backend::Sqlite).await;
    t.source.sql("CREATE TABLE kinds (id {id}, slug text NOT NULL UNIQUE, b bool, i8 int8, f8 float8, n numeric(20, 4), at timestamptz, d date, u uuid, bin bytea, j jsonb)").await;
    t.dest.sql("CREATE TABLE kinds (id {id}, slug text NOT NULL UNIQUE, b BOOLEAN, i8 BIGINT, f8 DOUBLE PRECISION, n NUMERIC_TEXT, at TIMESTAMPTZ, d DATE, u UUID, bin BYTEA, j JSONB_TEXT)").await;
    t.source
        .sql(
            "INSERT INTO kinds (slug, b, i8, f8, n, at, d, u, bin, j) VALUES
               ('a', true, 9007199254740993, 0.1, 1234567890123.4500, '2026-01-01 00:00:00.123456+02', '2026-02-03', gen_random_uuid(), '\\x00ff', '{\"x\": [1.10, null]}'),
               ('b', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        )
        .await;
    let told = "SELECT (to_jsonb(t) - 'id')::text, n::text FROM kinds t ORDER BY slug";
    let before = t.source.table(told).await;
    let options = SyncOptions::new(["kinds"]);
    t.synced(&options).await;
    assert!(t.compare(&options).await.is_same());
    // what comes back is what went there
    let back = Pair {
        source: t.dest,
        dest: t.source,
    };
    let at = back.dest.everything().await;
    let done = back.synced(&options).await;
    assert!(done.plan.has_nothing_to_do(), "{:?}", done.plan);
    assert_eq!(back.dest.everything().await, at);
    back.dest.sql("DELETE FROM kinds").await;
    back.synced(&options).await;
    assert_eq!(back.dest.table(told).await, before);
}

/// Values that `=` takes for one, of collations above all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_equal_and_yet_another_value_of_postgres() {
    let t = Pair::new(Backend::Postgres, Backend::Postgres).await;
    t.both(
        "CREATE EXTENSION citext;
         CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         CREATE DOMAIN dom AS text COLLATE ci; CREATE TYPE comp AS (a text COLLATE ci, b numeric);
         CREATE TABLE kinds (id {id}, slug text NOT NULL UNIQUE, t text COLLATE ci, v varchar(9) COLLATE ci,
            c char(5) COLLATE ci, na name COLLATE ci, ta text[] COLLATE ci, d dom, ct citext, ca citext[], co comp,
            n numeric, nr numrange, iv interval, f float8, jb jsonb);",
    )
    .await;
    let (lower, upper) = (
        "'a', 'a', 'a', 'a', '{a}', 'a', 'a', '{a}', '(a,1.5)', 1.5, '[1.5,2)', '1 mon', '0', '1.5'",
        "'A', 'A', 'A', 'A', '{A}', 'A', 'A', '{A}', '(A,1.50)', 1.50, '[1.50,2)', '30 days', '-0', '1.50'",
    );
    let columns = "t, v, c, na, ta, d, ct, ca, co, n, nr, iv, f, jb";
    let insert = |values| format!("INSERT INTO kinds (slug, {columns}) VALUES ('a', {values})");
    t.source.sql(&insert(lower)).await;
    t.dest.sql(&insert(upper)).await;
    let options = SyncOptions::new(["kinds"]);
    let plan = t.compare(&options).await;
    let differ = &plan.tables[0].changed_rows[0].columns;
    let mut differ: Vec<&str> = differ.iter().map(String::as_str).collect();
    let mut all: Vec<&str> = columns.split(", ").collect();
    differ.sort_unstable();
    all.sort_unstable();
    assert_eq!(differ, all);
    t.synced(&options).await;
    let told = "SELECT k::text FROM kinds k";
    assert_eq!(t.dest.table(told).await, t.source.table(told).await);
    assert!(t.compare(&options).await.is_same());
}

/// Of a key that is there twice `jsonb` keeps one value.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_would_lose_a_value() {
    let t = Pair::new(Backend::Postgres, Backend::Postgres).await;
    let table = |json: &str| {
        format!("CREATE TABLE docs (id {{id}}, slug text NOT NULL UNIQUE, j {json}, a {json}[])")
    };
    t.source.sql(&table("json")).await;
    t.dest.sql(&table("jsonb")).await;
    t.source
        .sql("INSERT INTO docs (slug, j, a) VALUES ('fine', '{\"b\": 1.0, \"a\" : {\"b\": 1}}', '{1}'), ('twice', '[{\"a\":1, \"a\":1}]', NULL)")
        .await;
    let options = SyncOptions::new(["docs"]).dry_run(false).confirm(true);
    let done = sync(&t.source.db, &t.dest.db, &options).await.unwrap();
    assert!(!done.committed);
    let reason = &done.plan.tables[0].failures[0].reason;
    assert!(
        reason.contains("column `j`: an object of it has a key twice"),
        "{reason}"
    );
    t.source.sql("UPDATE docs SET j = 'null', a = ARRAY['{\"x\":1, \"x\":2}'::json] WHERE slug = 'twice'").await;
    let done = sync(&t.source.db, &t.dest.db, &options).await.unwrap();
    let reason = &done.plan.tables[0].failures[0].reason;
    assert!(reason.contains("column `a`"), "{reason}");
    assert_eq!(t.dest.table("SELECT count(*) FROM docs").await, "0");
    t.source.sql("DELETE FROM docs WHERE slug = 'twice'").await;
    t.synced(&SyncOptions::new(["docs"])).await;
    let told = "SELECT j::text, a::text FROM docs";
    assert_eq!(
        t.dest.table(told).await,
        "{\"a\": {\"b\": 1}, \"b\": 1.0},{1}"
    );
}
