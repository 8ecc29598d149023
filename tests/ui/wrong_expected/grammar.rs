use db_adapter::{ExpectedSchema, expected_schema};
pub const A: ExpectedSchema = expected_schema!();
pub const B: ExpectedSchema = expected_schema!({ users: { id name, 7 }, 8: {}, books [id], c: [id], d: { id } e: { id } });
pub const C: ExpectedSchema = expected_schema!({ users: { id: i64 } });
pub const D: ExpectedSchema = expected_schema!(7);
pub const E: ExpectedSchema = expected_schema!({ users: { id } }, crate = 7, dilaect = sqlite, crate);

fn main() {}
