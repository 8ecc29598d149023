//! Types that are missing, and the sequences that number a column: made, never changed.

use super::{POSTGRES, Postgres, Rank};
use crate::ddl_writer::{sequence, sound, user_type, write};
use crate::fix::plan::FixKind;
use crate::fix::{FixStep, Hazard, object};
use crate::schema::{ColumnSchema, DatabaseSchema};
use crate::validate::{Change, ObjectKind, SchemaObject};

impl<'a> Postgres<'a> {
    /// An enum or a domain that is not there.
    pub(super) fn new_type(&mut self, change: &'a Change) {
        let key = &change.difference.object.name;
        let goal = &self.work.goal.schema;
        let kind = change.difference.object.kind;
        let statements: Vec<String> = match kind {
            ObjectKind::Enum => goal
                .enums
                .get(key)
                .map(user_type::create_enum)
                .into_iter()
                .collect(),
            _ => {
                // as the writer decides it, with its checks
                let only = DatabaseSchema {
                    tables: Default::default(),
                    views: Default::default(),
                    ..goal.clone()
                };
                let written = write(&only, POSTGRES).statements.into_iter();
                let own = object(ObjectKind::Domain, None, key);
                written
                    .filter(|s| s.object.as_ref() == Some(&own))
                    .map(|s| s.sql)
                    .collect()
            }
        };
        if statements.is_empty() {
            return self.leave(change, "it cannot be written as SQL");
        }
        let own = object(kind, None, key);
        let mut step = FixStep::new(
            FixKind::CreateType,
            own,
            format!("create {} `{key}`", kind.words()),
        )
        .hazard(Hazard::MetadataOnly);
        for sql in statements {
            step = step.run(sql);
        }
        // a domain may be one of an enum
        self.add(Rank::Type, step);
    }

    /// Whether a sequence that is missing is made with a column that is.
    pub(super) fn comes_with_a_column(&self, sequence: &SchemaObject) -> bool {
        let found = self.work.goal.schema.sequences.get(&sequence.name);
        let Some((key, column)) = found.and_then(|found| found.owned_by.as_ref()) else {
            return false;
        };
        let goal = self.work.goal.schema.tables.get(key);
        let numbered = goal
            .and_then(|t| t.column(column))
            .is_some_and(|c| c.default.is_some());
        let there = self
            .work
            .actual
            .tables
            .get(key)
            .and_then(|t| t.column(column));
        let differs = there.is_none_or(|there| there.default.is_none());
        numbered && differs
    }

    /// The sequences that belong to a column of a table and are not there, or belong to none: an earlier run made
    /// them.
    pub(super) fn sequences_for(&self, key: &str) -> Vec<String> {
        let sequences = self.work.goal.schema.sequences.iter();
        let own = sequences.filter(|(_, found)| {
            let owner = found.owned_by.as_ref();
            owner.is_some_and(|(table, _)| table == key)
        });
        let missing = own.filter(|(name, _)| {
            let there = self.work.actual.sequences.get(*name);
            there.is_none_or(|there| there.owned_by.is_none())
        });
        missing.map(|(name, _)| name.clone()).collect()
    }

    /// Whether the sequence is as expected, but belongs to no column.
    pub(super) fn lacks_its_owner(&self, name: &str) -> bool {
        let there = self.work.actual.sequences.get(name);
        let wanted = self.work.goal.schema.sequences.get(name);
        there.zip(wanted).is_some_and(|(there, wanted)| {
            let same =
                there.numbering() == wanted.numbering() && there.data_type == wanted.data_type;
            same && there.owned_by.is_none() && wanted.owned_by.is_some()
        })
    }

    /// Makes the sequences of a column that is added or gets its default.
    pub(super) fn sequences_of(&mut self, key: &str, column: &ColumnSchema) {
        let goal = &self.work.goal.schema;
        for name in self.sequences_for(key) {
            let owner = goal
                .sequences
                .get(&name)
                .and_then(|found| found.owned_by.as_ref());
            if owner.is_some_and(|(_, own)| *own == column.name) {
                self.sequence(&name);
                self.owner(&name);
            }
        }
    }

    pub(super) fn sequence(&mut self, name: &str) {
        let Some(found) = self.work.goal.schema.sequences.get(name) else {
            return;
        };
        let own = object(ObjectKind::Sequence, None, name);
        let known = |placed: &super::Placed| placed.step.object == own;
        if self.work.actual.sequences.contains_key(name) || self.placed.iter().any(known) {
            return;
        }
        let is_type = found.data_type.is_empty() || sound::is_type(&found.data_type);
        if !is_type || sound::wrong_name(&found.name, POSTGRES).is_some() {
            return;
        }
        let step = FixStep::new(
            FixKind::CreateType,
            own,
            format!("create sequence `{name}`"),
        )
        .run(sequence::create(found))
        .hazard(Hazard::MetadataOnly);
        self.add(Rank::Type, step);
    }

    /// That the sequences of a new table go with its columns.
    pub(super) fn owners(&mut self, key: &str) {
        for name in self.sequences_for(key) {
            self.owner(&name);
        }
    }

    pub(super) fn owner(&mut self, name: &str) {
        let known = |placed: &super::Placed| {
            placed.rank == Rank::Validate && placed.step.object.name == name
        };
        if self.placed.iter().any(known) {
            return;
        }
        let goal = &self.work.goal.schema;
        let Some(found) = goal.sequences.get(name) else {
            return;
        };
        let (Some(sql), Some((key, column))) = (sequence::owned(found, goal), &found.owned_by)
        else {
            return;
        };
        let own = object(ObjectKind::Sequence, None, name);
        let mut step = FixStep::new(
            FixKind::CreateType,
            own,
            format!("sequence `{name}` goes with `{key}.{column}`"),
        )
        .run(sql)
        .hazard(Hazard::MetadataOnly)
        .need(self.column_object(key, column));
        step.needs.push(object(ObjectKind::Table, Some(key), key));
        self.add(Rank::Validate, step);
    }

    /// The name that a table has when the renames are done, as SQL.
    pub(super) fn name_then(&self, key: &str) -> String {
        let there = self.work.actual.tables.get(key);
        match there.or_else(|| self.work.goal.schema.tables.get(key)) {
            Some(table) => Postgres::sql_name(table),
            None => crate::ddl_writer::quote::qualified(None, key, POSTGRES),
        }
    }
}
