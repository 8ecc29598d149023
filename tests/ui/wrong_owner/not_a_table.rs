use db_adapter::backup_table;
pub struct Tenant { pub id: i64 }
#[backup_table(owner = Tenant(tenant_id))]
pub struct Project { pub id: i64, pub slug: String, pub tenant_id: i64 }

fn main() {}
