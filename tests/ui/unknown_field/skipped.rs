use db_adapter::backup_table;
#[backup_table(key = [isbn])]
pub struct Book { pub id: i64, #[column(skip)] pub isbn: String }

fn main() {}
