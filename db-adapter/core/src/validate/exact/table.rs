//! What a table is besides its columns and constraints: row-level security, partitions,
//! inheritance, storage, its comment.

use super::{Two, comments, differs, extra, missing};
use crate::lexer::{Lexer, Token};
use crate::schema::{DatabaseSchema, SqlDialect, TableSchema};
use crate::validate::expression::{self, Verdict};
use crate::validate::findings::{Findings, Found};
use crate::validate::lookup::Actual;
use crate::validate::{DifferenceKind, ObjectKind, Severity};

pub(super) fn compare(two: &Two<'_>, findings: &mut Findings) {
    let (e, a) = (two.expected, two.actual);
    // whether it is on is the table's, and known even where the policies are not
    change(
        two,
        DifferenceKind::RowSecurity,
        security(e),
        security(a),
        findings,
    );
    kept(two, findings);
    change(
        two,
        DifferenceKind::Inheritance,
        inherits(e),
        inherits(a),
        findings,
    );
    partitioning(two, findings);
    comments(
        ObjectKind::Table,
        None,
        two.key,
        (&e.comment, &a.comment),
        findings,
    );
}

fn change(
    two: &Two<'_>,
    kind: DifferenceKind,
    expected: String,
    actual: String,
    findings: &mut Findings,
) {
    if expected != actual {
        findings.add(of(two.key, kind, (expected, actual)));
    }
}

fn of(key: &str, kind: DifferenceKind, shown: (String, String)) -> Found {
    differs(kind, ObjectKind::Table, None, key, shown)
}

fn security(t: &TableSchema) -> String {
    let text = match (t.row_security, t.force_row_security) {
        (false, _) => "off",
        (true, false) => "on",
        (true, true) => "on, for the owner too",
    };
    text.to_owned()
}

/// How the rows are kept, of two databases of one kind: each has its own ways.
fn kept(two: &Two<'_>, findings: &mut Findings) {
    let (e, a) = (storage(two.expected), storage(two.actual));
    if two.expected_schema.dialect == two.found.schema.dialect {
        change(two, DifferenceKind::Storage, e, a, findings);
    } else if e != a {
        let why = "the two databases are of different kinds, and each keeps tables in its own ways";
        findings.not_checked("storage", Some(two.key.to_owned()), why);
    }
}

fn storage(t: &TableSchema) -> String {
    let words = [
        (t.strict, "STRICT"),
        (t.without_rowid, "WITHOUT ROWID"),
        (t.autoincrement, "AUTOINCREMENT"),
        (t.unlogged, "UNLOGGED"),
    ];
    let words: Vec<&str> = words
        .into_iter()
        .filter(|(on, _)| *on)
        .map(|(_, w)| w)
        .collect();
    match words.is_empty() {
        true => "ordinary".to_owned(),
        false => words.join(", "),
    }
}

fn inherits(t: &TableSchema) -> String {
    match t.inherits.is_empty() {
        true => "none".to_owned(),
        false => t.inherits.join(", "),
    }
}

fn partitioning(two: &Two<'_>, findings: &mut Findings) {
    let shown = |t: &TableSchema| match (&t.partition_by, &t.partition_of) {
        (Some(by), _) => format!("partitioned by {by}"),
        (None, Some(of)) => format!("a partition of {of}"),
        (None, None) => "not partitioned".to_owned(),
    };
    let (e, a) = (two.expected, two.actual);
    let same = match (&e.partition_by, &a.partition_by) {
        (Some(e), Some(a)) => strategy(e) == strategy(a),
        (e, a) => e.is_some() == a.is_some(),
    };
    if !same || e.partition_of != a.partition_of {
        findings.add(of(
            two.key,
            DifferenceKind::Partitioning,
            (shown(e), shown(a)),
        ));
    }
}

/// `range (at)` however it is spaced and quoted.
fn strategy(by: &str) -> Vec<String> {
    let tokens = Lexer::of_definition(by, SqlDialect::Postgres).significant();
    let spelled = |token: Token<'_>| {
        token
            .name(SqlDialect::Postgres)
            .unwrap_or(token.text.to_owned())
    };
    tokens.map(spelled).collect()
}

/// The partitions under their parents. More of them than expected are no difference in what a
/// program sees: they come and go.
pub(super) fn partitions(expected: &DatabaseSchema, actual: &Actual<'_>, findings: &mut Findings) {
    for (key, e) in expected
        .tables
        .iter()
        .filter(|(_, t)| t.partition_of.is_some())
    {
        let parent = e.partition_of.clone().unwrap_or_default();
        findings.not_checked(
            "partition",
            None,
            "an index or a key that a partition alone has is not compared",
        );
        let Some((_, a)) = actual.table(e.schema.as_deref(), &e.name) else {
            let shown = format!("a partition of `{parent}`");
            findings.add(missing(ObjectKind::Table, None, key, shown));
            continue;
        };
        let bound = |t: &TableSchema| {
            let bound = t.partition_bound.clone().unwrap_or_default();
            format!(
                "partition of {} {bound}",
                t.partition_of.clone().unwrap_or_default()
            )
        };
        let bounds = (e.partition_bound.as_deref(), a.partition_bound.as_deref());
        let same = match bounds {
            (Some(e), Some(a)) => same_bound(e, a),
            (e, a) => e == a,
        };
        if !same || e.partition_of != a.partition_of {
            findings.add(of(key, DifferenceKind::Partitioning, (bound(e), bound(a))));
        }
    }
    for (key, a) in actual.schema.tables.iter() {
        let Some(parent) = &a.partition_of else {
            continue;
        };
        let known = expected.tables.values();
        let mut known = known.filter(|t| actual.is_same(&t.key(), key));
        if known.next().is_none() {
            let found = extra(
                ObjectKind::Table,
                None,
                key,
                format!("a partition of `{parent}`"),
            );
            findings.add(found.severity(Severity::Warning));
        }
    }
}

/// Bounds are lists of constants; those the server may write in another way are taken for equal.
fn same_bound(expected: &str, actual: &str) -> bool {
    if strategy(expected) == strategy(actual) {
        return true;
    }
    let (expected, actual) = (constants(expected), constants(actual));
    expected.len() == actual.len()
        && expected
            .iter()
            .zip(&actual)
            .all(|(e, a)| expression::compare(e, a) != Verdict::Different)
}

/// What is in each pair of parentheses of a bound, as an expression.
fn constants(bound: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for token in Lexer::of_definition(bound, SqlDialect::Postgres) {
        if token.is_symbol("(") {
            depth += 1;
            if depth == 1 {
                start = token.end();
            }
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                let inside = bound.get(start..token.start).unwrap_or_default();
                found.push(format!("row_of({inside})"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_same_however_they_are_written() {
        for (one, other) in [
            ("for values in ('a (b', 'c')", "FOR VALUES IN ('a (b', 'c')"),
            (
                "FOR VALUES FROM ( 1 ) TO (MAXVALUE)",
                "FOR VALUES FROM ('1') TO (maxvalue)",
            ),
            ("default", "DEFAULT"),
        ] {
            assert!(same_bound(one, other), "{one}   {other}");
        }
        for (one, other) in [
            ("FOR VALUES IN ('a (B')", "FOR VALUES IN ('a (b')"),
            ("FOR VALUES IN ('a')", "FOR VALUES IN ('a', 'b')"),
            ("FOR VALUES FROM (1) TO (2)", "FOR VALUES FROM (1) TO (3)"),
        ] {
            assert!(!same_bound(one, other), "{one}   {other}");
        }
        assert_eq!(strategy("range (\"at\")"), strategy("RANGE (at)"));
        assert_ne!(strategy("RANGE (\"At\")"), strategy("RANGE (at)"));
    }
}
