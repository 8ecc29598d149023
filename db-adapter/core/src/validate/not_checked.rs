//! What a result says nothing about: kinds that a level leaves out, and what one side did not look
//! at. Never silent about either.

use super::ValidationLevel;
use super::findings::Findings;
use super::lookup::Actual;
use super::wanted::Wanted;
use crate::schema::{DatabaseSchema, NotInspected};

/// Adds what the comparisons themselves have not told.
pub(super) fn tell(wanted: &Wanted<'_>, actual: &Actual<'_>, findings: &mut Findings) {
    level(wanted, findings);
    let expected = wanted.full.map(|full| full.not_inspected.as_slice());
    let whole_kinds = |entry: &&NotInspected| {
        let mut all = expected.unwrap_or_default().iter();
        all.any(|e| e.name.is_none() && e.kind == entry.kind && e.reason == entry.reason)
    };
    let listed = expected.unwrap_or_default().iter();
    for entry in listed.filter(|entry| entry.name.is_none() || !whole_kinds(entry)) {
        findings.not_checked(&entry.kind, entry.name.clone(), &entry.reason);
    }
    for entry in &actual.schema.not_inspected {
        let concerns = findings.level != ValidationLevel::Columns || entry.kind == "table";
        if concerns {
            findings.not_checked(&entry.kind, entry.name.clone(), &entry.reason);
        }
    }
    if findings.level != ValidationLevel::Columns {
        unknown_types(wanted, findings);
        of_partitions(wanted, actual, findings);
    }
}

/// What a partition may have that its parent has not. Each makes writes fail or lose rows, or hides rows.
const OF_PARTITIONS: [&str; 9] = [
    "nullability",
    "default",
    "check",
    "key",
    "foreign key",
    "index",
    "trigger",
    "row security",
    "policy",
];

/// A program names the parent, and its rows go where the partition says: told wherever either side has one.
fn of_partitions(wanted: &Wanted<'_>, actual: &Actual<'_>, findings: &mut Findings) {
    let has_some = |schema: &DatabaseSchema| {
        let mut tables = schema.tables.values();
        tables.any(|t| t.partition_by.is_some() || t.partition_of.is_some())
    };
    if !(has_some(actual.schema) || wanted.full.is_some_and(has_some)) {
        return;
    }
    for kind in OF_PARTITIONS {
        findings.not_checked(
            &format!("{kind} of partitions"),
            None,
            "what a partition has and its parent has not is not compared",
        );
    }
}

/// What a database has besides names, types, nullability and keys.
const REST: [&str; 8] = [
    "default",
    "check",
    "index",
    "trigger",
    "row security",
    "policy",
    "view",
    "function",
];

fn level(wanted: &Wanted<'_>, findings: &mut Findings) {
    let (kinds, reason): (&[&str], &str) = match findings.level {
        ValidationLevel::Columns => {
            let reason = "level `columns` compares names alone";
            for kind in ["type", "nullability", "key"] {
                findings.not_checked(kind, None, reason);
            }
            (&REST, reason)
        }
        ValidationLevel::Compatible => (
            &REST,
            "level `compatible` asks whether a program works; level `exact` compares them",
        ),
        _ if wanted.full.is_none() => (
            &REST,
            "the expected schema does not say them; a SQL file, an export or another database does",
        ),
        _ => return,
    };
    for kind in kinds {
        findings.not_checked(kind, None, reason);
    }
}

/// Tables of which names alone are known.
fn unknown_types(wanted: &Wanted<'_>, findings: &mut Findings) {
    for (key, table) in &wanted.tables {
        let untyped = table
            .columns
            .iter()
            .filter(|c| c.data_type.is_none())
            .count();
        if untyped == table.columns.len() && untyped > 0 {
            findings.not_checked("type", Some(key.clone()), "the expected schema says none");
            continue;
        }
        for column in table.columns.iter().filter(|c| c.data_type.is_none()) {
            let name = format!("{key}.{}", column.name);
            findings.not_checked("type", Some(name), "the expected schema does not say it");
        }
    }
}
