//! Which tables are missing, renamed, or more than expected; what is in them, others compare.

use super::findings::{Findings, Found};
use super::lookup::Actual;
use super::wanted::Wanted;
use super::{Between, DifferenceKind, ObjectKind, Severity, actions, columns, exact, keys};
use crate::expected::{ExpectedTable, expected_table};
use crate::schema::{DatabaseSchema, TableSchema};
use std::collections::BTreeSet;

/// Compares all the tables.
pub(super) fn compare(wanted: &Wanted<'_>, actual: &Actual<'_>, findings: &mut Findings) {
    let mut met = BTreeSet::new();
    for (key, expected) in &wanted.tables {
        match actual.table(expected.schema.as_deref(), &expected.name) {
            Some((found, table)) => {
                met.insert(found);
                inside(wanted, key, expected, table, actual, findings);
            }
            None => missing(wanted, key, actual, findings, &mut met),
        }
    }
    let outside = outside(wanted, actual);
    for (key, table) in &actual.schema.tables {
        let is_known = met.contains(key.as_str()) || outside.contains(key.as_str());
        if table.partition_of.is_none() && !is_known {
            let found = extra(key, findings.exact_only());
            findings.add(match of_backed_up(wanted, table, actual) {
                Some(parent) => found
                    .message(format!(
                        "table `{key}` is not expected, and refers to `{parent}`, which is backed up: its rows are in no backup"
                    ))
                    .hint("declare it, with `backup = false` if its rows may be lost, or ignore it with a reason"),
                None => found,
            });
        }
    }
}

/// The table that is backed up and that this one refers to: a child that was forgotten.
fn of_backed_up(wanted: &Wanted<'_>, table: &TableSchema, actual: &Actual<'_>) -> Option<String> {
    let declared: BTreeSet<&str> = wanted
        .declared
        .keys()
        .filter_map(|key| {
            let name = crate::TableName::parse(key).ok()?;
            Some(actual.table(name.schema.as_deref(), &name.name)?.0)
        })
        .collect();
    let mut targets = table.foreign_keys().map(keys::actual_target);
    targets.find(|target| declared.contains(target.as_str()))
}

/// The keys of the tables that are there and that references lead to.
fn outside<'a>(wanted: &Wanted<'_>, actual: &Actual<'a>) -> BTreeSet<&'a str> {
    let names = wanted.outside.iter().filter_map(|key| {
        let name = crate::TableName::parse(key).ok()?;
        actual.table(name.schema.as_deref(), &name.name)
    });
    names.map(|(key, _)| key).collect()
}

/// A table that nobody expects.
pub(super) fn extra(key: &str, severity: Severity) -> Found {
    Found::of_table(DifferenceKind::Extra, ObjectKind::Table, key, key)
        .severity(severity)
        .between(Between::Table {
            expected: None,
            actual: Some(key.to_owned()),
        })
        .actual(key)
        .message(format!("table `{key}` is not expected"))
        .hint("declare it, or ignore it with a reason")
}

fn inside(
    wanted: &Wanted<'_>,
    key: &str,
    expected: &ExpectedTable,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    let full = wanted
        .full
        .and_then(|full| Some((full, full.tables.get(key)?)));
    let declared = wanted.declared.get(key).copied();
    let known = full.and_then(|(schema, _)| known_part(schema, key, expected, table, actual));
    let table = known.as_ref().unwrap_or(table);
    let with_domains = actual.with_domains(table);
    let effective = with_domains.as_ref().unwrap_or(table);
    columns::missing_ones(key, expected, effective, actual, findings);
    match wanted.unlisted.contains(key) {
        true => findings.not_checked(
            "column",
            Some(key.to_owned()),
            "no declaration lists the table's columns",
        ),
        false => columns::extra_ones(key, expected, effective, actual, findings),
    }
    match full.filter(|_| findings.is_exact()) {
        Some((schema, full)) => {
            exact::table(key, schema, full, table, actual, findings);
        }
        None => {
            let dialect = full.map(|(schema, _)| schema.dialect);
            // a whole schema has its domains beside the columns, too; one of another kind may have none
            let alike = dialect.is_some_and(|dialect| dialect == actual.schema.dialect);
            let table = if alike { table } else { effective };
            let theirs = full.filter(|_| !alike).map(|(schema, full)| {
                let table = Actual::new(schema, &[]).without_domains(full);
                expected_table(&table, schema.dialect)
            });
            let expected = theirs.as_ref().unwrap_or(expected);
            columns::compare(key, expected, dialect, table, actual, findings);
            keys::compare(
                key,
                expected,
                full.is_some(),
                declared,
                table,
                actual,
                findings,
            );
            if let Some((_, full)) = full {
                actions::compare(key, full, table, actual, findings);
            }
        }
    }
    if let Some(declared) = declared {
        keys::natural(key, declared, effective, actual, findings);
    }
    if let Some(parent) = &table.partition_of
        && !(full.is_some() && findings.is_exact())
    {
        let found = Found::of_table(DifferenceKind::Partitioning, ObjectKind::Table, key, key)
            .severity(findings.exact_only())
            .actual(format!("a partition of `{parent}`"))
            .message(format!("table `{key}` is a partition of `{parent}`"))
            .hint(format!(
                "declare `{parent}`, which has the rows of all its partitions"
            ));
        findings.add(found);
    }
}

/// The table without the columns that the expected schema does not know of, where that says that it
/// does not know them all.
fn known_part(
    full: &DatabaseSchema,
    key: &str,
    expected: &ExpectedTable,
    table: &TableSchema,
    actual: &Actual<'_>,
) -> Option<TableSchema> {
    let mut left_out = full.not_inspected.iter();
    left_out.find(|entry| entry.kind == "table" && entry.name.as_deref() == Some(key))?;
    let mut known = table.clone();
    known.columns.retain(|column| {
        let mut names = expected.columns.iter().map(|c| &*c.name);
        names.any(|name| actual.is_same(name, &column.name))
    });
    Some(known)
}

fn missing<'a>(
    wanted: &Wanted<'_>,
    key: &str,
    actual: &Actual<'a>,
    findings: &mut Findings,
    met: &mut BTreeSet<&'a str>,
) {
    if let Some(reason) = actual.why_left_out("table", key) {
        findings.not_checked("table", Some(key.to_owned()), reason);
        return;
    }
    if let Some(old) = old_name(wanted, key, actual) {
        met.insert(old);
        findings.add(renamed(key, old));
        return;
    }
    findings.add(absent(key, actual));
}

/// A table that is not there, or that nobody may see.
pub(super) fn absent(key: &str, actual: &Actual<'_>) -> Found {
    let found = Found::of_table(DifferenceKind::Missing, ObjectKind::Table, key, key)
        .between(Between::Table {
            expected: Some(key.to_owned()),
            actual: None,
        })
        .expected(key)
        .message(format!("table `{key}` is missing"));
    if let Some(reason) = actual.why_schema_left_out(key) {
        return found
            .actual("not visible")
            .message(format!("table `{key}` cannot be seen: {reason}"))
            .hint("grant the role what it needs, or connect as another one");
    }
    if let Some(reason) = actual.why_left_out("foreign table", key) {
        return found
            .actual("a foreign table")
            .message(format!(
                "table `{key}` is a foreign table, which is not looked into: {reason}"
            ))
            .hint("ignore it with a reason");
    }
    match actual.near_table(key) {
        Some(view) if view == key => found
            .actual("a view")
            .hint(format!("`{key}` is a view; expected is a table")),
        near => found.near(near, "create it, or take it out of the expected schema"),
    }
}

/// The table under the name that it is declared to have had.
pub(super) fn old_name<'a>(wanted: &Wanted<'_>, key: &str, actual: &Actual<'a>) -> Option<&'a str> {
    let old = wanted.renamed.get(key)?;
    let (there, _) = actual.schema.tables.get_key_value(old)?;
    (!wanted.tables.contains_key(old)).then_some(there.as_str())
}

fn renamed(key: &str, old: &str) -> Found {
    Found::of_table(DifferenceKind::Renamed, ObjectKind::Table, key, key)
        .between(Between::Table {
            expected: Some(key.to_owned()),
            actual: Some(old.to_owned()),
        })
        .expected(key)
        .actual(old)
        .message(format!("table `{key}` still has its old name `{old}`"))
        .hint(format!(
            "rename it: `ALTER TABLE {old} RENAME TO {}`",
            bare(key)
        ))
}

/// RENAME TO takes no schema.
fn bare(key: &str) -> String {
    match crate::TableName::parse(key) {
        Ok(name) => crate::name::TableName {
            schema: None,
            ..name
        }
        .to_string(),
        Err(_) => crate::quote_ident(key),
    }
}
