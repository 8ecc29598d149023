use db_adapter::{backup_schema, backup_table};
#[backup_table(renamed_from = "old")]
pub struct Book { pub id: i64, pub slug: String }
#[backup_table(name = "old")]
pub struct Old { pub id: i64, pub slug: String }
backup_schema!(SCHEMA = [Book, Old]);

fn main() {}
