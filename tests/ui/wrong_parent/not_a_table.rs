use db_adapter::backup_table;
pub struct Plain { pub id: i64 }
#[backup_table(parent = Plain(plain_id))]
pub struct Book { pub id: i64, pub slug: String, pub plain_id: i64 }

fn main() {}
