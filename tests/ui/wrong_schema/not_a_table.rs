use db_adapter::{backup_schema, backup_table};
#[backup_table(name = "authors")]
pub struct Author { pub id: i64, pub slug: String }
#[backup_table(name = "books", parent = Author(author_id))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: i64 }

pub struct Plain;
backup_schema!(pub SCHEMA = [Author, Plain, ..Book]);

fn main() {}
