use db_adapter::backup_table;
#[backup_table(name = "authors")]
pub struct Author { pub id: i64, pub slug: String }

#[backup_table(parent = Vec<Author>(author_id))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: i64 }

fn main() {}
