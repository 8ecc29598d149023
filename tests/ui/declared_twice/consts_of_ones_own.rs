use db_adapter::backup_table;
#[backup_table]
pub struct Book { pub id: i64, pub slug: String }
impl Book { pub const TABLE: &'static str = "mine"; }

fn main() {}
