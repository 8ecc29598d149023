use db_adapter::backup_table;
#[backup_table(table_comment = "x")]
pub struct Book { pub id: i64, pub slug: String }

fn main() {}
