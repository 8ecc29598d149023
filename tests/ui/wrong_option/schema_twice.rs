use db_adapter::backup_table;
#[backup_table(name = "audit.books", schema = "public")]
pub struct Book { pub id: i64, pub slug: String }

fn main() {}
