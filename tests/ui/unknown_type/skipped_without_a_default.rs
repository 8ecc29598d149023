use db_adapter::backup_table;
pub struct Status;
#[backup_table]
pub struct Page { pub id: i64, pub slug: String, #[column(skip)] pub cache: Status }

fn main() {}
