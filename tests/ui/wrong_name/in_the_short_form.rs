use db_adapter::{backup_table, new_row, row};
#[backup_table(name = "books")]
pub struct Book { pub id: i64, pub slug: String, pub title: Option<String> }

pub fn misspelt(titel: &str, slgu: &str) {
    let _ = row!(Book { titel });
    let _ = new_row!(Book { slug: "x", slgu });
}

pub fn no_such_variable() {
    let _ = row!(Book { title });
}

fn main() {}
