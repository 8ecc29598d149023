//! The declaration macros of db-adapter. Use them through `db_adapter`, which documents them.
//!
//! Each macro is `parse -> model -> validate -> expand`, on `proc_macro2` tokens. Errors are
//! collected, so that one compilation shows all of them; a macro has no side effects, reads no
//! file without telling the compiler, and never panics on any tokens.

mod attribute;
mod cursor;
mod errors;
mod expected;
mod krate;
mod module;
mod schema;
mod serde_names;
#[cfg(feature = "sql")]
mod sql;
#[cfg(not(feature = "sql"))]
#[path = "sql/absent.rs"]
mod sql;
mod table;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Declares a struct as a table; see the documentation of `db_adapter::backup_table`, the same
/// thing as an attribute.
#[proc_macro_derive(BackupTable, attributes(db_adapter, column))]
pub fn derive_backup_table(item: TokenStream) -> TokenStream {
    table::derive(item.into()).into()
}

/// Declares a struct as a table: `#[derive(BackupTable)] #[db_adapter(..)]` in one.
#[proc_macro_attribute]
pub fn backup_table(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute::expand(options.into(), item.into()).into()
}

/// Puts tables together to a schema: `backup_schema!(pub SCHEMA = [Author, Book, ..other::SCHEMA])`.
#[proc_macro]
pub fn backup_schema(input: TokenStream) -> TokenStream {
    schema::expand(input.into()).into()
}

/// What a program expects of its database.
#[proc_macro]
pub fn expected_schema(input: TokenStream) -> TokenStream {
    expected::expand(input.into()).into()
}

/// Puts all the tables of a module together to its `SCHEMA`, and checks them against a SQL file.
#[proc_macro_attribute]
pub fn schema(options: TokenStream, item: TokenStream) -> TokenStream {
    module::expand(options.into(), item.into()).into()
}
