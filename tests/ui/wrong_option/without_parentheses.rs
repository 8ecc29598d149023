use db_adapter::BackupTable;
#[derive(BackupTable)]
#[db_adapter]
pub struct Book { #[db_adapter = "x"] pub id: i64, pub slug: String }

fn main() {}
