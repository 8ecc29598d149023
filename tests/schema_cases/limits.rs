//! Sizes: the number of queries does not grow with the schema, and nothing is cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use db_adapter::{DatabaseClient, SchemaIntrospector, connect};
use support::TestDatabase;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Counts the operations of db-adapter on this thread: each has a span.
struct Operations(Arc<AtomicUsize>);

impl Subscriber for Operations {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("db_adapter")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        if span.metadata().name() == "db_adapter" {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

async fn operations(client: &dyn DatabaseClient, tables: usize) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let guard = tracing::subscriber::set_default(Operations(Arc::clone(&count)));
    let schema = SchemaIntrospector::new(client).introspect().await.unwrap();
    drop(guard);
    assert_eq!(schema.tables.len(), tables);
    assert_eq!(schema.views.len(), tables);
    count.load(Ordering::Relaxed)
}

fn tables(numbers: std::ops::Range<usize>) -> String {
    let table = |n: usize| {
        format!(
            "CREATE TABLE t{n} (id integer PRIMARY KEY, a integer REFERENCES t0 (id), b varchar(9) UNIQUE, CHECK (a > {n}));
             CREATE INDEX i{n} ON t{n} (a, b);
             CREATE VIEW v{n} AS SELECT a, b FROM t{n};"
        )
    };
    numbers.map(table).collect()
}

async fn counts_alike(database: TestDatabase) {
    database.sql(&tables(0..2)).await;
    let client = connect(database.url()).await.unwrap();
    let few = operations(&client, 2).await;
    database.sql(&tables(2..60)).await;
    let many = operations(&client, 60).await;
    client.close().await.unwrap();
    assert!(few > 0, "the operations are seen");
    assert_eq!(few, many);
}

// one thread: the subscriber is that thread's
#[tokio::test(flavor = "current_thread")]
async fn queries_do_not_grow_with_the_tables_on_postgres() {
    counts_alike(TestDatabase::postgres().await).await;
}

#[tokio::test(flavor = "current_thread")]
async fn queries_do_not_grow_with_the_tables_on_sqlite() {
    counts_alike(TestDatabase::sqlite()).await;
}

async fn widest(database: TestDatabase, columns: usize) {
    let all: Vec<String> = (0..columns)
        .map(|n| format!("column_{n} integer"))
        .collect();
    let sql = format!("CREATE TABLE wide ({});", all.join(", "));
    let index = format!("CREATE INDEX last ON wide (column_{});", columns - 1);
    database.sql(&format!("{sql} {index}")).await;
    let client = connect(database.url()).await.unwrap();
    let schema = SchemaIntrospector::new(&client).introspect().await.unwrap();
    client.close().await.unwrap();
    let wide = schema.table("wide").unwrap();
    let names: Vec<&str> = wide.columns.iter().map(|c| c.name.as_str()).collect();
    let expected: Vec<String> = (0..columns).map(|n| format!("column_{n}")).collect();
    assert_eq!(names, expected);
    assert_eq!(wide.indexes["last"].columns[0].text, expected[columns - 1]);
    assert!(schema.not_inspected.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_hundred_columns_on_postgres() {
    widest(TestDatabase::postgres().await, 1600).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_columns_on_sqlite() {
    widest(TestDatabase::sqlite(), 2000).await;
}
