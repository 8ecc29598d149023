#[db_adapter::schema(sql = "schema.sql", undeclared = ["pages", "tenants"], sql = "schema.sql")]
pub mod models {
    #[backup_table(name = "authors")]
    pub struct Author { pub id: i64, pub slug: String, pub name: String }
}

fn main() {}
