use db_adapter::{backup_schema, backup_table};
#[backup_table(name = "authors")]
pub struct Author { pub id: i64, pub slug: String }
#[backup_table(name = "books", parent = Author(author_id))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: i64 }

backup_schema!();
backup_schema!([Author, Book]);
backup_schema!(pub A [Author]);
backup_schema!(pub B = Author, Book);
backup_schema!(pub C = [Author Book, "x", Vec<Author>,, ..]);
backup_schema!(pub D = [Author], embd = false, embed = 1, crate = 7);

fn main() {}
