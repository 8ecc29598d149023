#![deny(warnings)]
#![allow(dead_code)]
macro_rules! table { ($name:ident, $parent:path, $field:ident : $ty:ty) => {
    #[db_adapter::backup_table(parent = $parent($field))]
    pub struct $name { pub id: i64, pub slug: String, pub $field: $ty }
} }
#[db_adapter::backup_table]
pub struct Author { pub id: i64, pub slug: String }
table!(Book, crate::Author, author_id: i64);
pub fn inner() -> usize {
    #[db_adapter::backup_table(parent = crate::Book(book_id))]
    struct Page { id: i64, slug: String, book_id: i64 }
    db_adapter::backup_schema!(S = [Page, Book, Author]);
    S.tables.len()
}
