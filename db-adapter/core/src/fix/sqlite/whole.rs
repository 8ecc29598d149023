//! Whole tables: renamed where that is declared, made, and dropped where that is allowed and nobody uses them.

use super::table::Needs;
use super::{SQLITE, Sqlite, table_object};
use crate::ddl_writer::{quote, write};
use crate::fix::plan::{FixKind, NotFixed};
use crate::fix::{Allow, AllowKind, FixStep, Hazard, object};
use crate::lexer::Lexer;
use crate::name::quote_ident;
use crate::schema::TableSchema;
use crate::validate::{Between, Change, ObjectKind};

impl<'a> Sqlite<'a> {
    /// What is declared to have had another name.
    pub(super) fn renames(&mut self) {
        let work = self.work;
        for (new, old) in &work.renames.tables {
            let Some(table) = work.actual.tables.get(new) else {
                continue;
            };
            let from = self.name_now(new);
            let step = FixStep::new(
                FixKind::Rename,
                table_object(new),
                format!("rename table `{old}` to `{new}`"),
            )
            .run(format!(
                "ALTER TABLE {from} RENAME TO {}",
                quote_ident(&table.name)
            ))
            .hazard(Hazard::MetadataOnly);
            self.steps.push(step);
        }
        for ((key, new), old) in &work.renames.columns {
            let Some(table) = work.actual.tables.get(key) else {
                continue;
            };
            let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
            let step = FixStep::new(
                FixKind::Rename,
                object(ObjectKind::Column, Some(key), new),
                format!("rename column `{key}.{old}` to `{new}`"),
            )
            .run(format!(
                "ALTER TABLE {name} RENAME COLUMN {} TO {}",
                quote_ident(old),
                quote_ident(new)
            ))
            .hazard(Hazard::MetadataOnly);
            self.steps.push(step);
        }
    }

    /// The tables that are missing, with all that is theirs.
    pub(super) fn new_tables(&mut self) {
        let changes = self.work.changes.iter();
        let missing: Vec<&str> = changes
            .filter_map(|change| match &change.between {
                Between::Table {
                    expected: Some(key),
                    actual: None,
                } if change.difference.actual.is_none() => Some(key.as_str()),
                _ => None,
            })
            .collect();
        if missing.is_empty() {
            return;
        }
        let mut schema = self.work.goal.schema.clone();
        schema.views.clear();
        for table in schema.tables.values_mut() {
            table.triggers.clear();
        }
        let written = write(&schema, SQLITE);
        for key in missing {
            let mut step = FixStep::new(
                FixKind::CreateTable,
                table_object(key),
                format!("create table `{key}`"),
            )
            .hazard(Hazard::MetadataOnly);
            for statement in &written.statements {
                if statement.object.as_ref().is_some_and(|own| {
                    own.table.as_deref() == Some(key)
                        || own.kind == ObjectKind::Table && own.name == key
                }) {
                    step = step.run(statement.sql.clone());
                }
            }
            let lost = written.not_expressed.iter().filter(|entry| {
                let name = entry.name.as_deref().unwrap_or_default();
                name == key
                    || name
                        .strip_prefix(key)
                        .is_some_and(|rest| rest.starts_with('.'))
            });
            for entry in lost {
                self.not_fixed.push(NotFixed {
                    object: table_object(key),
                    difference: format!("{} of the new table `{key}`", entry.kind),
                    reason: entry.reason.clone(),
                    allow: None,
                });
            }
            if !step.statements.is_empty() {
                self.steps.push(step);
            }
        }
    }

    pub(super) fn extra_table(
        &mut self,
        key: &str,
        table: &TableSchema,
        change: &Change,
        needs: &mut Needs,
    ) {
        if !self.work.options.allows(AllowKind::Table, key) {
            return self.leave_unless(
                change,
                "nothing is dropped unasked",
                Some(Allow::new(AllowKind::Table, key)),
            );
        }
        let mut users = self.mentioning(table, &table.name);
        let others = self
            .work
            .actual
            .tables
            .iter()
            .filter(|(other, _)| *other != key);
        users.extend(
            others
                .filter(|(_, other)| {
                    other.foreign_keys().any(|f| {
                        f.references_table
                            .as_deref()
                            .is_some_and(|t| t.eq_ignore_ascii_case(&table.name))
                    })
                })
                .map(|(other, _)| format!("table `{other}`")),
        );
        if !users.is_empty() {
            return self.leave(change, format!("it is used by {}", users.join(", ")));
        }
        let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
        let step = FixStep::new(
            FixKind::Drop,
            table_object(key),
            format!("drop table `{key}` with its rows"),
        )
        .run(format!("DROP TABLE {name}"))
        .hazard(Hazard::LosesData)
        .backs_up(key)
        .fact(self.rows(key));
        needs.later.push(step);
    }

    /// The views and triggers whose stored statement has this name.
    pub(super) fn mentioning(&self, _table: &TableSchema, name: &str) -> Vec<String> {
        let stored = self.work.options.stored.iter();
        let stored = stored.filter(|stored| matches!(stored.kind.as_str(), "view" | "trigger"));
        let found = stored.filter(|stored| {
            let mut tokens = Lexer::of_definition(&stored.sql, SQLITE);
            tokens.any(|token| {
                token
                    .name(SQLITE)
                    .is_some_and(|own| own.eq_ignore_ascii_case(name))
            })
        });
        found
            .map(|stored| format!("{} `{}`", stored.kind, stored.name))
            .collect()
    }
}
