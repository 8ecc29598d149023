use db_adapter::schema;
#[schema]
pub struct Book { pub id: i64 }

fn main() {}
