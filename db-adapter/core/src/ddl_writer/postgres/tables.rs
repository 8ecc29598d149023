//! Tables with their defaults, indexes and sequences. Never decides in which form a table is written.

use super::super::left_out::LeftOut;
use super::super::table::Plan;
use super::super::{column, index, object, quote, sequence, sound, table};
use super::{Node, POSTGRES, Postgres};
use crate::name::quote_ident;
use crate::schema::{ColumnSchema, IndexSchema};
use crate::validate::ObjectKind;
use std::collections::BTreeMap;

impl<'a> Postgres<'a> {
    pub(super) fn table(&mut self, key: &str) {
        let Some(table) = self.schema.tables.get(key) else {
            return;
        };
        if let Some(why) = self.left_out.tables.get(key).cloned() {
            return self.cannot("table", key, &why);
        }
        let name = quote::qualified(table.schema.as_deref(), &table.name, POSTGRES);
        let mut late_defaults = Vec::new();
        for column in &table.columns {
            if column.not_null_not_valid {
                let add = column::not_null_not_valid(column);
                let object = object(ObjectKind::Column, Some(key), &column.name);
                self.late
                    .checks
                    .push((object, format!("ALTER TABLE {name} {add}")));
            }
            let Some(default) = &column.default else {
                continue;
            };
            let path = format!("{key}.{}", column.name);
            if let Some(why) = self.left_out.wrong_expression(default, POSTGRES) {
                self.cannot("default", &path, &why);
                late_defaults.push(column.name.as_str());
            } else if !self.is_early(default) {
                self.late_default(key, &name, column, default);
                late_defaults.push(column.name.as_str());
            }
        }
        let constraints = self.constraints(key, table, &name);
        let plan = Plan {
            schema: self.schema,
            table,
            late_defaults,
            constraints: constraints.clone(),
        };
        let sql = table::statements(&plan, |name| self.collation(name));
        for sql in sql {
            self.out.add(object(ObjectKind::Table, None, key), sql);
        }
        self.indexes(key, &name, &table.indexes);
        self.owned(key);
    }

    pub(super) fn late_default(
        &mut self,
        key: &str,
        name: &str,
        column: &ColumnSchema,
        default: &str,
    ) {
        if let Some(why) = self.left_out.wrong_expression(default, POSTGRES) {
            let path = format!("{key}.{}", column.name);
            return self.cannot("default", &path, &why);
        }
        let own = quote_ident(&column.name);
        let default = sound::default(default, POSTGRES);
        // those that inherit have their own
        let only = if self.schema.tables.contains_key(key) {
            "ONLY "
        } else {
            ""
        };
        let sql = format!("ALTER TABLE {only}{name} ALTER COLUMN {own} SET DEFAULT {default}");
        let object = object(ObjectKind::Column, Some(key), &column.name);
        self.late.defaults.push((object, sql));
    }

    pub(super) fn indexes(
        &mut self,
        key: &str,
        table: &str,
        indexes: &BTreeMap<String, IndexSchema>,
    ) {
        for (name, found) in indexes {
            let path = format!("{key}.{name}");
            if let Some(why) = wrong_index(found, &self.left_out) {
                self.cannot("index", &path, &why);
                continue;
            }
            let sql = index::create(found, table, POSTGRES, |name| self.collation(name));
            let keys = found.columns.iter().filter(|column| column.is_expression);
            let mut texts = keys.map(|column| &column.text).chain(&found.predicate);
            let object = object(ObjectKind::Index, Some(key), name);
            if texts.all(|text| self.is_early(text)) {
                self.indexes.insert((key.to_owned(), name.clone()));
                self.out.add(object, sql);
            } else {
                self.late.indexes.push((object, sql));
            }
        }
    }

    /// The sequences that go with a table's columns.
    fn owned(&mut self, key: &str) {
        let owned = self.schema.sequences.iter();
        let owned: Vec<_> = owned
            .filter(|(_, s)| s.owned_by.as_ref().is_some_and(|(table, _)| table == key))
            .collect();
        for (name, found) in owned {
            let Some(sql) = sequence::owned(found, self.schema) else {
                continue;
            };
            let object = object(ObjectKind::Sequence, None, name);
            match self.written.contains(&Node::Sequence(name.clone())) {
                true => self.out.add(object, sql),
                false => self.late.owners.push((object, sql)),
            }
        }
    }
}

/// What is wrong with an index, if anything is.
fn wrong_index(index: &IndexSchema, left_out: &LeftOut) -> Option<String> {
    if let Some(wrong) =
        sound::wrong_name(&index.name, POSTGRES).filter(|_| !index.name_is_generated)
    {
        return Some(wrong.to_owned());
    }
    let expressions = index.columns.iter().filter(|column| column.is_expression);
    let mut texts = expressions
        .map(|column| &column.text)
        .chain(&index.predicate);
    let classes = index
        .columns
        .iter()
        .filter_map(|column| column.operator_class.as_ref());
    if let Some(wrong) = texts.find_map(|text| left_out.wrong_expression(text, POSTGRES)) {
        return Some(wrong);
    }
    let mut collations = index.columns.iter().filter_map(|c| c.collation.as_deref());
    if let Some(wrong) = collations.find_map(|name| left_out.wrong_collation(name)) {
        return Some(wrong);
    }
    if let Some(wrong) = classes
        .clone()
        .find_map(|class| left_out.wrong_class(class))
    {
        return Some(wrong);
    }
    let mut wrong = classes.filter(|class| !sound::is_clause(class, POSTGRES));
    match (wrong.next(), index.columns.is_empty()) {
        (Some(class), _) => Some(format!("`{class}` is not an operator class")),
        (None, true) => Some("its columns are not known".to_owned()),
        (None, false) => None,
    }
}
