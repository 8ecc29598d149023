use db_adapter::{backup_schema, backup_table};
#[backup_table(renew = [slug])]
pub struct Book { pub id: i64, pub slug: String, pub user_id: String, pub public_id: String }
backup_schema!(pub SCHEMA = [Book]);

fn main() {}
