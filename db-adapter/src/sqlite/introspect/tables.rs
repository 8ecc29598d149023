//! Tables, their columns, and views: the schema while it is read. Pure.

use std::collections::{BTreeMap, HashMap};

use db_adapter_core::TableName;
use db_adapter_core::ddl;
use db_adapter_core::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, DatabaseSchema, Generated, Identity,
    NotInspected, SqlDialect, TableSchema, table_key,
};

use super::definition::{self, Definition};
use crate::schema::IntrospectOptions;
use crate::sqlite::catalog::column_type;
use crate::{Result, Row};

/// What was read so far.
pub(super) struct Draft {
    schema: DatabaseSchema,
    tables: BTreeMap<(String, String), TableDraft>,
}

/// A table, and what its definition tells.
pub(super) struct TableDraft {
    pub(super) table: TableSchema,
    pub(super) told: Definition,
    /// The key's columns as the pragma tells them, in the key's order.
    pub(super) key: Vec<String>,
    /// Whether an index is behind the key, so that it is not the row's number.
    pub(super) key_has_index: bool,
}

impl Draft {
    pub(super) fn new(not_inspected: Vec<NotInspected>) -> Draft {
        Draft {
            schema: DatabaseSchema {
                dialect: SqlDialect::Sqlite,
                not_inspected,
                ..DatabaseSchema::default()
            },
            tables: BTreeMap::new(),
        }
    }

    pub(super) fn leave_out(&mut self, kind: &str, name: String, reason: impl Into<String>) {
        self.schema.not_inspected.push(NotInspected {
            kind: kind.to_owned(),
            name: Some(name),
            reason: reason.into(),
        });
    }

    /// The table of this schema that a row names.
    pub(super) fn table_of(&mut self, schema: &str, row: &Row) -> Result<Option<&mut TableDraft>> {
        let key = (schema.to_owned(), row.get("table")?);
        Ok(self.tables.get_mut(&key))
    }

    /// The columns of the primary key of a table, whose name may be spelled otherwise.
    pub(super) fn key_of(&self, schema: &str, table: &str) -> Option<Vec<String>> {
        let mut tables = self.tables.iter();
        let found = tables.find(|((s, t), _)| s == schema && t.eq_ignore_ascii_case(table));
        found.map(|(_, there)| there.key.clone())
    }

    /// The tables, without columns, and the views of a schema.
    pub(super) fn add_schema(
        &mut self,
        schema: &str,
        tables: &[Row],
        stored: &[Row],
    ) -> Result<()> {
        let mut statements: HashMap<String, Vec<String>> = HashMap::new();
        for row in stored {
            let sql: String = row.get("sql")?;
            match row.get::<String>("kind")?.as_str() {
                "table" | "index" => statements.entry(row.get("table")?).or_default().push(sql),
                "view" => self.add_view(schema, row.get("name")?, &sql),
                _ => {}
            }
        }
        for row in tables {
            let name: String = row.get("name")?;
            let kind: String = row.get("kind")?;
            if kind == "virtual" {
                let key = table_key(Some(schema), &name);
                self.leave_out(
                    "virtual table",
                    key,
                    "its columns and its shadow tables are its module's",
                );
            }
            let is_own = name.starts_with("sqlite_"); // SQLite's, which it reserves
            let Some(statements) = statements.get(&name).filter(|_| kind == "table" && !is_own)
            else {
                continue;
            };
            self.add_table(schema, name, row, statements)?;
        }
        for row in stored {
            if row.get::<String>("kind")? == "trigger" {
                self.add_trigger(schema, row)?;
            }
        }
        Ok(())
    }

    /// A trigger is stored with its table or view.
    fn add_trigger(&mut self, schema: &str, row: &Row) -> Result<()> {
        let name: String = row.get("name")?;
        let on: String = row.get("table")?;
        let view = table_key(Some(schema), &on);
        let Some(mut trigger) = ddl::trigger(&row.get::<String>("sql")?) else {
            self.leave_out("trigger", name, "its definition was not read");
            return Ok(());
        };
        trigger.name.clone_from(&name);
        if let Some(there) = self.tables.get_mut(&(schema.to_owned(), on)) {
            there.table.triggers.insert(name, trigger);
        } else if let Some(there) = self.schema.views.get_mut(&view) {
            there.triggers.insert(name, trigger);
        }
        Ok(())
    }

    /// The names of the views of a schema.
    pub(super) fn views_of(&self, schema: &str) -> Vec<String> {
        let views = self.schema.views.values();
        let own = views.filter(|view| view.schema.as_deref() == Some(schema));
        own.map(|view| view.name.clone()).collect()
    }

    pub(super) fn add_view_columns(&mut self, schema: &str, rows: &[Row]) -> Result<()> {
        for row in rows {
            let key = table_key(Some(schema), &row.get::<String>("table")?);
            let declared: String = row.get("type")?;
            let (sql_type, _) = column_type(&declared, false);
            if let Some(view) = self.schema.views.get_mut(&key) {
                let name: String = row.get("name")?;
                view.columns
                    .push(ColumnSchema::new(name, declared, sql_type));
            }
        }
        Ok(())
    }

    fn add_view(&mut self, schema: &str, name: String, sql: &str) {
        let key = table_key(Some(schema), &name);
        let mut view = definition::view(sql);
        view.schema = Some(schema.to_owned());
        view.name = name;
        self.schema.views.insert(key, view);
    }

    fn add_table(
        &mut self,
        schema: &str,
        name: String,
        row: &Row,
        statements: &[String],
    ) -> Result<()> {
        let table = TableSchema {
            schema: Some(schema.to_owned()),
            without_rowid: row.get::<i64>("without_rowid")? != 0,
            strict: row.get::<i64>("strict")? != 0,
            name: name.clone(),
            ..TableSchema::default()
        };
        let told = definition::read(statements.iter().map(String::as_str));
        if let Some(problem) = &told.problem {
            let reason = format!("the table's definition was not read: {problem}");
            self.leave_out("constraint", format!("{}.*", table.key()), reason);
        }
        let empty = TableDraft {
            table,
            told,
            key: Vec::new(),
            key_has_index: false,
        };
        self.tables.insert((schema.to_owned(), name), empty);
        Ok(())
    }

    pub(super) fn add_columns(&mut self, schema: &str, rows: &[Row]) -> Result<()> {
        let mut keys: BTreeMap<(String, i64), String> = BTreeMap::new();
        for row in rows {
            let Some(there) = self.table_of(schema, row)? else {
                continue;
            };
            let column = there.column(row)?;
            let position: i64 = row.get("pk")?;
            if position > 0 {
                keys.insert((row.get("table")?, position), column.name.clone());
            }
            there.table.columns.push(column);
        }
        for ((table, _), column) in keys {
            if let Some(there) = self.tables.get_mut(&(schema.to_owned(), table)) {
                there.key.push(column);
            }
        }
        Ok(())
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
            let is_excluded = excluded.iter().any(|name| {
                name.name == table.name && (name.schema.is_none() || name.schema == table.schema)
            });
            if is_excluded {
                self.leave_out("table", key, "excluded");
            } else {
                self.schema.tables.insert(key, table);
            }
        }
        self.schema.not_inspected.sort();
        self.schema
    }
}

impl TableDraft {
    fn column(&self, row: &Row) -> Result<ColumnSchema> {
        let name: String = row.get("name")?;
        let declared: String = row.get("type")?;
        let (sql_type, _) = column_type(&declared, self.table.strict);
        let told = self.told.column(&name);
        let mut column = ColumnSchema::new(name, declared, sql_type);
        column.nullable = row.get::<i64>("not_null")? == 0;
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

    fn finish(mut self) -> TableSchema {
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
