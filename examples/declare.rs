//! Tables declared once: checked names, rows from structs, and what a backup needs to know.
//!
//!     cargo run --example declare

#![allow(clippy::print_stdout, reason = "it is a tour")]

use db_adapter::prelude::*;
use db_adapter::{Result, backup_schema, backup_table, cols, expected_schema, new_row};

#[backup_table(name = "authors")]
struct Author {
    id: i64,
    slug: String,
    user_id: String,
    name: String,
}

/// An author that a row needs, an editor that it may have, and the book that it continues.
#[backup_table(
    name = "books",
    parent = Author(author_id),
    optional_ref = Author(editor_id),
    optional_ref = Self(sequel_of)
)]
struct Book {
    id: i64,
    slug: String,
    author_id: i64,
    editor_id: Option<i64>,
    sequel_of: Option<i64>,
    #[db_adapter(name = "kind")]
    r#type: String,
    #[db_adapter(default)]
    pages: i64,
}

/// Found again by its book and its number: it has no slug.
#[backup_table(name = "chapters", key = [book_id, number], parent = Book(book_id))]
struct Chapter {
    id: i64,
    book_id: i64,
    number: i64,
    title: String,
}

/// Shared by all users.
#[backup_table(name = "tags", user = none)]
struct Tag {
    id: i64,
    slug: String,
}

/// A link table: it needs both ends, and they are its key.
#[backup_table(
    name = "book_tags",
    pk = [book_id, tag_id],
    match_by = pk,
    parent = Book(book_id),
    parent = Tag(tag_id)
)]
struct BookTag {
    book_id: i64,
    tag_id: i64,
}

backup_schema!(
    /// In any order; a table that is forgotten is a compile error.
    pub SCHEMA = [BookTag, Chapter, Tag, Book, Author]
);

const TABLES: &str = "
    CREATE TABLE authors (id INTEGER PRIMARY KEY, slug TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT NOT NULL);
    CREATE TABLE books (id INTEGER PRIMARY KEY, slug TEXT NOT NULL, author_id INTEGER NOT NULL REFERENCES authors,
        editor_id INTEGER REFERENCES authors, sequel_of INTEGER REFERENCES books, kind TEXT NOT NULL,
        pages INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE chapters (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books,
        number INTEGER NOT NULL, title TEXT NOT NULL);
    CREATE TABLE tags (id INTEGER PRIMARY KEY, slug TEXT NOT NULL);
    CREATE TABLE book_tags (book_id INTEGER REFERENCES books, tag_id INTEGER REFERENCES tags, PRIMARY KEY (book_id, tag_id));
";

#[tokio::main]
async fn main() -> Result<()> {
    let db = db_adapter::connect("sqlite::memory:").await?;
    db.execute_script(TABLES).await?;

    let herbert = new_row!(Author {
        slug: "herbert",
        user_id: "u1",
        name: "Frank Herbert"
    });
    let author = Author::try_from(&db.insert(Author::TABLE, herbert).await?)?;
    let dune = new_row!(Book {
        slug: "dune",
        author_id: author.id,
        r#type: "novel"
    });
    let dune = Book::try_from(&db.insert(Book::TABLE, dune).await?)?;
    let mut sequel = row!(Book {
        slug: "dune-messiah",
        author_id: author.id,
        r#type: "novel"
    });
    sequel.set(Book::COL.sequel_of, dune.id);
    db.insert(Book::TABLE, sequel).await?;
    let chapter = new_row!(Chapter {
        book_id: dune.id,
        number: 1,
        title: "A beginning"
    });
    db.insert(Chapter::TABLE, chapter).await?;
    let tag = Tag {
        id: 7,
        slug: "sand".to_owned(),
    };
    let link = BookTag {
        book_id: dune.id,
        tag_id: tag.id,
    };
    db.insert(Tag::TABLE, Row::from(tag)).await?;
    db.insert(BookTag::TABLE, Row::from(link)).await?;

    let sequels = db
        .select(Book::TABLE, cols!(Book: slug, r#type, sequel_of))
        .filter(row!(Book {
            sequel_of: op::not_null()
        }))
        .order_by(Book::COL.slug)
        .await?;
    for row in &sequels {
        println!("{}", row.to_json());
    }

    println!("a backup goes by");
    for table in SCHEMA.tables.iter() {
        println!(
            "  {:<10} found again by {}",
            table.name,
            table.natural_key().join(", ")
        );
    }
    let expected = expected_schema!(Book, Author);
    println!(
        "{} columns are expected of books",
        expected.tables[0].columns.len()
    );
    db.close().await
}
