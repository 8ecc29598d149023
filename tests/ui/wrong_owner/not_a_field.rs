use db_adapter::backup_table;
#[backup_table]
pub struct Tenant { pub id: i64, pub slug: String }
#[backup_table(owner = Tenant(tenantid))]
pub struct Project { pub id: i64, pub slug: String, pub tenant_id: i64 }
#[backup_table(owner = Tenant(tenant -> cod))]
pub struct Task { pub id: i64, pub slug: String, pub tenant: String }

fn main() {}
