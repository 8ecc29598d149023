//! The pure parts of `db-adapter`: names, SQL types, the canonical text of values, the model of a
//! database's schema, what is expected of one, the lexer of SQL and what a statement's words tell, a
//! schema as SQL, and (feature `sql`) the reader of SQL files.
//! Nothing here touches a database, a file or the clock, and nothing panics on any input.

pub mod array_text;
pub mod assigned;
pub mod backup;
pub mod bytea_text;
pub mod canonical;
#[cfg(feature = "sql")]
pub mod ddl;
pub mod ddl_writer;
pub mod declared;
pub mod draft;
pub mod embed;
pub mod expected;
pub mod fit;
pub mod fix;
pub mod float;
pub mod jsonb;
pub mod lexer;
pub mod name;
pub mod notice;
pub mod numeric;
pub mod schema;
pub mod sql_type;
pub mod statement;
pub mod suggest;
pub mod sync;
pub mod temporal;
pub mod uuid_text;
pub mod validate;

pub use assigned::{Assigned, Lost, assigned};
pub use canonical::{canonical_text, compare_text};
pub use expected::{ExpectedColumn, ExpectedForeignKey, ExpectedSchema, ExpectedTable};
pub use name::{NameError, TableName, parse_identifier, push_quoted, quote_ident};
pub use notice::Notice;
pub use schema::{ColumnSchema, ConstraintSchema, DatabaseSchema, TableSchema};
pub use sql_type::{Affinity, SqlType};
pub use suggest::closest;
pub use validate::{
    ColumnDiff, SchemaValidationResult, Validation, ValidationLevel, fingerprint, validate_schema,
};
