use db_adapter::backup_table;
#[backup_table(name = books, backup = no, match_by = id, pk = 7, key = [id slug], renamed_from = "", consts = "false", crate = "x")]
pub struct Book { pub id: i64, pub slug: String }

fn main() {}
