use db_adapter::{backup_schema, backup_table};
#[backup_table]
pub struct Tenant { pub id: i64, pub slug: String }
#[backup_table(owner = Tenant(tenant_id))]
pub struct Project { pub id: i64, pub slug: String, pub tenant_id: i64 }
backup_schema!(pub SCHEMA = [Tenant, Project]);
#[backup_table(user = code)]
pub struct Account { pub id: i64, pub slug: String, pub code: String }
#[backup_table(owner = Account(account -> code))]
pub struct Note { pub id: i64, pub slug: String, pub account: String }
backup_schema!(pub NOTES = [Note, Account]);

fn main() {}
