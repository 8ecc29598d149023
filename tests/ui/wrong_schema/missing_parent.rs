use db_adapter::{backup_schema, backup_table};
#[backup_table(name = "authors")]
pub struct Author { pub id: i64, pub slug: String }
#[backup_table(name = "books", parent = Author(author_id))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: i64 }

#[backup_table(name = "reviews", parent = Book(book_id), optional_ref = Author(author_id))]
pub struct Review { pub id: i64, pub slug: String, pub book_id: i64, pub author_id: Option<i64> }
backup_schema!(pub SCHEMA = [Review]);
backup_schema!(pub OTHER = [Book, Review]);

fn main() {}
