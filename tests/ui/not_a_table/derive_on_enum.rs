use db_adapter::BackupTable;
#[derive(BackupTable)]
pub enum Book { Novel }

fn main() {}
