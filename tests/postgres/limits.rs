//! A proxy makes the server slow, or silent for new connections: what comes after a time limit is not sent any
//! more, and a server that does not answer is named, and not taken for a pool that is full.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, PostgresAdapter, Result};
use futures_util::future::BoxFuture;
use support::TestDatabase;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How late each answer of the slow server is, and the time limit, which every first answer misses.
const LATE: Duration = Duration::from_millis(150);
const LIMIT: Duration = Duration::from_millis(50);

/// Passes everything on, answers so late as it is told to.
struct Proxy {
    address: String,
    late: Arc<AtomicU64>,
    /// New connections are accepted, and nobody answers.
    silent: Arc<AtomicBool>,
}

impl Proxy {
    async fn before(host: String) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let late = Arc::new(AtomicU64::new(0));
        let silent = Arc::new(AtomicBool::new(false));
        let (delay, ignores) = (Arc::clone(&late), Arc::clone(&silent));
        tokio::spawn(async move {
            let mut ignored = Vec::new();
            while let Ok((client, _)) = listener.accept().await {
                if ignores.load(Ordering::SeqCst) {
                    ignored.push(client);
                    continue;
                }
                let server = TcpStream::connect(&host).await.unwrap();
                tokio::spawn(pass(client, server, Arc::clone(&delay)));
            }
        });
        Proxy {
            address,
            late,
            silent,
        }
    }

    fn slow(&self, late: Duration) {
        let millis = u64::try_from(late.as_millis()).unwrap();
        self.late.store(millis, Ordering::SeqCst);
    }
}

async fn pass(client: TcpStream, server: TcpStream, late: Arc<AtomicU64>) {
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut piece = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from_server.read(&mut piece).await {
        let late = Duration::from_millis(late.load(Ordering::SeqCst));
        if !late.is_zero() {
            tokio::time::sleep(late).await;
        }
        if to_client.write_all(&piece[..length]).await.is_err() {
            break;
        }
    }
    up.abort();
}

/// The proxy before the server of a database, and the URL that leads through it.
async fn through(database: &TestDatabase) -> (Proxy, String) {
    let (login, rest) = database.url().split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let proxy = Proxy::before(host.to_owned()).await;
    let url = format!("{login}@{}/{name}", proxy.address);
    (proxy, url)
}

type Verb = for<'a> fn(&'a dyn DatabaseClient, &'a str) -> BoxFuture<'a, Result<()>>;

/// The verbs that write, with what each of them does to the rows of a table.
const VERBS: [(&str, Verb); 11] = [
    ("insert", |db, t| {
        Box::pin(async move {
            db.insert(t, row! { "id": 9 })
                .timeout(LIMIT)
                .await
                .map(drop)
        })
    }),
    ("insert_many", |db, t| {
        let rows = (9..12).map(|id| row! { "id": id });
        let insert = db.insert_many(t, rows);
        Box::pin(async move { insert.timeout(LIMIT).await.map(drop) })
    }),
    ("copied", |db, t| {
        let rows = (9..900).map(|id| row! { "id": id });
        let insert = db.insert_many(t, rows);
        Box::pin(async move { insert.timeout(LIMIT).await.map(drop) })
    }),
    ("upsert", |db, t| {
        let row = row! { "id": 1, "n": 9 };
        Box::pin(async move { db.upsert(t, row, "id").timeout(LIMIT).await.map(drop) })
    }),
    ("update", |db, t| {
        let update = db.update(t, row! { "n": 9 }, row! { "id": 1 });
        Box::pin(async move { update.timeout(LIMIT).await.map(drop) })
    }),
    ("update, counted", |db, t| {
        let update = db.update(t, row! { "n": 9 }, row! { "id": 1 });
        Box::pin(async move { update.timeout(LIMIT).count().await.map(drop) })
    }),
    ("delete", |db, t| {
        let delete = db.delete(t, row! { "id": 1 });
        Box::pin(async move { delete.timeout(LIMIT).await.map(drop) })
    }),
    ("execute with a parameter", |db, t| {
        let execute = db
            .execute(format!("DELETE FROM {t} WHERE id = :id"))
            .bind("id", 1);
        Box::pin(async move { execute.timeout(LIMIT).await.map(drop) })
    }),
    ("query", |db, t| {
        let query = db.query(format!("UPDATE {t} SET n = 9 RETURNING id"));
        Box::pin(async move { query.timeout(LIMIT).await.map(drop) })
    }),
    ("script", |db, t| {
        let script = db.execute_script(format!("DELETE FROM {t}; INSERT INTO {t} VALUES (9)"));
        Box::pin(async move { script.timeout(LIMIT).await.map(drop) })
    }),
    ("stream", |db, t| {
        let query = db.query(format!("UPDATE {t} SET n = 9 RETURNING id"));
        Box::pin(async move {
            let mut rows = query.timeout(LIMIT).stream();
            while let Some(row) = futures_util::StreamExt::next(&mut rows).await {
                row?;
            }
            Ok(())
        })
    }),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_once_time_is_over() {
    let database = TestDatabase::postgres().await;
    // the tables are not known, or are known and the statement is not prepared, or a transaction is open
    for way in ["unknown", "known", "within"] {
        let verbs = VERBS.iter().enumerate();
        // in a transaction a script is one message, and sent in time
        let verbs = verbs.filter(|(_, (verb, _))| way != "within" || *verb != "script");
        let cases = verbs.map(|(n, (verb, write))| {
            let table = format!("{way}_{n}");
            is_not_sent(&database, way, table, format!("{way}: {verb}"), *write)
        });
        futures_util::future::join_all(cases).await;
    }
}

/// A verb whose time limit comes before the first answer.
async fn is_not_sent(database: &TestDatabase, way: &str, table: String, case: String, write: Verb) {
    database
        .sql(&format!(
            "CREATE TABLE {table} (id int PRIMARY KEY, n int); INSERT INTO {table} VALUES (1, 1)"
        ))
        .await;
    let (proxy, url) = through(database).await;
    let options = ConnectOptions::new(&url).max_connections(2);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    if way != "unknown" {
        db.select(&table, "*").await.unwrap();
    }
    let tx = match way {
        "within" => Some(db.begin().await.unwrap()),
        _ => None,
    };
    let client: &dyn DatabaseClient = match &tx {
        Some(tx) => tx,
        None => &db,
    };
    proxy.slow(LATE);
    let written = write(client, &table).await;
    proxy.slow(Duration::ZERO);
    let error = written.expect_err(&case);
    assert_eq!(error.kind(), ErrorKind::Timeout, "{case}: {error}");
    if let Some(tx) = tx {
        let committed = tx.commit().await;
        assert_eq!(committed.unwrap_err(), Error::TransactionAborted, "{case}");
    }
    assert_eq!(db.settle().await.unwrap().unknown, 0, "{case}");
    let rows = format!("SELECT string_agg(id || ':' || n, ',') FROM {table}");
    let rows = database.scalar_text(&rows).await;
    assert_eq!(rows.as_deref(), Some("1:1"), "{case}");
    // and the connection is good for the next one
    assert_eq!(db.count(&table, row! {}).await.unwrap(), 1, "{case}");
    let status = db.pool_status();
    assert_eq!(status.open, status.idle, "{case}");
    db.close().await.unwrap();
}

fn names(error: &Error, address: &str) {
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    let text = error.to_string();
    assert!(
        text.contains(address) && text.contains("did not answer"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_silent_to_new_connections_is_not_a_pool_that_is_full() {
    let database = TestDatabase::postgres().await;
    let (proxy, url) = through(&database).await;
    let options = |url: &str, max: u32| {
        ConnectOptions::new(url)
            .max_connections(max)
            .acquire_timeout(Duration::from_millis(500))
    };
    // every operation needs a new connection
    let aged = |url: &str, max| options(url, max).max_lifetime(Duration::from_millis(1));
    let one = PostgresAdapter::connect_with(aged(&url, 1)).await.unwrap();
    let lent = PostgresAdapter::connect_with(options(&url, 2))
        .await
        .unwrap();
    let tx = lent.begin().await.unwrap();
    let full = PostgresAdapter::connect_with(options(&url, 1))
        .await
        .unwrap();
    let held = full.begin().await.unwrap();
    let login = url.split_once('@').unwrap().0;
    let name = url.rsplit_once('/').unwrap().1;
    let twice = format!("{login}@{0},localhost:{1}/{name}", proxy.address, {
        proxy.address.rsplit_once(':').unwrap().1
    });
    let two = PostgresAdapter::connect_with(aged(&twice, 1))
        .await
        .unwrap();
    proxy.silent.store(true, Ordering::SeqCst);

    // the one that asks, and the one behind it that waits for the place
    let (a, b) = tokio::join!(async { one.count("t", row! {}).await.map(drop) }, async {
        one.insert("t", row! { "id": 1 }).await.map(drop)
    });
    for result in [a, b, one.begin().await.map(drop), one.ping().await] {
        names(&result.unwrap_err(), &proxy.address);
    }
    // its own time limit is a time limit
    let limited = one
        .query("SELECT 1")
        .timeout(Duration::from_millis(200))
        .await
        .unwrap_err();
    assert_eq!(limited.kind(), ErrorKind::Timeout, "{limited}");
    assert!(limited.to_string().contains(&proxy.address), "{limited}");

    // there is a place, and the server does not fill it
    names(&lent.ping().await.unwrap_err(), &proxy.address);
    tx.rollback().await.unwrap();

    // each of two hosts with its reason
    let error = two.ping().await.unwrap_err();
    names(&error, &proxy.address);
    let text = error.to_string();
    assert_eq!(text.matches("did not answer").count(), 2, "{text}");
    assert!(text.contains("`localhost:"), "{text}");

    // a pool that is full is still one
    let error = full.ping().await.unwrap_err();
    let is_full = matches!(
        error,
        Error::PoolTimeout {
            in_use: 1,
            max_connections: 1,
            ..
        }
    );
    assert!(is_full, "{error}");
    held.rollback().await.unwrap();

    proxy.silent.store(false, Ordering::SeqCst);
    for db in [one, two, lent, full] {
        db.ping().await.unwrap();
    }
}

/// A proxy without a server behind it accepts and hangs up.
#[tokio::test]
async fn a_connection_that_is_closed_at_once_is_no_answer() {
    for reads in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let hangs_up = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                if reads {
                    let _ = client.read(&mut [0; 1024]).await;
                }
            }
        });
        for mode in ["disable", "prefer", "require"] {
            let url = format!("postgresql://u:secret@{address}/db?sslmode={mode}");
            let error = PostgresAdapter::connect(&url).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
            let text = error.to_string();
            assert!(
                text.contains("closed before an answer came"),
                "{mode}: {text}"
            );
        }
        hangs_up.abort();
    }
}
