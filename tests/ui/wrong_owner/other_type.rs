use db_adapter::backup_table;
#[backup_table]
pub struct Tenant { pub id: i64, pub slug: String }
#[backup_table(owner = Tenant(tenant_id))]
pub struct Project { pub id: i64, pub slug: String, pub tenant_id: String }

fn main() {}
