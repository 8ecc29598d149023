//! Settings of the session hold, and reach no other client.

use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, ErrorKind, Isolation, PostgresAdapter};
use futures_util::TryStreamExt;
use support::{PgBouncer, PoolMode, TestDatabase, psql};

use super::{SCHEMA, bounced, bounced_by, connect, data, options};

#[tokio::test]
async fn settings_hold_in_every_transaction_and_nowhere_else() {
    let (database, _bouncer, url) = bounced().await;
    database.sql("CREATE SCHEMA \"my schema\"; CREATE TABLE \"my schema\".u (id int, f float8, i interval)").await;
    let options = options(&url)
        .schema("my schema")
        .statement_timeout(Duration::from_millis(400));
    let db = PostgresAdapter::connect_with(options.clone())
        .await
        .unwrap();
    let row = db
        .insert("u", row! { "id": 1, "f": 0.1 + 0.2, "i": "1 day" })
        .await
        .unwrap();
    assert_eq!(
        (&row["f"], &row["i"]),
        (&(0.1 + 0.2).into(), &"1 day".into())
    );
    let error = db.query("SELECT pg_sleep(5)").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let tx = db.begin().isolation(Isolation::Serializable).await.unwrap();
    assert_eq!(tx.count("u", row! {}).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let other = connect(&url).await;
    for (setting, value) in [
        ("search_path", "\"$user\", public, pg_temp"),
        ("statement_timeout", "0"),
    ] {
        let row = other.query(format!("SHOW {setting}")).one().await.unwrap();
        assert_eq!(row.get_index(0), Some(&value.into()));
    }
    let reader = PostgresAdapter::connect_with(options.read_only(true))
        .await
        .unwrap();
    assert_eq!(reader.count("u", row! {}).await.unwrap(), 1);
    for error in [
        reader.insert("u", row! { "id": 2 }).await.unwrap_err(),
        reader.execute("CREATE TABLE v ()").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::ReadOnly);
    }
    db.execute("SET LOCAL search_path = x").await.unwrap();
    // types that the driver cannot look up
    let row = db
        .query("SELECT '{[1,2)}'::int4multirange AS m")
        .one()
        .await
        .unwrap();
    assert_eq!(row["m"], "{[1,2)}");
    let row = db
        .query("SELECT :m::int4multirange AS m, 'sad'::public.mood AS f")
        .bind("m", "{}")
        .one()
        .await
        .unwrap();
    assert_eq!((&row["m"], &row["f"]), (&"{}".into(), &"sad".into()));
    let left = other
        .query("SELECT count(*) FROM pg_prepared_statements")
        .one()
        .await
        .unwrap();
    assert_eq!(left["count"], 0);
    assert_eq!(
        other.query("SELECT nothing").await.unwrap_err().kind(),
        ErrorKind::UndefinedColumn
    );
}

/// Session mode with the configuration as it comes: no start-up parameter of ours is refused, and
/// everything holds that a direct connection has.
#[tokio::test]
async fn in_session_mode_the_settings_hold() {
    let database = TestDatabase::postgres().await;
    database.sql(SCHEMA).await;
    database
        .sql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET intervalstyle = iso_8601', current_database()); \
            EXECUTE format('ALTER DATABASE %I SET array_nulls = off', current_database()); END $$")
        .await;
    let bouncer = PgBouncer::start_in(PoolMode::Session, database.url(), 3);
    let url = bouncer.url(database.name());
    let settings = "SELECT current_setting('intervalstyle') AS i, current_setting('array_nulls') AS a, \
        current_setting('statement_timeout') AS s, current_setting('lock_timeout') AS l, \
        current_setting('default_transaction_read_only') AS r, current_setting('timezone') AS z, \
        interval '1 day' AS day";
    for round in 0..3 {
        let options = ConnectOptions::new(&url)
            .max_connections(1)
            .statement_timeout(Duration::from_secs(9))
            .lock_timeout(Duration::from_millis(700))
            .read_only(true);
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        let row = db.query(settings).one().await.unwrap();
        assert_eq!(
            row.to_json(),
            r#"{"i":"postgres","a":"on","s":"9s","l":"700ms","r":"on","z":"UTC","day":"1 day"}"#,
            "round {round}"
        );
        let error = db.insert("t", data(1, round, 1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ReadOnly);
        db.close().await.unwrap();
    }
    // a parameter of the user's own that the pooler refuses is named
    let error = PostgresAdapter::connect(&format!("{url}?options=-c%20work_mem%3D8MB"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.to_string().contains("`options`"), "{error}");
    assert!(
        error.to_string().contains("ignore_startup_parameters"),
        "{error}"
    );
    assert_eq!(
        database
            .scalar_text("SELECT count(*) FROM t")
            .await
            .unwrap(),
        "0"
    );
}

/// What a session keeps, as any client of the pooler sees it that gets the connection next.
async fn session(judge: &mut sqlx::PgConnection) -> String {
    let sql = "SELECT concat_ws(' ', NULLIF(current_setting('leak.y', true), ''), current_setting('search_path'), \
        current_setting('work_mem'), current_user, \
        (SELECT count(*) FROM pg_prepared_statements WHERE name = 'leak'), \
        (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_cursors WHERE name = 'leak'), \
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), \
        (SELECT count(*) FROM pg_class WHERE relpersistence = 't'))";
    let row = sqlx::Executor::fetch_one(judge, sqlx::raw_sql(sql)).await;
    sqlx::Row::get(&row.unwrap(), 0)
}

/// One statement through every verb that takes one, outside and inside of a transaction.
async fn through_every_verb(db: &PostgresAdapter, sql: &str) -> Vec<db_adapter::Result<()>> {
    async fn each(db: &dyn DatabaseClient, sql: &str) -> Vec<db_adapter::Result<()>> {
        let rows = db.query(sql).stream().try_collect::<Vec<Row>>().await;
        vec![
            db.query(sql).await.map(drop),
            rows.map(drop),
            db.execute(sql).await.map(drop),
            db.execute_script(sql).await,
            db.execute_script(format!("SELECT 1; {sql};")).await,
        ]
    }
    let mut results = each(db, sql).await;
    let tx = db.begin().await.unwrap();
    results.extend(each(&tx, sql).await);
    // a refusal does not abort the transaction
    tx.commit().await.unwrap();
    results
}

/// With one server connection, what a session keeps is what the next client gets.
#[tokio::test]
async fn what_a_session_keeps_reaches_no_other_client() {
    use sqlx::ConnectOptions as _;
    let database = TestDatabase::postgres().await;
    let bouncer = PgBouncer::start(database.url(), 1);
    let url = bouncer.url(database.name());
    let db = connect(&url).await;
    let judge: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let mut judge = judge.extra_float_digits(None).connect().await.unwrap();
    let before = session(&mut judge).await;
    // the judge sees what another client leaves
    let other: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let mut other = other.extra_float_digits(None).connect().await.unwrap();
    for (sql, undo) in [
        ("SET leak.y = 'theirs'", "RESET leak.y"),
        ("LISTEN leak", "UNLISTEN *"),
        ("SELECT pg_advisory_lock(7)", "SELECT pg_advisory_unlock(7)"),
    ] {
        let run = |sql| sqlx::raw_sql(sql);
        sqlx::Executor::execute(&mut other, run(sql)).await.unwrap();
        assert_ne!(session(&mut judge).await, before, "{sql}");
        sqlx::Executor::execute(&mut other, run(undo))
            .await
            .unwrap();
    }
    sqlx::Executor::execute(&mut other, sqlx::raw_sql("DISCARD ALL"))
        .await
        .unwrap();
    let before = session(&mut judge).await;
    for sql in [
        "SET leak.y = 'mine'",
        "/* set local */ SET leak.y = 'mine'",
        "SET /* local */ work_mem = '65MB'",
        "SET localx.y = 'mine'",
        "SET local.y = 'mine'",
        "SET SESSION search_path = leak",
        "SET ROLE pg_monitor",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "RESET ALL",
        "LISTEN leak",
        "UNLISTEN *",
        "PREPARE leak AS SELECT 1",
        "EXECUTE leak",
        "DEALLOCATE ALL",
        "DISCARD PLANS",
        "LOAD 'plpgsql'",
        "DECLARE leak CURSOR WITH HOLD FOR SELECT 1",
        "CREATE TEMP TABLE leak (a int)",
        "CREATE TABLE pg_temp.leak (a int)",
        "SELECT 1 AS a INTO TEMP leak",
        "EXPLAIN ANALYZE CREATE TEMP TABLE leak AS SELECT 1",
        "SELECT set_config('leak.y', 'mine', false)",
        "SELECT pg_catalog.\"set_config\" /* x */ ('leak.y', 'mine', not true)",
        "UPDATE pg_settings SET setting = '66000' WHERE name = 'work_mem'",
        "SELECT pg_advisory_lock(8)",
        "SELECT pg_try_advisory_lock_shared(8)",
    ] {
        for (i, result) in through_every_verb(&db, sql).await.into_iter().enumerate() {
            let kind = result.map_err(|error| error.kind());
            assert_eq!(kind, Err(ErrorKind::Unsupported), "{sql}, way {i}");
        }
        assert_eq!(session(&mut judge).await, before, "{sql}");
    }
    for sql in ["PREPARE /* a */ TRANSACTION 'x'", "COMMIT -- a"] {
        for result in through_every_verb(&db, sql).await {
            let kind = result.map_err(|error| error.kind());
            assert_eq!(kind, Err(ErrorKind::InvalidQuery), "{sql}");
        }
    }
    assert_eq!(session(&mut judge).await, before);
}

#[tokio::test]
async fn what_ends_with_its_transaction_is_allowed_behind_a_pooler() {
    use sqlx::ConnectOptions as _;
    let database = TestDatabase::postgres().await;
    let bouncer = PgBouncer::start(database.url(), 1);
    let url = bouncer.url(database.name());
    let db = connect(&url).await;
    let judge: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let mut judge = judge.extra_float_digits(None).connect().await.unwrap();
    let before = session(&mut judge).await;
    for sql in [
        "SET LOCAL leak.y = 'mine'",
        "set /* a */ local leak.y = 'mine'",
        "SELECT set_config('leak.y', 'mine', true)",
    ] {
        let tx = db.begin().await.unwrap();
        tx.query(sql).await.unwrap();
        let row = tx.query("SHOW leak.y").one().await.unwrap();
        assert_eq!(row.get_index(0), Some(&"mine".into()), "{sql}");
        tx.commit().await.unwrap();
    }
    let allowed = "CREATE TEMP TABLE leak (a int) ON COMMIT DROP; \
        SELECT pg_advisory_xact_lock(9); SET CONSTRAINTS ALL DEFERRED; \
        DECLARE leak CURSOR FOR SELECT 1; SELECT 'SET x = 1', 'LISTEN leak'";
    db.execute_script(allowed).await.unwrap();
    assert_eq!(session(&mut judge).await, before);
}

/// Another client of the pooler may change the session and leave it so. It must not decide what our
/// operations mean.
#[tokio::test]
async fn what_others_leave_in_a_session_moves_no_row() {
    let (database, _bouncer, url) = bounced_by(1).await;
    database
        .sql("CREATE TABLE w (id int PRIMARY KEY, m money); CREATE SCHEMA evil; \
              CREATE TABLE evil.w (id int PRIMARY KEY, m money); \
              CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (p int REFERENCES parent)")
        .await;
    let db = PostgresAdapter::connect_with(options(&url).max_connections(1))
        .await
        .unwrap();
    let named = options(&url).max_connections(1).schema("public");
    let named = PostgresAdapter::connect_with(named).await.unwrap();
    let left = [
        "SET search_path = evil, public",
        "CREATE TEMP TABLE w (id int PRIMARY KEY, m money)",
        "SET session_replication_role = replica",
        // it cuts the beginning of a transaction of ours, before that has set its own: not so short
        "SET statement_timeout = 50",
        "SET row_security = off; SET role = pg_monitor",
        "SET search_path = ''",
        // only a login of a superuser may do so
        "SET SESSION AUTHORIZATION pg_monitor",
    ];
    let mut id = 0;
    for change in left {
        psql(&url, change).unwrap();
        for client in [&db, &named] {
            id += 1;
            let row = row! { "id": id, "m": "1.00" };
            let inserted = client.insert("w", row).await;
            inserted.unwrap_or_else(|error| panic!("{change}: {error}"));
            let limit = client.query("SHOW statement_timeout").one().await.unwrap();
            assert_eq!(limit.get_index(0), Some(&"0".into()), "{change}");
            let many = (0..600).map(|i| row! { "id": 1000 * id + i });
            assert_eq!(
                client.insert_many("w", many).await.unwrap(),
                600,
                "{change}"
            );
            let tx = client.begin().await.unwrap();
            tx.update("w", row! { "m": "2.00" }, row! { "id": id })
                .await
                .unwrap();
            tx.commit().await.unwrap();
            assert_eq!(client.count("w", row! { "id": id }).await.unwrap(), 1);
            let who =
                client.query("SELECT session_user = current_user AS same, current_user AS who");
            let who = who.one().await.unwrap();
            assert_eq!(who["same"], true, "{change}");
            assert_ne!(who["who"], "pg_monitor", "{change}");
            let orphan = client.insert("child", row! { "p": 77 }).await;
            assert_eq!(
                orphan.unwrap_err().kind(),
                ErrorKind::ForeignKeyViolation,
                "{change}"
            );
            let sql = format!(
                "SELECT count(*) FROM public.w WHERE id = {id} AND m = '2.00' OR id / 1000 = {id}"
            );
            let there = database.scalar_text(&sql).await;
            assert_eq!(there.as_deref(), Some("601"), "{change}");
        }
    }
    let elsewhere = database.scalar_text("SELECT count(*) FROM evil.w").await;
    assert_eq!(elsewhere.as_deref(), Some("0"));
}
