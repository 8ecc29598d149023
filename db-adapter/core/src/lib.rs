//! The pure parts of `db-adapter`: names, SQL types, and the canonical text of values.
//! Nothing here touches a database, a file or the clock, and nothing panics on any input.

pub mod bytea_text;
pub mod canonical;
pub mod float;
pub mod name;
pub mod numeric;
pub mod sql_type;
pub mod suggest;
pub mod temporal;
pub mod uuid_text;

pub use canonical::{canonical_text, compare_text};
pub use name::{NameError, TableName, parse_identifier, push_quoted, quote_ident};
pub use sql_type::{Affinity, SqlType};
pub use suggest::closest;
