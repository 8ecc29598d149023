//! Many clients over few connections: each has its own rows and its own statements.

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{ErrorKind, PostgresAdapter};
use futures_util::TryStreamExt;

use super::{bounced, bounced_by, connect, data, drop_after, options};

const CLIENTS: i64 = 8;

/// What would be wrong rows, were a statement answered for another client.
fn check(row: &Row, client: i64, id: i64, n: i64) {
    assert_eq!(row["client"], client);
    assert_eq!(row["id"], id);
    assert_eq!(row["n"], n);
    assert_eq!(row["name"], format!("client {client} row {id}"));
    assert_eq!(row["feeling"], "happy");
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

/// The catalogue is asked by the snapshot from before, while the name leads to the new table already: what is
/// there all the time is never said to be missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_replaced_again_and_again_is_never_missing() {
    let (database, _bouncer, url) = bounced_by(4).await;
    database
        .sql("CREATE TABLE w (id int PRIMARY KEY, v int); INSERT INTO w VALUES (1, 1)")
        .await;
    let mut oracle = database.oracle().await;
    let until = Instant::now() + Duration::from_secs(6);
    let swaps = async {
        while Instant::now() < until {
            oracle
                .sql("BEGIN; CREATE TABLE u (LIKE w INCLUDING ALL); INSERT INTO u SELECT * FROM w; DROP TABLE w; ALTER TABLE u RENAME TO w; COMMIT")
                .await;
        }
    };
    let reads = (0..3).map(|_| {
        let url = url.clone();
        async move {
            while Instant::now() < until {
                // one that knows nothing yet
                let db = PostgresAdapter::connect_with(options(&url)).await.unwrap();
                for _ in 0..20 {
                    match db.select("w", "id, v").await {
                        Ok(rows) => assert_eq!(rows.len(), 1),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{error}"),
                    }
                }
                db.close().await.unwrap();
            }
        }
    });
    tokio::join!(swaps, futures_util::future::join_all(reads));
}
