use db_adapter::schema;
#[schema]
pub mod models;

fn main() {}
