//! What a database looks like, and whether that is what a program expects.

mod introspect;

pub use db_adapter_core::schema::*;
pub use introspect::{IntrospectOptions, SchemaIntrospector};
