//! One table while it is read: the pragmas' facts, with what its definition tells. Pure.

use db_adapter_core::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, Generated, Identity, TableSchema,
};

use super::definition::Definition;
use crate::sqlite::catalog::column_type;
use crate::{Result, Row};

/// A table, and what its definition tells.
pub(super) struct TableDraft {
    pub(super) table: TableSchema,
    pub(super) told: Definition,
    /// The key's columns as the pragma tells them, in the key's order.
    pub(super) key: Vec<String>,
    /// Whether an index is behind the key, so that it is not the row's number.
    pub(super) key_has_index: bool,
}

impl TableDraft {
    pub(super) fn column(&self, row: &Row) -> Result<ColumnSchema> {
        let name: String = row.get("name")?;
        let declared: String = row.get("type")?;
        let (sql_type, _) = column_type(&declared, self.table.strict);
        let told = self.told.column(&name);
        let mut column = ColumnSchema::new(name, declared, sql_type);
        column.nullable = row.get::<i64>("not_null")? == 0;
        column.not_null_on_conflict = told
            .filter(|_| !column.nullable)
            .and_then(|c| c.not_null_on_conflict.clone());
        column.default = default(row.get("default_value")?, told);
        column.collation = told.and_then(|c| c.collation.clone());
        let hidden: i64 = row.get("hidden")?;
        if hidden == 2 || hidden == 3 {
            let expression = told.and_then(|c| Some(c.generated.as_ref()?.expression.clone()));
            column.generated = Some(Generated {
                expression: expression.unwrap_or_default(),
                stored: hidden == 3,
            });
        }
        Ok(column)
    }

    pub(super) fn finish(mut self) -> TableSchema {
        self.number_rows();
        self.add_key();
        let checks = |c: &&ConstraintSchema| c.kind == ConstraintKind::Check;
        for check in self.told.constraints().filter(checks) {
            self.table
                .constraints
                .insert(check.name.clone(), check.clone());
        }
        self.table
    }

    /// A key of the one column that is `INTEGER` is the row's number, unless an index is behind it.
    fn number_rows(&mut self) {
        let [name] = self.key.as_slice() else {
            return;
        };
        if self.table.without_rowid || self.key_has_index {
            return;
        }
        if let Some(column) = self.table.column_mut(name)
            && column.data_type.eq_ignore_ascii_case("integer")
        {
            column.identity = Some(Identity::ByDefault);
            column.nullable = false;
        }
    }

    fn add_key(&mut self) {
        if self.table.without_rowid || self.table.strict {
            for name in &self.key {
                if let Some(column) = self.table.column_mut(name) {
                    column.nullable = false;
                }
            }
        }
        let key = std::mem::take(&mut self.key);
        if !key.is_empty() {
            self.add_constraint(ConstraintSchema {
                kind: ConstraintKind::PrimaryKey,
                columns: key,
                ..ConstraintSchema::default()
            });
        }
    }
}

/// The pragma takes the parentheses off, without which an expression is no default.
fn default(fact: Option<String>, told: Option<&ColumnSchema>) -> Option<String> {
    let fact = fact.filter(|text| !text.eq_ignore_ascii_case("null"))?;
    Some(told.and_then(|c| c.default.clone()).unwrap_or(fact))
}
