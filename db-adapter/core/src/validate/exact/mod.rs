//! Level `exact`: everything that two whole schemas both know. Never reads a body of a function,
//! a trigger or a view: those are told as not checked.

mod bounds;
mod classes;
mod columns;
mod constraints;
mod indexes;
mod objects;
mod pair;
mod security;
mod table;

use super::expression::Kept;
use super::findings::{Findings, Found};
use super::lookup::Actual;
use super::{DifferenceKind, ObjectKind, Severity};
use crate::schema::{DatabaseSchema, NotInspected, TableSchema};

pub(super) use objects::types_of_columns;

/// What a comparison of one table works with.
struct Two<'a> {
    key: &'a str,
    expected_schema: &'a DatabaseSchema,
    expected: &'a TableSchema,
    actual: &'a TableSchema,
    found: &'a Actual<'a>,
}

/// Compares all of a table but which columns there are.
pub(super) fn table(
    key: &str,
    expected_schema: &DatabaseSchema,
    expected: &TableSchema,
    actual: &TableSchema,
    found: &Actual<'_>,
    findings: &mut Findings,
) {
    let two = Two {
        key,
        expected_schema,
        expected,
        actual,
        found,
    };
    columns::compare(&two, findings);
    table::compare(&two, findings);
    if two.knows("constraint", findings) {
        constraints::compare(&two, findings);
    }
    if two.knows("index", findings) {
        indexes::compare(&two, findings);
    }
    if two.knows("trigger", findings) {
        security::triggers(&two, findings);
    }
    if two.knows("policy", findings) {
        security::policies(&two, findings);
    }
}

/// Compares what belongs to no table.
pub(super) fn objects(expected: &DatabaseSchema, actual: &Actual<'_>, findings: &mut Findings) {
    objects::compare(expected, actual.schema, findings);
    let looked_at = knows("index", expected, actual.schema, findings);
    for (key, e) in expected.views.iter().filter(|_| looked_at) {
        if let Some(a) = actual.schema.views.get(key) {
            let both = (&e.indexes, &a.indexes);
            indexes::between(key, both, actual, Kept::Meaning, findings);
        }
    }
    table::partitions(expected, actual, findings);
}

impl Two<'_> {
    /// What both databases keep of an expression.
    fn kept(&self) -> Kept {
        Kept::by_both(self.expected_schema.dialect, self.found.schema.dialect)
    }

    /// Whether both sides looked at this kind, in this table.
    fn knows(&self, kind: &str, findings: &mut Findings) -> bool {
        let of_table = |entries: &[NotInspected]| {
            let mut entries = entries.iter().filter(|entry| entry.kind == kind);
            let found = entries.find(|e| e.name.as_deref() == Some(self.key));
            found.map(|entry| entry.reason.clone())
        };
        let reason = of_table(&self.expected_schema.not_inspected)
            .or_else(|| of_table(&self.found.schema.not_inspected));
        if let Some(reason) = reason {
            findings.not_checked(kind, Some(self.key.to_owned()), &reason);
            return false;
        }
        knows(kind, self.expected_schema, self.found.schema, findings)
    }
}

/// Whether both sides looked at this kind at all.
fn knows(
    kind: &str,
    expected: &DatabaseSchema,
    actual: &DatabaseSchema,
    findings: &mut Findings,
) -> bool {
    let all = |schema: &DatabaseSchema| {
        let mut entries = schema.not_inspected.iter();
        let found = entries.find(|entry| entry.kind == kind && entry.name.is_none());
        found.map(|entry| entry.reason.clone())
    };
    match all(expected).or_else(|| all(actual)) {
        Some(reason) => {
            findings.not_checked(kind, None, &reason);
            false
        }
        None => true,
    }
}

/// Something expected is not there.
fn missing(object: ObjectKind, table: Option<&str>, name: &str, shown: String) -> Found {
    let place = table.map(|t| format!(" of `{t}`")).unwrap_or_default();
    Found::new(DifferenceKind::Missing, object, table, name)
        .message(format!(
            "{} `{name}`{place} is missing: {shown}",
            object.words()
        ))
        .expected(shown)
        .hint("create it, or take it out of the expected schema")
}

/// Something is there that nobody expects.
fn extra(object: ObjectKind, table: Option<&str>, name: &str, shown: String) -> Found {
    let place = table.map(|t| format!(" of `{t}`")).unwrap_or_default();
    Found::new(DifferenceKind::Extra, object, table, name)
        .message(format!(
            "{} `{name}`{place} is not expected: {shown}",
            object.words()
        ))
        .actual(shown)
        .hint("add it to the expected schema, or ignore it with a reason")
}

/// Something is there and says another thing.
fn differs(
    kind: DifferenceKind,
    object: ObjectKind,
    table: Option<&str>,
    name: &str,
    (expected, actual): (String, String),
) -> Found {
    let path = table.map_or(name.to_owned(), |t| format!("{t}.{name}"));
    let (object_words, what) = (object.words(), kind.as_str().replace('_', " "));
    let is = match kind {
        DifferenceKind::Values | DifferenceKind::Columns => "are",
        _ => "is",
    };
    Found::new(kind, object, table, name)
        .message(format!(
            "{object_words} `{path}`: {what} {is} {actual}, expected {expected}"
        ))
        .expected(expected)
        .actual(actual)
        .hint("change it, or what is expected of it")
}

/// The comment, which changes nothing: a warning.
fn comments(
    object: ObjectKind,
    table: Option<&str>,
    name: &str,
    (expected, actual): (&Option<String>, &Option<String>),
    findings: &mut Findings,
) {
    if expected == actual {
        return;
    }
    let shown = |comment: &Option<String>| match comment {
        Some(comment) => format!("'{comment}'"),
        None => "none".to_owned(),
    };
    let found = differs(
        DifferenceKind::Comment,
        object,
        table,
        name,
        (shown(expected), shown(actual)),
    );
    findings.add(found.severity(Severity::Warning));
}
