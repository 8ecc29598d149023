use db_adapter::{backup_schema, backup_table};
#[backup_table(name = "authors")]
pub struct Author { pub id: i64, pub slug: String }

backup_schema!(pub A = [#[doc(hidden)] Author, # Self]);

fn main() {}
