#[db_adapter(name = "books", parent = Author(author_id), optional_ref = Self(next))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: i64, pub next: Option<i64>, #[column(name = "type", type = "citext")] pub kind: String, #[db_adapter(skip)] cache: u8 }
