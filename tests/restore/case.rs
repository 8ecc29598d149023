//! A destination, files to restore into it, and what is in it afterwards.

use std::path::PathBuf;
use std::sync::Arc;

use db_adapter::backup::{RestoreOptions, RestoreSummary, restore_database};
use db_adapter::{BackupSchema, DatabaseClient, TableDef, Value, connect};
use serde_json::{Value as Json, json};
use support::TestDatabase;
use tempfile::TempDir;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Postgres,
    Sqlite,
}

pub(crate) struct Case {
    pub(crate) backend: Backend,
    pub(crate) database: TestDatabase,
    pub(crate) db: Arc<dyn DatabaseClient>,
    pub(crate) folder: TempDir,
}

impl Case {
    pub(crate) async fn new(backend: Backend) -> Case {
        let database = match backend {
            Backend::Postgres => TestDatabase::postgres().await,
            Backend::Sqlite => TestDatabase::sqlite(),
        };
        Case::of(backend, database).await
    }

    /// A destination that was made already.
    pub(crate) async fn of(backend: Backend, database: TestDatabase) -> Case {
        Case {
            db: connect(database.url()).await.unwrap(),
            backend,
            database,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.backend == Backend::Postgres
    }

    /// SQL beside db-adapter: `{id}` is a numbered key, `{int8}` and the like are types.
    pub(crate) async fn sql(&self, template: &str) {
        self.database.sql(&self.spelt(template)).await;
    }

    pub(crate) fn spelt(&self, template: &str) -> String {
        let words = match self.backend {
            Backend::Postgres => [
                ("{id}", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
                ("{int8}", "bigint"),
                ("{uuid}", "uuid"),
                ("{newuuid}", "uuid PRIMARY KEY DEFAULT gen_random_uuid()"),
                ("{numeric}", "numeric"),
                ("{at}", "timestamptz"),
                ("{later}", "DEFERRABLE INITIALLY DEFERRED"),
            ],
            Backend::Sqlite => [
                ("{id}", "INTEGER PRIMARY KEY"),
                ("{int8}", "BIGINT"),
                ("{uuid}", "TEXT"),
                (
                    "{newuuid}",
                    "TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(16))))",
                ),
                ("{numeric}", "NUMERIC_TEXT"),
                ("{at}", "TIMESTAMPTZ"),
                ("{later}", "DEFERRABLE INITIALLY DEFERRED"),
            ],
        };
        let replace = |sql: String, (word, spelt): (&str, &str)| sql.replace(word, spelt);
        words.into_iter().fold(template.to_owned(), replace)
    }

    /// All the rows in one line: `1,Alice|2,NULL`.
    pub(crate) async fn table(&self, sql: &str) -> String {
        let row = |row: Vec<Option<String>>| {
            let texts = row.into_iter().map(|v| v.unwrap_or_else(|| "NULL".into()));
            texts.collect::<Vec<_>>().join(",")
        };
        let rows = self.database.rows_text(sql).await.into_iter().map(row);
        rows.collect::<Vec<_>>().join("|")
    }

    /// Every row of every table, as the database itself says it.
    pub(crate) async fn everything(&self) -> Vec<String> {
        let mut oracle = self.database.oracle().await;
        let tables = match self.backend {
            Backend::Postgres => {
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                 WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
            }
            Backend::Sqlite => {
                "SELECT '\"' || name || '\"' FROM sqlite_schema WHERE type = 'table' ORDER BY 1"
            }
        };
        let mut lines = Vec::new();
        for table in oracle
            .rows_text(tables)
            .await
            .into_iter()
            .flatten()
            .flatten()
        {
            let sql = match self.backend {
                Backend::Postgres => format!("SELECT t::text FROM ONLY {table} AS t"),
                Backend::Sqlite => format!("SELECT * FROM {table}"),
            };
            let rows = oracle.rows_text(&sql).await.into_iter();
            let mut rows: Vec<String> = rows.map(|row| format!("{table}: {row:?}")).collect();
            rows.sort();
            lines.extend(rows);
        }
        lines
    }

    pub(crate) async fn count(&self, sql: &str) -> u64 {
        self.table(sql).await.parse().unwrap()
    }

    /// A file in the original's format, one row a line.
    pub(crate) fn file(&self, tables: &[(&str, &[Json])]) -> PathBuf {
        static COUNTER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = self.folder.path().join(format!("{number}.json"));
        std::fs::write(&path, text(tables)).unwrap();
        path
    }

    pub(crate) async fn restore(
        &self,
        schema: &BackupSchema,
        path: &PathBuf,
        user: impl Into<Value>,
        options: RestoreOptions,
    ) -> RestoreSummary {
        restore_database(&self.db, schema, path, user, options)
            .await
            .unwrap()
    }

    /// Restores with the defaults, which must succeed.
    pub(crate) async fn restored(
        &self,
        schema: &BackupSchema,
        path: &PathBuf,
        user: impl Into<Value>,
    ) -> RestoreSummary {
        let options = RestoreOptions::default();
        let summary = self.restore(schema, path, user, options).await;
        assert!(summary.committed, "{summary:#?}");
        summary
    }
}

/// The text of a file in the original's format.
pub(crate) fn text(tables: &[(&str, &[Json])]) -> String {
    let mut metadata = json!({
        "created_at": "2026-01-15T10:30:00.123456",
        "user_id": "old", "backup_type": "full", "version": "1.1",
    });
    for (table, rows) in tables {
        metadata[format!("{table}_count")] = rows.len().into();
    }
    let mut text = format!("{{\"metadata\": {metadata}");
    for (table, rows) in tables {
        let rows: Vec<String> = rows.iter().map(Json::to_string).collect();
        text += &format!(",\n{}: [\n{}\n]", json!(table), rows.join(",\n"));
    }
    text + "\n}\n"
}

/// Inserted, updated, skipped, failed, nulled of each table.
pub(crate) fn counts(summary: &RestoreSummary) -> Vec<[u64; 5]> {
    let tables = summary.tables.iter();
    tables
        .map(|t| [t.inserted, t.updated, t.skipped, t.failed, t.nulled_refs])
        .collect()
}

/// Authors, books with a parent and an optional reference, chapters that refer to each other.
pub(crate) fn library() -> BackupSchema {
    BackupSchema::new([
        TableDef::new("authors"),
        TableDef::new("books")
            .parent("authors", "author_id")
            .optional_ref("authors", "editor_id"),
        TableDef::new("chapters")
            .no_user()
            .parent("books", "book_id")
            .optional_ref("chapters", "after_id"),
    ])
    .unwrap()
}

pub(crate) const LIBRARY: &str = "
    CREATE TABLE authors (id {id}, slug text NOT NULL, user_id text NOT NULL, name text,
        UNIQUE (user_id, slug));
    CREATE TABLE books (id {id}, slug text NOT NULL, user_id text NOT NULL, title text,
        author_id {int8} NOT NULL REFERENCES authors, editor_id {int8} REFERENCES authors,
        UNIQUE (user_id, author_id, slug));
    CREATE TABLE chapters (id {newuuid}, slug text, book_id {int8} NOT NULL REFERENCES books,
        after_id {uuid} REFERENCES chapters, n {int8} CHECK (n > 0), UNIQUE (book_id, slug));";

/// The test functions of a file, each for every backend.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::case::Case::new(crate::case::Backend::Postgres).await).await;
            })*
        }
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::case::Case::new(crate::case::Backend::Sqlite).await).await;
            })*
        }
    };
}
