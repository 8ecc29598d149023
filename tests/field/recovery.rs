//! What others do to the database while an adapter uses it.

use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, PostgresAdapter};
use futures_util::TryStreamExt;
use support::{Oracle, PostgresServer, Stop, TestDatabase};

async fn database(sql: &str) -> (TestDatabase, PostgresAdapter, Oracle) {
    let database = TestDatabase::postgres().await;
    let mut oracle = database.oracle().await;
    oracle.sql(sql).await;
    let options = ConnectOptions::new(database.url()).max_connections(3);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    (database, db, oracle)
}

fn names(row: &Row) -> Vec<&str> {
    row.iter().map(|(name, _)| name).collect()
}

/// All connections of the pool know the table and its statements.
async fn warm(db: &PostgresAdapter) {
    let one = || async {
        db.select("t", "*").await.unwrap();
        db.query("SELECT * FROM t").await.unwrap();
    };
    tokio::join!(one(), one(), one());
}

#[tokio::test]
async fn columns_come_and_go_under_a_running_adapter() {
    let (_database, db, mut other) = database("CREATE TABLE t (id int PRIMARY KEY, a int)").await;
    db.insert("t", row! { "id": 1, "a": 1 }).await.unwrap();
    for round in 0..3 {
        warm(&db).await;
        other
            .sql("ALTER TABLE t ADD COLUMN b text DEFAULT 'x'")
            .await;
        assert_eq!(
            names(&db.select("t", "*").await.unwrap()[0]),
            ["id", "a", "b"]
        );
        assert_eq!(
            names(&db.query("SELECT * FROM t").await.unwrap()[0]),
            ["id", "a", "b"]
        );
        warm(&db).await;
        other.sql("ALTER TABLE t RENAME COLUMN b TO c").await;
        assert_eq!(
            names(&db.query("SELECT * FROM t").await.unwrap()[0]),
            ["id", "a", "c"]
        );
        let filter = row! { "c": "x", "id": 1 };
        let rows: Vec<Row> = db
            .select("t", "*")
            .filter(filter)
            .stream()
            .try_collect()
            .await
            .unwrap();
        assert_eq!(names(&rows[0]), ["id", "a", "c"]);
        warm(&db).await;
        other.sql("ALTER TABLE t DROP COLUMN c").await;
        let row = db
            .update("t", row! { "a": round }, row! { "id": 1 })
            .await
            .unwrap();
        assert_eq!(names(&row), ["id", "a"]);
        warm(&db).await;
        other.sql("ALTER TABLE t ADD COLUMN d int DEFAULT 5").await;
        let row = db.insert("t", row! { "id": round + 2 }).await.unwrap();
        assert_eq!(names(&row), ["id", "a", "d"]);
        assert_eq!(row["d"], 5);
        warm(&db).await;
        other
            .sql("ALTER TABLE t DROP COLUMN d, ADD COLUMN e int")
            .await;
        assert_eq!(
            names(&db.select("t", "*").await.unwrap()[0]),
            ["id", "a", "e"]
        );
        other.sql("ALTER TABLE t DROP COLUMN e").await;
    }
}

#[tokio::test]
async fn tables_come_and_go_under_a_running_adapter() {
    let (_database, db, mut other) = database("CREATE TABLE t (id int PRIMARY KEY, a int)").await;
    assert_eq!(
        db.count("u", row! {}).await.unwrap_err().kind(),
        ErrorKind::UndefinedTable
    );
    other.sql("CREATE TABLE u (id int)").await;
    assert_eq!(db.count("u", row! {}).await.unwrap(), 0);
    warm(&db).await;
    other
        .sql("ALTER TABLE t RENAME TO old; CREATE TABLE t (name text, id bigint PRIMARY KEY)")
        .await;
    let row = db
        .insert("t", row! { "id": 5_000_000_000_i64, "name": "007" })
        .await
        .unwrap();
    assert_eq!(row["name"], "007");
    warm(&db).await;
    other.sql("DROP TABLE t").await;
    for error in [
        db.select("t", "*").await.unwrap_err(),
        db.insert("t", row! { "id": 1 }).await.unwrap_err(),
        db.query("SELECT * FROM t").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::UndefinedTable);
    }
}

/// The cast in a statement's text comes from what was known of the column: a value must not go
/// through the type that the column had before.
#[tokio::test]
async fn a_column_of_another_type_never_stores_an_altered_value() {
    let (_database, db, mut other) =
        database("CREATE TABLE t (id int PRIMARY KEY, a int); CREATE DOMAIN code AS int").await;
    let mut id = 0;
    for (from, value, to, stored) in [
        ("int", "7", "text", "007"),
        ("numeric", "1", "text", "1e3"),
        ("float8", "1", "numeric", "1.10"),
        ("float8", "1", "text", "1.10"),
        ("int", "1", "varchar", "+1"),
        ("code", "1", "text", "01"),
        ("char(5)", "a", "text", "a  "),
        ("name", "a", "text", "a  "),
        ("jsonb", "{}", "text", "{ }"),
        ("money", "1", "text", "1.0"),
        ("int[]", "{1}", "text", "{01}"),
        ("date", "2026-01-01", "text", "2026-1-1"),
    ] {
        other
            .sql(&format!(
                "ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a {from}"
            ))
            .await;
        let before = |id: i32| row! { "id": id, "a": value };
        id += 100;
        // every way to write, each with a statement prepared before
        for i in [0, 1] {
            db.insert("t", before(id + i)).await.unwrap();
            db.update("t", row! { "a": value }, row! { "id": id + i })
                .await
                .unwrap();
            db.insert_many("t", [before(id + 2 + i), before(id + 4 + i)])
                .await
                .unwrap();
            db.update_many("t", [before(id)], ["id"]).await.unwrap();
            db.upsert("t", before(id), ["id"]).await.unwrap();
        }
        let alter = format!("ALTER TABLE t ALTER COLUMN a TYPE {to} USING a::text::{to}");
        let back = format!("ALTER TABLE t ALTER COLUMN a TYPE {from} USING NULL::{from}");
        for way in 0..5 {
            other.sql(&alter).await;
            let new = row! { "id": id + 10 + way, "a": stored };
            let old = row! { "id": id, "a": stored };
            let key = match way {
                0 => db.insert("t", new).await.map(|_| id + 10),
                1 => db
                    .update("t", row! { "a": stored }, row! { "id": id })
                    .await
                    .map(|_| id),
                2 => db
                    .insert_many("t", [new, row! { "id": id + 50, "a": stored }])
                    .await
                    .map(|_| id + 12),
                3 => db.update_many("t", [old], ["id"]).await.map(|_| id),
                _ => db.upsert("t", old, ["id"]).await.map(|_| id),
            }
            .unwrap_or_else(|error| panic!("{from} to {to}, way {way}: {error}"));
            let found = other
                .scalar_text(&format!("SELECT a::text FROM t WHERE id = {key}"))
                .await;
            assert_eq!(found.as_deref(), Some(stored), "{from} to {to}, way {way}");
            other.sql(&back).await;
            db.select("t", "*").await.unwrap(); // known by its old type again
            let _ = db
                .update("t", row! { "a": value }, row! { "id": id })
                .await
                .unwrap();
        }
    }
}

/// In a transaction the change shows as an error; the next transaction is right.
#[tokio::test]
async fn a_transaction_after_a_change_fails_once_and_then_works() {
    let (_database, db, mut other) = database("CREATE TABLE t (id int PRIMARY KEY, a int)").await;
    warm(&db).await;
    for ty in ["bigint", "text", "varchar", "text"] {
        db.insert("t", row! { "id": 1, "a": "1" }).await.unwrap();
        other
            .sql(&format!("ALTER TABLE t ALTER COLUMN a TYPE {ty}"))
            .await;
        let mut failed = 0;
        loop {
            let tx = db.begin().await.unwrap();
            let result = tx.update("t", row! { "a": "2" }, row! { "id": 1 }).await;
            match result {
                Ok(_) => break tx.commit().await.unwrap(),
                Err(_) => failed += 1,
            }
            let _ = tx.rollback().await;
        }
        assert!(failed <= 1, "{failed}");
        db.delete("t", row! {  "id": 1 }).await.unwrap();
    }
}

const KILL: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'db-adapter' AND datname = current_database()";

/// How many of the adapter's statements wait for this.
fn waiting(event: &str) -> String {
    format!(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'db-adapter'
         AND datname = current_database() AND state = 'active' AND wait_event = '{event}'"
    )
}

#[tokio::test]
async fn killed_connections_are_replaced() {
    let (_database, db, mut other) = database("CREATE TABLE t (id int PRIMARY KEY, a int)").await;
    // waits for as long as somebody holds the lock alone
    other
        .sql("CREATE VIEW slow AS SELECT 1 AS one FROM pg_advisory_xact_lock_shared(1)")
        .await;
    for round in 0..10 {
        warm(&db).await;
        other.scalar_text(KILL).await;
        // idle when killed: a read does not show it
        db.count("t", row! {}).await.unwrap();
        let stream = db.select("t", "*").stream();
        stream.try_collect::<Vec<Row>>().await.unwrap();
        // killed in the middle of a read, which is read again
        other.sql("SELECT pg_advisory_lock(1)").await;
        let slow = db.select("slow", "one").one();
        let kill = async {
            other.until(&waiting("advisory"), "1").await;
            other.scalar_text(KILL).await;
            other.sql("SELECT pg_advisory_unlock(1)").await;
        };
        let (row, ()) = tokio::join!(slow, kill);
        assert_eq!(row.unwrap()["one"], 1, "{round}");
    }
    let slow = db
        .execute("INSERT INTO t SELECT 1, 1 FROM pg_sleep(20)")
        .into_future();
    let kill = async {
        other.until(&waiting("PgSleep"), "1").await;
        other.scalar_text(KILL).await;
    };
    let (result, ()) = tokio::join!(slow, kill);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    // idle when killed: a write may be refused, but it is never done twice
    let mut done = 0;
    for id in 0..20 {
        other.scalar_text(KILL).await;
        match db.insert("t", row! { "id": id }).await {
            Ok(_) => done += 1,
            Err(error) => assert!(
                matches!(
                    error.kind(),
                    ErrorKind::OutcomeUnknown | ErrorKind::Connection
                ),
                "{error}"
            ),
        }
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), done);
}

#[tokio::test]
async fn a_restarted_server_is_used_again() {
    let server = PostgresServer::start();
    let database = TestDatabase::postgres_on(&server).await;
    database
        .sql("CREATE TABLE t (id int PRIMARY KEY, a int)")
        .await;
    let options = ConnectOptions::new(database.url()).max_connections(3);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    for how in [Stop::Fast, Stop::Immediate] {
        warm(&db).await;
        server.stop(how);
        assert_eq!(
            db.count("t", row! {}).await.unwrap_err().kind(),
            ErrorKind::Connection
        );
        let error = db.insert("t", row! { "id": 1 }).await.unwrap_err();
        assert!(matches!(
            error.kind(),
            ErrorKind::Connection | ErrorKind::OutcomeUnknown
        ));
        server.start_again();
        db.insert("t", row! { "id": 2 }).await.unwrap();
        db.delete("t", row! { "id": 2 }).await.unwrap();
        warm(&db).await;
        // idle over the restart: nothing shows
        server.stop(how);
        server.start_again();
        assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
        let status = db.pool_status();
        assert!(status.open <= 3, "{status:?}");
    }
}

/// xorshift: enough to choose moments.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_dropped_operations_lose_no_connection_and_mix_no_results() {
    let seed = std::env::var("DB_ADAPTER_TESTS_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.unwrap().as_nanos() as u64 | 1
    });
    println!("DB_ADAPTER_TESTS_SEED={seed}");
    let mut random = Random(seed);
    let (_database, db, _other) = database("CREATE TABLE t (id int PRIMARY KEY, a int)").await;
    let data: Vec<Row> = (0..300).map(|id| row! { "id": id, "a": id * 7 }).collect();
    db.insert_many("t", &data).await.unwrap();
    let mut dropped = 0;
    let rounds = if support::long() { 20_000 } else { 1000 };
    for round in 0..rounds {
        let id = i64::try_from(random.below(300)).unwrap();
        let work = async {
            match round % 6 {
                0 => db.select("t", "*").await.map(|_| ()),
                1 => db
                    .update("t", row! { "a": id * 7 }, row! { "id": id })
                    .await
                    .map(|_| ()),
                2 => db
                    .query("SELECT a FROM t WHERE id = :id")
                    .bind("id", id)
                    .await
                    .map(|_| ()),
                3 => {
                    db.select("t", "*")
                        .stream()
                        .try_for_each(|_| async { Ok(()) })
                        .await
                }
                4 => {
                    let tx = db.begin().await?;
                    tx.update("t", row! { "a": -1 }, row! { "id": id }).await?;
                    tx.update("t", row! { "a": id * 7 }, row! { "id": id })
                        .await?;
                    tx.commit().await
                }
                _ => db
                    .insert_many("t", [row! { "id": 1000 + round, "a": 0 }])
                    .await
                    .map(|_| ()),
            }
        };
        let limit = Duration::from_micros(random.below(1500));
        match tokio::time::timeout(limit, work).await {
            Ok(result) => result.unwrap(),
            Err(_) => dropped += 1,
        }
        let row = db
            .select("t", "id, a")
            .filter(row! { "id": id })
            .one()
            .await
            .unwrap();
        assert_eq!(
            (&row["id"], &row["a"]),
            (&id.into(), &(id * 7).into()),
            "{round}"
        );
    }
    println!("{dropped} of {rounds} dropped half-way");
    // the whole pool can be lent at the same time
    let (a, b, c) = tokio::join!(
        db.begin().into_future(),
        db.begin().into_future(),
        db.begin().into_future()
    );
    let full = db.pool_status();
    assert_eq!((full.open, full.idle), (3, 0));
    for tx in [a.unwrap(), b.unwrap(), c.unwrap()] {
        assert_eq!(tx.count("t", row! { "a": -1 }).await.unwrap(), 0);
        tx.rollback().await.unwrap();
    }
    assert!(!matches!(db.ping().await, Err(Error::PoolTimeout { .. })));
}
