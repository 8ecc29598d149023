use db_adapter::{ExpectedSchema, expected_schema};
pub const A: ExpectedSchema = expected_schema!({ users: { id, name, id }, users: { id } });

fn main() {}
