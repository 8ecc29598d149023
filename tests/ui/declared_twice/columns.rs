use db_adapter::backup_table;
#[backup_table]
pub struct Book { pub id: i64, pub slug: String, #[column(name = "slug")] pub short: String, #[column(name = "")] pub z: i64 }

fn main() {}
