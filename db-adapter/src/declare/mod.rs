//! The declaration: what a struct says about its table, checked by the compiler. The runtime stays
//! with dicts; here are the traits that the macros implement, and what their code calls.

mod column_type;
mod convert;
#[doc(hidden)]
pub mod fit;
mod names;
mod nullable;

pub use column_type::ColumnType;
pub use convert::{ReadField, SkipField, WriteField};
pub use db_adapter_core::backup::{self, MatchBy};
pub use db_adapter_core::declared::{FieldDef, Info, Kind, Reference};
pub use db_adapter_core::{backup::parts, declared, embed, expected};
pub use nullable::{IsTable, NotATable, NotNullable, Nullable};

use db_adapter_core::backup::TableDef;

/// A struct that stands for a table; implemented by
/// [`#[derive(BackupTable)]`](macro@crate::BackupTable) and
/// [`#[backup_table]`](macro@crate::backup_table), never by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table",
    label = "not declared as a table",
    note = "put `#[backup_table(..)]` on `{Self}`"
)]
pub trait BackupTable: Sized {
    /// The table's name, `name` or `schema.name`.
    const NAME: &'static str;
    /// What a backup has to know.
    const DEF: &'static TableDef;
    /// The columns.
    #[doc(hidden)]
    const FIELDS: &'static [FieldDef];
    /// The name as it stands in a JSON string.
    #[doc(hidden)]
    const JSON_NAME: &'static str;
    /// The schema, when the declaration names one.
    #[doc(hidden)]
    const SCHEMA: Option<&'static str>;
    /// The name without the schema.
    #[doc(hidden)]
    const LOCAL: &'static str;
    /// What is expected of the database.
    #[doc(hidden)]
    const EXPECTED: expected::ExpectedTable;
    /// The table in the list of a schema.
    #[doc(hidden)]
    const PART: parts::Part;
    /// The type of [`NAMES`](Self::NAMES).
    #[doc(hidden)]
    type Names;
    /// The columns' names, each in the field of its Rust name.
    #[doc(hidden)]
    const NAMES: Self::Names;
    /// The type of [`TYPED`](Self::TYPED).
    #[doc(hidden)]
    type Typed;
    /// The columns' names and the types of their fields, each in the field of its Rust name.
    #[doc(hidden)]
    const TYPED: Self::Typed;
}
