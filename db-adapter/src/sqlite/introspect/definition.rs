//! What a table's stored definition tells and no pragma does: the names of constraints, checks,
//! deferrability, collations, the expressions of generated columns and indexes, conditions of
//! partial indexes. Pure.

use db_adapter_core::ddl::{self, SqlDialect};
use db_adapter_core::schema::{
    ColumnSchema, ConstraintSchema, IndexSchema, TableSchema, ViewSchema,
};

/// A definition as it was read.
#[derive(Default)]
pub(super) struct Definition {
    table: Option<TableSchema>,
    /// Why it was not read.
    pub(super) problem: Option<String>,
}

/// Reads a table with its indexes.
pub(super) fn read<'a>(statements: impl IntoIterator<Item = &'a str>) -> Definition {
    let mut text = String::new();
    for statement in statements {
        text.push_str(statement);
        text.push_str("\n;\n"); // a line break ends a comment at the statement's end
    }
    let read = ddl::parse(&text, SqlDialect::Sqlite);
    let problem = read.errors.first().map(|error| error.notice().to_string());
    Definition {
        table: read.schema.tables.into_values().next(),
        problem,
    }
}

/// Reads the query of a view.
pub(super) fn view(sql: &str) -> ViewSchema {
    let read = ddl::parse(sql, SqlDialect::Sqlite);
    read.schema.views.into_values().next().unwrap_or_default()
}

impl Definition {
    /// The column of this name, which may be spelled otherwise.
    pub(super) fn column(&self, name: &str) -> Option<&ColumnSchema> {
        let columns = &self.table.as_ref()?.columns;
        columns.iter().find(|c| c.name.eq_ignore_ascii_case(name))
    }

    /// Whether numbers of rows that are gone are not given again.
    pub(super) fn is_autoincrement(&self) -> bool {
        self.table.as_ref().is_some_and(|table| table.autoincrement)
    }

    /// The constraints, with the names that they have or get.
    pub(super) fn constraints(&self) -> impl Iterator<Item = &ConstraintSchema> {
        self.table
            .iter()
            .flat_map(|table| table.constraints.values())
    }

    /// The index of this name.
    pub(super) fn index(&self, name: &str) -> Option<&IndexSchema> {
        self.table.as_ref()?.indexes.get(name)
    }
}
