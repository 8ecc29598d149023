//! Authors, books and chapters of two users, as most cases want them: keys of the database, a
//! parent, an optional reference, a self-reference, and a table without a user.

use db_adapter::{BackupSchema, TableDef};

use crate::side::{Backend, Side};
use crate::steps::schema;

pub(crate) const TABLES: &str = "
    CREATE TABLE authors (id {id}, user_id text NOT NULL, slug text NOT NULL,
        mentor_id bigint REFERENCES authors (id), UNIQUE (user_id, slug));
    CREATE TABLE books (id {id}, user_id text NOT NULL, slug text NOT NULL, title text,
        author_id bigint NOT NULL REFERENCES authors (id),
        editor_id bigint REFERENCES authors (id), UNIQUE (user_id, author_id, slug));
    CREATE TABLE chapters (id {id}, book_id bigint NOT NULL REFERENCES books (id),
        slug text NOT NULL, previous_id bigint REFERENCES chapters (id), words bigint);";

/// Two users with the same slugs; the keys of one lie between those of the other.
pub(crate) const ROWS: &str = "
    INSERT INTO authors (id, user_id, slug, mentor_id) VALUES (1, 'ann', 'le-guin', NULL),
        (2, 'bob', 'le-guin', NULL), (3, 'ann', 'lem', 1), (4, 'bob', 'lem', 2);
    INSERT INTO books (id, user_id, slug, title, author_id, editor_id) VALUES
        (1, 'ann', 'lathe', 'The Lathe', 1, 3), (2, 'bob', 'lathe', 'Bob''s', 2, NULL),
        (3, 'ann', 'solaris', 'Solaris', 3, NULL), (4, 'bob', 'solaris', NULL, 4, 2),
        (5, 'ann', 'lathe', 'Another', 3, 1);
    INSERT INTO chapters (id, book_id, slug, previous_id, words) VALUES (1, 1, 'one', 2, 10),
        (2, 1, 'two', NULL, 20), (3, 2, 'one', 3, 30), (4, 3, 'one', NULL, 40), (5, 5, 'one', 5, 50);";

/// What the application's sequences are after rows with keys of their own.
const SEQUENCES: &str = "
    SELECT setval(pg_get_serial_sequence('authors', 'id'), (SELECT max(id) FROM authors));
    SELECT setval(pg_get_serial_sequence('books', 'id'), (SELECT max(id) FROM books));
    SELECT setval(pg_get_serial_sequence('chapters', 'id'), (SELECT max(id) FROM chapters));";

pub(crate) fn library() -> BackupSchema {
    schema([
        TableDef::new("authors").optional_ref("authors", "mentor_id"),
        TableDef::new("books")
            .parent("authors", "author_id")
            .optional_ref("authors", "editor_id"),
        TableDef::new("chapters")
            .no_user()
            .parent("books", "book_id")
            .optional_ref("chapters", "previous_id"),
    ])
}

pub(crate) async fn empty(backend: Backend) -> Side {
    Side::with(backend, TABLES).await
}

pub(crate) async fn full(backend: Backend) -> Side {
    let mut side = empty(backend).await;
    side.sql(ROWS).await;
    if backend == Backend::Postgres {
        side.sql(SEQUENCES).await;
    }
    side
}

/// Every book and chapter of a user by what it refers to, keys left out.
pub(crate) async fn graph(side: &mut Side, user: &str) -> String {
    side.table(&format!(
        "SELECT a.slug, m.slug, b.slug, b.title, e.slug, c.slug, p.slug, c.words
         FROM authors a LEFT JOIN authors m ON m.id = a.mentor_id
         LEFT JOIN books b ON b.author_id = a.id LEFT JOIN authors e ON e.id = b.editor_id
         LEFT JOIN chapters c ON c.book_id = b.id LEFT JOIN chapters p ON p.id = c.previous_id
         WHERE a.user_id = '{user}'
           AND coalesce(m.user_id, '{user}') = '{user}' AND coalesce(b.user_id, '{user}') = '{user}'
           AND coalesce(e.user_id, '{user}') = '{user}' AND coalesce(p.book_id, c.book_id, 0) = coalesce(c.book_id, 0)
         ORDER BY a.slug, b.slug, c.slug"
    ))
    .await
}

/// The graph of `ann`.
pub(crate) const ANNS: &str = "le-guin,NULL,lathe,The Lathe,lem,one,two,10|\
    le-guin,NULL,lathe,The Lathe,lem,two,NULL,20|lem,le-guin,lathe,Another,le-guin,one,one,50|\
    lem,le-guin,solaris,Solaris,NULL,one,NULL,40";

/// The rows of a user and of all chapters of theirs, to the byte.
pub(crate) async fn rows(side: &mut Side, user: &str) -> [String; 3] {
    [
        side.table(&format!("SELECT * FROM authors WHERE user_id = '{user}' ORDER BY id")).await,
        side.table(&format!("SELECT * FROM books WHERE user_id = '{user}' ORDER BY id")).await,
        side.table(&format!("SELECT * FROM chapters WHERE book_id IN (SELECT id FROM books WHERE user_id = '{user}') ORDER BY id")).await,
    ]
}

/// The application goes on: rows without keys of their own.
pub(crate) async fn goes_on(side: &mut Side) {
    for n in 0..3 {
        side.sql(&format!(
            "INSERT INTO authors (user_id, slug) VALUES ('app', 'a{n}');
             INSERT INTO books (user_id, slug, author_id) SELECT 'app', 'b{n}', max(id) FROM authors;
             INSERT INTO chapters (book_id, slug) SELECT max(id), 'c{n}' FROM books;"
        ))
        .await;
    }
}
