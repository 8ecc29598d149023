use db_adapter::backup_table;
pub struct Status;
#[backup_table]
pub struct Book { pub id: i64, pub slug: String, #[column(type = "text")] pub status: Status }
pub fn row(book: Book) -> db_adapter::Row { book.into() }

fn main() {}
