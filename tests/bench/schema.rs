//! Introspection beside catalogue queries written by hand: five that read the tables, columns,
//! constraints, indexes and functions of a schema into tuples, in one snapshot as ours.

use db_adapter::{DatabaseClient, PostgresAdapter, SchemaIntrospector, SqliteAdapter};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use support::TestDatabase;

use crate::measure::Table;

const SIZES: [usize; 3] = [10, 100, 1000];

/// A table as applications have them.
fn table(n: usize, serial: &str) -> String {
    format!(
        "CREATE TABLE things_{n} (id {serial} PRIMARY KEY, parent_id bigint REFERENCES things_{parent} (id) ON DELETE CASCADE,
            slug varchar(80) NOT NULL UNIQUE, title text NOT NULL DEFAULT 'untitled', price numeric(12,2) CHECK (price > 0),
            at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, state varchar(12) NOT NULL, a integer, b integer, c text);
         CREATE INDEX things_{n}_parent ON things_{n} (parent_id);
         CREATE INDEX things_{n}_title ON things_{n} (lower(title)) WHERE state = 'open';",
        parent = n.saturating_sub(1),
    )
}

pub async fn postgres() {
    for size in SIZES {
        let database = TestDatabase::postgres().await;
        let tables: String = (0..size).map(|n| table(n, "bigserial")).collect();
        database.sql(&tables).await;
        database
            .sql("CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; ANALYZE")
            .await;
        let options = PgPoolOptions::new().max_connections(2);
        let pool = options.connect(database.url()).await.unwrap();
        let client = PostgresAdapter::connect(database.url()).await.unwrap();
        let mut times = Table::new(title("PostgreSQL", size), size as u64);
        for _ in 0..rounds(size) {
            times
                .time("five catalogue queries", None, five(&pool))
                .await;
            times
                .time("introspect()", Some(1.5), all(&client, size))
                .await;
        }
        times.print();
        client.close().await.unwrap();
        pool.close().await;
    }
}

pub async fn sqlite() {
    for size in SIZES {
        let database = TestDatabase::sqlite();
        let tables: String = (0..size).map(|n| table(n, "INTEGER")).collect();
        database.sql(&format!("BEGIN; {tables} COMMIT")).await;
        let url = database.url();
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .connect(url)
            .await
            .unwrap();
        let client = SqliteAdapter::connect(url).await.unwrap();
        let mut times = Table::new(title("SQLite", size), size as u64);
        for _ in 0..rounds(size) {
            times.time("four pragma queries", None, four(&pool)).await;
            times
                .time("introspect()", Some(1.5), all(&client, size))
                .await;
        }
        times.print();
        client.close().await.unwrap();
        pool.close().await;
    }
}

fn title(backend: &str, size: usize) -> &'static str {
    Box::leak(format!("{backend}: introspection of {size} tables of 10 columns").into_boxed_str())
}

fn rounds(size: usize) -> usize {
    (4000 / size).clamp(7, 40)
}

async fn all(client: &dyn DatabaseClient, size: usize) {
    let schema = SchemaIntrospector::new(client).introspect().await.unwrap();
    assert_eq!(schema.tables.len(), size);
}

async fn five(pool: &PgPool) {
    let mut tx = pool
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await
        .unwrap();
    let tables: Vec<(i64, String, String, bool)> = sqlx::query_as(
        "SELECT c.oid::int8, c.relname::text, c.relkind::text, c.relrowsecurity FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let columns: Vec<(i64, i16, String, String, bool, Option<String>)> = sqlx::query_as(
        "SELECT a.attrelid::int8, a.attnum, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           pg_get_expr(d.adbin, d.adrelid)
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
         ORDER BY a.attrelid, a.attnum",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let constraints: Vec<(i64, String, String, String)> = sqlx::query_as(
        "SELECT k.conrelid::int8, k.conname::text, k.contype::text, pg_get_constraintdef(k.oid)
         FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace AND k.conrelid <> 0",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let indexes: Vec<(i64, String, bool, String)> = sqlx::query_as(
        "SELECT i.indrelid::int8, c.relname::text, i.indisunique, pg_get_indexdef(i.indexrelid)
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE c.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let functions: Vec<(String, String)> = sqlx::query_as(
        "SELECT p.proname::text, pg_get_functiondef(p.oid) FROM pg_proc p
         WHERE p.pronamespace = 'public'::regnamespace AND p.prokind <> 'a'",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert!(!tables.is_empty() && !columns.is_empty() && !constraints.is_empty());
    assert!(!indexes.is_empty() && !functions.is_empty());
}

async fn four(pool: &SqlitePool) {
    let mut tx = pool.begin().await.unwrap();
    let columns: Vec<(String, String, String, bool, Option<String>, i64)> = sqlx::query_as(
        "SELECT l.name, x.name, x.type, x.\"notnull\", x.dflt_value, x.pk
         FROM pragma_table_list l, pragma_table_xinfo(l.name) x WHERE l.schema = 'main' AND l.type = 'table'",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let keys: Vec<(String, i64, String, String, Option<String>)> = sqlx::query_as(
        "SELECT l.name, f.id, f.\"table\", f.\"from\", f.\"to\"
         FROM pragma_table_list l, pragma_foreign_key_list(l.name) f WHERE l.schema = 'main' AND l.type = 'table'",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let indexes: Vec<(String, String, bool, Option<String>)> = sqlx::query_as(
        "SELECT l.name, i.name, i.\"unique\", x.name
         FROM pragma_table_list l, pragma_index_list(l.name) i, pragma_index_xinfo(i.name) x
         WHERE l.schema = 'main' AND l.type = 'table' AND x.key = 1",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let stored: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
            .fetch_all(&mut *tx)
            .await
            .unwrap();
    tx.commit().await.unwrap();
    assert!(!columns.is_empty() && !keys.is_empty() && !indexes.is_empty() && !stored.is_empty());
}
