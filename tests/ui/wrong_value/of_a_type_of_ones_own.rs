use db_adapter::declare::{ColumnType, Kind};
use db_adapter::{Row, Value, backup_table, row};

pub struct BookId(i64);

impl ColumnType for BookId {
    const KIND: Kind = Kind::Int8;
}

impl From<BookId> for Value {
    fn from(id: BookId) -> Value {
        id.0.into()
    }
}

#[backup_table(name = "books")]
pub struct Book { pub id: BookId, pub slug: String, pub pages: i32 }

pub fn number_for_it() -> Row {
    row!(Book { id: 1 })
}

pub fn it_for_a_number(id: BookId) -> Row {
    row!(Book { pages: id })
}

fn main() {}
