use db_adapter::BackupTable;
#[derive(BackupTable)]
pub union Book { a: i64, b: f64 }

fn main() {}
