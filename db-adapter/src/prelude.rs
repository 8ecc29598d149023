//! What a program that uses the verbs imports: `use db_adapter::prelude::*`.

pub use crate::expr;
pub use crate::filter::op;
pub use crate::{DatabaseClient, DatabaseClientExt, ExactJson, Filter, Row, Value, row};
