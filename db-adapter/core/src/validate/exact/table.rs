//! What a table is besides its columns and constraints: row-level security, partitions,
//! inheritance, storage, its comment.

use super::{Two, comments, differs, extra, missing};
use crate::lexer::{Lexer, Token};
use crate::schema::{DatabaseSchema, SqlDialect, TableSchema};
use crate::sql_type::SqlType;
use crate::validate::expression::Verdict;
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
        (false, false) => "off",
        (false, true) => "off, and when it is on, for the owner too",
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
pub(super) fn strategy(by: &str) -> Vec<String> {
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
        let Some((_, a)) = actual.table(e.schema.as_deref(), &e.name) else {
            let shown = format!("a partition of `{parent}`");
            findings.add(missing(ObjectKind::Table, None, key, shown));
            continue;
        };
        let bound = |t: &TableSchema| {
            let bound = t.partition_bound.clone().unwrap_or_default();
            let of = t.partition_of.clone().unwrap_or_default();
            match &t.partition_by {
                Some(by) => format!("partition of {of} {bound}, partitioned by {by}"),
                None => format!("partition of {of} {bound}"),
            }
        };
        let bounds = (e.partition_bound.as_deref(), a.partition_bound.as_deref());
        let verdict = match bounds {
            (Some(e), Some(a)) => super::bounds::compare(e, a, &key_types(expected, &parent)),
            (None, None) => Verdict::Same,
            _ => Verdict::Different,
        };
        if verdict == Verdict::Unknown {
            findings.not_checked(
                "partition",
                Some(key.clone()),
                "a bound is written without its time zone, or in a way that only its type knows",
            );
        }
        let by = |t: &TableSchema| t.partition_by.as_deref().map(strategy);
        if verdict == Verdict::Different || e.partition_of != a.partition_of || by(e) != by(a) {
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

/// The types of the columns by which a table is partitioned; `None` for an expression.
fn key_types(schema: &DatabaseSchema, table: &str) -> Vec<Option<SqlType>> {
    let Some(table) = schema.tables.get(table) else {
        return Vec::new();
    };
    let by = table.partition_by.as_deref().unwrap_or_default();
    let inside = by.split_once('(').map_or("", |(_, keys)| keys);
    let inside = inside.trim_end().strip_suffix(')').unwrap_or(inside);
    let words = strategy(inside);
    if words.iter().any(|word| word == "(") {
        return Vec::new(); // an expression
    }
    let keys = words.split(|word| word == ",");
    // the first word is the column, the rest its collation and class
    let column = |key: &[String]| table.column(key.first()?).map(|c| c.sql_type.clone());
    keys.map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strategies_are_the_same_however_they_are_written() {
        assert_eq!(strategy("range (\"at\")"), strategy("RANGE (at)"));
        assert_ne!(strategy("RANGE (\"At\")"), strategy("RANGE (at)"));
    }
}
