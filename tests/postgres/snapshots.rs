//! A transaction with one snapshot, and tables that another session rewrites or replaces behind it: the server
//! reads them as empty, without an error.

use std::sync::atomic::{AtomicU32, Ordering};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, ErrorKind, Isolation, PostgresAdapter, Result, Transaction};
use futures_util::TryStreamExt;
use support::{PostgresServer, TestDatabase, psql};

use crate::database;

const TABLES: &str = "
    CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, m numeric(10,2) NOT NULL);
    INSERT INTO t SELECT i, i, i FROM generate_series(1, 3) AS i;
    CREATE TABLE child (id int PRIMARY KEY, t_id int NOT NULL REFERENCES t);
    INSERT INTO child VALUES (1, 1);
    CREATE VIEW seen AS SELECT id, n FROM t;
    CREATE TABLE other (id int PRIMARY KEY);
    INSERT INTO other VALUES (1)";

/// What another session does to `t`, which keeps its three rows.
const CHANGES: [&str; 6] = [
    "ALTER TABLE t ALTER COLUMN m TYPE numeric(20,4)",
    "BEGIN; CREATE TABLE u (LIKE t INCLUDING ALL); INSERT INTO u SELECT * FROM t; DROP TABLE t CASCADE; ALTER TABLE u RENAME TO t;
     ALTER TABLE child ADD FOREIGN KEY (t_id) REFERENCES t; CREATE VIEW seen AS SELECT id, n FROM t; COMMIT",
    "BEGIN; ALTER TABLE t RENAME TO old; CREATE TABLE t (LIKE old INCLUDING ALL); INSERT INTO t SELECT * FROM old;
     CREATE OR REPLACE VIEW seen AS SELECT id, n FROM t; ALTER TABLE child DROP CONSTRAINT child_t_id_fkey;
     ALTER TABLE child ADD FOREIGN KEY (t_id) REFERENCES t; COMMIT",
    "BEGIN; CREATE TEMP TABLE kept AS TABLE t; TRUNCATE t CASCADE; INSERT INTO t SELECT * FROM kept; INSERT INTO child VALUES (1, 1); COMMIT",
    "ALTER TABLE child DROP CONSTRAINT child_t_id_fkey; ALTER TABLE t SET UNLOGGED",
    "VACUUM FULL t",
];

const VERBS: [&str; 9] = [
    "select",
    "stream",
    "count",
    "exists",
    "update",
    "update_many",
    "delete",
    "refers_to",
    "view",
];

/// How many rows the verb finds: of three, or of one.
async fn found(db: &dyn DatabaseClient, verb: &str) -> Result<u64> {
    let all = || row! { "id": op::gte(0) };
    Ok(match verb {
        "select" => db.select("t", "id, n").await?.len() as u64,
        "stream" => {
            let rows: Vec<_> = db.select("t", "id, n").stream().try_collect().await?;
            rows.len() as u64
        }
        "count" => db.count("t", Filter::all()).await?,
        "exists" => u64::from(db.exists("t", row! { "id": 1 }).await?),
        "update" => db.update("t", row! { "n": 7 }, all()).count().await?,
        "update_many" => {
            let rows = (1..=3).map(|id| row! { "id": id, "n": 8 });
            db.update_many("t", rows, ["id"]).await?
        }
        "delete" => db.delete("t", row! { "id": 3 }).await?,
        "refers_to" => {
            let filter = Filter::refers_to("t_id", "t", "id", row! { "n": op::gte(0) })?;
            db.count("child", filter).await?
        }
        _ => db.select("seen", "id").await?.len() as u64,
    })
}

fn is_right(verb: &str, found: u64) -> bool {
    let expected = match verb {
        "exists" | "delete" | "refers_to" => 1,
        _ => 3,
    };
    found == expected
}

/// By a session of its own.
fn by_another(database: &TestDatabase, sql: &str) {
    psql(database.url(), sql).unwrap();
}

async fn with_snapshot(db: &PostgresAdapter, isolation: Isolation) -> Transaction {
    let tx = db.begin().isolation(isolation).await.unwrap();
    assert_eq!(tx.count("other", Filter::all()).await.unwrap(), 1);
    tx
}

#[tokio::test]
async fn a_table_that_was_rewritten_or_replaced_is_never_read_as_empty() {
    for (number, change) in CHANGES.iter().enumerate() {
        let database = TestDatabase::postgres().await;
        database.sql(TABLES).await;
        let options = ConnectOptions::new(database.url()).max_connections(20);
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        let isolation = match number % 2 {
            0 => Isolation::RepeatableRead,
            _ => Isolation::Serializable,
        };
        let mut begun = Vec::new();
        for verb in VERBS {
            // what is known of the tables was known before
            let rehearsal = db.begin().await.unwrap();
            assert!(is_right(verb, found(&rehearsal, verb).await.unwrap()));
            rehearsal.rollback().await.unwrap();
            begun.push((verb, with_snapshot(&db, isolation).await));
        }
        by_another(&database, change);
        for (verb, tx) in begun {
            let case = format!("{verb}, {change}");
            let error = found(&tx, verb).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{case}: {error}");
            assert!(error.is_retryable());
            let error = found(&tx, verb).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TransactionAborted, "{case}");
            let error = tx.commit().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TransactionAborted, "{case}");
        }
        let rows = database.rows_text("SELECT count(*), sum(n) FROM t").await;
        assert_eq!(
            rows,
            [[Some("3".to_owned()), Some("6".to_owned())]],
            "{change}"
        );
    }
}

#[tokio::test]
async fn a_closure_is_run_again_with_a_snapshot_that_has_the_table() {
    let (database, db) = database(TABLES).await;
    for (number, verb) in VERBS.into_iter().enumerate() {
        let attempts = AtomicU32::new(0);
        let done = db.transaction_retrying(3, async |tx| {
            tx.count("other", Filter::all()).await?;
            if attempts.fetch_add(1, Ordering::SeqCst) == 0 {
                let digits = number + 3;
                by_another(
                    &database,
                    &format!("ALTER TABLE t ALTER COLUMN m TYPE numeric(20,{digits})"),
                );
            }
            let found = found(&tx, verb).await?;
            match verb {
                // so that the next verb finds three again
                "delete" => {
                    let row = row! { "id": 3, "n": 3, "m": 3 };
                    tx.insert("t", row).await.map(|_| found)
                }
                _ => Ok(found),
            }
        });
        assert!(is_right(verb, done.await.unwrap()), "{verb}");
        assert_eq!(attempts.load(Ordering::SeqCst), 2, "{verb}");
    }
}

/// Partitions, children and the tables of policies and views are read with the table that is named.
#[tokio::test]
async fn what_is_read_with_a_table_is_looked_at_too() {
    let setup = format!(
        "{TABLES};
        CREATE TABLE parts (id int, n int) PARTITION BY RANGE (id);
        CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
        CREATE TABLE part_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
        INSERT INTO parts VALUES (1, 1), (11, 1);
        CREATE TABLE base (id int); CREATE TABLE derived () INHERITS (base); INSERT INTO derived VALUES (1);
        CREATE VIEW upon AS SELECT s.id FROM seen AS s JOIN base USING (id);
        CREATE MATERIALIZED VIEW kept AS SELECT id FROM t"
    );
    let rewrite = "ALTER TABLE part_2 SET UNLOGGED";
    let replace =
        "BEGIN; ALTER TABLE parts DETACH PARTITION part_2; CREATE TABLE part_3 (LIKE part_2);
        INSERT INTO part_3 SELECT * FROM part_2; DROP TABLE part_2;
        ALTER TABLE parts ATTACH PARTITION part_3 FOR VALUES FROM (10) TO (20); COMMIT";
    for (table, change) in [
        ("parts", rewrite),
        ("parts", replace),
        ("base", "ALTER TABLE derived SET UNLOGGED"),
        ("upon", "ALTER TABLE derived SET UNLOGGED"),
        ("upon", CHANGES[0]),
        ("upon", CHANGES[2]),
        ("kept", "REFRESH MATERIALIZED VIEW kept"),
    ] {
        let (database, db) = database(&setup).await;
        let tx = with_snapshot(&db, Isolation::RepeatableRead).await;
        // one of its parts was looked at before
        if table == "parts" {
            assert_eq!(tx.count("parts", row! { "id": 1 }).await.unwrap(), 1);
        }
        let changed = psql(
            database.url(),
            &format!("SET lock_timeout = '1s'; {change}"),
        );
        let found = tx.count(table, Filter::all()).await;
        if table == "parts" {
            // the partitioned table was locked, with all its parts
            assert!(changed.unwrap_err().contains("lock timeout"));
            assert_eq!(found.unwrap(), 2);
            continue;
        }
        changed.unwrap();
        let error = found.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::SchemaChanged,
            "{table}, {change}: {error}"
        );
    }
}

/// What the transaction itself does to its tables is in its snapshot.
#[tokio::test]
async fn a_transactions_own_changes_are_no_others() {
    let (database, db) = database(TABLES).await;
    let tx = with_snapshot(&db, Isolation::Serializable).await;
    assert_eq!(tx.count("t", Filter::all()).await.unwrap(), 3);
    tx.execute("ALTER TABLE t ALTER COLUMN m TYPE numeric(20,4)")
        .await
        .unwrap();
    assert_eq!(tx.count("t", Filter::all()).await.unwrap(), 3);
    tx.execute("TRUNCATE child, t").await.unwrap();
    tx.insert("t", row! { "id": 9, "n": 9, "m": 9 })
        .await
        .unwrap();
    assert_eq!(tx.select("seen", "*").await.unwrap().len(), 1);
    let inner = tx.begin().await.unwrap();
    inner
        .execute_script("CREATE TABLE own (id int); INSERT INTO own VALUES (1)")
        .await
        .unwrap();
    assert_eq!(inner.count("own", Filter::all()).await.unwrap(), 1);
    let mut rows = inner.select("own", "*").stream();
    assert!(rows.try_next().await.unwrap().is_some());
    drop(rows);
    inner.rollback().await.unwrap();
    tx.execute_script("DROP TABLE child; CREATE TABLE child (id int); CREATE TEMP TABLE scratch (id int); INSERT INTO scratch VALUES (1)").await.unwrap();
    assert_eq!(tx.count("child", Filter::all()).await.unwrap(), 0);
    assert_eq!(tx.count("scratch", Filter::all()).await.unwrap(), 1);
    let mut rows = tx.select("scratch", "*").stream();
    assert!(rows.try_next().await.unwrap().is_some());
    drop(rows);
    tx.execute("DROP TABLE scratch").await.unwrap();
    assert_eq!(tx.select("seen", "*").await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    let rows = database.rows_text("SELECT id FROM t").await;
    assert_eq!(rows, [[Some("9".to_owned())]]);
}

/// A rollback to a savepoint gives up the locks that were taken since.
#[tokio::test]
async fn what_was_looked_at_in_a_savepoint_is_looked_at_again() {
    let (database, db) = database(TABLES).await;
    let tx = with_snapshot(&db, Isolation::RepeatableRead).await;
    let inner = tx.begin().await.unwrap();
    assert_eq!(inner.count("t", Filter::all()).await.unwrap(), 3);
    inner.rollback().await.unwrap();
    by_another(
        &database,
        &format!("SET lock_timeout = '2s'; {}", CHANGES[0]),
    );
    let error = tx.count("t", Filter::all()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SchemaChanged);
}

/// A stream that nobody reads to its end is looked at by what comes next, and before the commit.
#[tokio::test]
async fn a_stream_that_is_dropped_is_looked_at_later() {
    for commits in [false, true] {
        let (database, db) = database(TABLES).await;
        database.sql("CREATE TABLE more () INHERITS (other)").await;
        let tx = db
            .begin()
            .isolation(Isolation::RepeatableRead)
            .await
            .unwrap();
        tx.query("SELECT 1").await.unwrap();
        by_another(&database, "ALTER TABLE more SET UNLOGGED");
        let mut rows = tx.select("other", "*").stream();
        assert!(rows.try_next().await.unwrap().is_some());
        drop(rows);
        let error = match commits {
            true => tx.commit().await.unwrap_err(),
            false => tx.count("t", Filter::all()).await.unwrap_err(),
        };
        assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{commits}");
    }
}

/// Where the session, a text or the role says so, too.
#[tokio::test]
async fn a_snapshot_that_the_verb_does_not_know_of() {
    let database = TestDatabase::postgres().await;
    database.sql(TABLES).await;
    let between = if database.url().contains('?') {
        "&"
    } else {
        "?"
    };
    let url = format!(
        "{}{between}options=-c%20default_transaction_isolation=serializable",
        database.url()
    );
    let by_default = PostgresAdapter::connect_with(ConnectOptions::new(url))
        .await
        .unwrap();
    let usual = PostgresAdapter::connect_with(ConnectOptions::new(database.url()))
        .await
        .unwrap();
    for by_text in [false, true] {
        let tx = match by_text {
            true => usual.begin().await.unwrap(),
            false => by_default.begin().await.unwrap(),
        };
        if by_text {
            tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                .await
                .unwrap();
        }
        assert_eq!(tx.count("other", Filter::all()).await.unwrap(), 1);
        by_another(&database, CHANGES[3]);
        let error = tx.count("t", Filter::all()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{by_text}");
    }
    // a statement alone waits for the lock with the snapshot that it has begun with
    let mut oracle = database.oracle().await;
    let mut watcher = database.oracle().await;
    for (verb, digits) in [("select", 4), ("stream", 5), ("update", 6)] {
        let alter = format!("BEGIN; ALTER TABLE t ALTER COLUMN m TYPE numeric(20,{digits})");
        oracle.sql(&alter).await;
        let waits = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
            WHERE d.datname = current_database() AND NOT l.granted";
        let (found, ()) = tokio::join!(found(&by_default, verb), async {
            watcher.until(waits, "1").await;
            oracle.sql("COMMIT").await;
        });
        match found {
            Ok(rows) => assert!(is_right(verb, rows), "{verb}: {rows}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{verb}"),
        }
    }
}

/// The look costs one question for each table of a transaction with a snapshot, and nothing elsewhere.
#[tokio::test]
async fn only_transactions_with_a_snapshot_are_asked_more() {
    let server = PostgresServer::start();
    let database = TestDatabase::postgres_on(&server).await;
    database.sql(TABLES).await;
    let db = PostgresAdapter::connect_with(ConnectOptions::new(database.url()).max_connections(1))
        .await
        .unwrap();
    db.select("t", "*").await.unwrap();
    database.sql("ALTER SYSTEM SET log_statement = 'all'").await;
    database.sql("SELECT pg_reload_conf()").await;
    support::until("statements are written down", async || {
        db.query("SELECT 'written down'").await.unwrap();
        server.log().contains("written down")
    })
    .await;
    let sent = async |isolation: Option<Option<Isolation>>| {
        let before = server.log().len();
        match isolation {
            None => {
                db.select("t", "*").await.unwrap();
                db.select("t", "*").await.unwrap();
            }
            Some(isolation) => {
                let begin = db.begin();
                let tx = match isolation {
                    Some(isolation) => begin.isolation(isolation).await.unwrap(),
                    None => begin.await.unwrap(),
                };
                tx.select("t", "*").await.unwrap();
                tx.select("t", "*").await.unwrap();
                tx.rollback().await.unwrap();
            }
        }
        let log = server.log();
        log[before..].matches("LOG:  ").count()
    };
    assert_eq!(sent(None).await, 2);
    assert_eq!(sent(Some(None)).await, 4);
    assert_eq!(sent(Some(Some(Isolation::ReadCommitted))).await, 4);
    // whether it is the table, and which children it has
    assert_eq!(sent(Some(Some(Isolation::Serializable))).await, 6);
}

/// Two tables, a family of each kind, and what another session does to them: the name leads to another table, or to
/// other rows of it.
const FAMILIES: &str = "
    CREATE TABLE other (id int PRIMARY KEY);
    INSERT INTO other VALUES (1);
    CREATE TABLE t (id int NOT NULL, n int NOT NULL);
    INSERT INTO t VALUES (1, 1), (2, 2), (3, 3);
    CREATE TABLE spare (id int NOT NULL, n int NOT NULL);
    INSERT INTO spare VALUES (1, 10);
    CREATE TABLE up (id int NOT NULL, n int NOT NULL);
    CREATE TABLE below () INHERITS (up);
    INSERT INTO up VALUES (1, 1);
    INSERT INTO below VALUES (2, 2), (3, 3);
    CREATE TABLE parts (id int NOT NULL, n int NOT NULL) PARTITION BY RANGE (id);
    CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (2);
    CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (2) TO (9) PARTITION BY LIST (id);
    CREATE TABLE parts2a PARTITION OF parts2 FOR VALUES IN (2);
    CREATE TABLE parts2b PARTITION OF parts2 DEFAULT;
    INSERT INTO parts VALUES (1, 1), (2, 2), (3, 3);
    CREATE SCHEMA one; CREATE TABLE one.t (LIKE t); INSERT INTO one.t VALUES (1, 1), (2, 2), (3, 3);
    CREATE SCHEMA two; CREATE TABLE two.t (LIKE t); INSERT INTO two.t VALUES (1, 10);
    CREATE VIEW seen AS SELECT * FROM parts";

const OF_FAMILIES: [(&str, &str); 13] = [
    (
        "t",
        "ALTER TABLE t RENAME TO old; ALTER TABLE spare RENAME TO t",
    ),
    ("t", "ALTER TABLE spare INHERIT t"),
    (
        "one.t",
        "ALTER SCHEMA one RENAME TO old; ALTER SCHEMA two RENAME TO one",
    ),
    (
        "one.t",
        "ALTER TABLE one.t RENAME TO old; ALTER TABLE two.t SET SCHEMA one",
    ),
    ("up", "ALTER TABLE below NO INHERIT up"),
    ("up", "DROP TABLE below"),
    (
        "up",
        "ALTER TABLE below NO INHERIT up; ALTER TABLE spare INHERIT up",
    ),
    ("parts", "ALTER TABLE parts DETACH PARTITION parts1"),
    ("parts", "DROP TABLE parts2a"),
    ("parts", "DROP TABLE parts2"),
    ("parts", "ALTER TABLE parts2 DETACH PARTITION parts2b"),
    (
        "parts",
        "ALTER TABLE parts DETACH PARTITION parts1; ALTER TABLE parts ATTACH PARTITION spare FOR VALUES FROM (0) TO (2)",
    ),
    ("seen", "DROP TABLE parts2a"),
];

#[tokio::test]
async fn other_children_partitions_and_names_are_not_read_for_those_of_the_snapshot() {
    for (number, (table, change)) in OF_FAMILIES.into_iter().enumerate() {
        let database = TestDatabase::postgres().await;
        database.sql(FAMILIES).await;
        let options = ConnectOptions::new(database.url()).max_connections(20);
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        let isolation = match number % 2 {
            0 => Isolation::RepeatableRead,
            _ => Isolation::Serializable,
        };
        let mut begun = Vec::new();
        for verb in ["select", "stream", "count", "update", "delete"] {
            if number % 3 > 0 {
                // what is known of the tables was known before
                assert_eq!(db.count(table, Filter::all()).await.unwrap(), 3);
            }
            begun.push((verb, with_snapshot(&db, isolation).await));
        }
        let dump = format!("SELECT n FROM {table} ORDER BY n");
        by_another(&database, change);
        let before = database.rows_text(&dump).await;
        for (verb, tx) in begun {
            let case = format!("{verb} {table}, {change}");
            let all = || row! { "id": op::gte(0) };
            let error = match verb {
                "select" => tx.select(table, "n").await.map(|_| ()),
                "stream" => {
                    let rows = tx.select(table, "n").stream();
                    rows.try_collect::<Vec<_>>().await.map(|_| ())
                }
                "count" => tx.count(table, Filter::all()).await.map(|_| ()),
                "update" if table != "seen" => tx
                    .update(table, row! { "n": 7 }, all())
                    .count()
                    .await
                    .map(|_| ()),
                _ if table != "seen" => tx.delete(table, all()).await.map(|_| ()),
                _ => tx.select(table, "n").await.map(|_| ()),
            };
            let error = error.expect_err(&case);
            assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{case}: {error}");
            assert!(tx.commit().await.is_err(), "{case}");
        }
        assert_eq!(database.rows_text(&dump).await, before, "{change}");
    }
}

#[tokio::test]
async fn families_that_nobody_changed_are_read_and_written_in_a_snapshot() {
    let database = TestDatabase::postgres().await;
    database.sql(FAMILIES).await;
    database
        .sql("CREATE TABLE guarded (id int NOT NULL, n int NOT NULL); INSERT INTO guarded VALUES (1, 1), (2, 2), (3, 3);
            CREATE TABLE \"Odd \"\"name\" (id int NOT NULL, n int NOT NULL); INSERT INTO \"Odd \"\"name\" TABLE t;
            CREATE TABLE heir_of_guarded (CHECK (id > 100)) INHERITS (guarded);
            ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
            CREATE POLICY own ON guarded USING (id < 100 AND id IN (SELECT id FROM spare UNION SELECT id FROM t)) WITH CHECK (true);
            CREATE TABLE hidden (id int NOT NULL, n int NOT NULL); INSERT INTO hidden VALUES (1, 1);
            ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
            CREATE TABLE \"Odd.child\" () INHERITS (\"Odd \"\"name\")")
        .await;
    let role = format!("reader_{}", database.name());
    let grant = format!("CREATE ROLE {role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}");
    database.sql(&grant).await;
    let db = PostgresAdapter::connect(database.url()).await.unwrap();
    for isolation in [Isolation::RepeatableRead, Isolation::Serializable] {
        let tx = with_snapshot(&db, isolation).await;
        let role = format!("SET LOCAL ROLE {role}");
        tx.execute(role).await.unwrap();
        for (table, expected) in [("guarded", 3), ("hidden", 0)] {
            let count = tx.count(table, Filter::all()).await;
            assert_eq!(count.expect(table), expected, "{table}");
        }
        tx.execute("RESET ROLE").await.unwrap();
        tx.execute("CREATE TEMP TABLE own (id int NOT NULL, n int NOT NULL) ON COMMIT DROP")
            .await
            .unwrap();
        tx.execute("INSERT INTO own TABLE t").await.unwrap();
        tx.execute("CREATE TEMP TABLE heir () INHERITS (t) ON COMMIT DROP")
            .await
            .unwrap();
        tx.execute("CREATE TABLE made (LIKE t)").await.unwrap();
        tx.execute("INSERT INTO made TABLE t").await.unwrap();
        tx.execute("ALTER TABLE spare INHERIT made").await.unwrap();
        tx.execute("DELETE FROM spare").await.unwrap();
        for table in [
            "t",
            "up",
            "parts",
            "parts2",
            "one.t",
            "seen",
            "guarded",
            "own",
            "made",
            "\"Odd \"\"name\"",
        ] {
            let expected = if table == "parts2" { 2 } else { 3 };
            let count = tx.count(table, Filter::all()).await;
            assert_eq!(count.expect(table), expected, "{table}");
            if table != "seen" {
                let all = row! { "id": op::gte(0) };
                let updated = tx.update(table, row! { "n": 7 }, all).count().await;
                assert_eq!(updated.expect(table), expected, "{table}");
            }
        }
        tx.rollback().await.unwrap();
    }
}

/// Rows that were handed out are not taken back with a savepoint.
#[tokio::test]
async fn a_stream_that_was_dropped_in_a_savepoint_is_looked_at_too() {
    for (rolls_back, changes) in [(true, true), (false, true), (true, false)] {
        let (database, db) = database(FAMILIES).await;
        let tx = with_snapshot(&db, Isolation::RepeatableRead).await;
        if changes {
            by_another(&database, "TRUNCATE parts2a");
        }
        let inner = tx.begin().await.unwrap();
        let mut rows = inner.select("parts", "id").stream();
        assert!(rows.try_next().await.unwrap().is_some());
        drop(rows);
        match rolls_back {
            true => drop(inner.rollback().await),
            false => drop(inner),
        }
        tx.insert("other", row! { "id": 2 }).await.ok();
        let committed = tx.commit().await;
        assert_eq!(committed.is_ok(), !changes, "{committed:?}");
        let expected = u64::from(!changes) + 1;
        assert_eq!(db.count("other", Filter::all()).await.unwrap(), expected);
    }
}
