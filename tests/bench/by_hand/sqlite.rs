//! SQLite with sqlx: rows streamed into a JSON file, and many rows in one insert.

use std::io::{BufWriter, Write};
use std::path::Path;

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, QueryBuilder, Row};

use crate::hierarchy::of_the_user;

#[derive(Serialize, Deserialize)]
pub struct Author {
    pub id: i64,
    pub user_id: i64,
    pub slug: String,
    pub name: String,
    pub bio: Option<String>,
    pub created_at: String,
}

#[derive(Serialize, Deserialize)]
pub struct Book {
    pub id: i64,
    pub author_id: i64,
    pub slug: String,
    pub title: String,
    pub price: Option<String>,
    pub published: Option<String>,
    pub meta: Option<Box<RawValue>>,
}

#[derive(Serialize, Deserialize)]
pub struct Chapter {
    pub id: i64,
    pub book_id: i64,
    pub parent_id: Option<i64>,
    pub slug: String,
    pub num: i64,
    pub title: String,
    pub body: String,
    pub updated_at: Option<String>,
}

impl From<&SqliteRow> for Author {
    fn from(row: &SqliteRow) -> Self {
        Author {
            id: row.get(0),
            user_id: row.get(1),
            slug: row.get(2),
            name: row.get(3),
            bio: row.get(4),
            created_at: row.get_unchecked(5),
        }
    }
}

impl From<&SqliteRow> for Book {
    fn from(row: &SqliteRow) -> Self {
        let meta: Option<String> = row.get(6);
        Book {
            id: row.get(0),
            author_id: row.get(1),
            slug: row.get(2),
            title: row.get(3),
            price: row.get(4),
            published: row.get_unchecked(5),
            meta: meta.map(|meta| RawValue::from_string(meta).unwrap()),
        }
    }
}

impl From<&SqliteRow> for Chapter {
    fn from(row: &SqliteRow) -> Self {
        Chapter {
            id: row.get(0),
            book_id: row.get(1),
            parent_id: row.get(2),
            slug: row.get(3),
            num: row.get(4),
            title: row.get(5),
            body: row.get(6),
            updated_at: row.get_unchecked(7),
        }
    }
}

pub async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .disable_statement_logging();
    options.connect().await.unwrap()
}

/// All rows of user 1 in one snapshot, a row a line, to a file that is synced.
pub async fn write_out(connection: &mut SqliteConnection, path: &Path) {
    let file = std::fs::File::create(path).unwrap();
    let mut file = BufWriter::with_capacity(128 << 10, file);
    let mut tx = connection.begin().await.unwrap();
    let [authors, books, chapters] = of_the_user();
    write_table::<Author>(&mut tx, authors, &mut file).await;
    write_table::<Book>(&mut tx, books, &mut file).await;
    write_table::<Chapter>(&mut tx, chapters, &mut file).await;
    tx.commit().await.unwrap();
    file.into_inner().unwrap().sync_all().unwrap();
}

async fn write_table<T>(connection: &mut SqliteConnection, query: String, out: &mut impl Write)
where
    T: Serialize + for<'r> From<&'r SqliteRow>,
{
    let mut rows = sqlx::query(AssertSqlSafe(query)).fetch(connection);
    while let Some(row) = rows.try_next().await.unwrap() {
        serde_json::to_writer(&mut *out, &T::from(&row)).unwrap();
        out.write_all(b"\n").unwrap();
    }
}

/// The rows with the keys that they get as user 2's.
pub struct Remapped {
    authors: Vec<Author>,
    books: Vec<Book>,
    chapters: Vec<Chapter>,
}

impl Remapped {
    pub async fn of(connection: &mut SqliteConnection, queries: [String; 3]) -> Self {
        let [authors, books, chapters] = queries;
        Remapped {
            authors: read(connection, authors).await,
            books: read(connection, books).await,
            chapters: read(connection, chapters).await,
        }
    }

    /// 500 rows a statement, in one transaction.
    pub async fn insert(&self, connection: &mut SqliteConnection) {
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        for rows in self.authors.chunks(500) {
            insert_authors(&mut tx, rows).await;
        }
        for rows in self.books.chunks(500) {
            insert_books(&mut tx, rows).await;
        }
        for rows in self.chapters.chunks(500) {
            insert_chapters(&mut tx, rows).await;
        }
        tx.commit().await.unwrap();
    }
}

async fn read<T>(connection: &mut SqliteConnection, query: String) -> Vec<T>
where
    T: for<'r> From<&'r SqliteRow>,
{
    let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(connection);
    rows.await.unwrap().iter().map(T::from).collect()
}

async fn insert_authors(connection: &mut SqliteConnection, rows: &[Author]) {
    let mut query =
        QueryBuilder::new("INSERT INTO authors (id, user_id, slug, name, bio, created_at) ");
    query.push_values(rows, |mut to, row| {
        to.push_bind(row.id)
            .push_bind(row.user_id)
            .push_bind(&row.slug)
            .push_bind(&row.name)
            .push_bind(&row.bio)
            .push_bind(&row.created_at);
    });
    query.build().execute(connection).await.unwrap();
}

async fn insert_books(connection: &mut SqliteConnection, rows: &[Book]) {
    let mut query = QueryBuilder::new(
        "INSERT INTO books (id, author_id, slug, title, price, published, meta) ",
    );
    query.push_values(rows, |mut to, row| {
        to.push_bind(row.id)
            .push_bind(row.author_id)
            .push_bind(&row.slug)
            .push_bind(&row.title)
            .push_bind(&row.price)
            .push_bind(&row.published)
            .push_bind(row.meta.as_ref().map(|meta| meta.get()));
    });
    query.build().execute(connection).await.unwrap();
}

async fn insert_chapters(connection: &mut SqliteConnection, rows: &[Chapter]) {
    let mut query = QueryBuilder::new(
        "INSERT INTO chapters (id, book_id, parent_id, slug, num, title, body, updated_at) ",
    );
    query.push_values(rows, |mut to, row| {
        to.push_bind(row.id)
            .push_bind(row.book_id)
            .push_bind(row.parent_id)
            .push_bind(&row.slug)
            .push_bind(row.num)
            .push_bind(&row.title)
            .push_bind(&row.body)
            .push_bind(&row.updated_at);
    });
    query.build().execute(connection).await.unwrap();
}
