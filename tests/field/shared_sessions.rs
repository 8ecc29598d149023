//! A pooler that shares sessions and that nobody has declared: it is noticed by the first connection,
//! before anything is set that would reach the pooler's other clients. They are asked.

use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, ErrorKind, Pooler, PostgresAdapter};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Executor, Row as _};
use support::{PgBouncer, PoolMode, TestDatabase};

const MODES: [PoolMode; 2] = [PoolMode::Transaction, PoolMode::Statement];
const SETTINGS: &str = "SELECT concat_ws(' ', current_setting('default_transaction_read_only'), \
    current_setting('statement_timeout'), current_setting('search_path'), current_setting('xmloption'), \
    current_setting('db_adapter.session', true))";

fn strict(url: &str) -> ConnectOptions {
    ConnectOptions::new(url)
        .read_only(true)
        .statement_timeout(Duration::from_millis(1234))
        .schema("nowhere")
        .max_connections(5)
}

/// Another client of the pooler.
async fn client(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().unwrap();
    options.extra_float_digits(None).connect().await.unwrap()
}

async fn settings(client: &mut PgConnection) -> String {
    let row = client.fetch_one(sqlx::raw_sql(SETTINGS)).await.unwrap();
    row.get(0)
}

/// The settings of each of the pooler's server connections, and one row written over each.
async fn untouched(url: &str, connections: usize) {
    let mut clients = Vec::new();
    for _ in 0..connections {
        let mut client = client(url).await;
        client.execute("BEGIN").await.unwrap();
        let now = settings(&mut client).await;
        assert_eq!(now, "off 0 \"$user\", public content", "{connections}");
        client.execute("INSERT INTO t VALUES (1)").await.unwrap();
        clients.push(client);
    }
    for mut client in clients {
        client.execute("ROLLBACK").await.unwrap();
    }
}

async fn untouched_one_by_one(url: &str, connections: usize) {
    for _ in 0..connections {
        let mut client = client(url).await;
        let now = settings(&mut client).await;
        assert_eq!(now, "off 0 \"$user\", public content");
        client.execute("INSERT INTO t VALUES (1)").await.unwrap();
    }
}

#[tokio::test]
async fn the_first_connection_behind_it_is_refused_and_sets_nothing() {
    for mode in MODES {
        for connections in [1, 2, 5] {
            for more in [
                "",
                "server_round_robin = 1\n",
                "ignore_startup_parameters = options\n",
            ] {
                let database = TestDatabase::postgres().await;
                database.sql("CREATE TABLE t (id int)").await;
                let bouncer = PgBouncer::start_with(mode, database.url(), connections, more);
                let url = bouncer.url(database.name());
                let what = format!("{mode:?}, {connections} connections, {more}");
                for _ in 0..2 {
                    let error = PostgresAdapter::connect_with(strict(&url)).await;
                    let error = error.expect_err(&what);
                    assert_eq!(error.kind(), ErrorKind::Config, "{what}: {error}");
                    // what would not help is not said
                    let hint = match mode {
                        PoolMode::Statement => "`pool_mode`",
                        _ => "pooler = \"transaction\"",
                    };
                    assert!(error.to_string().contains(hint), "{what}: {error}");
                    match mode {
                        PoolMode::Statement => untouched_one_by_one(&url, 3).await,
                        _ => untouched(&url, connections as usize).await,
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn while_others_use_the_pooler_it_is_refused_as_well() {
    let database = TestDatabase::postgres().await;
    database.sql("CREATE TABLE t (id int)").await;
    let bouncer = PgBouncer::start(database.url(), 3);
    let url = bouncer.url(database.name());
    let mut others = Vec::new();
    for _ in 0..4 {
        let mut other = client(&url).await;
        others.push(tokio::spawn(async move {
            loop {
                other.execute("BEGIN; SELECT 1").await.unwrap();
                other.execute("SELECT pg_sleep(0.002)").await.unwrap();
                other.execute("COMMIT").await.unwrap();
            }
        }));
    }
    for _ in 0..10 {
        let error = PostgresAdapter::connect_with(strict(&url))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    }
    for other in &others {
        other.abort();
    }
    untouched(&url, 3).await;
}

/// One session for each client is all that is needed, also where there are no more.
#[tokio::test]
async fn session_mode_is_accepted_with_as_many_sessions_as_there_are() {
    for connections in [1, 2, 5] {
        for more in ["", "ignore_startup_parameters = options\n"] {
            let database = TestDatabase::postgres().await;
            database.sql("CREATE TABLE t (id int PRIMARY KEY)").await;
            let bouncer =
                PgBouncer::start_with(PoolMode::Session, database.url(), connections, more);
            let url = bouncer.url(database.name());
            let options = ConnectOptions::new(&url)
                .max_connections(connections)
                .statement_timeout(Duration::from_secs(9));
            let db = PostgresAdapter::connect_with(options).await.unwrap();
            for id in 0..4 {
                db.insert("t", row! { "id": id }).await.unwrap();
            }
            let all = (0..connections).map(|_| async {
                let tx = db.begin().await.unwrap();
                let row = tx.query("SHOW statement_timeout").one().await.unwrap();
                assert_eq!(row.get_index(0), Some(&"9s".into()));
                tx
            });
            for tx in futures_util::future::join_all(all).await {
                tx.rollback().await.unwrap();
            }
            db.close().await.unwrap();
        }
    }
}

/// Where it cannot be found out, what the user says decides; without a word it is refused.
#[tokio::test]
async fn a_pooler_that_allows_no_second_connection_must_be_declared() {
    for mode in [PoolMode::Session, PoolMode::Transaction] {
        let database = TestDatabase::postgres().await;
        database.sql("CREATE TABLE t (id int)").await;
        let bouncer = PgBouncer::start_with(mode, database.url(), 1, "max_client_conn = 1\n");
        let url = bouncer.url(database.name());
        let error = PostgresAdapter::connect_with(strict(&url)).await;
        let error = error.expect_err(&format!("{mode:?}"));
        assert_eq!(error.kind(), ErrorKind::Config, "{mode:?}: {error}");
        assert!(
            error.to_string().contains("no second connection"),
            "{error}"
        );
        assert!(error.hint().unwrap().contains("`\"session\"`"), "{error}");
        untouched(&url, 1).await;
        let declared = match mode {
            PoolMode::Session => Pooler::Session,
            _ => Pooler::Transaction,
        };
        let options = strict(&url).read_only(false).schema("public");
        let options = options.max_connections(1).pooler(declared);
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        db.insert("t", row! { "id": 1 }).await.unwrap();
        let row = db.query("SHOW statement_timeout").one().await.unwrap();
        assert_eq!(row.get_index(0), Some(&"1234ms".into()), "{mode:?}");
        db.close().await.unwrap();
        let count = database.scalar_text("SELECT count(*) FROM t").await;
        assert_eq!(count.as_deref(), Some("1"), "{mode:?}");
    }
}

/// A declaration that is known to be false is not believed.
#[tokio::test]
async fn a_transaction_pooler_is_not_accepted_as_one_of_sessions() {
    let database = TestDatabase::postgres().await;
    database.sql("CREATE TABLE t (id int)").await;
    let bouncer = PgBouncer::start(database.url(), 2);
    let url = bouncer.url(database.name());
    let error = PostgresAdapter::connect_with(strict(&url).pooler(Pooler::Session)).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(
        error.to_string().contains("shares sessions between"),
        "{error}"
    );
    untouched(&url, 2).await;
}

/// A direct connection is known by its mark: no second one is opened to find out, and what the user
/// has in `options` holds.
#[tokio::test]
async fn a_direct_connection_is_known_at_once() {
    let database = TestDatabase::postgres().await;
    let url = database.url();
    for options in ["", "?options=-c%20work_mem%3D8MB"] {
        let url = format!("{url}{options}");
        let db = PostgresAdapter::connect_with(ConnectOptions::new(&url).max_connections(1));
        let db = db.await.unwrap();
        let sql =
            "SELECT current_setting('work_mem') AS m, current_setting('db_adapter.session') AS s";
        let row = db.query(sql).one().await.unwrap();
        let expected = if options.is_empty() { "4MB" } else { "8MB" };
        assert_eq!(row["m"], expected);
        assert_eq!(row.get::<String>("s").unwrap().len(), 16);
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_pooler_in_statement_mode_is_named_at_once() {
    let database = TestDatabase::postgres().await;
    for connections in [1, 2] {
        let bouncer = PgBouncer::start_in(PoolMode::Statement, database.url(), connections);
        let url = bouncer.url(database.name());
        for pooler in [Pooler::None, Pooler::Session, Pooler::Transaction] {
            let options = ConnectOptions::new(&url).pooler(pooler);
            let error = PostgresAdapter::connect_with(options).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{pooler:?}: {error}");
            let text = error.to_string();
            assert!(text.contains("statement mode"), "{pooler:?}: {text}");
            // what would not help is not said
            assert!(!text.contains("pooler = "), "{pooler:?}: {text}");
        }
    }
}
