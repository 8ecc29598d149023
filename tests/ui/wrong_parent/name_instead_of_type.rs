use db_adapter::backup_table;
#[backup_table(parent = "authors"(author_id))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: i64 }

fn main() {}
