//! The one model of a database's schema: introspection and the DDL reader fill it, validation,
//! `fix`, and the exports read it. Never asks a database, and never decides what is a difference.
//!
//! Everything is ordered: tables, columns by position, constraints, indexes by name. With the
//! feature `serde` the JSON has the keys of the Python original (`data_type`, `is_nullable`,
//! `constraint_type`, `references_table`, `is_unique`, `index_type`, ...) and more beside them;
//! what is absent or unknown in a file has the value that a `default()` has.

mod column;
mod constraint;
mod database;
mod index;
mod numbering;
mod objects;
#[cfg(feature = "serde")]
mod serde_columns;
#[cfg(feature = "serde")]
mod serde_sql_type;
mod table;
#[cfg(test)]
mod tests;

pub use column::{ColumnSchema, Generated, Identity};
pub use constraint::{ConstraintKind, ConstraintSchema, ReferentialAction};
pub use database::{DatabaseSchema, NotInspected, SqlDialect, table_key};
pub use index::{IndexColumn, IndexSchema};
pub use numbering::Numbering;
pub use objects::{
    DomainSchema, EnumSchema, FunctionSchema, PolicySchema, SequenceSchema, TriggerSchema,
    TriggerSessions, ViewSchema,
};
pub use table::TableSchema;

/// Tables that tools keep for themselves: what they hold is not a part of an application's schema.
pub const TABLES_OF_TOOLS: [&str; 6] = [
    "schema_migrations",
    "pg_stat_statements",
    "spatial_ref_sys",
    "_sqlx_migrations",
    "__diesel_schema_migrations",
    "seaql_migrations",
];
