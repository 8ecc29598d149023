//! Columns: which are missing or more than expected, and whether their types and nullability let a
//! program work that was written for the expected ones.

use super::findings::{Findings, Found};
use super::lookup::{Actual, near_column};
use super::spelling;
use super::types::{self, Fit};
use super::{Between, DifferenceKind, ObjectKind, Severity};
use crate::expected::{ExpectedColumn, ExpectedTable};
use crate::schema::{ColumnSchema, Identity, SqlDialect, TableSchema};

/// Reports the columns that are missing.
pub(super) fn missing_ones(
    key: &str,
    expected: &ExpectedTable,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    for column in expected.columns.iter() {
        if actual.column(table, &column.name).is_none() {
            findings.add(missing(
                key,
                &column.name,
                column.data_type.as_deref(),
                table,
            ));
        }
    }
}

/// Reports the columns that nobody expects.
pub(super) fn extra_ones(
    key: &str,
    expected: &ExpectedTable,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    for column in &table.columns {
        let mut names = expected.columns.iter().map(|c| &*c.name);
        if !names.any(|name| actual.is_same(name, &column.name)) {
            findings.add(extra(key, column, findings.exact_only()));
        }
    }
}

/// A column that is not there.
pub(super) fn missing(
    key: &str,
    name: &str,
    data_type: Option<&str>,
    table: &TableSchema,
) -> Found {
    Found::of_table(DifferenceKind::Missing, ObjectKind::Column, key, name)
        .between(Between::Column {
            expected: Some(name.to_owned()),
            actual: None,
        })
        .expected(data_type.unwrap_or(name))
        .message(format!("column `{key}.{name}` is missing"))
        .near(
            near_column(table, name),
            "add it, or take it out of the expected schema",
        )
}

/// Without a value for it no insert of the program would work.
fn extra(key: &str, column: &ColumnSchema, severity: Severity) -> Found {
    let (data_type, optional) = (column.data_type.as_str(), column.may_be_left_out());
    let not_null = if optional { "" } else { " NOT NULL" };
    let found = Found::of_table(DifferenceKind::Extra, ObjectKind::Column, key, &column.name)
        .between(Between::Column {
            expected: None,
            actual: Some(column.name.clone()),
        })
        .actual(format!("{data_type}{not_null}"))
        .severity(severity);
    match optional {
        true => found
            .message(format!("column `{key}.{}` is not expected", column.name))
            .hint("declare it, or ignore it with a reason"),
        false => found
            .severity(Severity::Error)
            .message(format!(
                "column `{key}.{}` is not expected, and NOT NULL without a default, so inserts would fail",
                column.name
            ))
            .hint("declare it, give it a default, or allow NULL"),
    }
}

/// Compares the columns that both have; `dialect` is that of a whole expected schema.
pub(super) fn compare(
    key: &str,
    expected: &ExpectedTable,
    dialect: Option<SqlDialect>,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    for wanted in expected.columns.iter() {
        let Some(column) = actual.column(table, &wanted.name) else {
            continue;
        };
        if column.name != wanted.name {
            findings.add(another_case(key, &wanted.name, &column.name));
        }
        compare_type(key, wanted, dialect, column, actual, findings);
        compare_nullability(
            key,
            wanted,
            dialect.is_some(),
            column,
            table,
            actual,
            findings,
        );
        compare_filling(key, wanted, column, table, findings);
        spelling::of_default(key, column, actual.schema.dialect, findings);
    }
}

fn another_case(key: &str, expected: &str, there: &str) -> Found {
    Found::of_table(DifferenceKind::Name, ObjectKind::Column, key, expected)
        .severity(Severity::Warning)
        .expected(expected)
        .actual(there)
        .message(format!(
            "column `{key}.{expected}` is spelt `{there}`, which is the same to this database alone"
        ))
        .hint("spell both alike")
}

const NO_BOUND: &str = "a field's type does not say how long or exact its values are; `#[column(type = \"..\")]` or `#[schema(sql = \"..\")]` does";

fn compare_type(
    key: &str,
    wanted: &ExpectedColumn,
    dialect: Option<SqlDialect>,
    column: &ColumnSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    let Some(text) = wanted.data_type.as_deref() else {
        return;
    };
    if column.data_type.is_empty() {
        let name = Some(format!("{key}.{}", column.name));
        findings.not_checked("type", name, "the column has no declared type");
        return;
    }
    let fit = match dialect {
        Some(dialect) => types::full(text, dialect, column, actual.schema.dialect),
        None => match types::declared(wanted, column, actual.schema) {
            Some(fit) => fit,
            None => return,
        },
    };
    let unknown = dialect.is_none() && types::is_bounded(wanted, column, actual.schema);
    if unknown && fit == Fit::Equivalent {
        let name = Some(format!("{key}.{} {}", column.name, column.data_type));
        findings.not_checked("length or digits", name, NO_BOUND);
        return;
    }
    if let Some(found) = type_differs(key, text, column, fit, findings.is_exact()) {
        findings.add(found);
    }
}

/// The difference between two types, if it is one at this level.
pub(super) fn type_differs(
    key: &str,
    expected: &str,
    column: &ColumnSchema,
    fit: Fit,
    exact: bool,
) -> Option<Found> {
    let (there, name) = (&column.data_type, &column.name);
    let (what, severity) = match fit {
        Fit::Same => return None,
        Fit::Equivalent if !exact => return None,
        Fit::Equivalent => (
            format!("is `{there}`, which stores the same as `{expected}`"),
            Severity::Error,
        ),
        Fit::Wider => {
            let severity = if exact {
                Severity::Error
            } else {
                Severity::Warning
            };
            (
                format!("is `{there}`, wider than the expected `{expected}`"),
                severity,
            )
        }
        Fit::Narrower => (
            format!("is `{there}`, narrower than the expected `{expected}`"),
            Severity::Error,
        ),
        Fit::Different => (format!("is `{there}`, not `{expected}`"), Severity::Error),
    };
    let found = Found::of_table(DifferenceKind::Type, ObjectKind::Column, key, name)
        .severity(severity)
        .between(Between::Type {
            expected: expected.to_owned(),
            actual: there.clone(),
        })
        .expected(expected)
        .actual(there.as_str())
        .message(format!("column `{key}.{name}` {what}"))
        .hint("change the column's type, or what is expected of it");
    Some(found)
}

fn compare_nullability(
    key: &str,
    wanted: &ExpectedColumn,
    full: bool,
    column: &ColumnSchema,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    let Some(expected) = wanted.nullable else {
        return;
    };
    let writes_null = expected && column.not_null_not_valid && !full && !column.is_filled();
    if expected == column.nullable && !writes_null {
        return;
    }
    if expected && !full && column.is_filled() {
        return; // an `Option` may also leave a column to its default
    }
    let mut found = nullability_differs(key, column, expected);
    let in_key = table
        .primary_key()
        .is_some_and(|k| k.columns.contains(&column.name));
    if in_key && expected && full && actual.schema.dialect == SqlDialect::Sqlite {
        return; // a key that takes NULL is SQLite's reading of `PRIMARY KEY`, and nobody's wish
    }
    if in_key && !expected && actual.schema.dialect == SqlDialect::Sqlite {
        found = found
            .severity(findings.exact_only())
            .message(format!(
                "column `{key}.{}` may be NULL, although it is the primary key: SQLite allows that",
                column.name
            ))
            .hint("write NOT NULL beside PRIMARY KEY");
    }
    findings.add(found);
}

/// One of the two allows NULL.
pub(super) fn nullability_differs(key: &str, column: &ColumnSchema, expected: bool) -> Found {
    let words = |nullable| if nullable { "NULL" } else { "NOT NULL" };
    let name = &column.name;
    let between = Between::Nullability {
        expected,
        actual: column.nullable,
    };
    if column.not_null_not_valid {
        let old = "has NOT NULL for new rows, and older ones may be NULL";
        let found = Found::of_table(DifferenceKind::Nullability, ObjectKind::Column, key, name)
            .between(between)
            .expected(words(expected))
            .actual("NOT NULL NOT VALID")
            .message(format!("column `{key}.{name}` {old}"));
        return match expected {
            true => found.hint("drop the constraint, or do not write NULL"),
            false => found.hint("validate the constraint, or expect NULL"),
        };
    }
    let found = Found::of_table(DifferenceKind::Nullability, ObjectKind::Column, key, name)
        .between(between)
        .expected(words(expected))
        .actual(words(column.nullable));
    match expected {
        true => found
            .message(format!(
                "column `{key}.{name}` is NOT NULL, expected is that it may be NULL"
            ))
            .hint("drop NOT NULL, or do not expect NULL (in a struct: take the `Option` away)"),
        false => found
            .message(format!(
                "column `{key}.{name}` may be NULL, expected is NOT NULL"
            ))
            .hint("make the column NOT NULL, or expect NULL (in a struct: an `Option`)"),
    }
}

/// Whether an insert may leave the column out, and may give it a value.
fn compare_filling(
    key: &str,
    wanted: &ExpectedColumn,
    column: &ColumnSchema,
    table: &TableSchema,
    findings: &mut Findings,
) {
    let name = &column.name;
    let keys = table.primary_key();
    let in_key = keys.is_some_and(|k| k.columns.contains(name));
    let found = |kind| Found::of_table(kind, ObjectKind::Column, key, name);
    let computed = column.generated.is_some() || column.identity == Some(Identity::Always);
    match wanted.filled {
        Some(true) if !column.is_filled() => {
            let (effect, severity) = match column.nullable {
                // SQLite's `INT PRIMARY KEY` is no row's number
                true if in_key => (
                    "inserts that leave it out would store NULL as their key",
                    Severity::Error,
                ),
                true => (
                    "inserts that leave it out would store NULL",
                    Severity::Warning,
                ),
                false => ("inserts that leave it out would fail", Severity::Error),
            };
            findings.add(
                found(DifferenceKind::Default)
                    .severity(severity)
                    .between(Between::Filled)
                    .expected("a default")
                    .message(format!("column `{key}.{name}` has no default: {effect}"))
                    .hint("give it the default, or write the value"),
            );
        }
        Some(false) if computed => {
            let (kind, what) = match column.generated {
                Some(_) => (DifferenceKind::Generated, "generated"),
                None => (
                    DifferenceKind::Identity,
                    "an identity that is always generated",
                ),
            };
            findings.add(
                found(kind)
                    .actual(what)
                    .message(format!(
                        "column `{key}.{name}` is {what}: writing a value to it fails"
                    ))
                    .hint(
                        "mark it as filled by the database (in a struct: `#[db_adapter(default)]`)",
                    ),
            );
        }
        _ => {}
    }
}
