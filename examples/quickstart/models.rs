//! The tables, said once: what is a user's, what names a row, what refers to what.

use db_adapter::{backup_schema, backup_table};

/// An author in the library of a user. Another user may have one with the same slug.
#[backup_table(name = "authors")]
pub(crate) struct Author {
    pub(crate) id: i64,
    pub(crate) slug: String,
    pub(crate) user_id: String,
    pub(crate) name: String,
}

/// Whose it is, its author says. The editor may be missing.
#[backup_table(name = "books", parent = Author(author_id), optional_ref = Author(editor_id))]
pub(crate) struct Book {
    pub(crate) id: i64,
    pub(crate) slug: String,
    pub(crate) author_id: i64,
    pub(crate) editor_id: Option<i64>,
    pub(crate) title: String,
}

/// Found again by its book and its number. It may take up the thread of another chapter.
#[backup_table(
    name = "chapters",
    key = [book_id, number],
    parent = Book(book_id),
    optional_ref = Self(continues)
)]
pub(crate) struct Chapter {
    pub(crate) id: i64,
    pub(crate) book_id: i64,
    pub(crate) number: i64,
    pub(crate) title: String,
    pub(crate) continues: Option<i64>,
}

/// Shared by all users.
#[backup_table(name = "tags", user = none)]
pub(crate) struct Tag {
    pub(crate) id: i64,
    pub(crate) slug: String,
}

/// A link table: it needs both ends, and together they are its key.
#[backup_table(
    name = "book_tags",
    pk = [book_id, tag_id],
    match_by = pk,
    parent = Book(book_id),
    parent = Tag(tag_id)
)]
pub(crate) struct BookTag {
    pub(crate) book_id: i64,
    pub(crate) tag_id: i64,
}

backup_schema!(
    /// Parents first, whatever the order here; a table that is forgotten does not compile.
    pub(crate) SCHEMA = [Author, Book, Chapter, Tag, BookTag]
);
