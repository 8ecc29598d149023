use db_adapter::backup_table;
#[backup_table]
pub struct Book(i64, String);

fn main() {}
