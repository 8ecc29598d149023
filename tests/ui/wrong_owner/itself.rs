use db_adapter::backup_table;
#[backup_table(owner = Self(id))]
pub struct Tenant { pub id: i64, pub slug: String }
#[backup_table(pk = uid, owner = User(uid))]
pub struct User { pub uid: i64, pub slug: String }
#[backup_table(owner = "")]
pub struct Empty { pub id: i64, pub slug: String }

fn main() {}
