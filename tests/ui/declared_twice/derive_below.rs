use db_adapter::{BackupTable, backup_table};
#[backup_table]
#[derive(Debug, BackupTable)]
pub struct Book { pub id: i64, pub slug: String }

fn main() {}
