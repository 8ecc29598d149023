use db_adapter::schema;
#[schema]
pub mod models {
    pub struct Book { pub id: i64 }
}

fn main() {}
