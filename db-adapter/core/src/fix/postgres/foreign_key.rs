//! Foreign keys: what they need, which rows refer to nothing, and the locks on both tables.

use super::constraint::target_key;
use super::{Postgres, Rank};
use crate::ddl_writer::constraint;
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::FixKind;
use crate::fix::{FixStep, Hazard, LockMode, object};
use crate::name::quote_ident;
use crate::schema::{ConstraintKind, ConstraintSchema, IndexSchema, TableSchema, table_key};
use crate::validate::{Between, DifferenceKind, ObjectKind, SchemaObject};

impl<'a> Postgres<'a> {
    /// A foreign key, of a table that is there or of one that is made.
    pub(super) fn add_foreign_key(
        &mut self,
        key: &'a str,
        table: &'a TableSchema,
        own: &ConstraintSchema,
        is_new: bool,
    ) {
        let target = self.target_there(own);
        let mut own = own.clone();
        // the table may be in another schema than a declaration without one says
        if let Some(there) = self.work.actual.tables.get(&target) {
            own.references_schema.clone_from(&there.schema);
        }
        // what is validated later is named
        own.name_is_generated &= !self.is_online() || own.name.is_empty();
        let name = self.name_then(key);
        let definition = constraint::definition(&own, table, self.schema_of(&target));
        let columns: Vec<&str> = own.columns.iter().map(String::as_str).collect();
        let shown_columns = columns.join(", ");
        let identity = match own.name.is_empty() {
            true => shown_columns.clone(),
            false => own.name.clone(),
        };
        let made = object(ObjectKind::ForeignKey, Some(key), &identity);
        let online = self.is_online() && !is_new && !own.not_valid && !own.not_enforced;
        let tail = if online { " NOT VALID" } else { "" };
        let mut step = FixStep::new(
            FixKind::AddConstraint,
            made.clone(),
            format!("add foreign key ({shown_columns}) of `{key}` to `{target}`"),
        )
        .run(format!("ALTER TABLE {name} ADD {definition}{tail}"))
        .hazard(match online || is_new || own.not_valid {
            true => Hazard::MetadataOnly,
            false => Hazard::Scans,
        })
        .lock(key, LockMode::ShareRowExclusive);
        if target != key {
            step = step.lock(&target, LockMode::ShareRowExclusive);
        }
        step = step
            .need(object(ObjectKind::Table, Some(&target), &target))
            .need(object(ObjectKind::Table, Some(key), key));
        for need in self.keys_of(&target, &own) {
            step = step.need(need);
        }
        if !is_new && !own.not_valid && !own.not_enforced {
            if let Some(fact) = self.orphans(key, &own, &target) {
                step = step.fact(fact);
            }
            step = self.sized(key, step);
        }
        self.add(Rank::ForeignKey, step);
        if online {
            self.validate(key, &own, made);
        }
    }

    /// The table that a reference means, of those that are there or are made.
    pub(super) fn target_there(&self, own: &ConstraintSchema) -> String {
        let key = target_key(own);
        if self.is_there(&key) || own.references_schema.is_some() {
            return key;
        }
        let name = own.references_table.as_deref().unwrap_or_default();
        let path = self.work.options.search_path.iter();
        let mut keys = path.map(|schema| table_key(Some(schema), name));
        keys.find(|key| self.is_there(key)).unwrap_or(key)
    }

    pub(super) fn schema_of(&self, target: &str) -> &'a crate::schema::DatabaseSchema {
        match self.is_there(target) {
            true => self.work.actual,
            false => &self.work.goal.schema,
        }
    }

    /// The keys of which a reference needs one, where they are to be made and none is there.
    pub(super) fn keys_of(&self, target: &str, own: &ConstraintSchema) -> Vec<SchemaObject> {
        let to = own.references_columns.as_ref();
        let is_it = |columns: &[&str]| {
            to.is_some_and(|to| {
                let all = to.iter().all(|name| columns.contains(&name.as_str()));
                all && to.len() == columns.len()
            })
        };
        let by_constraint = |made: &ConstraintSchema| {
            let columns: Vec<&str> = made.columns.iter().map(String::as_str).collect();
            match made.kind {
                ConstraintKind::PrimaryKey => to.is_none() || is_it(&columns),
                ConstraintKind::Unique => is_it(&columns),
                _ => false,
            }
        };
        let by_index = |made: &IndexSchema| {
            let columns = made.column_names();
            made.is_unique && made.predicate.is_none() && columns.is_some_and(|own| is_it(&own))
        };
        if let Some(there) = self.work.actual.tables.get(target) {
            let has_one = there.constraints.values().any(by_constraint)
                || there.indexes.values().any(by_index);
            if has_one {
                return Vec::new();
            }
        }
        let missing = self.work.changes.iter().filter(|change| {
            let here = change.actual_table.as_deref() == Some(target);
            here && change.difference.kind == DifferenceKind::Missing
        });
        let keys = missing.filter(|change| match &change.between {
            Between::Constraint {
                expected: Some(made),
                ..
            } => by_constraint(made),
            Between::Index {
                expected: Some(made),
                ..
            } => by_index(made),
            _ => false,
        });
        keys.map(|change| change.difference.object.clone())
            .collect()
    }

    /// How many rows refer to nothing.
    pub(super) fn orphans(&self, key: &str, own: &ConstraintSchema, target: &str) -> Option<Fact> {
        if own.over_time
            || !own
                .columns
                .iter()
                .all(|column| self.is_settled(key, column))
        {
            return None;
        }
        let columns: Vec<String> = own
            .columns
            .iter()
            .map(|c| format!("c.{}", quote_ident(c)))
            .collect();
        let joined = |what: &str, with: &str| {
            let all: Vec<String> = columns.iter().map(|c| format!("{c} {what}")).collect();
            all.join(with)
        };
        let set = joined("IS NOT NULL", " AND ");
        let child = format!("(SELECT * FROM {}) AS c", self.source_alone(key));
        let rule = Rule::NoneOrLeftOut(format!("{{}} rows refer to what is not in `{target}`"));
        let lost = match self.work.actual.tables.get(target) {
            None => set, // it is made, and has no row
            Some(parent) => {
                let to = own.references_columns.clone();
                let to = to.or_else(|| Some(parent.primary_key()?.columns.clone()))?;
                if !to.iter().all(|column| self.is_settled(target, column)) {
                    return None;
                }
                let pairs: Vec<String> = columns
                    .iter()
                    .zip(&to)
                    .map(|(c, to)| format!("p.{} = {c}", quote_ident(to)))
                    .collect();
                let parents = format!("(SELECT * FROM {}) AS p", self.source_alone(target));
                let missing = format!(
                    "{set} AND NOT EXISTS (SELECT FROM {parents} WHERE {})",
                    pairs.join(" AND ")
                );
                match own.match_full && columns.len() > 1 {
                    true => format!(
                        "{missing} OR ({}) AND ({})",
                        joined("IS NULL", " OR "),
                        joined("IS NOT NULL", " OR ")
                    ),
                    false => missing,
                }
            }
        };
        let sql = format!("SELECT pg_catalog.count(*)::text FROM {child} WHERE {lost}");
        Some(Fact::new(FactKind::Violations, sql, rule))
    }
}
