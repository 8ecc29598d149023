use db_adapter::backup_table;
#[backup_table]
pub struct Review { pub id: i64, pub text: String }

fn main() {}
