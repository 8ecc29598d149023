use db_adapter::backup_table;
#[backup_table(nmae = "books", slgu = slug, usr = none)]
pub struct Book { pub id: i64, pub slug: String }

fn main() {}
