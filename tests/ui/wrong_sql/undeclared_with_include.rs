#[db_adapter::schema]
pub mod others {
    #[backup_table(name = "authors")]
    pub struct Author { pub id: i64, pub slug: String, pub name: String }
}
#[db_adapter::schema(sql = "schema.sql", include = [super::others::SCHEMA],
    undeclared = ["projects", "tasks", "invoices", "tenants"])]
pub mod models {
    #[backup_table(name = "books", parent = super::others::Author(author_id))]
    pub struct Book { pub id: i64, pub slug: String, pub author_id: i64 }
}

fn main() {}
