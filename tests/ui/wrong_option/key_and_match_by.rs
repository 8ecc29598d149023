use db_adapter::backup_table;
#[backup_table(key = [isbn], match_by = pk)]
pub struct Book { pub id: i64, pub isbn: String }

fn main() {}
