use db_adapter::backup_table;
#[backup_table(slug = slgu, user = "usr_id")]
pub struct Book { pub id: i64, pub slug: String, pub user_id: i64 }

fn main() {}
