//! A source that is not a file: rows in memory, each known by a name that only the source can read. The same
//! rows from a file must come to the same end, which the database itself tells.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use db_adapter_core::SqlType;
use serde_json::json;

use super::options::{Keys, OnError, Options, RestoreMode};
use super::outcome::{Failure, Outcome};
use super::run::transfer;
use super::source::{About, Mark, Origin, RowSource, SourceRow, SourceTable, Take, Words};
use crate::backup::{RestoreOptions, RestoreSummary, restore_database};
use crate::value::{Limits, canonicalize};
use crate::{BackupSchema, Error, InvalidValue, Result, TableDef, Value, connect};

/// Rows of one table: what the source calls each, and its cells.
struct Table {
    name: &'static str,
    columns: Vec<String>,
    rows: Vec<(&'static str, Vec<Value>)>,
}

struct Memory {
    tables: Vec<Table>,
    /// The table that is open, and how many of its rows were given.
    open: Option<(usize, usize)>,
    /// What is found to be wrong after the last row.
    wrong: Option<Error>,
}

struct Record<'m> {
    columns: &'m [String],
    cells: &'m [Value],
    origin: Origin,
}

impl SourceRow for Record<'_> {
    fn origin(&self) -> Origin {
        self.origin.clone()
    }

    fn names(&self) -> &[String] {
        self.columns
    }

    fn value(&self, place: usize, sql_type: &SqlType) -> Result<Value, InvalidValue> {
        let value = canonicalize(&self.cells[place], sql_type, Limits::default());
        value.map(Cow::into_owned)
    }

    fn spelling(&self, place: usize) -> Option<Cow<'_, str>> {
        self.cells[place].as_str().map(Cow::Borrowed)
    }
}

impl RowSource for Memory {
    async fn about(&mut self) -> Result<About> {
        let tables = self.tables.iter().map(|table| SourceTable {
            key: table.name.to_owned(),
            table: table.name.to_owned(),
            columns: None,
            rows: Some(table.rows.len() as u64),
        });
        let names = |table: &Table| table.rows.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        Ok(About {
            tables: tables.collect(),
            rows: None,
            user: None,
            backend: None,
            words: Arc::new(Called(self.tables.iter().flat_map(names).collect())),
        })
    }

    async fn open(&mut self, table: &str) -> Result<bool> {
        let place = self.tables.iter().position(|known| known.name == table);
        self.open = place.map(|place| (place, 0));
        Ok(place.is_some())
    }

    /// Two at a time, after others had their turn.
    async fn rows(&mut self, take: &mut Take<'_>) -> Result<bool> {
        tokio::task::yield_now().await;
        let Some((place, given)) = &mut self.open else {
            return Ok(false);
        };
        let before: usize = self.tables[..*place].iter().map(|t| t.rows.len()).sum();
        let table = &self.tables[*place];
        for _ in 0..2 {
            let Some((_, cells)) = table.rows.get(*given) else {
                return Ok(false);
            };
            let mark = Mark((before + *given) as u64);
            *given += 1;
            let row = Record {
                columns: &table.columns,
                cells,
                origin: Origin::new(*given as u64, mark),
            };
            if take(&row)?.is_break() {
                break;
            }
        }
        Ok(true)
    }

    fn can_be_repeated(&self) -> bool {
        true
    }

    async fn finish(&mut self) -> Result<()> {
        self.wrong.take().map_or(Ok(()), Err)
    }
}

/// What the rows are called, by their places in one list.
#[derive(Debug)]
struct Called(Vec<&'static str>);

impl Words for Called {
    fn source(&self) -> &str {
        "the list"
    }

    fn whole(&self) -> &str {
        "the lists"
    }

    fn row(&self, mark: Mark) -> String {
        format!("the row called {}", self.0[mark.0 as usize])
    }
}

/// The library of one user: parents, optional references, a tree out of order with a circle and a row that
/// refers to itself, rows that the database refuses with what needs them, and what is missing.
fn lists() -> Vec<Table> {
    let table = |name, columns: &[&str], rows: Vec<(&'static str, Vec<Value>)>| Table {
        name,
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        rows,
    };
    let null = || Value::Null;
    let author = |id: i64, slug: &str| vec![id.into(), slug.into(), "old".into()];
    let book = |id: i64, slug: &str, author: i64, editor: Value| {
        vec![
            id.into(),
            slug.into(),
            "old".into(),
            author.into(),
            editor,
            "12.50".into(),
        ]
    };
    let chapter = |id: i64, book: i64, slug: &str, after: Value, n: i64| {
        vec![id.into(), book.into(), slug.into(), after, n.into()]
    };
    vec![
        table(
            "authors",
            &["id", "slug", "user_id"],
            vec![
                ("le-guin", author(7, "le-guin")),
                ("lem", author(3, "lem")),
                ("lem again", author(8, "lem")),
                ("known", author(4, "known")),
            ],
        ),
        table(
            "books",
            &["id", "slug", "user_id", "author_id", "editor_id", "price"],
            vec![
                ("lathe", book(1, "lathe", 7, 3.into())),
                ("solaris", book(2, "solaris", 3, 99.into())),
                ("orphan", book(3, "orphan", 98, null())),
                ("known book", book(4, "known", 4, 7.into())),
                ("of the double", book(5, "double", 8, null())),
            ],
        ),
        table(
            "chapters",
            &["id", "book_id", "slug", "after_id", "n"],
            vec![
                ("two", chapter(2, 1, "two", 1.into(), 2)),
                ("three", chapter(3, 1, "three", 2.into(), 3)),
                ("one", chapter(1, 1, "one", null(), 1)),
                ("here", chapter(4, 2, "here", 5.into(), 1)),
                ("there", chapter(5, 2, "there", 4.into(), 1)),
                ("self", chapter(6, 2, "self", 6.into(), 1)),
                ("refused", chapter(7, 1, "refused", null(), -1)),
                ("behind it", chapter(8, 1, "behind", 7.into(), 1)),
                ("lost", chapter(9, 3, "lost", null(), 1)),
            ],
        ),
    ]
}

const TABLES: &str = "
    CREATE TABLE authors (id {id}, slug text NOT NULL, user_id text NOT NULL, UNIQUE (user_id, slug));
    CREATE TABLE books (id {id}, slug text NOT NULL, user_id text NOT NULL, price text,
        author_id bigint NOT NULL REFERENCES authors, editor_id bigint REFERENCES authors,
        UNIQUE (user_id, author_id, slug));
    CREATE TABLE chapters (id {id}, book_id bigint NOT NULL REFERENCES books, slug text NOT NULL,
        after_id bigint REFERENCES chapters, n bigint CHECK (n > 0), UNIQUE (book_id, slug));
    INSERT INTO authors (id, slug, user_id) VALUES (100, 'known', 'new'), (101, 'lem', 'other');
    INSERT INTO books (id, slug, user_id, price, author_id) VALUES (200, 'known', 'new', '1', 100),
        (201, 'solaris', 'other', '2', 101);";

fn schema() -> BackupSchema {
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

/// The same rows as a file, one a line.
fn write(path: &Path, tables: &[Table]) {
    let mut metadata = json!({ "version": "1.1", "user_id": "old" });
    for table in tables {
        metadata[format!("{}_count", table.name)] = table.rows.len().into();
    }
    let mut text = format!("{{\"metadata\": {metadata}");
    for table in tables {
        let rows = table.rows.iter().map(|(_, cells)| {
            let cells = table.columns.iter().zip(cells);
            let cells: Vec<String> = cells
                .map(|(name, cell)| match cell {
                    Value::Null => format!("\"{name}\": null"),
                    Value::Int(int) => format!("\"{name}\": {int}"),
                    text => format!("\"{name}\": {}", json!(text.as_str().unwrap())),
                })
                .collect();
            format!("{{{}}}", cells.join(", "))
        });
        let rows: Vec<String> = rows.collect();
        text += &format!(",\n\"{}\": [\n{}\n]", table.name, rows.join(",\n"));
    }
    std::fs::write(path, text + "\n}\n").unwrap();
}

/// What became of the rows, without what each kind of source calls them.
fn told(outcome: &Outcome) -> Vec<String> {
    let failures = |list: &[Failure]| -> Vec<String> {
        let told = list.iter().map(|failure| {
            let (number, reason) = (failure.origin.number, &failure.reason);
            format!("{number} {:?} {reason} {}", failure.key, failure.dependents)
        });
        told.collect()
    };
    let tables = outcome.tables.iter().map(|table| {
        format!(
            "{} {} {} {} {} {} {:?} {:?}",
            table.table,
            table.inserted,
            table.updated,
            table.skipped,
            table.failed,
            table.nulled_refs,
            failures(&table.failure_details),
            failures(&table.nulled_details),
        )
    });
    let warnings = outcome.warnings.iter().map(ToString::to_string);
    let committed = outcome.committed.to_string();
    tables.chain(warnings).chain([committed]).collect()
}

fn told_of_a_file(summary: &RestoreSummary) -> Vec<String> {
    let failures = |list: &[crate::backup::RestoreFailure]| -> Vec<String> {
        let told = list.iter().map(|failure| {
            let (number, reason) = (failure.row, &failure.reason);
            format!("{number} {:?} {reason} {}", failure.key, failure.dependents)
        });
        told.collect()
    };
    let tables = summary.tables.iter().map(|table| {
        format!(
            "{} {} {} {} {} {} {:?} {:?}",
            table.table,
            table.inserted,
            table.updated,
            table.skipped,
            table.failed,
            table.nulled_refs,
            failures(&table.failure_details),
            failures(&table.nulled_details),
        )
    });
    let warnings = summary.warnings.iter().map(ToString::to_string);
    let committed = summary.committed.to_string();
    tables.chain(warnings).chain([committed]).collect()
}

/// In the words of the list.
fn as_in_the_list(told: Vec<String>) -> Vec<String> {
    let words = [
        ("the row on line 4", "the row called lem"),
        ("the backup", "the lists"),
        ("the file", "the list"),
    ];
    let told = told.into_iter().map(|line| {
        let replace = |line: String, (file, list): (&str, &str)| line.replace(file, list);
        words.into_iter().fold(line, replace)
    });
    told.collect()
}

/// A database of its own, and what is in it as it says itself.
trait Judge {
    fn url(&self) -> String;
    async fn rows(&mut self) -> Vec<String>;
}

async fn the_same(mut databases: [impl Judge; 2], mode: RestoreMode, keys: Keys) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.json");
    write(&path, &lists());
    let before = databases[0].rows().await;
    let [from_list, from_file] = &mut databases;

    let db = connect(&from_list.url()).await.unwrap();
    let mut memory = Memory {
        tables: lists(),
        open: None,
        wrong: None,
    };
    let options = Options {
        records: false,
        looks: false,
        mode,
        dry_run: false,
        keys,
        on_error: OnError::Skip,
        missing_ref: Default::default(),
        overwrite_shared: false,
        allow_row_security: false,
        all_rows: false,
        progress: None,
        untouched: None,
    };
    let (user, schema) = (Value::from("new"), schema());
    let outcome = transfer(db.as_ref(), &schema, &mut memory, &user, &options);
    let outcome = outcome.await.unwrap();
    // what a source finds at its end undoes everything
    let rows = from_list.rows().await;
    memory.wrong = Some(Error::internal("the list is not what it was"));
    let undone = transfer(db.as_ref(), &schema, &mut memory, &user, &options).await;
    assert!(matches!(undone, Err(Error::Internal { .. })), "{undone:?}");
    assert_eq!(from_list.rows().await, rows);
    db.close().await.unwrap();

    let db = connect(&from_file.url()).await.unwrap();
    let options = RestoreOptions::default()
        .mode(mode)
        .keys(keys)
        .on_error(OnError::Skip);
    let summary = restore_database(db.as_ref(), &schema, &path, "new", options);
    let summary = summary.await.unwrap();
    db.close().await.unwrap();

    let lines = told(&outcome);
    assert_eq!(lines, as_in_the_list(told_of_a_file(&summary)));
    assert!(
        lines.join("\n").contains("of the row called lem"),
        "{lines:#?}"
    );
    let of_the_double = &outcome.tables[0].failure_details[0];
    assert_eq!(of_the_double.origin.mark, Mark(2));
    assert_ne!(rows, before);
    assert_eq!(rows, from_file.rows().await);
}

/// Each way of a restore, on databases of which `new` makes one.
async fn all_ways<J: Judge>(mut new: impl AsyncFnMut() -> J) {
    for mode in [RestoreMode::Skip, RestoreMode::Overwrite, RestoreMode::Fail] {
        for keys in [Keys::New, Keys::Keep] {
            let databases = [new().await, new().await];
            the_same(databases, mode, keys).await;
        }
    }
}

const DUMP: [&str; 3] = [
    "SELECT 'author', id, slug, user_id, NULL, NULL FROM authors ORDER BY id",
    "SELECT 'book', id, slug, user_id || ' ' || price, author_id, editor_id FROM books ORDER BY id",
    "SELECT 'chapter', id, slug, CAST(n AS text), book_id, after_id FROM chapters ORDER BY id",
];

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::*;

    struct File {
        folder: tempfile::TempDir,
    }

    impl File {
        fn connection(&self) -> rusqlite::Connection {
            rusqlite::Connection::open(self.folder.path().join("test.db")).unwrap()
        }
    }

    impl Judge for File {
        fn url(&self) -> String {
            format!("sqlite://{}", self.folder.path().join("test.db").display())
        }

        async fn rows(&mut self) -> Vec<String> {
            let connection = self.connection();
            let mut rows = Vec::new();
            for sql in DUMP {
                let mut statement = connection.prepare(sql).unwrap();
                let cell =
                    |row: &rusqlite::Row<'_>, at| row.get::<_, rusqlite::types::Value>(at).unwrap();
                let row = |row: &rusqlite::Row<'_>| {
                    let cells: Vec<_> = (0..6).map(|at| cell(row, at)).collect();
                    Ok(format!("{cells:?}"))
                };
                rows.extend(statement.query_map([], row).unwrap().map(Result::unwrap));
            }
            rows
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rows_in_memory_and_in_a_file_come_to_the_same_end() {
        all_ways(async || {
            let file = File {
                folder: tempfile::tempdir().unwrap(),
            };
            let sql = TABLES.replace("{id}", "INTEGER PRIMARY KEY");
            file.connection().execute_batch(&sql).unwrap();
            file
        })
        .await;
    }
}

/// Where the tests have a server: `tests/run` starts one for all of them.
#[cfg(feature = "postgres-no-tls")]
mod postgres {
    use sqlx::{Connection as _, PgConnection, Row as _};

    use super::*;

    struct Schema {
        url: String,
        name: String,
    }

    impl Schema {
        async fn new(url: &str, number: usize) -> Schema {
            let schema = Schema {
                url: url.to_owned(),
                name: format!("transfer_{}_{number}", std::process::id()),
            };
            let id = "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY";
            let sql = format!("CREATE SCHEMA {};", schema.name);
            schema.run(&(sql + &TABLES.replace("{id}", id))).await;
            schema
        }

        async fn connection(&self) -> PgConnection {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            let sql = format!("SET search_path = {}", self.name);
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                .execute(&mut connection)
                .await
                .unwrap();
            connection
        }

        async fn run(&self, sql: &str) {
            let sql = sqlx::AssertSqlSafe(sql.to_owned());
            let mut connection = self.connection().await;
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    }

    impl Judge for Schema {
        fn url(&self) -> String {
            let sign = if self.url.contains('?') { '&' } else { '?' };
            format!("{}{sign}options=-csearch_path%3D{}", self.url, self.name)
        }

        async fn rows(&mut self) -> Vec<String> {
            let mut connection = self.connection().await;
            let mut rows = Vec::new();
            for sql in DUMP {
                let sql = format!("SELECT t::text AS row FROM ({sql}) AS t");
                let found = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection);
                let found = found.await.unwrap();
                rows.extend(found.iter().map(|row| row.get::<String, _>("row")));
            }
            rows
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rows_in_memory_and_in_a_file_come_to_the_same_end() {
        let url = std::env::var("DB_ADAPTER_TESTS_POSTGRES_URL").expect(
            "DB_ADAPTER_TESTS_POSTGRES_URL must name a server; hint: `tests/run transfer::` starts one",
        );
        let mut number = 0;
        all_ways(async || {
            number += 1;
            Schema::new(&url, number).await
        })
        .await;
        for number in 1..=number {
            let schema = format!("transfer_{}_{number}", std::process::id());
            let sql = format!("DROP SCHEMA {schema} CASCADE");
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let sql = sqlx::AssertSqlSafe(sql);
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    }
}
