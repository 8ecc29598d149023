use db_adapter::{backup_schema, backup_table};
#[backup_table(renew = public_id)]
pub struct Book { pub id: i64, pub slug: String, pub user_id: String, pub public_id: String }
#[backup_table(user = none, parent = Book(book -> public_id))]
pub struct Page { pub id: i64, pub slug: String, pub book: String }
backup_schema!(pub SCHEMA = [Book, Page]);

fn main() {}
