use db_adapter::backup_table;
#[backup_table(name = "books",, slug = slug user = none)]
pub struct Book { pub id: i64, pub slug: String }

fn main() {}
