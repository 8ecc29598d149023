//! Keys, foreign keys, checks and indexes.

use super::{ToSqlite, is_binary, scope};
use crate::ddl_writer::constraint::target_key;
use crate::ddl_writer::postgres::object_kind;
use crate::ddl_writer::translate::{expression, types};
use crate::schema::{ConstraintKind, ConstraintSchema, IndexSchema, TableSchema};

impl<'a> ToSqlite<'a> {
    pub(super) fn constraint(
        &mut self,
        key: &str,
        read: &TableSchema,
        from: &ConstraintSchema,
    ) -> Option<ConstraintSchema> {
        let path = format!("{key}.{}", from.name);
        let kind = object_kind(from.kind).words();
        let mut to = ConstraintSchema {
            comment: None,
            ..from.clone()
        };
        if from.comment.is_some() {
            self.lost.add(&kind, &path, "SQLite has no comments");
        }
        let result = match from.kind {
            ConstraintKind::PrimaryKey | ConstraintKind::Unique => {
                self.key(&kind, &path, read, from, &mut to)
            }
            ConstraintKind::ForeignKey => self.foreign_key(&kind, &path, read, from, &mut to),
            ConstraintKind::Exclude => Err("SQLite has no exclusion constraints".to_owned()),
            ConstraintKind::Check if from.not_enforced => {
                Err("SQLite has no NOT ENFORCED".to_owned())
            }
            ConstraintKind::Check => {
                let text = from.expression.as_deref().unwrap_or_default();
                expression::condition(text, &scope(read, None)).map(|expression| {
                    to.expression = Some(expression);
                })
            }
        };
        if let Err(why) = result {
            self.lost.add(&kind, &path, why);
            return None;
        }
        for (there, what) in [
            (
                from.not_valid,
                "SQLite has no NOT VALID: it holds for all rows",
            ),
            (from.no_inherit, "SQLite has no NO INHERIT"),
        ] {
            if there {
                self.lost.add(&kind, &path, what);
            }
        }
        (to.not_valid, to.no_inherit) = (false, false);
        Some(to)
    }

    fn key(
        &mut self,
        kind: &str,
        path: &str,
        read: &TableSchema,
        from: &ConstraintSchema,
        to: &mut ConstraintSchema,
    ) -> Result<(), String> {
        if from.over_time {
            return Err("SQLite has no keys over time".to_owned());
        }
        let may_be_null = |name: &String| read.column(name).is_some_and(|column| column.nullable);
        let nulls = from.nulls_not_distinct && from.columns.iter().any(may_be_null);
        for (there, what) in [
            (
                from.deferrable,
                "SQLite defers foreign keys alone: it is checked at once",
            ),
            (!from.include.is_empty(), "SQLite has no INCLUDE"),
            (
                nulls,
                "SQLite takes NULLs for distinct, so that several rows may have them",
            ),
        ] {
            if there {
                self.lost.add(kind, path, what);
            }
        }
        (to.deferrable, to.initially_deferred, to.nulls_not_distinct) = (false, false, false);
        to.include.clear();
        Ok(())
    }

    fn foreign_key(
        &mut self,
        kind: &str,
        path: &str,
        read: &TableSchema,
        from: &ConstraintSchema,
        to: &mut ConstraintSchema,
    ) -> Result<(), String> {
        let target = target_key(from);
        if from.over_time {
            return Err("SQLite has no foreign keys over time".to_owned());
        }
        if from.not_enforced {
            return Err("SQLite has no NOT ENFORCED".to_owned());
        }
        if !from.on_delete_columns.is_empty() {
            return Err(
                "SQLite sets all the columns when the row that it refers to is deleted".to_owned(),
            );
        }
        if !self.kept.contains(target.as_str()) {
            return Err(format!("it refers to `{target}`, which is not written"));
        }
        let may_be_null = |name: &String| read.column(name).is_none_or(|column| column.nullable);
        if from.match_full && from.columns.len() > 1 && from.columns.iter().any(may_be_null) {
            return Err("SQLite has no MATCH FULL".to_owned());
        }
        self.compares_the_same(&target, read, from)?;
        if from.match_full {
            let why = "MATCH FULL is not written: it means the same without";
            self.lost.add(kind, path, why);
        }
        to.match_full = false;
        to.references_schema = None;
        Ok(())
    }

    /// PostgreSQL compares the values of both columns, SQLite what is stored: `2024-01-02` of a date is not
    /// `2024-01-02T00:00:00` of a timestamp.
    fn compares_the_same(
        &self,
        target: &str,
        read: &TableSchema,
        from: &ConstraintSchema,
    ) -> Result<(), String> {
        let target = self.from.tables.get(target);
        let target = target.map(|table| self.with_base_types(table));
        let keys = from.references_columns.iter().flatten();
        let stored = |table: &TableSchema, name: &String| {
            let column = table.column(name)?;
            Some(types::stored(&column.sql_type))
        };
        for (column, key) in from.columns.iter().zip(keys) {
            let there = target.as_ref().and_then(|table| stored(table, key));
            if stored(read, column) != there {
                return Err(format!(
                    "SQLite stores `{column}` in another way than the `{key}` that it refers to, and finds no equal values"
                ));
            }
        }
        Ok(())
    }

    pub(super) fn index(
        &mut self,
        key: &str,
        read: &TableSchema,
        from: &IndexSchema,
    ) -> Option<IndexSchema> {
        let path = format!("{key}.{}", from.name);
        let mut to = IndexSchema {
            comment: None,
            ..from.clone()
        };
        if from.comment.is_some() {
            self.lost.add("index", &path, "SQLite has no comments");
        }
        if let Err(why) = self.index_parts(&path, read, from, &mut to) {
            self.lost.add("index", &path, why);
            return None;
        }
        Some(to)
    }

    fn index_parts(
        &mut self,
        path: &str,
        read: &TableSchema,
        from: &IndexSchema,
        to: &mut IndexSchema,
    ) -> Result<(), String> {
        let may_be_null = |name: &str| read.column(name).is_some_and(|column| column.nullable);
        let mut columns = from.columns.iter();
        let nulls = columns.any(|column| column.is_expression || may_be_null(&column.text));
        if from.nulls_not_distinct && nulls {
            return Err("SQLite takes NULLs for distinct".to_owned());
        }
        to.nulls_not_distinct = false;
        if !from.method.eq_ignore_ascii_case("btree") {
            return Err(format!(
                "SQLite has no index of the method `{}`",
                from.method
            ));
        }
        if !from.include.is_empty() {
            self.lost.add("index", path, "SQLite has no INCLUDE");
            to.include.clear();
        }
        for column in &mut to.columns {
            if let Some(class) = &column.operator_class {
                return Err(format!("SQLite has no operator class `{class}`"));
            }
            let collation = column.collation.as_deref();
            if let Some(name) = collation.filter(|name| !is_binary(name)) {
                return Err(format!("SQLite does not have the collation `{name}`"));
            }
            column.collation = None;
            if column.nulls_first.is_some() {
                return Err("SQLite has no order of NULLs in an index".to_owned());
            }
            if column.is_expression {
                column.text = expression::expression(&column.text, &scope(read, None))?;
            }
        }
        if let Some(predicate) = &mut to.predicate {
            *predicate = expression::condition(predicate, &scope(read, None))?;
        }
        match self.taken.insert(from.name.to_ascii_lowercase()) {
            true => Ok(()),
            false => Err("SQLite does not tell its name from another one".to_owned()),
        }
    }
}
