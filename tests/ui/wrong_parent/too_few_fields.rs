use db_adapter::backup_table;
#[backup_table(pk = [tenant, id])]
pub struct Author { pub tenant: i64, pub id: i64, pub slug: String }
#[backup_table(parent = Author(author_id))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: i64 }

fn main() {}
