use db_adapter::backup_table;
#[backup_table(parent = Self(parent_id))]
pub struct Category { pub id: i64, pub slug: String, pub parent_id: i64 }

fn main() {}
