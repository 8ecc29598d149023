use db_adapter::{backup_table, cols, new_row, row};
#[backup_table(name = "books")]
pub struct Book { pub id: i64, pub slug: String, pub title: Option<String>, pub author_id: i64 }

pub fn f() {
    let _ = cols!(Book, id);
    let _ = new_row!(Book);
    let _ = row!(Book { title = "x" });
}

fn main() {}
