//! Tables that a macro of the user makes, and tables inside of a function.
#![allow(missing_docs, dead_code, reason = "only the declarations matter here")]

macro_rules! table {
    ($name:ident, $parent:path, $field:ident : $ty:ty) => {
        #[db_adapter::backup_table(parent = $parent($field))]
        pub struct $name {
            pub id: i64,
            pub slug: String,
            pub $field: $ty,
        }
    };
}
#[db_adapter::backup_table]
pub struct Author {
    pub id: i64,
    pub slug: String,
}
table!(Book, crate::in_a_function_and_a_macro::Author, author_id: i64);
pub fn inner() -> usize {
    #[db_adapter::backup_table(parent = crate::in_a_function_and_a_macro::Book(book_id))]
    struct Page {
        id: i64,
        slug: String,
        book_id: i64,
    }
    db_adapter::backup_schema!(S = [Page, Book, Author]);
    S.tables.len()
}
