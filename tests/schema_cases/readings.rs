//! One reading: of one moment, the same for every session, and without a trace in the session.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use db_adapter::schema::{ConstraintKind, IntrospectOptions};
use db_adapter::{
    ConnectOptions, Error, Isolation, PostgresAdapter, SchemaIntrospector, SqliteAdapter,
    TxOptions, connect, prelude::*,
};
use support::TestDatabase;

const SCHEMA: &str = "CREATE TYPE mood AS ENUM ('ok');
    CREATE SCHEMA audit;
    CREATE TABLE users (id serial PRIMARY KEY, mood mood DEFAULT 'ok', wait interval DEFAULT '1 day 2 hours');
    CREATE TABLE audit.log (id serial PRIMARY KEY, user_id integer REFERENCES users (id), mood mood DEFAULT 'ok');
    CREATE VIEW audit.both AS SELECT l.id FROM audit.log l JOIN users u ON u.id = l.user_id;";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_of_the_session_change_nothing() {
    let database = TestDatabase::postgres().await;
    database.sql(SCHEMA).await;
    let mut seen = Vec::new();
    for settings in [
        "",
        "SET search_path = audit",
        "SET search_path = ''",
        "SET quote_all_identifiers = on",
        "SET intervalstyle = 'iso_8601'",
    ] {
        let options = ConnectOptions::new(database.url()).max_connections(1);
        let client = PostgresAdapter::connect_with(options).await.unwrap();
        if !settings.is_empty() {
            client.execute(settings).await.unwrap();
        }
        let introspector = SchemaIntrospector::new(&client)
            .schema("public")
            .schema("audit");
        seen.push((settings, introspector.introspect().await.unwrap()));
        client.close().await.unwrap();
    }
    for (settings, schema) in &seen {
        assert_eq!(schema, &seen[0].1, "{settings}");
    }
    let users = seen[0].1.table("users").unwrap();
    assert_eq!(users.columns[1].default.as_deref(), Some("'ok'::mood"));
    let log = seen[0].1.table("audit.log").unwrap();
    let numbered = log.columns[0].default.as_deref();
    assert_eq!(numbered, Some("nextval('audit.log_id_seq'::regclass)"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_search_path_says_which_schemas_are_meant() {
    let database = TestDatabase::postgres().await;
    database.sql(SCHEMA).await;
    let options = ConnectOptions::new(database.url()).max_connections(1);
    let client = PostgresAdapter::connect_with(options).await.unwrap();
    for (path, tables) in [
        ("audit", vec!["audit.log"]),
        ("audit, public", vec!["audit.log", "users"]),
        ("nowhere, public, \"$user\"", vec!["users"]),
    ] {
        let transaction = client.begin().await.unwrap();
        transaction
            .execute(format!("SET LOCAL search_path = {path}"))
            .await
            .unwrap();
        let names = SchemaIntrospector::new(&transaction)
            .column_names()
            .await
            .unwrap();
        assert_eq!(names.keys().collect::<Vec<_>>(), tables, "{path}");
    }
    let transaction = client.begin().await.unwrap();
    let nowhere = "SET LOCAL search_path = nowhere";
    transaction.execute(nowhere).await.unwrap();
    let schema = SchemaIntrospector::new(&transaction)
        .introspect()
        .await
        .unwrap();
    transaction.rollback().await.unwrap();
    assert!(schema.tables.is_empty());
    assert!(schema.not_inspected[0].reason.contains("names no schema"));
    client.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_reads_what_it_made_and_keeps_its_settings() {
    let database = TestDatabase::postgres().await;
    database.sql(SCHEMA).await;
    let client = PostgresAdapter::connect(database.url()).await.unwrap();
    let transaction = client.begin().await.unwrap();
    transaction
        .execute("SET LOCAL search_path = audit")
        .await
        .unwrap();
    transaction
        .execute("CREATE TABLE mine (id integer PRIMARY KEY)")
        .await
        .unwrap();
    let inside = SchemaIntrospector::new(&transaction)
        .introspect()
        .await
        .unwrap();
    assert!(inside.table("audit.mine").is_some());
    let others = SchemaIntrospector::new(&client).schema("audit");
    assert!(
        others
            .introspect()
            .await
            .unwrap()
            .table("audit.mine")
            .is_none()
    );
    // the path is what it was, and the transaction goes on
    let path = transaction.query("SHOW search_path").one().await.unwrap();
    assert_eq!(path["search_path"], "audit");
    transaction.insert("mine", row! { "id": 1 }).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(
        database
            .scalar_text("SELECT count(*) FROM audit.mine")
            .await
            .unwrap(),
        "1"
    );
    client.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reading_that_is_dropped_half_way_leaves_the_transaction_usable() {
    let database = TestDatabase::postgres().await;
    database.sql(SCHEMA).await;
    let client = PostgresAdapter::connect(database.url()).await.unwrap();
    for micros in [0, 50, 200, 500, 1000, 2000, 4000, 8000] {
        let transaction = client.begin().await.unwrap();
        transaction
            .execute("SET LOCAL search_path = audit")
            .await
            .unwrap();
        let options = IntrospectOptions::default();
        let limit = std::time::Duration::from_micros(micros);
        let _ = tokio::time::timeout(limit, transaction.introspect(options)).await;
        match transaction.query("SHOW search_path").one().await {
            Ok(path) => assert_eq!(path["search_path"], "audit", "{micros}"),
            Err(error) => assert!(
                matches!(
                    error,
                    Error::TransactionAborted | Error::Connection { .. } | Error::SavepointOpen
                ),
                "{error}"
            ),
        }
    }
    assert_eq!(client.count("users", row! {}).await.unwrap(), 0);
    client.close().await.unwrap();
}

/// A table and the one that refers to it come and go together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reading_is_of_one_moment() {
    let database = TestDatabase::postgres().await;
    let mut oracle = database.oracle().await;
    let enough = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&enough);
    // a reading needs some moment without a change
    let milliseconds = Arc::new(AtomicU32::new(300));
    let pause = Arc::clone(&milliseconds);
    let changing = tokio::spawn(async move {
        for n in (0..).take_while(|_| !stop.load(Ordering::Relaxed)) {
            let pause = f64::from(pause.load(Ordering::Relaxed)) / 1000.0;
            oracle
                .sql(&format!(
                    "BEGIN; CREATE TABLE a{n} (id integer PRIMARY KEY, CHECK (id > 0)); \
                     CREATE TABLE b{n} (a integer REFERENCES a{n} (id)); CREATE INDEX i{n} ON b{n} ((a + 1)); \
                     CREATE VIEW v{n} AS SELECT a FROM b{n}; COMMIT; SELECT pg_sleep({pause}); \
                     BEGIN; DROP VIEW v{n}; DROP TABLE b{n}; DROP TABLE a{n}; COMMIT"
                ))
                .await;
        }
    });
    let client = PostgresAdapter::connect(database.url()).await.unwrap();
    let (mut readings, mut pairs) = (0, 0);
    while readings < 20 || pairs < 3 {
        let schema = match SchemaIntrospector::new(&client).introspect().await {
            // on a busy machine a reading takes longer than the pause, and says so
            Err(Error::SchemaChanged { .. }) => {
                milliseconds.fetch_add(300, Ordering::Relaxed);
                continue;
            }
            read => read.unwrap(),
        };
        for table in schema.tables.values() {
            assert!(!table.columns.is_empty());
            for index in table.indexes.values() {
                assert_eq!(index.columns[0].text, "a + 1");
            }
            for check in table.constraints.values() {
                assert_eq!(
                    check.kind == ConstraintKind::Check,
                    check.expression.is_some()
                );
            }
            for key in table.foreign_keys() {
                let parent = key.references_table.as_deref().unwrap();
                let parent = schema.table(parent).expect("the other one is there too");
                assert_eq!(parent.primary_key().unwrap().columns, ["id"]);
                pairs += 1;
            }
        }
        assert!(schema.views.values().all(|view| view.definition.is_some()));
        let alone = schema.tables.keys().filter(|name| name.starts_with('a'));
        assert_eq!(alone.count(), schema.views.len());
        readings += 1;
    }
    enough.store(true, Ordering::Relaxed);
    changing.await.unwrap();
    client.close().await.unwrap();
}

/// The server writes definitions, expressions and the names of types out of what is there now: where that
/// is gone, a reading is an error, and never a schema that lacks it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_dropped_after_the_snapshot_is_not_missing_in_silence() {
    const OBJECTS: &str = "CREATE TYPE mood AS ENUM ('ok');
        CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
        CREATE TYPE pair AS (a integer, b integer);
        CREATE FUNCTION f(m mood) RETURNS mood LANGUAGE sql AS 'SELECT m';
        CREATE FUNCTION g(p positive) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
        CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE SEQUENCE s;
        CREATE TABLE a (id integer PRIMARY KEY, x integer DEFAULT nextval('s') CHECK (x > 0),
            m mood DEFAULT 'ok', ms mood[], p positive, q pair,
            twice integer GENERATED ALWAYS AS (id * 2) STORED,
            EXCLUDE USING btree (x WITH =));
        CREATE INDEX i ON a ((x + 1)) WHERE x > 1;
        CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION tr();
        CREATE POLICY po ON a USING (x > 0);
        CREATE TABLE parted (id integer, k text) PARTITION BY LIST (k);
        CREATE TABLE part PARTITION OF parted FOR VALUES IN ('x');
        CREATE TABLE child (c integer) INHERITS (a);
        CREATE VIEW v AS SELECT id, x FROM a;
        CREATE MATERIALIZED VIEW mv AS SELECT id FROM a;
        CREATE UNIQUE INDEX mi ON mv (id);";
    let drops = [
        "VIEW v",
        "MATERIALIZED VIEW mv",
        "TABLE child",
        "TABLE part",
        "TABLE parted",
        "INDEX i",
        "TRIGGER t ON a",
        "POLICY po ON a",
        "FUNCTION f(mood)",
        "FUNCTION tr() CASCADE",
        "DOMAIN positive CASCADE",
        "TYPE mood CASCADE",
        "TYPE pair CASCADE",
        "SEQUENCE s CASCADE",
        "TABLE a CASCADE",
    ];
    let again = "DROP VIEW v; CREATE MATERIALIZED VIEW v AS SELECT id FROM a";
    let drops = drops.map(|what| format!("DROP {what}"));
    let columns = ["x", "m", "ms", "p", "q", "twice"];
    let columns = columns.map(|name| format!("ALTER TABLE a DROP COLUMN {name} CASCADE"));
    let defaults = ["x", "m"].map(|name| format!("ALTER TABLE a ALTER {name} DROP DEFAULT"));
    let all = drops.into_iter().chain(columns).chain(defaults);
    let (mut refused, mut whole) = (Vec::new(), Vec::new());
    for change in all.chain([again.to_owned()]) {
        let database = TestDatabase::postgres().await;
        database.sql(OBJECTS).await;
        let client = PostgresAdapter::connect(database.url()).await.unwrap();
        let before = SchemaIntrospector::new(&client).introspect().await.unwrap();
        let mut snapshot = TxOptions::default();
        snapshot.isolation = Some(Isolation::RepeatableRead);
        let reading = client.begin_with(snapshot).await.unwrap();
        reading.query("SELECT 1").await.unwrap();
        database.sql(&change).await;
        match SchemaIntrospector::new(&reading).introspect().await {
            Ok(schema) => {
                assert!(schema == before, "{change}: {schema:?}");
                whole.push(change);
            }
            Err(Error::SchemaChanged { .. }) => refused.push(change),
            // "cache lookup failed"
            Err(Error::Database { code, .. }) if code == "XX000" => refused.push(change),
            Err(error) => panic!("{change}: {error}"),
        }
        drop(reading);
        let after = SchemaIntrospector::new(&client).introspect().await.unwrap();
        assert_ne!(after, before);
        client.close().await.unwrap();
    }
    println!("refused: {refused:?}; whole: {whole:?}");
    for change in ["DROP VIEW v", "DROP MATERIALIZED VIEW mv", again] {
        assert!(refused.iter().any(|refused| refused == change), "{change}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_whose_build_failed_is_listed() {
    let database = TestDatabase::postgres().await;
    database
        .sql("CREATE TABLE t (a integer); INSERT INTO t VALUES (1), (1)")
        .await;
    let client = PostgresAdapter::connect(database.url()).await.unwrap();
    let built = client
        .execute("CREATE UNIQUE INDEX CONCURRENTLY once ON t (a)")
        .await;
    assert!(matches!(built, Err(Error::UniqueViolation(_))));
    let schema = SchemaIntrospector::new(&client).introspect().await.unwrap();
    client.close().await.unwrap();
    assert!(schema.table("t").unwrap().indexes.is_empty());
    let entry = &schema.not_inspected[0];
    assert_eq!(
        (entry.kind.as_str(), entry.name.as_deref()),
        ("index", Some("t.once"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn excluded_tables_are_listed_and_may_be_others() {
    for database in [TestDatabase::postgres().await, TestDatabase::sqlite()] {
        database
            .sql("CREATE TABLE a (id integer); CREATE TABLE b (id integer); CREATE TABLE _sqlx_migrations (id integer)")
            .await;
        let client = connect(database.url()).await.unwrap();
        let names =
            |schema: &db_adapter::DatabaseSchema| schema.tables.keys().cloned().collect::<Vec<_>>();
        let usual = SchemaIntrospector::new(&client);
        assert_eq!(names(&usual.introspect().await.unwrap()), ["a", "b"]);
        let none = usual
            .excluded_tables::<&str>([])
            .introspect()
            .await
            .unwrap();
        assert_eq!(names(&none), ["_sqlx_migrations", "a", "b"]);
        assert!(none.not_inspected.is_empty());
        let own = SchemaIntrospector::new(&client).excluded_tables(["b", "other.a"]);
        let own = own.introspect().await.unwrap();
        assert_eq!(names(&own), ["_sqlx_migrations", "a"]);
        assert_eq!(own.not_inspected.len(), 1);
        client.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemas_that_are_not_there_are_listed() {
    for (database, wanted, near) in [
        (
            TestDatabase::postgres().await,
            "pubic",
            "did you mean `public`?",
        ),
        (TestDatabase::sqlite(), "mian", "did you mean `main`?"),
    ] {
        database.sql("CREATE TABLE t (id integer)").await;
        let client = connect(database.url()).await.unwrap();
        let schema = SchemaIntrospector::new(&client).schema(wanted);
        let schema = schema.introspect().await.unwrap();
        client.close().await.unwrap();
        assert!(schema.tables.is_empty());
        let entry = &schema.not_inspected[0];
        assert_eq!(
            (entry.kind.as_str(), entry.name.as_deref()),
            ("schema", Some(wanted))
        );
        assert!(entry.reason.contains(near), "{}", entry.reason);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attached_database_is_a_schema() {
    let other = TestDatabase::sqlite();
    other
        .sql("CREATE TABLE t (id integer PRIMARY KEY, a text UNIQUE); CREATE VIEW v AS SELECT a FROM t;")
        .await;
    let own = TestDatabase::sqlite();
    let db = SqliteAdapter::connect(own.url()).await.unwrap();
    db.execute("CREATE TABLE t (id integer PRIMARY KEY)")
        .await
        .unwrap();
    let path = other.path().display().to_string();
    let attach = "ATTACH :path AS \"the other\"";
    db.execute(attach).bind("path", path).await.unwrap();
    // it is the writing connection's alone
    let transaction = db.begin().await.unwrap();
    let both = SchemaIntrospector::new(&transaction)
        .schema("main")
        .schema("the other");
    let schema = both.introspect().await.unwrap();
    transaction.commit().await.unwrap();
    let keys: Vec<&String> = schema.tables.keys().collect();
    assert_eq!(keys, ["\"the other\".t", "t"]);
    let theirs = schema.table("\"the other\".t").unwrap();
    assert_eq!(theirs.unique().next().unwrap().columns, ["a"]);
    assert_eq!(schema.views["\"the other\".v"].columns[0].name, "a");
    db.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_client_says_so() {
    for database in [TestDatabase::postgres().await, TestDatabase::sqlite()] {
        let client = connect(database.url()).await.unwrap();
        client.close().await.unwrap();
        let result = SchemaIntrospector::new(&client).introspect().await;
        assert!(matches!(result, Err(Error::Closed)), "{result:?}");
    }
}

/// SQLite takes this, and keeps it; the pragmas know the rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_that_is_not_read_is_listed() {
    let database = TestDatabase::sqlite();
    database
        .sql("CREATE TABLE t (id integer PRIMARY KEY, a text NOT NULL UNIQUE REFERENCES t (a), b int CHECK (b > 0) CONSTRAINT of_nothing)")
        .await;
    let client = connect(database.url()).await.unwrap();
    let schema = SchemaIntrospector::new(&client).introspect().await.unwrap();
    client.close().await.unwrap();
    let t = schema.table("t").unwrap();
    assert_eq!(t.columns.len(), 3);
    assert_eq!(t.primary_key().unwrap().columns, ["id"]);
    assert_eq!(t.unique().next().unwrap().columns, ["a"]);
    assert_eq!(t.foreign_keys().count(), 1);
    assert_eq!(t.checks().count(), 0);
    let entry = &schema.not_inspected[0];
    assert_eq!(
        (entry.kind.as_str(), entry.name.as_deref()),
        ("constraint", Some("t"))
    );
    assert!(
        entry
            .reason
            .starts_with("the table's definition was not read: ")
    );
}
