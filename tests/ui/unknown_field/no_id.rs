use db_adapter::backup_table;
#[backup_table]
pub struct Book { pub isbn: String, pub slug: String }

fn main() {}
