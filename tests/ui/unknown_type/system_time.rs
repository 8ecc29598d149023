use db_adapter::backup_table;
#[backup_table]
pub struct Book { pub id: i64, pub slug: String, pub at: std::time::SystemTime }

fn main() {}
