//! The schema that a SQL file describes: `pg_dump --schema-only`, Rails' `structure.sql`, a
//! hand-written `schema.sql`, SQLite's `.schema`.
//! Never runs anything, never fails a file for one statement, and never panics on any text.
//!
//! Read are the statements that make tables what they are: CREATE, ALTER and DROP of tables,
//! indexes, enums, domains, sequences, views and schemas, and comments; what a transaction takes back was
//! never there. Statements that only set or fill something are
//! passed over in silence; those that make objects which are not read (functions, triggers,
//! policies, ...) with a note, and the kind is in [`DatabaseSchema::not_inspected`]. Of psql's own
//! commands, conditions that are constants are evaluated and other files are an error; what a
//! statement or a command does that nobody here knows is listed, with its line. Expressions
//! are kept as they are written: whether they make sense, the database decides.

mod alter;
mod alter_column;
mod altered;
mod calls;
mod chosen;
mod column;
mod constraint;
mod cursor;
mod dropped;
mod elements;
mod harmless;
mod heirs;
mod index;
mod merged;
mod moved;
mod naming;
mod numbering;
mod objects;
mod outside;
mod path;
mod place;
mod pragma;
mod psql;
mod queries;
mod reader;
mod rename;
mod resolve;
mod script;
mod shadow;
mod split;
#[cfg(test)]
mod sqlite_tests;
mod table;
mod taken;
#[cfg(test)]
mod tests;
mod trigger;
mod types;
mod undone;
mod view;
mod whose;

pub use crate::schema::SqlDialect;
pub use index::index_keys;
pub use naming::{add_constraint, object_name};
pub use script::{Action, ScriptProblem, Step, steps};
pub use trigger::trigger;
pub use whose::dialect_of;

use crate::Notice;
use crate::schema::DatabaseSchema;
use std::collections::BTreeMap;
use std::fmt;

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ddl {
    /// The schema, without the tables that could not be read.
    pub schema: DatabaseSchema,
    /// What was passed over, in the file's order.
    pub notes: Vec<Note>,
    /// What could not be read, in the file's order. A table with an error is not in `schema`:
    /// half a table would let a check pass that should not.
    pub errors: Vec<DdlError>,
    tables: BTreeMap<String, Place>,
    columns: BTreeMap<(String, String), Place>,
}

/// Where something is defined, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The definition on one line, cut when it is long: `slug text NOT NULL`.
    pub text: String,
}

/// Something that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What and why.
    pub message: String,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DdlError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead, where that is known.
    pub hint: Option<String>,
    /// The line with a caret, in rustc's style.
    pub snippet: String,
    /// The key of the table that is missing for it, to spare the reader errors that follow.
    pub table: Option<String>,
}

/// Reads a file.
///
/// ```
/// use db_adapter_core::ddl::{SqlDialect, parse};
///
/// let ddl = parse(
///     "CREATE TABLE users (id bigserial PRIMARY KEY, email varchar(200) NOT NULL); \
///      CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1; select 2';",
///     SqlDialect::Postgres,
/// );
/// let users = ddl.schema.table("users").expect("it is there");
/// assert_eq!(users.columns[1].data_type, "character varying(200)");
/// assert!(ddl.errors.is_empty());
/// assert_eq!(ddl.notes[0].message, "functions are not read: `f`");
/// ```
pub fn parse(sql: &str, dialect: SqlDialect) -> Ddl {
    reader::read(sql, dialect)
}

impl Ddl {
    /// Where the table with this key is defined.
    pub fn place_of_table(&self, table: &str) -> Option<&Place> {
        self.tables.get(table)
    }

    /// Where this column of the table with this key is defined; `None` for a column that comes
    /// from another table, by LIKE, INHERITS or PARTITION OF.
    pub fn place_of_column(&self, table: &str, column: &str) -> Option<&Place> {
        self.columns.get(&(table.to_owned(), column.to_owned()))
    }
}

impl DdlError {
    /// The message and its hint, without the place.
    pub fn notice(&self) -> Notice {
        Notice {
            message: self.message.clone(),
            hint: self.hint.clone(),
        }
    }

    /// The error as rustc would print it, with the file's name.
    pub fn render(&self, file: &str) -> String {
        let margin = " ".repeat(self.line.to_string().len());
        let DdlError {
            line,
            column,
            snippet,
            ..
        } = self;
        let notice = self.notice();
        format!("{notice}\n{margin}--> {file}:{line}:{column}\n{snippet}")
    }
}

impl fmt::Display for DdlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}:{}: {}", self.line, self.column, self.notice())
    }
}

impl std::error::Error for DdlError {}
