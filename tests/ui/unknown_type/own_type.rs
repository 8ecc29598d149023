use db_adapter::backup_table;
pub struct Status;
#[backup_table]
pub struct Book { pub id: i64, pub slug: String, pub status: Option<Status> }

fn main() {}
