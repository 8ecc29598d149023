use db_adapter::{Filter, backup_table, op, row};
#[backup_table(name = "books")]
pub struct Book { pub id: i64, pub slug: String, pub title: Option<String> }

pub fn list_of_another_type() -> Filter {
    row!(Book { id: ["1", "2"], title: op::not_null() })
}

fn main() {}
