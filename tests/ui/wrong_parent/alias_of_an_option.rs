use db_adapter::backup_table;
#[backup_table(name = "authors")]
pub struct Author { pub id: i64, pub slug: String }

pub struct Code;
pub type MaybeId = Option<i64>;
pub type MaybeCode = Option<Code>;
pub type Id = i64;
#[backup_table(parent = Author(author_id), optional_ref = Author(editor_id))]
pub struct Book { pub id: i64, pub slug: String, pub author_id: MaybeId, pub editor_id: Id }
#[backup_table(parent = Author(author_id))]
pub struct Page { pub id: i64, pub slug: String, #[column(type = "bigint")] pub author_id: MaybeCode }

fn main() {}
