use db_adapter::backup_table;
#[backup_table(pk = [region, id])]
pub struct Tenant { pub region: i64, pub id: i64, pub slug: String }
#[backup_table(owner = Tenant(region, tenant_id))]
pub struct Project { pub id: i64, pub slug: String, pub region: i64, pub tenant_id: i64 }
#[backup_table(owner = Tenant(tenant_id))]
pub struct Task { pub id: i64, pub slug: String, pub tenant_id: i64 }

fn main() {}
