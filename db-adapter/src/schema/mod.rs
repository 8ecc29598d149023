//! What a database looks like, and whether that is what a program expects.

mod introspect;
#[cfg(all(feature = "_runtime", feature = "sql"))]
pub(crate) mod scratch;

#[cfg(all(feature = "_runtime", feature = "sql"))]
pub use self::scratch::{ScratchDatabase, ScriptFailure};
#[cfg(all(feature = "_runtime", feature = "sql"))]
pub use crate::connect::scratch;
pub use db_adapter_core::ddl_writer::{
    DdlStatement, NotExpressed, WrittenDdl, schema_of_backup, schema_of_expected,
    translate as translate_schema, write as write_ddl,
};
pub use db_adapter_core::schema::*;
pub use db_adapter_core::validate::{
    Baseline, BaselineMismatch, ColumnDiff, Difference, DifferenceKind, Expected, Ignore, Ignored,
    KnownDifference, NotChecked, ObjectKind, SchemaObject, SchemaValidationResult, Severity,
    Validation, ValidationLevel, fingerprint, validate_schema,
};
pub use introspect::{IntrospectOptions, SchemaIntrospector};
