//! What users wrote before the story begins.

use db_adapter::prelude::*;
use db_adapter::{Result, new_row};

use crate::models::{Author, Book, BookTag, Chapter, Tag};

/// Ann's library, between the rows of Bob, who has an author of the same name.
pub(crate) async fn fill_source(db: &impl DatabaseClient) -> Result<()> {
    let classic = tag(db, "classic").await?;
    let utopia = tag(db, "utopia").await?;

    let bobs = author(db, "bob", "le-guin").await?;
    let bobs_book = book(db, bobs, None, "the-lathe-of-heaven").await?;
    chapter(db, bobs_book, 1).await?;
    link(db, bobs_book, classic).await?;

    let le_guin = author(db, "ann", "le-guin").await?;
    let lem = author(db, "ann", "lem").await?;
    let dispossessed = book(db, le_guin, Some(lem), "the-dispossessed").await?;
    let solaris = book(db, lem, None, "solaris").await?;
    // the first chapter of a story told in two threads goes on in the third, which comes later
    let anarres = chapter(db, dispossessed, 1).await?;
    let urras = chapter(db, dispossessed, 2).await?;
    let later = chapter(db, dispossessed, 3).await?;
    continues(db, anarres, later).await?;
    continues(db, later, urras).await?;
    chapter(db, solaris, 1).await?;
    link(db, dispossessed, utopia).await?;
    link(db, dispossessed, classic).await?;
    link(db, solaris, classic).await
}

/// The other database is in use: Carl has taken the first keys, and one tag has another one.
pub(crate) async fn fill_destination(db: &impl DatabaseClient) -> Result<()> {
    for slug in ["comedy", "drama", "classic"] {
        tag(db, slug).await?;
    }
    let comedy = db
        .select(Tag::TABLE, Tag::COL.id)
        .filter(row!(Tag { slug: "comedy" }))
        .one()
        .await?;
    for slug in ["adams", "pratchett", "le-guin"] {
        let author = author(db, "carl", slug).await?;
        let book = book(db, author, None, "collected-works").await?;
        for number in 1..=4 {
            chapter(db, book, number).await?;
        }
        link(db, book, comedy.get("id")?).await?;
    }
    Ok(())
}

async fn tag(db: &impl DatabaseClient, slug: &str) -> Result<i64> {
    let row = db.insert(Tag::TABLE, new_row!(Tag { slug: slug })).await?;
    row.get(Tag::COL.id)
}

async fn author(db: &impl DatabaseClient, user: &str, slug: &str) -> Result<i64> {
    let author = new_row!(Author {
        slug: slug,
        user_id: user,
        name: titled(slug)
    });
    db.insert(Author::TABLE, author).await?.get(Author::COL.id)
}

async fn book(
    db: &impl DatabaseClient,
    author: i64,
    editor: Option<i64>,
    slug: &str,
) -> Result<i64> {
    let mut book = new_row!(Book {
        slug: slug,
        author_id: author,
        title: titled(slug)
    });
    book.set(Book::COL.editor_id, editor);
    db.insert(Book::TABLE, book).await?.get(Book::COL.id)
}

async fn chapter(db: &impl DatabaseClient, book: i64, number: i64) -> Result<i64> {
    let chapter = new_row!(Chapter {
        book_id: book,
        number: number,
        title: format!("Chapter {number}")
    });
    let row = db.insert(Chapter::TABLE, chapter).await?;
    row.get(Chapter::COL.id)
}

async fn continues(db: &impl DatabaseClient, chapter: i64, other: i64) -> Result<()> {
    let thread = row!(Chapter { continues: other });
    db.update(Chapter::TABLE, thread, row!(Chapter { id: chapter }))
        .await
        .map(drop)
}

async fn link(db: &impl DatabaseClient, book: i64, tag: i64) -> Result<()> {
    let link = BookTag {
        book_id: book,
        tag_id: tag,
    };
    db.insert(BookTag::TABLE, Row::from(link)).await.map(drop)
}

/// `the-dispossessed` is `The dispossessed`.
fn titled(slug: &str) -> String {
    let mut words = slug.replace('-', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
