use db_adapter::{ExpectedSchema, expected_schema};
pub struct Plain;
pub const A: ExpectedSchema = expected_schema!(Plain, Plain);

fn main() {}
