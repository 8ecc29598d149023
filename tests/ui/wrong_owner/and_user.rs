use db_adapter::backup_table;
#[backup_table]
pub struct Tenant { pub id: i64, pub slug: String }
#[backup_table(user = created_by, owner = Tenant(tenant_id))]
pub struct Project { pub id: i64, pub slug: String, pub tenant_id: i64, pub created_by: i64 }
#[backup_table(owner = Tenant(tenant_id), user = none)]
pub struct Task { pub id: i64, pub slug: String, pub tenant_id: i64 }
#[backup_table(owner = Tenant(tenant_id), owner = Tenant(other_id))]
pub struct Twice { pub id: i64, pub slug: String, pub tenant_id: i64, pub other_id: i64 }
#[backup_table(owner = Tenant(tenant_id), parent = Tenant(tenant_id))]
pub struct Both { pub id: i64, pub slug: String, pub tenant_id: i64 }

fn main() {}
