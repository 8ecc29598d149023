use db_adapter::{ExpectedSchema, expected_schema};
pub const A: ExpectedSchema = expected_schema!("schmea.sql");
pub const B: ExpectedSchema = expected_schema!("latin1.sql");
pub const C: ExpectedSchema = expected_schema!("empty.sql");
pub const D: ExpectedSchema = expected_schema!("schema.sql", dialect = mysql);

fn main() {}
