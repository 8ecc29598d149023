use db_adapter::backup_table;
#[backup_table(key = [isbn, isbn], pk = [id, id])]
pub struct Book { pub id: i64, pub isbn: String }

fn main() {}
