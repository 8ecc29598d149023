use db_adapter::backup_table;
#[backup_table(name = "books", pk = id, name = "book")]
pub struct Book { pub id: i64, pub slug: String }

fn main() {}
