//! Behind PgBouncer in transaction mode: two server connections for eight clients, so that two
//! statements of one client hardly ever run on the same.

use std::future::IntoFuture;
use std::task::Poll;
use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{BoxFuture, ConnectOptions, ErrorKind, Isolation, Pooler, PostgresAdapter};
use futures_util::{FutureExt, TryFutureExt, TryStreamExt};
use support::{PgBouncer, PoolMode, TestDatabase, psql};

const CLIENTS: i64 = 8;
const SCHEMA: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE TABLE t (id bigint PRIMARY KEY, client bigint NOT NULL, n int NOT NULL, name text NOT NULL,
        feeling mood NOT NULL DEFAULT 'happy', price numeric, at timestamptz DEFAULT now());";

async fn bounced() -> (TestDatabase, PgBouncer, String) {
    bounced_by(2).await
}

async fn bounced_by(connections: u32) -> (TestDatabase, PgBouncer, String) {
    let database = TestDatabase::postgres().await;
    database.sql(SCHEMA).await;
    let bouncer = PgBouncer::start(database.url(), connections);
    let url = bouncer.url(database.name());
    (database, bouncer, url)
}

fn options(url: &str) -> ConnectOptions {
    ConnectOptions::new(url)
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(30))
        .pooler(Pooler::Transaction)
}

/// What would be wrong rows, were a statement answered for another client.
fn check(row: &Row, client: i64, id: i64, n: i64) {
    assert_eq!(row["client"], client);
    assert_eq!(row["id"], id);
    assert_eq!(row["n"], n);
    assert_eq!(row["name"], format!("client {client} row {id}"));
    assert_eq!(row["feeling"], "happy");
}

fn data(client: i64, id: i64, n: i64) -> Row {
    row! { "id": id, "client": client, "n": n, "name": format!("client {client} row {id}"), "price": "1.50" }
}

/// Every verb once; the number of operations.
async fn every_verb(db: &PostgresAdapter, client: i64, round: i64) -> usize {
    let id = (client * 100_000 + round) * 10;
    let name = format!("client {client} row {id}");
    check(
        &db.insert("t", data(client, id, 1)).await.unwrap(),
        client,
        id,
        1,
    );
    let rows = db.select("t", "*").filter(row! { "id": id }).await.unwrap();
    check(&rows[0], client, id, 1);
    let row = db
        .update("t", row! { "n": 2 }, row! { "id": id })
        .await
        .unwrap();
    check(&row, client, id, 2);
    let row = db.upsert("t", data(client, id, 3), ["id"]).await.unwrap();
    check(&row, client, id, 3);
    let more = [data(client, id + 1, 1), data(client, id + 2, 1)];
    let rows = db.insert_many("t", &more).returning("*").await.unwrap();
    check(&rows[1], client, id + 2, 1);
    let changed = [row! { "id": id + 1, "n": 5 }, row! { "id": id + 2, "n": 6 }];
    assert_eq!(db.update_many("t", changed, ["id"]).await.unwrap(), 2);
    let more = [data(client, id + 2, 7), data(client, id + 3, 8)];
    assert_eq!(db.upsert_many("t", more, ["id"]).await.unwrap(), 2);
    let ids = row! { "id": vec![id, id + 1, id + 2, id + 3], "client": client };
    assert_eq!(db.count("t", ids.clone()).await.unwrap(), 4);
    assert!(db.exists("t", row! { "name": &name }).await.unwrap());
    let row = db.query("SELECT * FROM t WHERE id = :id AND name = :name");
    let row = row.bind("id", id).bind("name", &name).one().await.unwrap();
    check(&row, client, id, 3);
    let done = db.execute("UPDATE t SET n = n + :by WHERE id = :id");
    assert_eq!(done.bind("by", 1).bind("id", id).await.unwrap(), 1);
    let own = db.query("SELECT * FROM t WHERE {mine} AND n = :n");
    let own = own.filter(
        "mine",
        "t",
        row! { "name": &name, "feeling": "happy", "price": "1.5" },
    );
    check(&own.bind("n", 4).one().await.unwrap(), client, id, 4);
    let select = db.select("t", "id, n, client").filter(ids.clone());
    let rows: Vec<Row> = select.order_by("id").stream().try_collect().await.unwrap();
    let found: Vec<_> = rows
        .iter()
        .map(|row| row.get::<i64>("n").unwrap())
        .collect();
    assert_eq!(found, [4, 5, 7, 8]);
    let tx = db.begin().await.unwrap();
    tx.insert("t", data(client, id + 4, 1)).await.unwrap();
    assert_eq!(tx.count("t", row! { "id": id + 4 }).await.unwrap(), 1);
    if round % 2 == 0 {
        tx.rollback().await.unwrap();
    } else {
        tx.delete("t", row! { "id": id + 4 }).await.unwrap();
        tx.commit().await.unwrap();
    }
    let script =
        format!("UPDATE t SET n = 9 WHERE id = {id}; UPDATE t SET n = n + 1 WHERE id = {id}");
    db.execute_script(&script).await.unwrap();
    let error = db.insert("t", data(client, id, 1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    db.ping().await.unwrap();
    let row = db
        .select("t", "n")
        .filter(row! { "id": id })
        .one()
        .await
        .unwrap();
    assert_eq!(row["n"], 10);
    assert_eq!(db.delete("t", ids).await.unwrap(), 4);
    23
}

/// 10,000 operations of every verb by eight clients over two connections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_clients_over_two_connections_see_only_their_own_rows() {
    let (database, bouncer, url) = bounced().await;
    let rounds: i64 = if support::long() { 600 } else { 57 };
    let mut tasks = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let options = options(&url);
        tasks.spawn(async move {
            let db = PostgresAdapter::connect_with(options).await.unwrap();
            let mut done = 0;
            for round in 0..rounds {
                done += every_verb(&db, client, round).await;
            }
            done
        });
    }
    let mut done = 0;
    while let Some(result) = tasks.join_next().await {
        done += result.unwrap();
    }
    println!("{done} operations");
    assert!(done >= 10_000, "{done}");
    assert_eq!(
        database
            .scalar_text("SELECT count(*) FROM t")
            .await
            .as_deref(),
        Some("0")
    );
    // both server connections, asked at the same time
    let leaked = "SELECT count(*) FROM pg_prepared_statements, pg_sleep(0.2)";
    let (a, b) = (connect(&url).await, connect(&url).await);
    let (a, b) = tokio::join!(a.query(leaked).one(), b.query(leaked).one());
    assert_eq!(
        (a.unwrap()["count"].clone(), b.unwrap()["count"].clone()),
        (0.into(), 0.into())
    );
    drop(bouncer);
}

async fn connect(url: &str) -> PostgresAdapter {
    PostgresAdapter::connect_with(options(url)).await.unwrap()
}

/// Why the mode exists: without it statements are prepared on one server connection and run on
/// another, where there is none of that name, or that of another client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plain_mode_fails_there() {
    let (_database, _bouncer, url) = bounced().await;
    // once the pooler has a server connection that it shares, ours is refused
    connect(&url).await.ping().await.unwrap();
    let error = PostgresAdapter::connect(&url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(
        error.to_string().contains("pooler = \"transaction\""),
        "{error}"
    );
    // the driver's own named statements
    let mut tasks = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
        let options = options.extra_float_digits(None);
        tasks.spawn(async move {
            use sqlx::ConnectOptions as _;
            let mut conn = options.connect().await.unwrap();
            let mut wrong = 0;
            for n in 0..100_i64 {
                let sql = format!("SELECT $1::int8 + {client} * 1000 + {}", n % 5);
                let sql = sqlx::AssertSqlSafe(sql);
                let result = sqlx::query_scalar::<_, i64>(sql)
                    .bind(n)
                    .fetch_one(&mut conn)
                    .await;
                wrong += i64::from(!matches!(result, Ok(m) if m == n + client * 1000 + n % 5));
            }
            wrong
        });
    }
    let mut wrong = 0;
    while let Some(result) = tasks.join_next().await {
        wrong += result.unwrap();
    }
    println!("{wrong} of {} wrong or failed", CLIENTS * 100);
    assert!(wrong > 0);
}

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

/// Behind it a statement is cancelled as well, and its place is free again.
#[tokio::test]
async fn abandoned_statements_are_cancelled_behind_the_pooler() {
    let (database, _bouncer, url) = bounced().await;
    let db = connect(&url).await;
    for _ in 0..4 {
        let slow = db.query("SELECT pg_sleep(30)").into_future();
        assert!(
            tokio::time::timeout(Duration::from_millis(150), slow)
                .await
                .is_err()
        );
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    db.settle().await.unwrap();
    let active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' \
        AND state = 'active' AND datname = current_database() AND pid <> pg_backend_pid()";
    // the pooler has two connections: with both of them busy the request cannot get through, and
    // the server notices that the client is gone
    database.oracle().await.until(active, "0").await;
    let error = db
        .query("SELECT pg_sleep(30)")
        .timeout(Duration::from_millis(150))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
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
    // a refusal is no failure of the transaction
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

/// What the driver names when it prepares would be in the way of the next client.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_is_dropped_leaves_no_prepared_statement() {
    let (_database, _bouncer, url) = bounced_by(1).await;
    let db = PostgresAdapter::connect_with(options(&url).max_connections(1))
        .await
        .unwrap();
    let other = PostgresAdapter::connect_with(options(&url)).await.unwrap();
    for polls in 1..12 {
        let sql = format!("SELECT :n AS dropped_{polls}");
        drop_after(polls, db.query(sql).bind("n", 1).into_future()).await;
        db.settle().await.unwrap();
        let left = "SELECT count(*) FROM pg_prepared_statements";
        let left = other.query(left).one().await.unwrap();
        assert_eq!(left["count"], 0, "after {polls} polls");
    }
}

/// The transaction is rolled back, and the write is not repeated: what a trigger does elsewhere is not
/// undone by that. The next call knows the table as it is.
#[tokio::test]
async fn a_write_whose_row_has_an_unknown_type_now_is_done_once_and_undone() {
    let (database, _bouncer, url) = bounced().await;
    database
        .sql("ALTER TABLE t ADD note int; CREATE SEQUENCE calls; \
            CREATE FUNCTION counts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
              PERFORM nextval('calls'); RETURN NEW; END $$; \
            CREATE TRIGGER count BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION counts()")
        .await;
    let db = PostgresAdapter::connect_with(options(&url)).await.unwrap();
    db.insert("t", data(1, 1, 1)).await.unwrap();
    let update = "UPDATE t SET client = client WHERE id = 1 RETURNING note";
    db.query(update).await.unwrap();
    let calls = "SELECT last_value FROM calls";
    let mut done = 2;
    let changed = |refused: db_adapter::Result<()>| {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::SchemaChanged);
    };
    for (id, other) in [(2, "inet"), (3, "interval"), (4, "money")] {
        for of_verb in [true, false] {
            let (table, text) = (db.insert("t", data(1, id, 1)), db.query(update));
            database
                .sql("ALTER TABLE t ALTER note TYPE int USING NULL")
                .await;
            db.query(update).await.unwrap();
            db.count("t", row! {}).await.unwrap();
            done += 1;
            let alter = format!("ALTER TABLE t ALTER note TYPE {other} USING NULL");
            database.sql(&alter).await;
            match of_verb {
                true => changed(table.await.map(drop)),
                false => changed(text.await.map(drop)),
            }
            done += 1;
            let found = database.scalar_text(calls).await.unwrap();
            assert_eq!(found, done.to_string(), "{other}, of a verb: {of_verb}");
            db.query(update).await.unwrap();
            done += 1;
        }
        db.insert("t", data(1, id, 1)).await.unwrap();
        done += 1;
    }
    let ids = "SELECT string_agg(id::text, ' ' ORDER BY id) FROM t";
    assert_eq!(database.scalar_text(ids).await.as_deref(), Some("1 2 3 4"));
    assert_eq!(database.scalar_text(calls).await.unwrap(), done.to_string());
}

/// Polls a future so often, a moment apart, and drops it; whether it was done before.
async fn drop_after<T>(polls: usize, mut future: BoxFuture<'_, T>) -> bool {
    for _ in 0..polls {
        let poll = std::future::poll_fn(|context| Poll::Ready(future.poll_unpin(context)));
        if poll.await.is_ready() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    false
}

/// The same without a moment between.
async fn drop_at_once<T>(polls: usize, mut future: BoxFuture<'_, T>) -> bool {
    for _ in 0..polls {
        let poll = std::future::poll_fn(|context| Poll::Ready(future.poll_unpin(context)));
        if poll.await.is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

/// Every operation commits by itself there, and may be dropped meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_dropped_write_is_told_as_it_is() {
    let (database, _bouncer, url) = bounced_by(1).await;
    let db = PostgresAdapter::connect_with(options(&url).max_connections(1))
        .await
        .unwrap();
    for id in 1..60 {
        let polls = usize::try_from(id % 12).unwrap();
        if drop_after(polls, db.insert("t", data(1, id, 1)).into_future()).await {
            continue;
        }
        let settled = db.settle().await.unwrap();
        let sql = format!("SELECT count(*) FROM t WHERE id = {id}");
        let done = database.scalar_text(&sql).await.unwrap() == "1";
        let (least, most) = (settled.completed, settled.completed + settled.unknown);
        let told = (least..=most).contains(&u64::from(done));
        assert!(told, "after {polls} polls, done: {done}, {settled:?}");
    }
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

/// A call that is refused for what is known of its table looks at the table again, in a transaction of
/// its own whose end is no commit of the call.
#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_call_with_a_mistake_is_never_done() {
    let (_database, _bouncer, url) = bounced_by(1).await;
    let db = PostgresAdapter::connect_with(options(&url).max_connections(1))
        .await
        .unwrap();
    db.insert("t", data(1, 1, 1)).await.unwrap();
    let mut dropped = 0;
    for micros in (0..50).map(|i| i * 100).cycle().take(150) {
        let mut mistaken = db.insert("t", row! { "id": "not a number" }).into_future();
        let end = Instant::now() + Duration::from_micros(micros);
        let mut is_done = false;
        while !is_done && Instant::now() < end {
            is_done = drop_at_once(1, (&mut mistaken).boxed()).await;
        }
        drop(mistaken);
        let settled = db.settle().await.unwrap();
        assert_eq!(settled.completed, 0, "after {micros} us: {settled:?}");
        dropped += i32::from(!is_done);
    }
    assert!(dropped > 10, "{dropped}");
}

/// The savepoint was dropped, so that statements of the driver's have to go before the COMMIT is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_was_dropped_before_it_was_sent_is_told_as_it_is() {
    let (database, _bouncer, url) = bounced_by(4).await;
    let db = PostgresAdapter::connect_with(options(&url).max_connections(1))
        .await
        .unwrap();
    let mut fates = [0; 3];
    for id in 1..33_i64 {
        let tx = db.begin().await.unwrap();
        drop_at_once(2, tx.begin().into_future()).await;
        let inserted = tx.insert("t", data(1, id, 1)).await;
        let polls = usize::try_from(id % 4).unwrap() + 1;
        let is_done = drop_at_once(polls, tx.commit().boxed()).await;
        let settled = db.settle().await.unwrap();
        let sql = format!("SELECT count(*) FROM t WHERE id = {id}");
        let is_there = database.scalar_text(&sql).await.as_deref() == Some("1");
        if is_done && inserted.is_ok() {
            assert!(settled.is_empty(), "{id}: {settled:?}");
            continue;
        }
        let told = match (settled.completed, settled.rolled_back, settled.unknown) {
            (0, 0, 1) => 2,
            (done, _, 0) => usize::from(done > 0),
            other => panic!("{id}: {other:?}"),
        };
        if told < 2 {
            assert_eq!(is_there, told == 1, "{id} after {polls}: {settled:?}");
        }
        fates[told] += 1;
    }
    eprintln!("{fates:?}: rolled back, completed, unknown");
    assert!(fates[0] > 0, "{fates:?}");
}

/// The code by which a pooler's other session shows itself may come from a function as well.
#[tokio::test]
async fn a_function_without_its_statement_runs_once_behind_the_pooler() {
    let (database, _bouncer, url) = bounced().await;
    database
        .sql("CREATE SEQUENCE calls; CREATE FUNCTION fails() RETURNS int LANGUAGE plpgsql AS $$ BEGIN \
            PERFORM nextval('calls'); EXECUTE 'EXECUTE nothing'; RETURN 1; END $$")
        .await;
    let db = connect(&url).await;
    db.query("SELECT fails()").await.unwrap_err();
    let calls = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM calls";
    assert_eq!(database.scalar_text(calls).await.unwrap(), "1");
}

/// A transaction that has ended gives its server process to others: what is cancelled must not be
/// theirs. Operations are dropped at every point while others, which nobody cancels, run beside them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_hits_nobody_else_behind_the_pooler() {
    let (_database, _bouncer, url) = bounced().await;
    let (dropping, checked) = (connect(&url).await, connect(&url).await);
    dropping.insert("t", data(1, 1, 1)).await.unwrap();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let bystander = tokio::spawn({
        let stop = std::sync::Arc::clone(&stop);
        async move {
            let mut answers = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let sql = "SELECT 1 AS n FROM pg_sleep(0.003)";
                let row = checked.query(sql).one().await.unwrap();
                assert_eq!(row["n"], 1);
                answers += 1;
            }
            answers
        }
    });
    for polls in 0..100_u32 {
        let write = dropping
            .update("t", row! { "n": polls }, row! { "id": 1 })
            .into_future();
        let mut write = write;
        let mut left = polls % 23;
        std::future::poll_fn(|cx| {
            if left == 0 || write.as_mut().poll(cx).is_ready() {
                return std::task::Poll::Ready(());
            }
            left -= 1;
            std::task::Poll::Pending
        })
        .await;
        drop(write);
    }
    dropping.settle().await.unwrap();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(bystander.await.unwrap() > 0);
}

/// A process that has committed is the next client's, so that it is kept until the request to cancel it
/// has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deferred_to_a_commit_is_cancelled_behind_the_pooler() {
    let (database, _bouncer, url) = bounced_by(6).await;
    database
        .sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION slow()",
        )
        .await;
    let db = connect(&url).await;
    let mut oracle = database.oracle().await;
    let limit = Duration::from_millis(300);
    let insert = "INSERT INTO t (id, client, n, name) VALUES (1, 1, 1, 'x') RETURNING id";
    let begun = Instant::now();
    for way in 0..8 {
        let started = Instant::now();
        let is_limit = way < 4;
        let result = match way {
            0 => db.insert("t", data(1, 1, 1)).timeout(limit).await.map(drop),
            1 => db.query(insert).timeout(limit).await.map(drop),
            2 => db.query(insert).timeout(limit).one().await.map(drop),
            3 => db.execute(insert).timeout(limit).await.map(drop),
            _ => {
                let work: BoxFuture<'_, db_adapter::Result<()>> = match way {
                    4 => db
                        .insert("t", data(1, 1, 1))
                        .into_future()
                        .map_ok(drop)
                        .boxed(),
                    5 => db.query(insert).one().map_ok(drop).boxed(),
                    6 => db
                        .transaction(async |tx| tx.insert("t", data(1, 1, 1)).await.map(drop))
                        .boxed(),
                    _ => {
                        let tx = db.begin().await.unwrap();
                        tx.insert("t", data(1, 1, 1)).await.unwrap();
                        tx.commit().boxed()
                    }
                };
                let cut = tokio::time::timeout(limit, work).await;
                assert!(cut.is_err(), "{way}: {cut:?}");
                Ok(())
            }
        };
        if is_limit {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout, "{way}");
        }
        let settled = db.settle().await.unwrap();
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{way}: {:?}",
            started.elapsed()
        );
        assert_eq!(settled.completed + settled.unknown, 0, "{way}: {settled:?}");
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' \
            AND datname = current_database()";
        assert_eq!(oracle.scalar_text(sleeping).await.unwrap(), "0", "{way}");
        let rows = "SELECT count(*) FROM t";
        assert_eq!(oracle.scalar_text(rows).await.unwrap(), "0", "{way}");
    }
    assert!(begun.elapsed() < Duration::from_secs(45));
    // what they refuse is refused, and what they allow is committed
    database
        .sql(
            "DROP TRIGGER slow ON t; ALTER TABLE t ADD parent bigint REFERENCES t
                DEFERRABLE INITIALLY DEFERRED",
        )
        .await;
    let tx = db.begin().await.unwrap();
    let mut child = data(1, 1, 1);
    child.set("parent", 2);
    tx.insert("t", child.clone()).await.unwrap();
    let refused = tx.commit().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ForeignKeyViolation);
    let refused = db.insert("t", child.clone()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ForeignKeyViolation);
    db.transaction(async |tx| {
        tx.insert("t", child).await?;
        tx.insert("t", data(1, 2, 1)).await
    })
    .await
    .unwrap();
    let rows = "SELECT string_agg(id::text, ',' ORDER BY id) FROM t";
    assert_eq!(oracle.scalar_text(rows).await.unwrap(), "1,2");
}

/// In a COMMIT a deferred trigger's writes are checked, and fire deferred triggers of their own, when all
/// that was deferred before has run; nothing that comes earlier than the COMMIT does the same.
#[tokio::test]
async fn what_is_deferred_runs_in_the_commit_itself() {
    let (database, _bouncer, url) = bounced_by(6).await;
    database
        .sql(
            "CREATE TABLE led (amt int); CREATE TABLE tot (sum int); CREATE TABLE job (id int);
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO tot SELECT sum(amt) FROM led; RETURN NULL; END $$;
             CREATE FUNCTION book() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO led VALUES (5); INSERT INTO led VALUES (-5); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER note AFTER INSERT ON led DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION note();
             CREATE CONSTRAINT TRIGGER book AFTER INSERT ON job DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION book();
             CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE asked (id int);
             CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
             CREATE FUNCTION pair() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO child VALUES (NEW.id); INSERT INTO parent VALUES (NEW.id); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER pair AFTER INSERT ON asked DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION pair()",
        )
        .await;
    let db = connect(&url).await;
    let mut oracle = database.oracle().await;
    for id in 0..3 {
        db.insert("job", row! { "id": id }).await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.insert("asked", row! { "id": id }).await.unwrap();
        tx.commit().await.unwrap();
    }
    let sums = oracle
        .scalar_text("SELECT string_agg(sum::text, ',') FROM tot")
        .await;
    assert_eq!(sums.unwrap(), "0,0,0,0,0,0");
    let both = oracle
        .scalar_text("SELECT count(*) FROM child JOIN parent USING (id)")
        .await;
    assert_eq!(both.unwrap(), "3");
    // no transaction is left open by that
    let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' \
        AND datname = current_database()";
    assert_eq!(oracle.scalar_text(open).await.unwrap(), "0");
}

/// A role that is set for the login sees nothing of its sessions, and may not cancel them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_of_the_login_does_not_keep_a_statement_from_being_cancelled() {
    let (database, _bouncer, url) = bounced_by(6).await;
    let role = format!("role_of_{}", database.name());
    database
        .sql(&format!(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION slow();
             CREATE ROLE {role};
             GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
             DO $$ BEGIN EXECUTE format('ALTER ROLE %I IN DATABASE %I SET role = %L',
                session_user, current_database(), '{role}'); END $$",
        ))
        .await;
    let db = connect(&url).await;
    let begun = Instant::now();
    let limit = Duration::from_millis(300);
    let in_commit = db.insert("t", data(1, 1, 1)).timeout(limit).await;
    assert_eq!(in_commit.unwrap_err().kind(), ErrorKind::Timeout);
    let alone = db.execute("SELECT pg_sleep(30)").timeout(limit).await;
    assert_eq!(alone.unwrap_err().kind(), ErrorKind::Timeout);
    assert!(begun.elapsed() < Duration::from_secs(15));
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
}
