//! Columns: type, nullability, default, identity, generated, collation, comment, order.

use super::objects::numbering;
use super::{Two, comments, differs};
use crate::TableName;
use crate::schema::{ColumnSchema, DatabaseSchema, Generated, Identity, table_key};
use crate::validate::columns::{nullability_differs, type_differs};
use crate::validate::expression::{self, Verdict};
use crate::validate::findings::Findings;
use crate::validate::{Between, DifferenceKind, ObjectKind, Severity, types};

pub(super) fn compare(two: &Two<'_>, findings: &mut Findings) {
    for expected in &two.expected.columns {
        let Some(actual) = two.found.column(two.actual, &expected.name) else {
            continue;
        };
        let dialects = (two.expected_schema.dialect, two.found.schema.dialect);
        let fit = match of_another_domain(two, expected, actual) {
            true => types::Fit::Different,
            false => types::full(&expected.data_type, dialects.0, actual, dialects.1),
        };
        if let Some(found) = type_differs(two.key, &expected.data_type, actual, fit, true) {
            findings.add(found);
        }
        match expected.nullable == actual.nullable {
            true => not_null(two, expected, actual, findings),
            false => findings.add(nullability_differs(two.key, actual, expected.nullable)),
        }
        default(two, expected, actual, findings);
        generated(two, expected, actual, findings);
        identities(two, expected, actual, findings);
        let collations = (expected.collation.as_deref(), actual.collation.as_deref());
        simple(
            two,
            DifferenceKind::Collation,
            &expected.name,
            collations,
            findings,
        );
        comments(
            ObjectKind::Column,
            Some(two.key),
            &expected.name,
            (&expected.comment, &actual.comment),
            findings,
        );
    }
    order(two, findings);
}

/// What a NOT NULL has besides. Servers before 18 keep no name of it.
fn not_null(
    two: &Two<'_>,
    expected: &ColumnSchema,
    actual: &ColumnSchema,
    findings: &mut Findings,
) {
    let (e, a) = (null_words(expected), null_words(actual));
    if e != a {
        let found = change(two, DifferenceKind::Nullability, &expected.name, (e, a));
        findings.add(found.between(Between::Nullability {
            expected: expected.nullable,
            actual: actual.nullable,
        }));
    }
    let names = (&expected.not_null_name, &actual.not_null_name);
    if let (Some(e), Some(a)) = names
        && e != a
    {
        let shown = (format!("`{e}` of NOT NULL"), format!("`{a}` of NOT NULL"));
        findings.add(change(two, DifferenceKind::Name, &expected.name, shown));
    }
}

fn null_words(column: &ColumnSchema) -> String {
    let text = match (column.nullable, column.not_null_not_valid) {
        (true, false) => "NULL",
        (true, true) => "NOT NULL NOT VALID",
        (false, _) => "NOT NULL",
    };
    match (column.not_null_no_inherit, &column.not_null_on_conflict) {
        (true, _) => format!("{text} NO INHERIT"),
        (false, Some(action)) => format!("{text} ON CONFLICT {action}"),
        (false, None) => text.to_owned(),
    }
}

fn change(
    two: &Two<'_>,
    kind: DifferenceKind,
    name: &str,
    shown: (String, String),
) -> crate::validate::findings::Found {
    differs(kind, ObjectKind::Column, Some(two.key), name, shown)
}

/// A property that both have as a text, or not at all.
fn simple(
    two: &Two<'_>,
    kind: DifferenceKind,
    name: &str,
    (expected, actual): (Option<&str>, Option<&str>),
    findings: &mut Findings,
) {
    if expected == actual {
        return;
    }
    let shown = |text: Option<&str>| text.unwrap_or("none").to_owned();
    findings.add(change(two, kind, name, (shown(expected), shown(actual))));
}

/// How rows are numbered. The parameters are those of a sequence, for a role that may not look
/// into one not known.
fn identities(
    two: &Two<'_>,
    expected: &ColumnSchema,
    actual: &ColumnSchema,
    findings: &mut Findings,
) {
    let both = expected.identity.is_some() && actual.identity.is_some();
    let numbered = both && two.knows("sequence", findings);
    let shown = |column: &ColumnSchema| {
        let how = match column.identity? {
            Identity::Always => "always",
            Identity::ByDefault => "by default",
        };
        let told = column.numbering.filter(|_| numbered);
        Some(match told {
            Some(told) => format!("{how}, {}", numbering(&told)),
            None => how.to_owned(),
        })
    };
    let (e, a) = (shown(expected), shown(actual));
    if e != a {
        let shown = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        let shown = (shown(e), shown(a));
        let found = change(two, DifferenceKind::Identity, &expected.name, shown);
        findings.add(found.between(Between::Identity {
            expected: expected.identity,
            actual: actual.identity,
        }));
    }
}

/// Whether the column has a domain that is not expected of it: it stores the same, and may refuse
/// some of that.
fn of_another_domain(two: &Two<'_>, expected: &ColumnSchema, actual: &ColumnSchema) -> bool {
    let bare = |text: &str| text.replace("public.", "");
    two.found.is_domain(&actual.data_type) && bare(&expected.data_type) != bare(&actual.data_type)
}

fn default(two: &Two<'_>, expected: &ColumnSchema, actual: &ColumnSchema, findings: &mut Findings) {
    // NULL is what a column has without a default, unless its domain has one
    let given = |column: &ColumnSchema, schema: &DatabaseSchema| {
        let default = column.default.clone()?;
        let counts = !expression::is_null(&default) || has_default(&column.data_type, schema);
        counts.then_some(default)
    };
    let shown = |default: &Option<String>| default.clone().unwrap_or_else(|| "none".to_owned());
    let both = (
        given(expected, two.expected_schema),
        given(actual, two.found.schema),
    );
    let verdict = match &both {
        (None, None) => Verdict::Same,
        (Some(e), Some(a)) => expression::compare_defaults(e, a, &actual.sql_type, two.kept()),
        _ => Verdict::Different,
    };
    match verdict {
        Verdict::Same => {}
        Verdict::Unknown => not_comparable("default", two.key, &expected.name, findings),
        Verdict::Different => {
            let shown = (shown(&both.0), shown(&both.1));
            let found = change(two, DifferenceKind::Default, &expected.name, shown);
            let (expected, actual) = both;
            findings.add(found.between(Between::Default { expected, actual }));
        }
    }
}

/// Whether the type is a domain that has a default.
fn has_default(data_type: &str, schema: &DatabaseSchema) -> bool {
    let key = |name: TableName| table_key(name.schema.as_deref(), &name.name);
    let key = TableName::parse(data_type).map(key);
    let domain = key.ok().and_then(|key| schema.domains.get(&key));
    domain.is_some_and(|domain| domain.default.is_some())
}

fn generated(
    two: &Two<'_>,
    expected: &ColumnSchema,
    actual: &ColumnSchema,
    findings: &mut Findings,
) {
    let shown = |generated: &Option<Generated>| match generated {
        Some(g) => format!(
            "({}) {}",
            g.expression,
            if g.stored { "STORED" } else { "VIRTUAL" }
        ),
        None => "not generated".to_owned(),
    };
    let verdict = match (&expected.generated, &actual.generated) {
        (None, None) => Verdict::Same,
        (Some(e), Some(a)) if e.stored == a.stored => {
            expression::compare(&e.expression, &a.expression, two.kept())
        }
        _ => Verdict::Different,
    };
    match verdict {
        Verdict::Same => {}
        Verdict::Unknown => not_comparable("generated column", two.key, &expected.name, findings),
        Verdict::Different => {
            let shown = (shown(&expected.generated), shown(&actual.generated));
            let found = change(two, DifferenceKind::Generated, &expected.name, shown);
            findings.add(found.between(Between::Generated {
                expected: expected.generated.clone(),
                actual: actual.generated.clone(),
            }));
        }
    }
}

pub(super) fn not_comparable(kind: &str, key: &str, name: &str, findings: &mut Findings) {
    findings.not_checked(
        kind,
        Some(format!("{key}.{name}")),
        "the database writes the expression in another way, and whether it means the same is not known",
    );
}

/// `SELECT *` and COPY see the order; nothing else does.
fn order(two: &Two<'_>, findings: &mut Findings) {
    let expected = two.expected.columns.iter();
    let expected = expected.filter_map(|c| two.found.column(two.actual, &c.name));
    let expected: Vec<&str> = expected.map(|c| c.name.as_str()).collect();
    let actual = two.actual.columns.iter().map(|c| c.name.as_str());
    let actual: Vec<&str> = actual.filter(|name| expected.contains(name)).collect();
    if expected != actual {
        let shown = (expected.join(", "), actual.join(", "));
        let found = differs(
            DifferenceKind::Order,
            ObjectKind::Table,
            None,
            two.key,
            shown,
        );
        findings.add(
            found
                .severity(Severity::Warning)
                .hint("name the columns where their order matters"),
        );
    }
}
