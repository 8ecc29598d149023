use db_adapter::backup_table;
#[backup_table]
pub struct Book { #[column(rename = "book_id")] pub id: i64, #[db_adapter(name = slug, typ = "text")] pub slug: String, #[column(skip, default)] pub x: u8, #[column(name)] pub y: i64 }

fn main() {}
