//! Keys of one table on the same columns, which the database makes one of. Never looks at keys that
//! are added to a table that is there: those stay two.

use super::SqlDialect;
use super::table::Draft;
use crate::schema::{ConstraintKind, ConstraintSchema};

/// The constraints of a new table without the keys that are there twice: the primary key stays, or
/// the first one, with the name that one of them was given.
pub(super) fn without_twins(draft: &mut Draft, dialect: SqlDialect) {
    let numbers_rows = dialect == SqlDialect::Sqlite && numbers_rows(draft);
    let mut kept: Vec<ConstraintSchema> = Vec::new();
    for new in std::mem::take(&mut draft.constraints) {
        let mut there = kept.iter_mut();
        match there.find(|old| are_twins(old, &new, numbers_rows)) {
            Some(old) => merge(old, new),
            None => kept.push(new),
        }
    }
    draft.constraints = kept;
}

fn merge(old: &mut ConstraintSchema, new: ConstraintSchema) {
    if new.kind == ConstraintKind::PrimaryKey {
        old.kind = new.kind;
    }
    if old.name.is_empty() {
        old.name = new.name;
    }
    old.on_conflict = old.on_conflict.take().or(new.on_conflict);
}

fn are_twins(one: &ConstraintSchema, other: &ConstraintSchema, numbers_rows: bool) -> bool {
    let is_key = |c: &ConstraintSchema| match c.kind {
        ConstraintKind::PrimaryKey => !numbers_rows, // which has no index that could be shared
        kind => kind == ConstraintKind::Unique,
    };
    let two_primary = one.kind == other.kind && one.kind == ConstraintKind::PrimaryKey;
    let rest = |c: &ConstraintSchema| (c.nulls_not_distinct, c.deferrable, c.initially_deferred);
    is_key(one)
        && is_key(other)
        && !two_primary
        && one.columns == other.columns
        && one.include == other.include
        && one.collations == other.collations
        && rest(one) == rest(other)
}

/// Whether the primary key is SQLite's row number.
fn numbers_rows(draft: &Draft) -> bool {
    let mut keys = draft.constraints.iter();
    let key = keys.find(|c| c.kind == ConstraintKind::PrimaryKey);
    let Some([name]) = key.map(|key| key.columns.as_slice()) else {
        return false;
    };
    let column = draft.table.columns.iter();
    let mut column = column.filter(|column| column.name.eq_ignore_ascii_case(name));
    let is_integer = column.any(|column| column.data_type.eq_ignore_ascii_case("integer"));
    is_integer && !draft.table.without_rowid && !draft.descending_key
}
