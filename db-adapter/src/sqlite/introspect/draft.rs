//! The schema while it is read: tables by name, views, triggers. Pure.

use std::collections::{BTreeMap, HashMap};

use db_adapter_core::TableName;
use db_adapter_core::ddl;
use db_adapter_core::schema::{
    ColumnSchema, DatabaseSchema, NotInspected, SqlDialect, TableSchema, ViewSchema, table_key,
};

use super::definition;
use super::table::TableDraft;
use crate::schema::IntrospectOptions;
use crate::sqlite::catalog::column_type;
use crate::{Result, Row};

/// What was read so far.
pub(super) struct Draft {
    schema: DatabaseSchema,
    tables: BTreeMap<(String, String), TableDraft>,
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

    /// A trigger is stored with its table or view, whose name is spelled as the trigger's definition does.
    fn add_trigger(&mut self, schema: &str, row: &Row) -> Result<()> {
        let name: String = row.get("name")?;
        let on: String = row.get("table")?;
        let Some(mut trigger) = ddl::trigger(&row.get::<String>("sql")?) else {
            self.leave_out("trigger", name, "its definition was not read");
            return Ok(());
        };
        trigger.name.clone_from(&name);
        let mut tables = self.tables.iter_mut();
        let mut views = self.schema.views.values_mut();
        let table = tables.find(|((s, t), _)| s == schema && t.eq_ignore_ascii_case(&on));
        let is_on = |view: &&mut ViewSchema| {
            view.schema.as_deref() == Some(schema) && view.name.eq_ignore_ascii_case(&on)
        };
        if let Some((_, there)) = table {
            there.table.triggers.insert(name, trigger);
        } else if let Some(there) = views.find(is_on) {
            there.triggers.insert(name, trigger);
        } else {
            self.leave_out("trigger", name, "its table was not read");
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
        let told = definition::read(statements.iter().map(String::as_str));
        let table = TableSchema {
            schema: Some(schema.to_owned()),
            autoincrement: told.is_autoincrement(),
            without_rowid: row.get::<i64>("without_rowid")? != 0,
            strict: row.get::<i64>("strict")? != 0,
            name: name.clone(),
            ..TableSchema::default()
        };
        if let Some(problem) = &told.problem {
            let reason = format!("the table's definition was not read: {problem}");
            self.leave_out("constraint", table.key(), reason);
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

    /// The rows of one table stand together, in the columns' order.
    pub(super) fn add_columns(&mut self, schema: &str, rows: &[Row]) -> Result<()> {
        for group in rows.chunk_by(|a, b| a.value("table") == b.value("table")) {
            let there = group.first().map(|row| self.table_of(schema, row));
            let Some(there) = there.transpose()?.flatten() else {
                continue;
            };
            let mut key = BTreeMap::new();
            for row in group {
                let column = there.column(row)?;
                let position: i64 = row.get("pk")?;
                if position > 0 {
                    key.insert(position, column.name.clone());
                }
                there.table.columns.push(column);
            }
            there.key.extend(key.into_values());
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
