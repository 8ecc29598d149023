use db_adapter::{backup_schema, backup_table};
#[backup_table]
pub struct Book { pub id: i64, pub slug: String, pub user_id: String }
#[backup_table(user = none, optional_ref = Book(book_id))]
pub struct Tag { pub id: i64, pub slug: String, pub book_id: Option<i64> }
backup_schema!(pub SCHEMA = [Book, Tag]);

fn main() {}
