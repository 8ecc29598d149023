use db_adapter::backup_table;
#[backup_table(nmae = "books", name = "", slug = slgu, user = "usr", pk = [idd], key = [a], match_by = key, parent = Author, optional_ref = Nobody(x), backup = maybe)]
pub struct Book { pub id: i64, pub slug: String, #[column(typo = "x")] pub at: i64 }

fn main() {}
