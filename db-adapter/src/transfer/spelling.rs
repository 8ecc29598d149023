//! Which spelling of a value is written, where the destination keeps the text that a value was written as, and
//! compares such texts: always that of the row which is referred to. Which types have several texts, the type
//! itself says, and whether a row's text is another one than we write, the text. Pure.

use std::borrow::Cow;

use super::fingerprint::Fingerprints;
use super::plan::{RestorePlan, TablePlan};
use super::types::is_read_as_value;
use crate::Value;
use crate::value::{Limits, canonicalize_in, of_stored_text};

/// The user's id as rows are found by it: as it was given, where they may have that text; else in its canonical
/// form.
pub(super) fn as_given(plan: &RestorePlan, given: &Value, canonical: Cow<'_, Value>) -> Value {
    match (given, &*canonical) {
        (Value::Text(_), Value::Text(_)) if plan.keeps_spelling => given.clone(),
        _ => canonical.into_owned(),
    }
}

/// A new row's user: as the owner's row has it, which itself has it as it was given; else as the source spells the same one, or in the canonical form.
pub(super) fn of_user(
    plan: &RestorePlan,
    table: &TablePlan,
    fingerprints: &Fingerprints,
    in_source: &Value,
    user: &Value,
) -> Value {
    let column = table.user.and_then(|user| table.columns.get(user));
    let Some(column) = column.filter(|c| c.sql_type.has_several_texts() && table.owner.is_none())
    else {
        return user.clone();
    };
    let mut owners = plan.tables.iter().filter_map(|other| other.owner.as_ref());
    if owners.any(|owner| owner.table == table.table) {
        return user.clone(); // rows that are not of the source may refer to it so
    }
    let of = |value| fingerprints.of([(value, &column.meaning)]);
    if plan.spelled && !in_source.is_null() && of(in_source) == of(user) {
        return in_source.clone();
    }
    let canonical = canonicalize_in(plan.dialect, user, &column.sql_type, Limits::default());
    canonical.map_or_else(|_| user.clone(), Cow::into_owned)
}

/// Whether a row keeps the text of a column that it has: others refer to it by just that, and it is the same value.
pub(super) fn stays(
    table: &TablePlan,
    fingerprints: &Fingerprints,
    column: usize,
    there: &Value,
    given: &Value,
) -> bool {
    let Some(plan) = table.columns.get(column) else {
        return false;
    };
    let is_set = table.key_sets.iter().any(|set| set.contains(&column));
    let of = |value| fingerprints.of([(value, &plan.meaning)]);
    plan.sql_type.has_several_texts() && (is_set || plan.is_referenced) && of(there) == of(given)
}

/// The value as conditions take it: they find a row by what its text means.
pub(super) fn as_value<'v>(table: &TablePlan, name: &str, value: &'v Value) -> Cow<'v, Value> {
    let column = table.position(name).and_then(|at| table.columns.get(at));
    match (column, value) {
        (Some(column), Value::Text(text)) if is_read_as_value(&column.sql_type) => {
            let read = of_stored_text(&column.sql_type, text);
            read.map_or(Cow::Borrowed(value), Cow::Owned)
        }
        _ => Cow::Borrowed(value),
    }
}
