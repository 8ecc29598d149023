use db_adapter::{ExpectedSchema, expected_schema};
pub const A: ExpectedSchema = expected_schema!("broken.sql");

fn main() {}
