//! The schema while it is read: tables by the numbers that the catalog gives them. Pure.

use std::collections::HashMap;

use db_adapter_core::schema::{DatabaseSchema, NotInspected, SqlDialect, TableSchema, ViewSchema};
use db_adapter_core::{SqlType, TableName};

use super::scope::Scope;
use crate::Result;
use crate::Row;
use crate::schema::IntrospectOptions;

/// What was read so far.
pub(super) struct Draft {
    pub(super) scope: Scope,
    pub(super) schema: DatabaseSchema,
    /// The tables by oid.
    pub(super) tables: HashMap<i64, TableDraft>,
    /// The views by oid.
    pub(super) views: HashMap<i64, ViewSchema>,
    /// The types that are not built in, by oid.
    pub(super) types: HashMap<i64, SqlType>,
    /// By the catalog that has the object, its oid, and the number of the column or 0.
    comments: HashMap<(String, i64, i64), String>,
}

/// A table, and its columns by their numbers, which are no positions.
pub(super) struct TableDraft {
    pub(super) table: TableSchema,
    pub(super) names: HashMap<i64, String>,
    /// The columns by number, to sort them by.
    pub(super) order: Vec<i64>,
}

impl Draft {
    pub(super) fn new(mut scope: Scope) -> Draft {
        Draft {
            schema: DatabaseSchema {
                dialect: SqlDialect::Postgres,
                not_inspected: std::mem::take(&mut scope.not_inspected),
                ..DatabaseSchema::default()
            },
            scope,
            tables: HashMap::new(),
            views: HashMap::new(),
            types: HashMap::new(),
            comments: HashMap::new(),
        }
    }

    pub(super) fn remember_comment(&mut self, class: String, oid: i64, column: i64, text: String) {
        self.comments.insert((class, oid, column), text);
    }

    /// The comment on an object, or on a column of it.
    pub(super) fn comment(&mut self, class: &str, oid: i64, column: i64) -> Option<String> {
        self.comments.remove(&(class.to_owned(), oid, column))
    }

    /// The table that a row belongs to; `None` for one that is left out.
    pub(super) fn table_of(&mut self, row: &Row, column: &str) -> Result<Option<&mut TableDraft>> {
        Ok(self.tables.get_mut(&row.get(column)?))
    }

    pub(super) fn leave_out(
        &mut self,
        kind: &str,
        name: Option<String>,
        reason: impl Into<String>,
    ) {
        let entry = NotInspected {
            kind: kind.to_owned(),
            name,
            reason: reason.into(),
        };
        if !self.schema.not_inspected.contains(&entry) {
            self.schema.not_inspected.push(entry);
        }
    }

    pub(super) fn denied(&mut self, kind: &str, catalog: &str) {
        self.leave_out(
            kind,
            None,
            format!("the role may not read `pg_catalog.{catalog}`"),
        );
    }

    /// The schema, without the excluded tables.
    pub(super) fn finish(mut self, options: &IntrospectOptions) -> DatabaseSchema {
        let excluded: Vec<TableName> = options
            .excluded_tables
            .iter()
            .filter_map(|name| TableName::parse(name).ok())
            .collect();
        for (_, draft) in std::mem::take(&mut self.tables) {
            let table = draft.finish();
            let key = table.key();
            if is_excluded(&table, &excluded) {
                self.leave_out("table", Some(key), "excluded");
            } else {
                self.schema.tables.insert(key, table);
            }
        }
        for (_, view) in std::mem::take(&mut self.views) {
            let key = db_adapter_core::schema::table_key(view.schema.as_deref(), &view.name);
            self.schema.views.insert(key, view);
        }
        self.schema.not_inspected.sort();
        self.schema
    }
}

/// A name without a schema means the table in every schema.
fn is_excluded(table: &TableSchema, excluded: &[TableName]) -> bool {
    excluded.iter().any(|name| {
        name.name == table.name && (name.schema.is_none() || name.schema == table.schema)
    })
}

impl TableDraft {
    /// The names of the columns with these numbers. Expressions (0) and the system's own columns
    /// have none.
    pub(super) fn names_of(&self, numbers: &[i64]) -> Vec<String> {
        let names = numbers.iter().filter_map(|number| self.names.get(number));
        names.cloned().collect()
    }

    fn finish(mut self) -> TableSchema {
        if !self.order.is_sorted() {
            let columns = std::mem::take(&mut self.table.columns);
            let mut numbered: Vec<_> = self.order.iter().zip(columns).collect();
            numbered.sort_by_key(|(number, _)| **number);
            self.table.columns = numbered.into_iter().map(|(_, column)| column).collect();
        }
        self.table
    }
}
