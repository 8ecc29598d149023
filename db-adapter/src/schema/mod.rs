//! What a database looks like, and whether that is what a program expects.

mod introspect;

pub use db_adapter_core::schema::*;
pub use db_adapter_core::validate::{
    Baseline, BaselineMismatch, ColumnDiff, Difference, DifferenceKind, Expected, Ignore, Ignored,
    KnownDifference, NotChecked, ObjectKind, SchemaObject, SchemaValidationResult, Severity,
    Validation, ValidationLevel, fingerprint, validate_schema,
};
pub use introspect::{IntrospectOptions, SchemaIntrospector};
