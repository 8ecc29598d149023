use db_adapter::backup_table;
#[backup_table(parent = Autor(author_id))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: i64 }

#[backup_table(name = "authors")]
pub struct Author { pub id: i64, pub slug: String }

fn main() {}
