use db_adapter::{backup_schema, backup_table};
#[backup_table]
pub struct Author { pub id: i64, pub slug: Option<String> }
#[backup_table(key = [author_id, code, user_id])]
pub struct Book { pub id: i64, pub author_id: Option<i64>, pub code: std::option::Option<i32>, pub user_id: Option<i64> }
type Maybe = Option<String>;
#[backup_table]
pub struct Alias { pub id: i64, pub slug: Maybe }
backup_schema!(pub SCHEMA = [Author, Book, Alias]);

fn main() {}
