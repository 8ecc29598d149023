//! What comes when all the objects are there: row-level security, triggers, comments.

use super::super::mentions::Mentions;
use super::super::{comment, object, policy, quote, sound, trigger};
use super::{Node, POSTGRES, Postgres};
use crate::schema::{TriggerSchema, ViewSchema};
use crate::validate::{ObjectKind, SchemaObject};
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Postgres<'a> {
    pub(super) fn security(&mut self) {
        for (key, table) in &self.schema.tables {
            if self.left_out.tables.contains_key(key) {
                continue;
            }
            let name = quote::qualified(table.schema.as_deref(), &table.name, POSTGRES);
            let object_of = |kind, own: &str| object(kind, Some(key), own);
            for (on, how) in [
                (table.row_security, "ENABLE"),
                (table.force_row_security, "FORCE"),
            ] {
                if on {
                    let sql = format!("ALTER TABLE {name} {how} ROW LEVEL SECURITY");
                    self.out.add(object(ObjectKind::Table, None, key), sql);
                }
            }
            for (own, found) in &table.policies {
                let mut texts = found.using.iter().chain(&found.with_check);
                let wrong = texts.find_map(|text| self.wrong_query_part(text));
                let path = format!("{key}.{own}");
                if let Some(why) = wrong {
                    self.cannot("policy", &path, &why);
                } else if !policy::COMMANDS.contains(&found.command.as_str()) {
                    self.cannot("policy", &path, "its command is not known");
                } else if let Some(why) = sound::wrong_name(own, POSTGRES) {
                    self.cannot("policy", &path, why);
                } else {
                    let sql = policy::create(found, &name);
                    self.out.add(object_of(ObjectKind::Policy, own), sql);
                }
            }
        }
    }

    /// The same for an expression that may have queries in it.
    fn wrong_query_part(&self, text: &str) -> Option<String> {
        let wrong = self.left_out.wrong_expression(text, POSTGRES);
        wrong.or_else(|| self.left_out.missing_in(&Mentions::of(text, POSTGRES)))
    }

    pub(super) fn triggers(&mut self) {
        let schema = self.schema;
        for (key, table) in &schema.tables {
            let name = quote::qualified(table.schema.as_deref(), &table.name, POSTGRES);
            self.triggers_of(key, &name, &table.triggers);
        }
        for (key, view) in &schema.views {
            let ViewSchema { schema, name, .. } = view;
            let name = quote::qualified(schema.as_deref(), name, POSTGRES);
            self.triggers_of(key, &name, &view.triggers);
        }
    }

    fn triggers_of(&mut self, key: &str, name: &str, triggers: &BTreeMap<String, TriggerSchema>) {
        let gone = self.left_out.tables.contains_key(key);
        for (own, found) in triggers {
            if gone {
                let why = format!("`{key}` is not written");
                self.cannot("trigger", &format!("{key}.{own}"), &why);
                continue;
            }
            if !self.has_function(&found.function_name) {
                let why = format!("its function `{}` is not written", found.function_name);
                self.cannot("trigger", &format!("{key}.{own}"), &why);
                continue;
            }
            let definition = found.definition.as_deref().unwrap_or_default();
            let mentions = Mentions::of(definition, POSTGRES);
            if let Some(why) = self.left_out.missing_function(&mentions) {
                self.cannot("trigger", &format!("{key}.{own}"), &why);
                continue;
            }
            match trigger::create(found, key, name, POSTGRES) {
                Ok(statements) => {
                    for sql in statements {
                        self.out
                            .add(object(ObjectKind::Trigger, Some(key), own), sql);
                    }
                }
                Err(why) => self.out.leave_out(why),
            }
        }
    }

    /// Whether a function is there: one of the schema's own, of the server's, or perhaps of an extension's.
    fn has_function(&self, key: &str) -> bool {
        let (schema, _) = quote::parts_of_key(key);
        let written = |object: &SchemaObject| {
            let own = self.functions.get(key).into_iter().flatten();
            let mut own = own.filter_map(|node| match node {
                Node::Function(own) => Some(own),
                _ => None,
            });
            object.kind == ObjectKind::Function && own.any(|own| *own == object.name)
        };
        let mut objects = self.out.statements.iter().filter_map(|s| s.object.as_ref());
        let extended = self
            .schema
            .not_inspected
            .iter()
            .any(|entry| entry.kind == "extension");
        match self.functions.contains_key(key) {
            true => objects.any(written),
            false => schema.as_deref() == Some("pg_catalog") || extended && schema.is_none(),
        }
    }

    pub(super) fn comments(&mut self) {
        let there: BTreeSet<SchemaObject> = self
            .out
            .statements
            .iter()
            .filter_map(|s| s.object.clone())
            .collect();
        let lost: BTreeSet<(String, String)> = self
            .out
            .not_expressed
            .iter()
            .filter_map(|entry| Some((entry.kind.clone(), entry.name.clone()?)))
            .collect();
        let is_there = |found: &SchemaObject| {
            let whole = |key: &str| {
                there.contains(&object(ObjectKind::Table, None, key))
                    || there.contains(&object(ObjectKind::View, None, key))
            };
            let told = lost.contains(&(found.kind.words(), found.path()));
            match (&found.table, found.kind) {
                (Some(table), ObjectKind::Index | ObjectKind::Trigger) => {
                    whole(table) && there.contains(found)
                }
                (Some(table), _) => whole(table) && !told,
                (None, _) => there.contains(found),
            }
        };
        for (object, sql) in comment::statements(self.schema, is_there) {
            self.out.add(object, sql);
        }
    }
}
