use db_adapter::backup_table;
#[derive(Debug, db_adapter::BackupTable)]
#[backup_table]
pub struct Book { pub id: i64, pub slug: String }

fn main() {}
