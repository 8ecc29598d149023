//! What one caller leaves in a session is not what the next one gets, and no statement takes a
//! connection out of the pool for good. The server says what is left.

use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::query::{Load, Operation};
use db_adapter::{ConnectOptions, ErrorKind, PostgresAdapter};
use db_adapter_core::TableName;
use futures_util::TryStreamExt;
use support::TestDatabase;

const SCHEMA: &str = "CREATE TABLE t (id int PRIMARY KEY, n int);
    CREATE VIEW settings AS SELECT name, setting FROM pg_settings;
    CREATE PROCEDURE sets() LANGUAGE plpgsql AS $$ BEGIN SET work_mem = '71MB'; END $$;";

/// What a session has, as the next caller sees it.
const SESSION: &str = "SELECT concat_ws(' ', current_setting('work_mem'), current_setting('search_path'),
    (SELECT count(*) FROM pg_cursors WHERE is_holdable), (SELECT count(*) FROM pg_listening_channels()),
    (SELECT count(*) FROM pg_prepared_statements WHERE name = 'left'),
    (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()),
    (SELECT count(*) FROM pg_type WHERE typnamespace = pg_my_temp_schema()),
    (SELECT count(*) FROM pg_proc WHERE pronamespace = pg_my_temp_schema()),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())) AS s";

async fn one_connection() -> (TestDatabase, PostgresAdapter) {
    let database = TestDatabase::postgres().await;
    database.sql(SCHEMA).await;
    let options = ConnectOptions::new(database.url())
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(20));
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    (database, db)
}

async fn session(db: &PostgresAdapter) -> String {
    db.query(SESSION).one().await.unwrap().get("s").unwrap()
}

async fn process(db: &PostgresAdapter) -> i64 {
    let row = db.query("SELECT pg_backend_pid() AS p").one().await;
    row.unwrap().get("p").unwrap()
}

#[tokio::test]
async fn what_own_sql_leaves_in_a_session_reaches_nobody() {
    let (database, db) = one_connection().await;
    let before = session(&db).await;
    let ways = [
        "CREATE TEMP TABLE t (id int, n int)",
        "CREATE LOCAL TEMPORARY VIEW t AS SELECT 1 AS id, 2 AS n",
        "CREATE TEMP SEQUENCE left_over",
        "CREATE TABLE pg_temp.t (id int, n int)",
        "CREATE TYPE pg_temp.x AS (a int)",
        "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE \"pg_temp\".t AS SELECT 1 AS id, 2 AS n",
        "SELECT 1 AS id, 2 AS n INTO TEMP t",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_lock(1)",
        "SELECT pg_try_advisory_lock_shared(1)",
        "WITH a AS (SELECT pg_advisory_lock(1)) INSERT INTO t SELECT -1, 1 FROM a",
        "DO $$ BEGIN SET work_mem = '71MB'; END $$",
        "DO $$ BEGIN PERFORM set_config('work_mem', '71MB', false); END $$",
        "DO $$ BEGIN EXECUTE 'CREATE TEMP TABLE t (id int, n int)'; END $$",
        "CALL sets()",
        "SELECT query_to_xml('SELECT set_config(''work_mem'', ''71MB'', false)', true, false, '')",
        "UPDATE pg_settings SET setting = '71000' WHERE name = 'work_mem'",
        "SELECT U&\"set\\005fconfig\"('work_mem', '71MB', false)",
        "LOAD 'plpgsql'",
    ];
    for sql in ways {
        for way in 0..4 {
            let process_before = process(&db).await;
            match way {
                0 => drop(db.execute(sql).await.unwrap()),
                // not every statement can be asked for its rows
                1 => drop(db.query(sql).await),
                2 => db.execute_script(format!("SELECT 1; {sql}")).await.unwrap(),
                // there it would decide about what comes behind it
                _ if sql.starts_with("UPDATE pg_settings") || sql.contains("query_to_xml") => {
                    continue;
                }
                _ => {
                    let tx = db.begin().await.unwrap();
                    tx.execute(sql).await.unwrap();
                    tx.commit().await.unwrap();
                }
            }
            assert_eq!(session(&db).await, before, "{sql}, way {way}");
            assert_ne!(process(&db).await, process_before, "{sql}, way {way}");
            database.sql("DELETE FROM t WHERE id = -1").await;
        }
    }
    // the case that loses rows
    db.execute("CREATE TEMP TABLE t (id int PRIMARY KEY, n int)")
        .await
        .unwrap();
    db.insert("t", row! { "id": 5 }).await.unwrap();
    let rows = database.scalar_text("SELECT count(*) FROM t WHERE id = 5");
    assert_eq!(rows.await.unwrap(), "1");
}

#[tokio::test]
async fn what_leaves_nothing_costs_no_connection() {
    let (_database, db) = one_connection().await;
    let before = process(&db).await;
    for sql in [
        "INSERT INTO t VALUES (1, 1)",
        "WITH a AS (SELECT 1) UPDATE t SET n = 2",
        "MERGE INTO t USING (SELECT 1 AS id) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET n = 3",
        "CREATE TABLE u AS TABLE t",
        "ALTER TABLE u ADD temp int",
        "CREATE TEMP TABLE w (a int) ON COMMIT DROP",
        "SET LOCAL work_mem = '71MB'",
        "SELECT set_config('work_mem', '71MB', true), pg_advisory_xact_lock(1)",
        "ANALYZE t",
        "NOTIFY c",
        "DROP TABLE u",
    ] {
        db.execute(sql).await.unwrap();
        assert_eq!(process(&db).await, before, "{sql}");
    }
}

#[tokio::test]
async fn no_verb_sets_what_the_next_caller_gets() {
    let (_database, db) = one_connection().await;
    let before = session(&db).await;
    for table in ["pg_catalog.pg_settings", "pg_settings", "settings"] {
        let new = || row! { "setting": "71000" };
        let which = || row! { "name": "work_mem" };
        let many = [row! { "name": "work_mem", "setting": "71000" }];
        let tx = db.begin().await.unwrap();
        let in_transaction = tx.update(table, new(), which()).count().await;
        tx.commit().await.unwrap();
        for result in [
            in_transaction,
            db.update(table, new(), which()).count().await,
            db.update(table, new(), which()).await.map(|_| 1),
            db.update_many(table, many, ["name"]).await,
        ] {
            let kind = result.map_err(|error| error.kind());
            assert_eq!(kind, Err(ErrorKind::Unsupported), "{table}");
        }
        assert_eq!(session(&db).await, before, "{table}");
        assert!(db.exists(table, which()).await.unwrap());
    }
}

/// A function of the application may do it as well, and is not seen.
#[tokio::test]
async fn statements_that_somebody_deallocated_are_prepared_again() {
    let (database, db) = one_connection().await;
    let function = "CREATE FUNCTION forgets() RETURNS int LANGUAGE plpgsql AS \
        $$ BEGIN EXECUTE 'DEALLOCATE ALL'; RETURN 1; END $$";
    database.sql(function).await;
    for round in 0..3 {
        db.insert("t", row! { "id": round }).await.unwrap();
        db.query("SELECT forgets()").await.unwrap();
    }
    db.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
        .await
        .unwrap();
    db.insert("t", row! { "id": 3 }).await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 4);
    let rows = database.scalar_text("SELECT count(*) FROM t");
    assert_eq!(rows.await.unwrap(), "4");
}

#[tokio::test]
async fn a_copy_with_the_client_is_refused_before_it_is_sent() {
    let (database, db) = one_connection().await;
    let before = process(&db).await;
    for sql in ["COPY t FROM STDIN", "copy (SELECT 1) to stdout"] {
        let tx = db.begin().await.unwrap();
        tx.insert("t", row! { "id": 1 }).await.unwrap();
        let script = format!("SELECT 1; {sql}");
        for result in [
            tx.execute(sql).await.map(drop),
            tx.query(sql).await.map(drop),
            tx.query(sql)
                .stream()
                .try_collect::<Vec<_>>()
                .await
                .map(drop),
            tx.execute_script(&script).await,
        ] {
            let kind = result.map_err(|error| error.kind());
            assert_eq!(kind, Err(ErrorKind::Unsupported), "{sql}");
        }
        tx.commit().await.unwrap();
        for result in [
            db.execute(sql).await.map(drop),
            db.query(sql).await.map(drop),
            db.execute_script(&script).await,
        ] {
            let kind = result.map_err(|error| error.kind());
            assert_eq!(kind, Err(ErrorKind::Unsupported), "{sql}");
        }
        let rows = database.scalar_text("SELECT count(*) FROM t");
        assert_eq!(rows.await.unwrap(), "1", "{sql}");
        assert_eq!(process(&db).await, before, "{sql}");
        db.delete("t", row! { "id": 1 }).await.unwrap();
        assert!(db.settle().await.unwrap().is_empty());
    }
}

fn load(rows: i64) -> Operation {
    let rows: Vec<Row> = (0..rows).map(|id| row! { "id": id, "n": 1 }).collect();
    Operation::Load(Load::new(TableName::parse("t").unwrap(), rows))
}

/// A server that reads the data of a COPY does not look at a request to cancel.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_that_is_dropped_at_any_point_gives_its_place_and_its_locks_back() {
    let (database, db) = one_connection().await;
    let mut oracle = database.oracle().await;
    let limit = Duration::from_secs(15);
    for polls in 1..24_u32 {
        for in_transaction in [false, true] {
            let tx = match in_transaction {
                true => Some(db.begin().await.unwrap()),
                false => None,
            };
            let client: &dyn DatabaseClient = match &tx {
                Some(tx) => tx,
                None => &db,
            };
            let mut loading = client.run(load(1500));
            let mut left = polls;
            let done = std::future::poll_fn(|context| {
                let polled = loading.as_mut().poll(context);
                left -= 1;
                match (polled, left) {
                    (std::task::Poll::Ready(_), _) => std::task::Poll::Ready(true),
                    (_, 0) => std::task::Poll::Ready(false),
                    _ => std::task::Poll::Pending,
                }
            })
            .await;
            drop(loading);
            let what = format!("after {polls} polls, in a transaction: {in_transaction}");
            match tx {
                // at its end as well as when it is dropped
                Some(tx) if polls % 2 == 0 => {
                    let end = tokio::time::timeout(limit, tx.commit()).await.expect(&what);
                    assert_eq!(end.is_ok(), done, "{what}");
                }
                tx => drop(tx),
            }
            let settled = tokio::time::timeout(limit, db.settle()).await;
            settled.expect(&what).unwrap();
            oracle
                .until(
                    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state <> 'idle' \
                     AND datname = current_database()",
                    "0",
                )
                .await;
            db.delete("t", row! { "id": op::gte(0) }).await.unwrap();
        }
    }
    tokio::time::timeout(limit, db.close())
        .await
        .unwrap()
        .unwrap();
}
