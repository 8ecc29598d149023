//! What could be a rename: something is missing, and something else is there that nobody expects. The plan stops
//! there, since adding the one leaves the rows in the other.

use super::plan::Undecided;
use super::{AllowKind, Work};
use crate::schema::{DatabaseSchema, TableSchema};
use crate::validate::Between;
use std::collections::BTreeMap;

/// All of them.
pub(super) fn renames(work: &Work<'_>) -> Vec<Undecided> {
    let mut found = tables(work);
    found.extend(columns(work));
    found
}

fn columns(work: &Work<'_>) -> Vec<Undecided> {
    let mut by_table: BTreeMap<&str, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    for change in &work.changes {
        let Some(key) = change.actual_table.as_deref() else {
            continue;
        };
        if let Between::Column { expected, actual } = &change.between {
            let of_table = by_table.entry(key).or_default();
            match (expected, actual) {
                (Some(name), None) => of_table.0.push(name),
                (None, Some(name)) => of_table.1.push(name),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    for (key, (missing, extra)) in by_table {
        for name in missing {
            let path = format!("{key}.{name}");
            let candidates: Vec<String> = extra
                .iter()
                .filter(|old| {
                    let gone = format!("{key}.{old}");
                    !work.options.allows(AllowKind::Column, &gone) && could_be(work, key, name, old)
                })
                .map(|old| (*old).to_owned())
                .collect();
            if candidates.is_empty() || work.options.allows(AllowKind::Add, &path) {
                continue;
            }
            found.push(Undecided {
                table: key.to_owned(),
                column: Some(name.to_owned()),
                candidates,
            });
        }
    }
    found
}

/// Whether the one could hold the values of the other.
fn could_be(work: &Work<'_>, key: &str, name: &str, old: &str) -> bool {
    let there = work.actual.tables.get(key).and_then(|t| t.column(old));
    let mut tables = work.goal.schema.tables.values();
    let wanted = tables.find(|table| table.key() == key || table.name == key);
    let wanted = wanted.and_then(|table| table.column(name));
    let (Some(there), Some(wanted)) = (there, wanted) else {
        return true;
    };
    let kind = |t: &crate::SqlType| {
        let element = t.element().unwrap_or(t);
        (
            t.element().is_some(),
            element.is_text(),
            element.is_number(),
            element.is_temporal(),
            element.is_json(),
        )
    };
    let is_known = |column: &crate::ColumnSchema| !column.data_type.is_empty();
    let same = there.sql_type == wanted.sql_type;
    let (one, other) = (kind(&there.sql_type), kind(&wanted.sql_type));
    let unknown = !is_known(there) || !is_known(wanted);
    let is_plain = one == (one.0, false, false, false, false);
    unknown || same || (one == other && !is_plain)
}

fn tables(work: &Work<'_>) -> Vec<Undecided> {
    let of = |expected: bool| {
        let changes = work.changes.iter();
        changes.filter_map(move |change| match &change.between {
            Between::Table {
                expected: Some(key),
                actual: None,
            } if expected => Some(key.as_str()),
            Between::Table {
                expected: None,
                actual: Some(key),
            } if !expected => Some(key.as_str()),
            _ => None,
        })
    };
    let mut found = Vec::new();
    for missing in of(true) {
        let Some(wanted) = work.goal.schema.tables.get(missing) else {
            continue;
        };
        let candidates: Vec<String> = of(false)
            .filter(|key| !work.options.allows(AllowKind::Table, key))
            .filter(|key| is_alike(wanted, key, work.actual))
            .map(str::to_owned)
            .collect();
        if !candidates.is_empty() && !work.options.allows(AllowKind::Add, missing) {
            found.push(Undecided {
                table: missing.to_owned(),
                column: None,
                candidates,
            });
        }
    }
    found
}

/// Whether most columns of the one are in the other.
fn is_alike(wanted: &TableSchema, key: &str, actual: &DatabaseSchema) -> bool {
    let Some(there) = actual.tables.get(key) else {
        return false;
    };
    let shared = wanted.columns.iter();
    let shared = shared.filter(|c| there.column(&c.name).is_some()).count();
    let most = wanted.columns.len().max(there.columns.len());
    most > 0 && shared * 3 > most * 2
}
