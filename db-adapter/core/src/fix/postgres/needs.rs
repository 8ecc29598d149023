//! What steps need of the columns and types that are still to come, by the names in their statements: an expression,
//! a condition or an included column counts as much as a key. A step without what it needs is left out with the
//! reason: the server would find it out only in the middle of the run.

use super::{POSTGRES, Placed, Postgres};
use crate::ddl_writer::quote;
use crate::fix::object;
use crate::fix::plan::{FixKind, FixStep, NotFixed};
use crate::lexer::Lexer;
use crate::validate::{Between, DifferenceKind, ObjectKind, SchemaObject};

/// Something that statements may name before it is there, or before it is what they need.
struct ToCome {
    object: SchemaObject,
    /// How it is called in statements.
    name: String,
    /// The key of its table; none for a type.
    table: Option<String>,
    /// The kind of the step that brings it.
    by: FixKind,
}

impl Postgres<'_> {
    /// Gives each step what it needs, and leaves out those whose needs no step brings.
    pub(super) fn needs(&mut self) {
        let to_come = self.to_come();
        self.placed.sort_by_key(|placed| placed.rank);
        let brought: Vec<(SchemaObject, FixKind)> = self
            .placed
            .iter()
            .map(|placed| (placed.step.object.clone(), placed.step.kind))
            .collect();
        let mut left_out: Vec<(SchemaObject, FixKind)> = Vec::new();
        // what a step names itself, such as the key of a reference
        for need in self.placed.iter().flat_map(|placed| &placed.step.needs) {
            let is_there = match need.kind {
                ObjectKind::Column => true,
                ObjectKind::Table => self.is_there(&need.name),
                _ => false,
            };
            let known = |(object, _): &(SchemaObject, FixKind)| object == need;
            if !is_there && !brought.iter().any(known) && !left_out.iter().any(known) {
                left_out.push((need.clone(), FixKind::AddConstraint));
            }
        }
        for mut placed in std::mem::take(&mut self.placed) {
            let step = &mut placed.step;
            for item in &to_come {
                if !item.is_named_by(step) {
                    continue;
                }
                let by = (item.object.clone(), item.by);
                let is_brought = brought.contains(&by);
                // a column that keeps its type still serves: the server decides
                if !is_brought && item.by == FixKind::ChangeType {
                    continue;
                }
                if !is_brought && !left_out.contains(&by) {
                    left_out.push(by);
                }
                step.needs.push(item.object.clone());
            }
            match placed.step.lacks(&left_out) {
                None => self.placed.push(placed),
                Some(reason) => self.left_out(placed, reason, &mut left_out),
            }
        }
    }

    fn left_out(
        &mut self,
        placed: Placed,
        reason: String,
        left_out: &mut Vec<(SchemaObject, FixKind)>,
    ) {
        let step = placed.step;
        left_out.push((step.object.clone(), step.kind));
        let known = |entry: &NotFixed| entry.object == step.object && entry.reason == reason;
        if !self.not_fixed.iter().any(known) {
            self.not_fixed.push(NotFixed {
                object: step.object,
                difference: step.summary,
                reason,
                allow: None,
            });
        }
    }

    /// The columns that are missing or have another type, and the types that are missing.
    fn to_come(&self) -> Vec<ToCome> {
        let mut found = Vec::new();
        for change in &self.work.changes {
            let own = &change.difference.object;
            let by = match &change.between {
                Between::Column {
                    expected: Some(_),
                    actual: None,
                } => FixKind::AddColumn,
                Between::Type { .. } => FixKind::ChangeType,
                Between::Other
                    if change.difference.kind == DifferenceKind::Missing
                        && matches!(own.kind, ObjectKind::Enum | ObjectKind::Domain) =>
                {
                    found.push(ToCome {
                        object: object(own.kind, None, &own.name),
                        name: quote::parts_of_key(&own.name).1,
                        table: None,
                        by: FixKind::CreateType,
                    });
                    continue;
                }
                _ => continue,
            };
            if let Some(key) = &change.actual_table {
                found.push(ToCome {
                    object: self.column_object(key, &own.name),
                    name: own.name.clone(),
                    table: Some(key.clone()),
                    by,
                });
            }
        }
        found
    }
}

impl ToCome {
    /// Whether a statement of the step names it. Of a table's column only where the step locks the table.
    fn is_named_by(&self, step: &FixStep) -> bool {
        let makes = matches!(
            step.kind,
            FixKind::CreateType
                | FixKind::CreateTable
                | FixKind::AddColumn
                | FixKind::ChangeType
                | FixKind::ChangeDefault
                | FixKind::AddConstraint
                | FixKind::ReplaceConstraint
                | FixKind::CreateIndex
                | FixKind::ReplaceIndex
        );
        let of_table = self.table.as_ref().is_none_or(|key| {
            let mut locks = step.locks.iter();
            locks.any(|lock| lock.table == *key)
        });
        if !makes || !of_table || step.object == self.object {
            return false;
        }
        let sql = step.sql();
        let mut tokens = Lexer::of_definition(&sql, POSTGRES);
        tokens.any(|token| token.name(POSTGRES).as_deref() == Some(&self.name))
    }
}
