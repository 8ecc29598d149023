use db_adapter::backup_table;
#[backup_table(name = "authors")]
pub struct Author { pub id: i64, pub slug: String }

#[backup_table(parent = Author(author_id), optional_ref = Author(editor_id))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: String, pub editor_id: Option<i32> }

fn main() {}
