//! Structs that nobody makes, fields that nobody reads, every option once.

use db_adapter::{BackupTable, backup_schema, backup_table};
mod ids {
    #[derive(Clone, Copy)]
    pub(crate) struct AuthorId(#[allow(dead_code)] pub(crate) i64);
    impl db_adapter::declare::ColumnType for AuthorId {
        const KIND: db_adapter::declare::Kind = db_adapter::declare::Kind::Int8;
    }
}
/// An author.
#[backup_table(name = "authors")]
pub struct Author {
    id: ids::AuthorId,
    slug: String,
    #[cfg(any())]
    gone: std::time::SystemTime,
}
#[derive(BackupTable)]
#[db_adapter(name = "books", consts = false, renamed_from = "book", parent = Author(author_id), optional_ref = Self(r#type))]
struct Book {
    id: i64,
    slug: String,
    author_id: ids::AuthorId,
    r#type: Option<i64>,
    #[db_adapter(type = "uuid")]
    code: Option<Code>,
}
struct Code;
#[backup_table(schema = "audit", name = "\"odd name\"", user = none, pk = [tenant, id], match_by = pk, external = "countries"(country -> iso))]
struct Odd {
    tenant: i64,
    id: i64,
    country: Option<String>,
}
#[backup_table(parent = Odd(tenant, odd), slug = none, key = [odd])]
pub(crate) struct Child {
    id: i64,
    tenant: i64,
    odd: i64,
}
backup_schema!(
    /// The schema.
    pub SCHEMA = [Child, Odd, Book, Author];
);
mod other {
    use super::SCHEMA as FIRST;
    db_adapter::backup_schema!(pub(crate) ALL = [..FIRST, Tag,]);
    #[db_adapter::backup_table]
    pub(crate) struct Tag {
        id: i64,
        slug: String,
    }
    #[test]
    fn used() {
        assert_eq!(ALL.tables.len(), 5)
    }
}
/// Used.
pub fn tables() -> usize {
    SCHEMA.tables.len() + other::ALL.tables.len()
}
/// An `Option` behind an alias, of a type that is no column type.
type Maybe = Option<Code>;
#[backup_table(optional_ref = Author(author), external = "codes"(code))]
#[allow(dead_code)]
struct Aliased {
    id: i64,
    slug: String,
    author: MaybeId,
    #[db_adapter(type = "uuid")]
    code: Maybe,
}
type MaybeId = Option<i64>;
/// NULL is a value of the key like any other; a user that is NULL is set by a restore.
#[backup_table(key = [user_id, code], null_key = true)]
#[allow(dead_code)]
struct Coded {
    id: i64,
    user_id: Option<i64>,
    code: Option<String>,
}
/// Here it is in no natural key.
#[backup_table(match_by = pk)]
#[allow(dead_code)]
struct ById {
    id: i64,
    slug: Option<String>,
}
/// A copy has a number of its own.
#[backup_table(renew = public_id)]
#[allow(dead_code)]
struct Shared {
    id: i64,
    user_id: i64,
    slug: String,
    public_id: String,
}
backup_schema!(KEYS = [Coded, ById, Shared]);
#[test]
fn an_alias_of_an_option_may_be_null() {
    let columns = <Aliased as db_adapter::BackupTable>::DEF.columns.iter();
    let nullable: Vec<_> = columns.map(|column| column.nullable).collect();
    assert_eq!(nullable, [Some(false), Some(false), Some(true), Some(true)]);
}
