use db_adapter::backup_table;
#[backup_table]
pub struct Book;
#[backup_table]
pub struct Empty {}

fn main() {}
