//! Constraints, by edits of the stored statement, and indexes.

use super::edit::Edit;
use super::references::is_sound;
use super::table::Needs;
use super::{SQLITE, Sqlite, allow_kind};
use crate::ddl_writer::{constraint, index, quote, sound};
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::FixKind;
use crate::fix::{Allow, AllowKind, FixStep, Hazard};
use crate::lexer::Lexer;
use crate::name::quote_ident;
use crate::schema::{ConstraintKind, ConstraintSchema, TableSchema};
use crate::validate::{Change, DifferenceKind};

impl Sqlite<'_> {
    pub(super) fn constraint(
        &mut self,
        key: &str,
        table: &TableSchema,
        change: &Change,
        (expected, actual): (Option<&ConstraintSchema>, Option<&ConstraintSchema>),
        needs: &mut Needs,
    ) {
        if change.difference.kind == DifferenceKind::Name {
            return self.leave(
                change,
                "SQLite shows the name of a constraint in messages alone",
            );
        }
        let numbered = |own: &ConstraintSchema| own.kind == ConstraintKind::PrimaryKey;
        if expected.is_some_and(numbered) || actual.is_some_and(numbered) {
            return self.leave(
                change,
                "the key of the rows is not changed: write a migration",
            );
        }
        if let (None, Some(there)) = (expected, actual) {
            let kind = allow_kind(change.difference.object.kind);
            let allow = kind.map(|kind| Allow::new(kind, format!("{key}.{}", there.name)));
            if !self.is_allowed(change)
                && !allow
                    .as_ref()
                    .is_some_and(|allow| self.work.options.allow.contains(allow))
            {
                return self.leave_unless(change, "nothing is dropped unasked", allow);
            }
        }
        if let Some(own) = expected {
            let made = |name: &str| {
                let mut added = needs
                    .added
                    .iter()
                    .map(|(_, step)| step.object.name.as_str());
                needs.columns.iter().any(|own| own == name) || added.any(|own| own == name)
            };
            if let Some(why) = self.lacks_columns(key, table, own, made) {
                return self.leave(change, why);
            }
            let text = own.expression.as_deref().unwrap_or_default();
            if own.kind == ConstraintKind::Check && !sound::is_expression(text, SQLITE) {
                return self.leave(change, "its expression is not known");
            }
            if own.kind == ConstraintKind::Exclude {
                return self.leave(change, "SQLite has no exclusion constraints");
            }
        }
        if expected.is_some_and(|own| {
            own.kind == ConstraintKind::ForeignKey && !is_sound(own, self.work.actual)
        }) {
            return self.leave(
                change,
                "what it refers to is not a key yet: where that is made, plan again",
            );
        }
        if let Some(there) = actual {
            let name = (!there.name_is_generated).then(|| there.name.clone());
            let (word, inside) = match there.kind {
                ConstraintKind::Unique => ("unique", there.columns.clone()),
                ConstraintKind::Check => ("check", there.expression.iter().cloned().collect()),
                ConstraintKind::ForeignKey if there.columns.len() > 1 => {
                    ("foreign", there.columns.clone())
                }
                _ => ("references", there.columns.clone()),
            };
            needs.edits.push(Edit::DropConstraint(name, word, inside));
        }
        let shown = match (expected, actual) {
            (Some(own), _) | (None, Some(own)) => {
                format!("{} ({})", own.kind, own.columns.join(", "))
            }
            (None, None) => return,
        };
        needs.part(change, shown);
        let Some(own) = expected else { return };
        needs.edits.push(Edit::Constraint(constraint::definition(
            own,
            table,
            self.work.actual,
        )));
        let there = own.columns.iter().all(|column| {
            table
                .columns
                .iter()
                .any(|c| c.name.eq_ignore_ascii_case(column))
        });
        if !there {
            return;
        }
        let (kind, sql, why) = match own.kind {
            ConstraintKind::Unique => {
                let columns: Vec<String> = own.columns.iter().map(|c| quote_ident(c)).collect();
                (
                    FactKind::Violations,
                    Some(self.doubles(key, &columns)),
                    "{} keys are there twice",
                )
            }
            ConstraintKind::Check => {
                let text = own.expression.as_deref().unwrap_or_default();
                (
                    FactKind::Violations,
                    Some(self.count(key, &format!("NOT ({text})"))),
                    "{} rows violate it",
                )
            }
            _ => (
                FactKind::Violations,
                self.orphans(key, own),
                "{} rows refer to what is not there",
            ),
        };
        if let Some(sql) = sql {
            needs
                .facts
                .push(Fact::new(kind, sql, Rule::NoneOrLeftOut(why.to_owned())));
        }
    }

    /// Why a constraint is not added with its columns, if it is not: one is neither there nor made, or gets values that
    /// cannot be asked about before.
    fn lacks_columns(
        &self,
        key: &str,
        table: &TableSchema,
        own: &ConstraintSchema,
        is_made: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let goal = self.work.goal.schema.tables.get(key)?;
        let text = own.expression.as_deref().unwrap_or_default();
        let named: Vec<String> = Lexer::of_definition(text, SQLITE)
            .filter_map(|token| token.name(SQLITE))
            .collect();
        let is_there = |name: &str| {
            let mut columns = table.columns.iter();
            columns.any(|c| c.name.eq_ignore_ascii_case(name))
        };
        let new = goal.columns.iter().filter(|column| {
            let is_it = |own: &String| own.eq_ignore_ascii_case(&column.name);
            let is_named = own.columns.iter().any(is_it) || named.iter().any(is_it);
            is_named && !is_there(&column.name)
        });
        for column in new {
            let path = format!("{key}.{}", column.name);
            if !is_made(&column.name) {
                return Some(format!("the column `{path}` is not made"));
            }
            let is_null = column.default.is_none() && column.generated.is_none();
            if !is_null {
                return Some(format!("`{path}` gets its values first: plan again"));
            }
        }
        None
    }

    pub(super) fn index(
        &mut self,
        key: &str,
        table: &TableSchema,
        change: &Change,
        (expected, actual): (
            Option<&crate::schema::IndexSchema>,
            Option<&crate::schema::IndexSchema>,
        ),
        needs: &mut Needs,
    ) {
        let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
        let kind = match (expected, actual) {
            (Some(_), None) => FixKind::CreateIndex,
            (Some(_), Some(_)) => FixKind::ReplaceIndex,
            _ => FixKind::Drop,
        };
        if let (None, Some(there)) = (expected, actual) {
            let path = format!("{key}.{}", there.name);
            if !self.work.options.allows(AllowKind::Index, &path) {
                return self.leave_unless(
                    change,
                    "nothing is dropped unasked",
                    Some(Allow::new(AllowKind::Index, path)),
                );
            }
        }
        let what = format!(
            "{} `{}` of `{key}`",
            kind.as_str().replace('_', " "),
            change.difference.object.name
        );
        let mut step =
            FixStep::new(kind, change.difference.object.clone(), what).hazard(Hazard::Scans);
        if let Some(there) = actual {
            step = step.run(format!("DROP INDEX {}", quote_ident(&there.name)));
        }
        if let Some(own) = expected {
            let texts = own
                .columns
                .iter()
                .filter(|c| c.is_expression)
                .map(|c| &c.text);
            if texts
                .chain(&own.predicate)
                .any(|text| !sound::is_expression(text, SQLITE))
                || own.columns.is_empty()
            {
                return self.leave(change, "it is not on one expression");
            }
            let columns = own
                .column_names()
                .filter(|_| own.is_unique && own.predicate.is_none());
            if let Some(columns) = columns {
                let quoted: Vec<String> = columns.into_iter().map(quote_ident).collect();
                let rule = Rule::NoneOrLeftOut("{} keys are there twice".to_owned());
                step = step.fact(Fact::new(
                    FactKind::Violations,
                    self.doubles(key, &quoted),
                    rule,
                ));
            }
            step = step.run(index::create(own, &name, SQLITE, quote_ident));
        }
        needs.later.push(step);
    }
}

/// What is expected with all that the schema says of it.
pub(super) fn in_full(own: &ConstraintSchema, goal: Option<&TableSchema>) -> ConstraintSchema {
    let all = goal.iter().flat_map(|table| table.constraints.values());
    let mut all = all.filter(|_| own.name.is_empty());
    let found = all.find(|other| {
        let same = other
            .columns
            .iter()
            .all(|column| own.columns.contains(column));
        other.kind == own.kind && same && other.columns.len() == own.columns.len()
    });
    found.unwrap_or(own).clone()
}
