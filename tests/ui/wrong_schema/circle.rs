use db_adapter::{backup_schema, backup_table};
#[backup_table(parent = B(b))]
pub struct A { pub id: i64, pub slug: String, pub b: i64 }
#[backup_table(parent = C(c))]
pub struct B { pub id: i64, pub slug: String, pub c: i64 }
#[backup_table(parent = A(a))]
pub struct C { pub id: i64, pub slug: String, pub a: i64 }
backup_schema!(pub SCHEMA = [A, B, C]);

fn main() {}
