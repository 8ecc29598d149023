//! Whole tables: renamed where that is declared, made with all that is theirs but foreign keys, which come when
//! every table is there, and dropped where that is allowed.

use super::{POSTGRES, Postgres, Rank};
use crate::ddl_writer::{quote, write};
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::{FixKind, NotFixed};
use crate::fix::{Allow, AllowKind, FixStep, Hazard, LockMode, object};
use crate::name::quote_ident;
use crate::schema::{ConstraintKind, DatabaseSchema};
use crate::validate::{Between, Change, DifferenceKind, ObjectKind};
use std::collections::BTreeSet;

impl<'a> Postgres<'a> {
    /// What is declared to have had another name.
    pub(super) fn renames(&mut self) {
        let work = self.work;
        for (new, old) in &work.renames.tables {
            let Some(table) = work.actual.tables.get(new) else {
                continue;
            };
            let (_, old_name) = quote::parts_of_key(old);
            let from = quote::qualified(table.schema.as_deref(), &old_name, POSTGRES);
            let step = FixStep::new(
                FixKind::Rename,
                object(ObjectKind::Table, Some(new), new),
                format!("rename table `{old}` to `{new}`"),
            )
            .run(format!(
                "ALTER TABLE {from} RENAME TO {}",
                quote_ident(&table.name)
            ))
            .lock(old, LockMode::AccessExclusive)
            .hazard(Hazard::MetadataOnly);
            self.add(Rank::Rename, step);
        }
        for ((key, new), old) in &work.renames.columns {
            let Some(table) = work.actual.tables.get(key) else {
                continue;
            };
            let name = Postgres::sql_name(table);
            let step = FixStep::new(
                FixKind::Rename,
                self.column_object(key, new),
                format!("rename column `{key}.{old}` to `{new}`"),
            )
            .run(format!(
                "ALTER TABLE {name} RENAME COLUMN {} TO {}",
                quote_ident(old),
                quote_ident(new)
            ))
            .lock(key, LockMode::AccessExclusive)
            .hazard(Hazard::MetadataOnly);
            self.add(Rank::Rename, step);
        }
    }

    /// A table that is more than expected. Those that are missing are made together.
    pub(super) fn table(&mut self, change: &'a Change) {
        let Between::Table {
            expected: None,
            actual: Some(key),
        } = &change.between
        else {
            let kind = change.difference.kind;
            if kind == DifferenceKind::Renamed {
                self.leave(
                    change,
                    "its old name is not that of a table of the same schema",
                );
            } else if change.difference.actual.is_some() && kind == DifferenceKind::Missing {
                self.leave(change, "something else of this name is there");
            }
            return;
        };
        if !self.work.options.allows(AllowKind::Table, key) {
            let allow = Allow::new(AllowKind::Table, key);
            return self.leave_unless(change, "nothing is dropped unasked", Some(allow));
        }
        let Some(table) = self.work.actual.tables.get(key) else {
            return;
        };
        // they would go with it
        let mut tables = self.work.actual.tables.values();
        if let Some(part) = tables.find(|other| other.partition_of.as_deref() == Some(key)) {
            let part = part.key();
            let why =
                format!("`{part}` is a part of it: drop or detach it by hand, and plan again");
            return self.leave(change, why);
        }
        let rule = Rule::NoneOrLeftOut("it is used by {}".to_owned());
        let users = Fact::new(FactKind::Dependants, self.users_of_table(key), rule);
        let step = FixStep::new(
            FixKind::Drop,
            object(ObjectKind::Table, Some(key), key),
            format!("drop table `{key}` with its rows"),
        )
        .run(format!("DROP TABLE {}", Postgres::sql_name(table)))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::MetadataOnly)
        .hazard(Hazard::LosesData)
        .backs_up(key)
        .fact(users);
        let step = self.sized(key, step);
        self.add(Rank::DropTable, step);
    }

    /// The keys of the tables that are missing.
    fn missing_tables(&self) -> BTreeSet<&'a str> {
        let changes = self.work.changes.iter();
        let missing = changes.filter_map(|change| match &change.between {
            Between::Table {
                expected: Some(key),
                actual: None,
            } if change.difference.actual.is_none() => Some(key.as_str()),
            _ => None,
        });
        let mut keys: BTreeSet<&str> = missing.collect();
        // partitions come with their parents
        for change in &self.work.changes {
            let object = &change.difference.object;
            if object.kind == ObjectKind::Table && change.difference.kind == DifferenceKind::Missing
            {
                keys.extend(object.table.as_deref());
            }
        }
        keys.retain(|key| !self.is_there(key));
        keys
    }

    /// The tables that are missing, with their keys, checks, indexes and defaults, and after them their foreign
    /// keys.
    pub(super) fn new_tables(&mut self) {
        let keys = self.missing_tables();
        if keys.is_empty() {
            return;
        }
        // a part is made of what is there already
        let mut keys: Vec<&str> = keys.into_iter().collect();
        keys.sort_by_cached_key(|key| self.depth(key));
        let mut schema: DatabaseSchema = self.work.goal.schema.clone();
        schema.views.clear();
        for table in schema.tables.values_mut() {
            table
                .constraints
                .retain(|_, own| own.kind != ConstraintKind::ForeignKey);
            table.triggers.clear();
            table.policies.clear();
        }
        // what is there under another name is there
        let written = write(&schema, POSTGRES);
        for key in keys {
            self.new_table(key, &written);
        }
    }

    /// How many tables a table is a part of, or has its columns from, one above the other.
    fn depth(&self, key: &str) -> usize {
        let tables = &self.work.goal.schema.tables;
        let mut above: Vec<&str> = vec![key];
        let mut depth = 0;
        // no more than there are tables, also where somebody writes a circle
        while depth < tables.len() {
            let next = above.iter().filter_map(|key| tables.get(*key));
            let next = next.flat_map(|table| table.partition_of.iter().chain(&table.inherits));
            above = next.map(String::as_str).collect();
            if above.is_empty() {
                break;
            }
            depth += 1;
        }
        depth
    }

    /// Whether a table that is there has the new one as a part, or hands columns down to it.
    fn is_part_of_something_there(&self, key: &str) -> bool {
        let tables = &self.work.goal.schema.tables;
        let mut above: Vec<&str> = vec![key];
        for _ in 0..=tables.len() {
            let next = above.iter().filter_map(|key| tables.get(*key));
            let next = next.flat_map(|table| table.partition_of.iter().chain(&table.inherits));
            above = next.map(String::as_str).collect();
            if above.iter().any(|key| self.is_there(key)) {
                return true;
            }
        }
        false
    }

    fn new_table(&mut self, key: &'a str, written: &crate::ddl_writer::WrittenDdl) {
        let Some(table) = self.work.goal.schema.tables.get(key) else {
            return;
        };
        let own = object(ObjectKind::Table, Some(key), key);
        let mut step = FixStep::new(
            FixKind::CreateTable,
            own.clone(),
            format!("create table `{key}`"),
        )
        .hazard(Hazard::MetadataOnly);
        for name in self.sequences_for(key) {
            self.sequence(&name);
        }
        for statement in &written.statements {
            let of_table = statement.object.as_ref().is_some_and(|object| {
                let whole = object.kind == ObjectKind::Table && object.name == key;
                whole || object.table.as_deref() == Some(key)
            });
            if of_table {
                step = step.run(statement.sql.clone());
            }
        }
        if let Some(parent) = table
            .partition_of
            .as_deref()
            .filter(|parent| self.is_there(parent))
        {
            step = step.lock(parent, LockMode::AccessExclusive);
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
                object: own.clone(),
                difference: format!("{} of the new table `{key}`", entry.kind),
                reason: entry.reason.clone(),
                allow: None,
            });
        }
        for (kind, names) in [
            ("trigger", table.triggers.keys().collect::<Vec<_>>()),
            ("policy", table.policies.keys().collect()),
        ] {
            for name in names {
                self.not_fixed.push(NotFixed {
                    object: own.clone(),
                    difference: format!("{kind} `{name}` of the new table `{key}`"),
                    reason: "triggers and policies are not made".to_owned(),
                    allow: None,
                });
            }
        }
        if step.statements.is_empty() {
            return;
        }
        let rank = match self.is_part_of_something_there(key) {
            true => Rank::Part,
            false => Rank::Table,
        };
        self.add(rank, step);
        self.owners(key);
        for own in table.foreign_keys() {
            self.add_foreign_key(key, table, own, true);
        }
    }
}
