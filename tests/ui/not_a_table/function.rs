use db_adapter::backup_table;
#[backup_table]
pub fn book() {}

fn main() {}
