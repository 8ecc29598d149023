//! A module that is compared with a SQL file.
#![allow(missing_docs, reason = "only the declarations matter here")]

#[db_adapter::schema(
    sql = "schema.sql",
    undeclared = ["pages", "tenants", "projects", "tasks", "invoices"]
)]
pub mod models {
    type Name = String;
    #[backup_table(name = "authors")]
    pub struct Author {
        pub id: i64,
        pub slug: String,
        pub name: Name,
        pub born: Option<String>,
    }
    pub mod inner {
        use super::Author;
        #[backup_table(name = "books", parent = Author(author_id))]
        pub struct Book {
            pub id: i64,
            pub slug: String,
            pub title: Option<String>,
            pub author_id: i64,
            #[cfg(any())]
            pub x: u8,
        }
    }
}
pub const EXPECTED: db_adapter::ExpectedSchema = db_adapter::expected_schema!("schema.sql");
pub fn count() -> usize {
    models::SCHEMA.tables.len()
}
