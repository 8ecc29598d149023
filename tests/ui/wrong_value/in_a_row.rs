use db_adapter::{Row, backup_table, new_row, row};
#[backup_table(name = "books")]
pub struct Book { pub id: i64, pub slug: String, pub title: Option<String>, pub pages: Option<i32>, pub tags: Vec<String> }

pub fn text_for_a_number() -> Row {
    row!(Book { slug: "dune", id: "1" })
}

pub fn number_for_a_text(slug: i64) -> Row {
    new_row!(Book { slug, tags: ["a"], pages: "many" })
}

pub fn null_for_what_is_never_null(id: Option<i64>) -> Row {
    row!(Book { id, slug: "dune" })
}

pub fn elements_of_another_type() -> Row {
    row!(Book { tags: [1, 2] })
}

fn main() {}
