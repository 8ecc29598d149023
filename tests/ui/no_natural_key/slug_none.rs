use db_adapter::backup_table;
#[backup_table(slug = none)]
pub struct Book { pub id: i64, pub slug: String }

fn main() {}
