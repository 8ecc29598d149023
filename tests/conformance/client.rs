//! The client as a program holds it: a concrete adapter, a trait object, a transaction, a wrapper.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use db_adapter::prelude::*;
use db_adapter::{
    BoxFuture, BoxStream, ConnectOptions, Error, ErrorKind, Operation, Outcome, PostgresAdapter,
    Result, SqliteAdapter, Transaction, TxOptions, connect,
};
use futures_util::TryStreamExt;

use crate::case::{Case, kind};

cases! {
    outside: [
        design_on_a_trait_object, design_on_a_concrete_adapter, design_in_a_transaction,
        design_in_a_spawned_task, wrapper_of_a_user, wrapper_without_transactions,
        adapters_are_clones_of_one_pool, in_memory_database_lives_as_long_as_its_client,
    ]
}

const USERS: &str = "CREATE TABLE users (id {id}, name text NOT NULL, email text, age {int4}, active {bool} DEFAULT true)";
const ALL: &str = "SELECT name FROM users ORDER BY id";

/// The code block of the design, as it stands there.
async fn design(db: &(impl DatabaseClient + ?Sized)) -> Result<()> {
    let rows = db
        .select("users", "id, name, email")
        .filter(row! { "active": true })
        .order_by("name")
        .await?;
    assert!(rows.is_empty());
    let user = db
        .insert(
            "users",
            row! { "name": "Alice", "email": "alice@example.com" },
        )
        .await?;
    let user = db
        .update("users", row! { "name": "Bob" }, row! { "id": &user["id"] })
        .await?;
    assert_eq!(user["name"], "Bob");
    db.delete("users", row! { "id": &user["id"] }).await?;
    db.execute("CREATE INDEX idx_email ON users (email)")
        .await?;
    let found = db
        .query("SELECT count(*) AS n FROM users WHERE age > :age")
        .bind("age", 18)
        .await?;
    assert_eq!(found[0]["n"], 0);
    let tx = db.begin().await?;
    tx.insert("users", row! { "name": "Eve" }).await?;
    tx.commit().await?;
    Ok(())
}

async fn design_on_a_trait_object(t: &Case) {
    t.ddl(USERS).await;
    let db = connect(t.database.url()).await.unwrap();
    design(&db).await.unwrap();
    assert_eq!(t.table(ALL).await, "Eve");
    t.ddl("DROP TABLE users").await;
    t.ddl(USERS).await;
    design(&*db).await.unwrap();
    let boxed: Box<dyn DatabaseClient> = Box::new(Arc::clone(&db));
    assert_eq!(boxed.count("users", row! {}).await.unwrap(), 1);
    db.close().await.unwrap();
}

async fn design_on_a_concrete_adapter(t: &Case) {
    t.ddl(USERS).await;
    let options = ConnectOptions::new(t.database.url());
    if t.is_postgres() {
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        design(&db).await.unwrap();
        db.close().await.unwrap();
    } else {
        let db = SqliteAdapter::connect_with(options).await.unwrap();
        design(&db).await.unwrap();
        db.close().await.unwrap();
    }
    assert_eq!(t.table(ALL).await, "Eve");
}

async fn design_in_a_transaction(t: &Case) {
    t.ddl(USERS).await;
    let tx = t.db.begin().await.unwrap();
    design(&tx).await.unwrap();
    assert_eq!(t.table(ALL).await, "");
    tx.commit().await.unwrap();
    assert_eq!(t.table(ALL).await, "Eve");
}

async fn design_in_a_spawned_task(t: &Case) {
    t.ddl(USERS).await;
    let db = Arc::clone(&t.db);
    tokio::spawn(async move { design(&db).await })
        .await
        .unwrap()
        .unwrap();
    let db = Arc::clone(&t.db);
    let task = tokio::spawn(async move {
        let (a, b) = tokio::join!(
            db.count("users", row! {}),
            db.exists("users", row! { "name": "Eve" })
        );
        (a.unwrap(), b.unwrap())
    });
    assert_eq!(task.await.unwrap(), (1, true));
}

/// Counts what passes, and looks at it.
struct Counting<C> {
    inner: C,
    operations: AtomicU32,
}

impl<C: DatabaseClient> DatabaseClient for Counting<C> {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        self.operations.fetch_add(1, Ordering::Relaxed);
        self.inner.run(operation)
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        self.operations.fetch_add(1, Ordering::Relaxed);
        self.inner.run_stream(operation)
    }

    fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
        self.inner.begin_with(options)
    }
}

async fn wrapper_of_a_user(t: &Case) {
    t.ddl(USERS).await;
    let counting = Counting {
        inner: Arc::clone(&t.db),
        operations: AtomicU32::new(0),
    };
    design(&counting).await.unwrap();
    assert_eq!(counting.operations.load(Ordering::Relaxed), 6);
    let rows: Vec<Row> = counting
        .select("users", "name")
        .stream()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    let wrapped: Arc<dyn DatabaseClient> = Arc::new(counting);
    let named = wrapped.transaction(async |tx| {
        tx.insert("users", row! { "name": "Zoe" }).await?;
        tx.count("users", row! {}).await
    });
    assert_eq!(named.await.unwrap(), 2);
    assert_eq!(t.table(ALL).await, "Eve|Zoe");
}

struct ReadOnly<C>(C);

impl<C: DatabaseClient> DatabaseClient for ReadOnly<C> {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        if operation.is_read() {
            self.0.run(operation)
        } else {
            Box::pin(async {
                Err(Error::unsupported(
                    "writing",
                    "this wrapper",
                    "use the inner client",
                ))
            })
        }
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        self.0.run_stream(operation)
    }
}

async fn wrapper_without_transactions(t: &Case) {
    t.ddl(USERS).await;
    let db = ReadOnly(&t.db);
    assert_eq!(db.count("users", row! {}).await.unwrap(), 0);
    assert!(db.select("users", "*").await.unwrap().is_empty());
    assert_eq!(
        kind(db.insert("users", row! { "name": "x" }).await),
        ErrorKind::Unsupported
    );
    assert_eq!(kind(db.begin().await), ErrorKind::Unsupported);
    assert_eq!(t.table(ALL).await, "");
}

async fn adapters_are_clones_of_one_pool(t: &Case) {
    fn of_everything<T: Clone + Send + Sync + 'static>(_: &T) {}
    t.ddl(USERS).await;
    let options = ConnectOptions::new(t.database.url());
    if t.is_postgres() {
        let db = PostgresAdapter::connect_with(options).await.unwrap();
        of_everything(&db);
        let other = db.clone();
        other.insert("users", row! { "name": "x" }).await.unwrap();
        assert_eq!(db.count("users", row! {}).await.unwrap(), 1);
        db.close().await.unwrap();
        assert_eq!(kind(other.count("users", row! {}).await), ErrorKind::Closed);
    } else {
        let db = SqliteAdapter::connect_with(options).await.unwrap();
        of_everything(&db);
        let other = db.clone();
        other.insert("users", row! { "name": "x" }).await.unwrap();
        assert_eq!(db.count("users", row! {}).await.unwrap(), 1);
        db.close().await.unwrap();
        assert_eq!(kind(other.count("users", row! {}).await), ErrorKind::Closed);
    }
}

/// PostgreSQL has no such thing; the scheme is SQLite's.
async fn in_memory_database_lives_as_long_as_its_client(t: &Case) {
    t.db.ping().await.unwrap();
    let db = connect("sqlite::memory:").await.unwrap();
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)")
        .await
        .unwrap();
    let inserts = (0..50).map(|n| db.insert("t", row! { "n": n }).into_future());
    for inserted in futures_util::future::join_all(inserts).await {
        inserted.unwrap();
    }
    let counts = (0..50).map(|_| db.count("t", row! {}).into_future());
    for count in futures_util::future::join_all(counts).await {
        assert_eq!(count.unwrap(), 50);
    }
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "n": 99 }).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 50);
    let other = connect("sqlite::memory:").await.unwrap();
    assert_eq!(
        kind(other.select("t", "*").await),
        ErrorKind::UndefinedTable
    );
    db.close().await.unwrap();
}
