//! A schema of one dialect as one of the other, with what that loses. Types by what their values are: see
//! [`types`]; expressions where they mean the same: see [`expression`]. A table, a column and a key are
//! written with what the other database has of them, and what is left of them is told; everything else is
//! written whole or not at all.

mod default;
mod expression;
mod to_postgres;
mod to_sqlite;
mod types;

use super::NotExpressed;
use crate::schema::{DatabaseSchema, SqlDialect};

/// The schema in this dialect, and what it cannot have there.
///
/// A schema that is of the dialect already is itself.
///
/// ```
/// use db_adapter_core::ddl_writer::translate;
/// use db_adapter_core::schema::{DatabaseSchema, SequenceSchema, SqlDialect, TableSchema};
/// use db_adapter_core::{ColumnSchema, SqlType};
///
/// let id = ColumnSchema::new("id", "uuid", SqlType::Uuid);
/// let users = TableSchema { name: "users".into(), columns: vec![id], ..TableSchema::default() };
/// let mut schema = DatabaseSchema::default();
/// schema.tables.insert(users.key(), users);
/// schema.sequences.insert("tickets".into(), SequenceSchema::default());
///
/// let (there, lost) = translate(&schema, SqlDialect::Sqlite);
/// assert_eq!(there.tables["users"].columns[0].data_type, "UUID");
/// assert_eq!(lost[0].to_string(), "sequence `tickets`: SQLite has no sequences");
/// ```
pub fn translate(
    schema: &DatabaseSchema,
    dialect: SqlDialect,
) -> (DatabaseSchema, Vec<NotExpressed>) {
    match (schema.dialect, dialect) {
        (SqlDialect::Postgres, SqlDialect::Sqlite) => to_sqlite::schema(schema),
        (SqlDialect::Sqlite, SqlDialect::Postgres) => to_postgres::schema(schema),
        _ => (schema.clone(), Vec::new()),
    }
}

/// The dialect that this one is not.
fn other(dialect: SqlDialect) -> SqlDialect {
    match dialect {
        SqlDialect::Postgres => SqlDialect::Sqlite,
        SqlDialect::Sqlite => SqlDialect::Postgres,
    }
}

/// What is lost, as it is found.
#[derive(Default)]
struct Lost(Vec<NotExpressed>);

impl Lost {
    fn add(&mut self, kind: &str, name: &str, why: impl Into<String>) {
        self.0.push(NotExpressed::new(kind, name, why));
    }

    fn hinted(&mut self, kind: &str, name: &str, why: impl Into<String>, hint: &str) {
        self.0.push(NotExpressed::new(kind, name, why).hint(hint));
    }
}
