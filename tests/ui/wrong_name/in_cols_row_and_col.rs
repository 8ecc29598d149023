use db_adapter::{backup_table, cols, row};
#[backup_table(name = "books")]
pub struct Book { pub id: i64, pub slug: String, pub title: Option<String>, pub author_id: i64 }

pub fn f() {
    let _ = cols!(Book: id, slgu);
    let _ = row!(Book { titel: "x" });
    let _ = Book::COL.autor_id;
}

fn main() {}
