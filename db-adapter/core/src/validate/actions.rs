//! What happens to rows whose parent goes: at level `compatible` a word about each foreign key that
//! deletes or changes rows where none is expected to, or the other way round. Never an error, since
//! a program may ask for neither; level `exact` compares all of a constraint.

use super::findings::{Findings, Found};
use super::lookup::{Actual, listed};
use super::{Between, DifferenceKind, ObjectKind, Severity};
use crate::schema::{ConstraintSchema, ReferentialAction, TableSchema};

/// Compares the actions of the foreign keys that both tables have.
pub(super) fn compare(
    key: &str,
    expected: &TableSchema,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    for wanted in expected.foreign_keys() {
        let mut there = table.foreign_keys();
        let there = there.find(|f| actual.is_same_set(&f.columns, &wanted.columns));
        if let Some(there) = there.filter(|there| effect(there) != effect(wanted)) {
            findings.add(differs(key, wanted, there));
        }
    }
}

/// RESTRICT and NO ACTION both refuse.
fn effect(key: &ConstraintSchema) -> [ReferentialAction; 2] {
    [key.on_delete, key.on_update].map(|action| match action {
        None | Some(ReferentialAction::Restrict) => ReferentialAction::NoAction,
        Some(action) => action,
    })
}

fn differs(key: &str, wanted: &ConstraintSchema, there: &ConstraintSchema) -> Found {
    let shown = |c: &ConstraintSchema| {
        let (delete, update) = (
            c.on_delete.unwrap_or_default(),
            c.on_update.unwrap_or_default(),
        );
        format!("ON DELETE {delete} ON UPDATE {update}")
    };
    let columns = there.columns.join(", ");
    Found::of_table(
        DifferenceKind::Action,
        ObjectKind::ForeignKey,
        key,
        &columns,
    )
    .severity(Severity::Warning)
    .between(Between::Constraint {
        expected: Some(Box::new(wanted.clone())),
        actual: Some(Box::new(there.clone())),
    })
    .expected(shown(wanted))
    .actual(shown(there))
    .message(format!(
        "the foreign key ({}) of `{key}` is {}, expected {}",
        listed(&there.columns),
        shown(there),
        shown(wanted)
    ))
    .hint("change the constraint, or what is expected of it")
}
