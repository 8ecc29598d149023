use db_adapter::{backup_schema, backup_table};
#[backup_table]
pub struct Author { pub id: i64, pub slug: String, pub user_id: String }
#[backup_table(external = Author(author_id))]
pub struct Book { pub id: i64, pub slug: String, pub user_id: String, pub author_id: i64 }
backup_schema!(pub SCHEMA = [Author, Book]);

fn main() {}
