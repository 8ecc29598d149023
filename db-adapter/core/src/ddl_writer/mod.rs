//! A schema as the statements that make it: the other way of [`ddl`](crate::ddl). Pure, and never
//! silent: what a dialect cannot express, or the model does not know, is told by name.
//!
//! A schema of the dialect's own is written as it is. One of the other dialect is translated first: types
//! by what their values are, expressions only where they mean the same there. Nothing is approximated:
//! what has no exact form is left out and listed.

pub(crate) mod column;
mod comment;
pub(crate) mod constraint;
mod expected;
mod function;
pub(crate) mod index;
mod left_out;
mod mentions;
mod order;
mod policy;
mod postgres;
pub(crate) mod quote;
mod script;
pub(crate) mod sequence;
pub(crate) mod sound;
mod sqlite;
mod table;
#[cfg(all(test, feature = "sql"))]
mod tests;
mod translate;
mod trigger;
pub(crate) mod user_type;
mod view;

use crate::Notice;
use crate::schema::{DatabaseSchema, SqlDialect};
use crate::validate::{ObjectKind, SchemaObject};
use std::fmt;

pub use expected::{schema_of_backup, schema_of_expected};
pub use translate::translate;

/// A schema in SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrittenDdl {
    /// Whose SQL it is.
    pub dialect: SqlDialect,
    /// The statements, in an order in which an empty database takes them.
    pub statements: Vec<DdlStatement>,
    /// What the schema has and the statements do not.
    pub not_expressed: Vec<NotExpressed>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DdlStatement {
    /// The SQL, without a semicolon.
    pub sql: String,
    /// What it makes, or belongs to; `None` for a setting of the session.
    pub object: Option<SchemaObject>,
}

/// Something that is not in the statements.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct NotExpressed {
    /// The kind of object, in words: `table`, `check`, `composite type`.
    pub kind: String,
    /// Which one: `users`, `users.email`; `None` for all of the kind.
    pub name: Option<String>,
    /// What of it is not expressed, and why.
    pub reason: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Writes a schema for a database of this dialect.
///
/// The statements are for an empty database. On PostgreSQL they set the search path of their session
/// where the schema's expressions need that.
///
/// ```
/// use db_adapter_core::ddl_writer::write;
/// use db_adapter_core::schema::{DatabaseSchema, SqlDialect, TableSchema};
/// use db_adapter_core::{ColumnSchema, SqlType};
///
/// let mut price = ColumnSchema::new("price", "numeric(8,2)", SqlType::parse_postgres("numeric(8,2)"));
/// price.default = Some("round(random() * 10)".into());
/// let books = TableSchema { name: "books".into(), columns: vec![price], ..TableSchema::default() };
/// let mut schema = DatabaseSchema::default();
/// schema.tables.insert(books.key(), books);
///
/// let written = write(&schema, SqlDialect::Sqlite);
/// assert_eq!(
///     written.statements[0].sql,
///     "CREATE TABLE \"books\" (\n    \"price\" NUMERIC_TEXT(8,2)\n)",
/// );
/// // a default that SQLite does not have is told, and nothing else is written instead
/// assert_eq!(written.not_expressed[0].name.as_deref(), Some("books.price"));
/// ```
pub fn write(schema: &DatabaseSchema, dialect: SqlDialect) -> WrittenDdl {
    let (translated, mut not_expressed) = match schema.dialect == dialect {
        true => (None, Vec::new()),
        false => {
            let (translated, lost) = translate(schema, dialect);
            (Some(translated), lost)
        }
    };
    let schema = translated.as_ref().unwrap_or(schema);
    let mut written = match dialect {
        SqlDialect::Postgres => postgres::write(schema),
        SqlDialect::Sqlite => sqlite::write(schema),
    };
    written.not_expressed.append(&mut not_expressed);
    written.not_expressed.sort();
    written.not_expressed.dedup();
    written
}

impl WrittenDdl {
    fn new(dialect: SqlDialect) -> WrittenDdl {
        WrittenDdl {
            dialect,
            statements: Vec::new(),
            not_expressed: Vec::new(),
        }
    }

    /// All of it as one text: what is not expressed as comments, then the statements.
    ///
    /// ```
    /// use db_adapter_core::ddl_writer::write;
    /// use db_adapter_core::schema::{DatabaseSchema, EnumSchema, SqlDialect};
    ///
    /// let mood = EnumSchema { name: "mood".into(), values: vec!["ok".into()], ..Default::default() };
    /// let mut schema = DatabaseSchema::default();
    /// schema.enums.insert("mood".into(), mood);
    /// let sql = write(&schema, SqlDialect::Postgres).to_sql();
    /// assert!(sql.ends_with("CREATE TYPE \"mood\" AS ENUM ('ok');\n"));
    /// ```
    pub fn to_sql(&self) -> String {
        script::text(self)
    }

    fn add(&mut self, object: SchemaObject, sql: impl Into<String>) {
        self.statements.push(DdlStatement {
            sql: sql.into(),
            object: Some(object),
        });
    }

    fn leave_out(&mut self, entry: NotExpressed) {
        self.not_expressed.push(entry);
    }
}

impl NotExpressed {
    fn new(kind: &str, name: impl Into<String>, reason: impl Into<String>) -> NotExpressed {
        NotExpressed {
            kind: kind.to_owned(),
            name: Some(name.into()),
            reason: reason.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> NotExpressed {
        self.hint = Some(hint.into());
        self
    }

    /// It as a message with its hint.
    pub fn notice(&self) -> Notice {
        let message = match &self.name {
            Some(name) => format!("{} `{name}`: {}", self.kind, self.reason),
            None => format!("{}: {}", self.kind, self.reason),
        };
        Notice {
            message,
            hint: self.hint.clone(),
        }
    }
}

/// The message, and the hint behind it.
impl fmt::Display for NotExpressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.notice().fmt(f)
    }
}

/// Something of a table, or of none.
fn object(kind: ObjectKind, table: Option<&str>, name: &str) -> SchemaObject {
    SchemaObject {
        kind,
        table: table.map(str::to_owned),
        name: name.to_owned(),
    }
}
