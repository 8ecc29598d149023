use db_adapter::schema;
#[schema(sqlfile = "x", sql, include = other, embed = no)]
pub mod models {
    #[backup_table]
    pub struct Book { pub id: i64, pub slug: String }
}

fn main() {}
