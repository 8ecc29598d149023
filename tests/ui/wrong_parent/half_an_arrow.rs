use db_adapter::backup_table;
#[backup_table(name = "authors")]
pub struct Author { pub id: i64, pub slug: String }

#[backup_table(parent = Author(tenant, author_slug -> slug))]
pub struct Book { pub id: i64, pub slug: String, pub tenant: i64, pub author_slug: String }

fn main() {}
