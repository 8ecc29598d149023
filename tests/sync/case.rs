//! Two databases, a declaration of their tables, and what is in them afterwards.

use std::sync::Arc;

use db_adapter::sync::{SyncOptions, SyncOutcome, SyncPlan, TablePlan, compare, sync};
use db_adapter::{BackupSchema, DatabaseClient, TableDef, connect};
use support::TestDatabase;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Postgres,
    Sqlite,
}

/// One of the two.
pub(crate) struct Side {
    pub(crate) backend: Backend,
    pub(crate) database: TestDatabase,
    pub(crate) db: Arc<dyn DatabaseClient>,
}

pub(crate) struct Pair {
    pub(crate) source: Side,
    pub(crate) dest: Side,
}

impl Side {
    pub(crate) async fn new(backend: Backend) -> Side {
        let database = match backend {
            Backend::Postgres => TestDatabase::postgres().await,
            Backend::Sqlite => TestDatabase::sqlite(),
        };
        Side {
            db: connect(database.url()).await.unwrap(),
            backend,
            database,
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
                ("{newuuid}", "uuid PRIMARY KEY DEFAULT gen_random_uuid()"),
                ("{uuid}", "uuid"),
            ],
            Backend::Sqlite => [
                ("{id}", "INTEGER PRIMARY KEY"),
                ("{int8}", "BIGINT"),
                (
                    "{newuuid}",
                    "TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(16))))",
                ),
                ("{uuid}", "TEXT"),
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

    /// Every row of every table, as the database itself says it: on PostgreSQL with the transaction that wrote it, and
    /// with its sequences.
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
                Backend::Postgres => format!("SELECT t.xmin, t::text FROM ONLY {table} AS t"),
                Backend::Sqlite => format!("SELECT * FROM {table}"),
            };
            let rows = oracle.rows_text(&sql).await.into_iter();
            let mut rows: Vec<String> = rows.map(|row| format!("{table}: {row:?}")).collect();
            rows.sort();
            lines.extend(rows);
        }
        if self.is_postgres() {
            let sql = "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2";
            let rows = oracle.rows_text(sql).await;
            lines.extend(rows.iter().map(|row| format!("{row:?}")));
        }
        lines
    }
}

impl Pair {
    pub(crate) async fn new(source: Backend, dest: Backend) -> Pair {
        Pair {
            source: Side::new(source).await,
            dest: Side::new(dest).await,
        }
    }

    /// The same SQL in both.
    pub(crate) async fn both(&self, template: &str) {
        self.source.sql(template).await;
        self.dest.sql(template).await;
    }

    pub(crate) async fn compare(&self, options: &SyncOptions) -> SyncPlan {
        let plan = compare(&self.source.db, &self.dest.db, options).await;
        plan.unwrap()
    }

    /// Writes, which must succeed and be proven.
    pub(crate) async fn synced(&self, options: &SyncOptions) -> SyncOutcome {
        let options = options.clone().dry_run(false).confirm(true);
        let done = sync(&self.source.db, &self.dest.db, &options)
            .await
            .unwrap();
        assert!(done.committed && done.is_proven(), "{done:#?}");
        done
    }

    /// A dry run, which changes no row.
    pub(crate) async fn previewed(&self, options: &SyncOptions) -> SyncOutcome {
        let rows = |lines: Vec<String>| -> Vec<String> {
            // a number of a sequence is taken, whatever becomes of the row
            let lines = lines.into_iter().filter(|line| !line.starts_with('['));
            lines.collect()
        };
        let before = rows(self.dest.everything().await);
        let options = options.clone().dry_run(true);
        let done = sync(&self.source.db, &self.dest.db, &options)
            .await
            .unwrap();
        assert!(!done.committed && done.dry_run);
        assert_eq!(rows(self.dest.everything().await), before);
        done
    }
}

/// New, changed, unchanged, only in the destination, failed of each table.
pub(crate) fn counts(plan: &SyncPlan) -> Vec<[u64; 5]> {
    let of = |t: &TablePlan| [t.new, t.changed, t.unchanged, t.only_in_dest, t.failed];
    plan.tables.iter().map(of).collect()
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

pub(crate) fn of_ann() -> SyncOptions {
    SyncOptions::of_schema(library()).user_id("ann")
}

pub(crate) const LIBRARY: &str = "
    CREATE TABLE authors (id {id}, slug text NOT NULL, user_id text NOT NULL, name text,
        UNIQUE (user_id, slug));
    CREATE TABLE books (id {id}, slug text NOT NULL, user_id text NOT NULL, title text,
        author_id {int8} NOT NULL REFERENCES authors, editor_id {int8} REFERENCES authors,
        UNIQUE (user_id, author_id, slug));
    CREATE TABLE chapters (id {newuuid}, slug text, book_id {int8} NOT NULL REFERENCES books,
        after_id {uuid} REFERENCES chapters, n {int8} CHECK (n > 0), UNIQUE (book_id, slug));";

/// Two users with the same slugs, whose rows have other keys than elsewhere.
pub(crate) const ROWS: &str = "
    INSERT INTO authors (slug, user_id, name) VALUES ('lem', 'bob', 'B'), ('lem', 'ann', 'Lem'), ('eco', 'ann', 'Eco');
    INSERT INTO books (slug, user_id, title, author_id, editor_id)
        SELECT v.slug, a.user_id, v.slug, a.id, (SELECT id FROM authors WHERE slug = 'eco' AND user_id = a.user_id)
        FROM authors a, (SELECT 'one' AS slug UNION ALL SELECT 'two' UNION ALL SELECT 'three') AS v WHERE a.slug = 'lem';
    INSERT INTO chapters (slug, book_id, n)
        SELECT v.slug, b.id, 1 FROM books b, (SELECT 'a' AS slug UNION ALL SELECT 'b') AS v;
    UPDATE chapters SET after_id = (SELECT o.id FROM chapters o WHERE o.book_id = chapters.book_id AND o.slug = 'a')
        WHERE slug = 'b';";

/// What is in the library, told by slugs alone.
pub(crate) const TOLD: [&str; 3] = [
    "SELECT user_id, slug, name FROM authors ORDER BY 1, 2",
    "SELECT b.user_id, a.slug, b.slug, b.title, e.slug, a.user_id, e.user_id FROM books b JOIN authors a ON a.id = b.author_id
        LEFT JOIN authors e ON e.id = b.editor_id ORDER BY 1, 2, 3",
    "SELECT b.user_id, b.slug, c.slug, c.n, o.slug, o.book_id = c.book_id FROM chapters c JOIN books b ON b.id = c.book_id
        LEFT JOIN chapters o ON o.id = c.after_id ORDER BY 1, 2, 3",
];

/// Of one user.
pub(crate) async fn told(side: &Side, user: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for sql in TOLD {
        let rows = side
            .table(sql)
            .await
            .replace(",t", ",1")
            .replace(",f", ",0");
        let rows = rows.split('|').filter(|row| row.starts_with(user));
        lines.extend(rows.map(str::to_owned));
    }
    lines
}

/// The test functions of a file, each for the two pairs of different backends: what has nothing to do with how rows
/// get from one database into another of its kind.
macro_rules! on_mixed_pairs {
    ($($name:ident),* $(,)?) => {
        on_all_pairs!(@ postgres_to_sqlite, Postgres, Sqlite, $($name),*);
        on_all_pairs!(@ sqlite_to_postgres, Sqlite, Postgres, $($name),*);
    };
}

/// The test functions of a file, each for every pair of backends.
macro_rules! on_all_pairs {
    ($($name:ident),* $(,)?) => {
        on_all_pairs!(@ postgres_to_postgres, Postgres, Postgres, $($name),*);
        on_all_pairs!(@ postgres_to_sqlite, Postgres, Sqlite, $($name),*);
        on_all_pairs!(@ sqlite_to_postgres, Sqlite, Postgres, $($name),*);
        on_all_pairs!(@ sqlite_to_sqlite, Sqlite, Sqlite, $($name),*);
    };
    (@ $module:ident, $source:ident, $dest:ident, $($name:ident),*) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                use crate::case::{Backend, Pair};
                super::$name(&Pair::new(Backend::$source, Backend::$dest).await).await;
            })*
        }
    };
}
