//! An adapter that outlives the runtime it was used in: a shared one and a runtime for each test, or
//! one for each call of a synchronous program. The server says what is left open.

use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Pooler, PostgresAdapter, Transaction};
use futures_util::StreamExt;
use support::{Oracle, PgBouncer, TestDatabase, psql};
use tokio::runtime::{Builder, Runtime};

const TABLE: &str =
    "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL); INSERT INTO t VALUES (1, 1)";

/// How a runtime ends.
#[derive(Debug, Clone, Copy)]
enum Ends {
    CurrentThread,
    MultiThread,
    InTheBackground,
}

impl Ends {
    fn runtime(self) -> Runtime {
        let mut builder = match self {
            Ends::CurrentThread => Builder::new_current_thread(),
            Ends::MultiThread | Ends::InTheBackground => Builder::new_multi_thread(),
        };
        builder.worker_threads(2).enable_all().build().unwrap()
    }

    fn end(self, runtime: Runtime) {
        match self {
            Ends::CurrentThread | Ends::MultiThread => drop(runtime),
            Ends::InTheBackground => runtime.shutdown_background(),
        }
    }
}

/// Who has the transaction when the runtime ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Held {
    Dropped,
    ByNobody,
    ByATask,
    ByAStream,
    ByAStatement,
    Outlived,
}

const HELD: [Held; 6] = [
    Held::Dropped,
    Held::ByNobody,
    Held::ByATask,
    Held::ByAStream,
    Held::ByAStatement,
    Held::Outlived,
];

async fn begun(db: &PostgresAdapter) -> Transaction {
    let tx = db.begin().await.unwrap();
    tx.update("t", row! { "n": 2 }, row! { "id": 1 })
        .await
        .unwrap();
    tx
}

/// A transaction that has a lock and is held so, and what of it outlives the runtime.
async fn leave(db: &PostgresAdapter, held: Held) -> Option<Transaction> {
    let tx = begun(db).await;
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    match held {
        Held::Dropped => drop(tx),
        Held::Outlived => return Some(tx),
        // a task that was never polled
        Held::ByNobody => drop(tokio::spawn(async move { tx.commit().await })),
        Held::ByATask | Held::ByAStream | Held::ByAStatement => {
            tokio::spawn(async move {
                let mut rows = tx.query("SELECT generate_series(1, 100000) AS i").stream();
                if held == Held::ByAStream {
                    rows.next().await.unwrap().unwrap();
                }
                ready.send(()).unwrap();
                if held == Held::ByAStatement {
                    drop(rows);
                    tx.execute("SELECT pg_sleep(60)").await.unwrap();
                }
                std::future::pending::<()>().await;
            });
            is_ready.await.unwrap();
        }
    }
    None
}

/// Whether the lock is free, for `psql`, within some seconds; and nothing was committed by a drop.
fn is_rolled_back(url: &str) -> Result<String, String> {
    psql(
        url,
        "SET lock_timeout = '20s'; UPDATE t SET n = n WHERE id = 1 RETURNING n",
    )
}

async fn nothing_is_open(oracle: &mut Oracle) {
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'";
    oracle.until(open, "0").await;
}

/// Every way to leave a transaction to a runtime that ends; `options` of an adapter for a URL.
fn ends_with_its_runtime(database: &TestDatabase, outside: &Runtime, options: &ConnectOptions) {
    let mut oracle = outside.block_on(database.oracle());
    for ends in [
        Ends::CurrentThread,
        Ends::MultiThread,
        Ends::InTheBackground,
    ] {
        for held in HELD {
            outside.block_on(database.sql("UPDATE t SET n = 1"));
            let runtime = ends.runtime();
            let (db, tx) = runtime.block_on(async {
                let db = PostgresAdapter::connect_with(options.clone())
                    .await
                    .unwrap();
                // a connection that stays in the pool
                let tx = db.begin().await.unwrap();
                db.count("t", row! {}).await.unwrap();
                tx.rollback().await.unwrap();
                let tx = leave(&db, held).await;
                (db, tx)
            });
            ends.end(runtime);
            drop(tx);
            let what = format!("{ends:?} {held:?}");
            let told = is_rolled_back(database.url()).unwrap_or_else(|e| panic!("{what}: {e}"));
            let committed = held == Held::ByNobody && told.contains("2");
            assert!(committed || told.contains("1"), "{what}: {told}");
            outside.block_on(nothing_is_open(&mut oracle));
            // the adapter goes on in another runtime, and what was dropped is no commit
            outside.block_on(async {
                let settled = db.settle().await.unwrap();
                assert_eq!(settled.completed, 0, "{what}: {settled:?}");
                if held != Held::ByNobody {
                    assert_eq!(settled.rolled_back, 1, "{what}: {settled:?}");
                }
                for id in 2..5 {
                    let inserted = db.insert("t", row! { "id": id, "n": 1 }).await;
                    inserted.unwrap_or_else(|error| panic!("{what}: {error}"));
                }
                db.delete("t", Filter::not(row! { "id": 1 })).await.unwrap();
                db.close().await.unwrap();
            });
        }
    }
}

#[test]
fn a_transaction_ends_with_the_runtime_that_it_is_left_to() {
    let outside = Runtime::new().unwrap();
    let database = outside.block_on(TestDatabase::postgres());
    outside.block_on(database.sql(TABLE));
    let options = ConnectOptions::new(database.url()).max_connections(3);
    ends_with_its_runtime(&database, &outside, &options);
}

#[test]
fn a_transaction_ends_with_its_runtime_behind_a_pooler() {
    let outside = Runtime::new().unwrap();
    let database = outside.block_on(TestDatabase::postgres());
    outside.block_on(database.sql(TABLE));
    let bouncer = PgBouncer::start(database.url(), 6);
    let options = ConnectOptions::new(bouncer.url(database.name()))
        .max_connections(3)
        .pooler(Pooler::Transaction);
    ends_with_its_runtime(&database, &outside, &options);
}

/// Nobody would hear the server on them.
#[test]
fn unused_connections_of_an_ended_runtime_are_not_used_again() {
    let outside = Runtime::new().unwrap();
    let database = outside.block_on(TestDatabase::postgres());
    outside.block_on(database.sql(TABLE));
    let options = ConnectOptions::new(database.url())
        .max_connections(3)
        .idle_timeout(Duration::from_millis(200));
    let first = Ends::CurrentThread.runtime();
    let db = first.block_on(async {
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        let all = [db.begin().await, db.begin().await, db.begin().await];
        for tx in all {
            tx.unwrap().rollback().await.unwrap();
        }
        db
    });
    drop(first);
    outside.block_on(async {
        db.insert("t", row! { "id": 2, "n": 1 }).await.unwrap();
        // and somebody looks after unused ones again
        let ours = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
            AND application_name = 'db-adapter'";
        database.oracle().await.until(ours, "0").await;
    });
}

/// It is there, and nobody drives it: another one gets no answer on its connections.
#[test]
fn connections_of_a_runtime_that_runs_nothing_are_replaced() {
    let outside = Runtime::new().unwrap();
    let database = outside.block_on(TestDatabase::postgres());
    outside.block_on(database.sql(TABLE));
    let options = ConnectOptions::new(database.url()).max_connections(2);
    let (first, second) = (Ends::CurrentThread.runtime(), Ends::CurrentThread.runtime());
    let db = first.block_on(async {
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        let both = [db.begin().await, db.begin().await];
        for tx in both {
            tx.unwrap().rollback().await.unwrap();
        }
        db
    });
    for round in 0..3 {
        for (runtime, id) in [(&second, 10), (&first, 20)] {
            runtime.block_on(async {
                let work = async {
                    let id = id + round;
                    db.insert("t", row! { "id": id, "n": 1 }).await.unwrap();
                    let tx = begun(&db).await;
                    tx.rollback().await.unwrap();
                    db.query("SELECT n FROM t WHERE id = 1")
                        .one()
                        .await
                        .unwrap();
                    db.settle().await.unwrap();
                };
                let done = tokio::time::timeout(Duration::from_secs(10), work).await;
                done.expect("no answer");
            });
        }
    }
    let rows = psql(database.url(), "SELECT count(*) FROM t").unwrap();
    assert!(rows.contains('7'), "{rows}");
    second.block_on(async {
        db.close().await.unwrap();
        nothing_is_open(&mut database.oracle().await).await;
    });
}

type DropThere = fn(Box<dyn std::any::Any>);

/// Where a connection's runtime goes on by itself, what is dropped elsewhere is ended there: in a runtime that ends
/// with the drop, in one that is only entered, and on a thread without any.
#[test]
fn what_is_dropped_in_another_runtime_is_ended_in_its_own() {
    let outside = Runtime::new().unwrap();
    let database = outside.block_on(TestDatabase::postgres());
    outside.block_on(database.sql(TABLE));
    let options = ConnectOptions::new(database.url()).max_connections(2);
    let home = Ends::MultiThread.runtime();
    let db = home.block_on(PostgresAdapter::connect_with(options));
    let db = db.unwrap();
    let places: [(&str, DropThere); 4] = [
        ("many threads", |dropped| {
            Ends::MultiThread
                .runtime()
                .block_on(async move { drop(dropped) });
        }),
        ("one thread", |dropped| {
            Ends::CurrentThread
                .runtime()
                .block_on(async move { drop(dropped) });
        }),
        ("entered", |dropped| {
            let other = Ends::CurrentThread.runtime();
            let _entered = other.enter();
            drop(dropped);
        }),
        ("none", |dropped| drop(dropped)),
    ];
    for (place, drop_there) in places {
        let mut oracle = outside.block_on(database.oracle());
        let (client, kept) = (db.clone(), db.clone());
        let tx = home.block_on(async { begun(&client).await });
        let mut statement = Box::pin(async move { kept.execute("SELECT pg_sleep(60)").await });
        home.block_on(async {
            let begun = tokio::time::timeout(Duration::from_millis(300), &mut statement);
            assert!(begun.await.is_err());
        });
        drop_there(Box::new((tx, statement)));
        let settled = home
            .block_on(async { tokio::time::timeout(Duration::from_secs(10), db.settle()).await });
        let settled = settled.expect(place).unwrap();
        assert!(settled.rolled_back >= 1, "{place}: {settled:?}");
        outside.block_on(async {
            let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'db-adapter' AND (state <> 'idle' OR backend_xid IS NOT NULL)";
            assert_eq!(oracle.scalar_text(open).await.as_deref(), Some("0"), "{place}");
            let all = "SELECT count(*) <= 2 FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'db-adapter'";
            assert_eq!(oracle.scalar_text(all).await.as_deref(), Some("t"), "{place}");
        });
    }
    home.block_on(async { db.close().await.unwrap() });
}
