use db_adapter::{backup_schema, backup_table};
#[backup_table(name = "authors")]
pub struct Author { pub id: i64, pub slug: String }
#[backup_table(name = "books", parent = Author(author_id))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: i64 }

#[backup_table(name = "authors")]
pub struct Writer { pub id: i64, pub slug: String }
backup_schema!(pub SCHEMA = [Author, Book, Writer]);

fn main() {}
