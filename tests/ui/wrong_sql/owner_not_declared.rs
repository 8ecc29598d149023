use db_adapter::schema;
#[schema(sql = "schema.sql", partial)]
pub mod models {
    #[backup_table(name = "projects", user = tenant_id)]
    pub struct Project { pub id: i64, pub slug: String, pub tenant_id: i64 }
    #[backup_table(name = "tasks")]
    pub struct Task { pub id: i64, pub slug: String, pub tenant_id: i64 }
    #[backup_table(name = "invoices")]
    pub struct Invoice { pub id: i64, pub slug: String, pub user_id: i64 }
}

fn main() {}
