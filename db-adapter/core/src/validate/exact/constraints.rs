//! Constraints: keys, foreign keys, checks, exclusions, with all their attributes.

use super::columns::not_comparable;
use super::pair::{Pairs, pair};
use super::{Two, comments, differs, extra, missing};
use crate::schema::{ConstraintKind, ConstraintSchema};
use crate::validate::expression::{self, Verdict};
use crate::validate::findings::Findings;
use crate::validate::keys::actual_target;
use crate::validate::{Between, DifferenceKind, ObjectKind};

const KINDS: [ConstraintKind; 5] = [
    ConstraintKind::PrimaryKey,
    ConstraintKind::Unique,
    ConstraintKind::ForeignKey,
    ConstraintKind::Check,
    ConstraintKind::Exclude,
];

pub(super) fn compare(two: &Two<'_>, findings: &mut Findings) {
    for kind in KINDS {
        let of = |c: &&ConstraintSchema| c.kind == kind;
        let pairs = pair(
            two.expected.constraints.values().filter(of),
            two.actual.constraints.values().filter(of),
            |e, a| verdict(two, e, a),
            |e, a| e.name == a.name,
        );
        report(two, object(kind), &pairs, findings);
    }
}

fn object(kind: ConstraintKind) -> ObjectKind {
    match kind {
        ConstraintKind::PrimaryKey => ObjectKind::PrimaryKey,
        ConstraintKind::Unique => ObjectKind::Unique,
        ConstraintKind::ForeignKey => ObjectKind::ForeignKey,
        ConstraintKind::Check => ObjectKind::Check,
        ConstraintKind::Exclude => ObjectKind::Exclusion,
    }
}

/// Whether two constraints of one kind demand the same of the same columns.
fn verdict(two: &Two<'_>, e: &ConstraintSchema, a: &ConstraintSchema) -> Verdict {
    let same = match e.kind {
        ConstraintKind::Check | ConstraintKind::Exclude => {
            let texts = (e.expression.as_deref(), a.expression.as_deref());
            let (Some(e), Some(a)) = texts else {
                return Verdict::Unknown;
            };
            return expression::compare(e, a, two.kept());
        }
        ConstraintKind::PrimaryKey => true,
        ConstraintKind::Unique => two.found.is_same_set(&e.columns, &a.columns),
        ConstraintKind::ForeignKey => {
            two.found.is_same_set(&e.columns, &a.columns)
                && two.found.is_same(&actual_target(e), &actual_target(a))
                && same_references(two, e, a)
        }
    };
    match same {
        true => Verdict::Same,
        false => Verdict::Different,
    }
}

/// Column by column; a reference without columns is to the primary key.
fn same_references(two: &Two<'_>, e: &ConstraintSchema, a: &ConstraintSchema) -> bool {
    let (Some(to), Some(real)) = (&e.references_columns, &a.references_columns) else {
        return true;
    };
    let mut pairs = e.columns.iter().zip(to);
    pairs.all(|(column, to)| {
        let mut there = a.columns.iter().zip(real);
        there.any(|(c, r)| two.found.is_same(c, column) && two.found.is_same(r, to))
    })
}

fn report(
    two: &Two<'_>,
    object: ObjectKind,
    pairs: &Pairs<'_, '_, ConstraintSchema>,
    findings: &mut Findings,
) {
    for (expected, actual, verdict) in &pairs.same {
        if *verdict == Verdict::Unknown {
            not_comparable(&object.words(), two.key, &actual.name, findings);
        }
        attributes(two, object, expected, actual, findings);
    }
    for (expected, actual) in &pairs.changed {
        let shown = (whole(expected), whole(actual));
        let found = differs(
            DifferenceKind::Definition,
            object,
            Some(two.key),
            &actual.name,
            shown,
        );
        findings.add(found.between(between(Some(expected), Some(actual))));
    }
    for expected in &pairs.missing {
        let found = missing(object, Some(two.key), &expected.name, whole(expected));
        findings.add(found.between(between(Some(expected), None)));
    }
    for actual in &pairs.extra {
        let found = extra(object, Some(two.key), &actual.name, whole(actual));
        findings.add(found.between(between(None, Some(actual))));
    }
}

fn between(expected: Option<&ConstraintSchema>, actual: Option<&ConstraintSchema>) -> Between {
    Between::Constraint {
        expected: expected.cloned().map(Box::new),
        actual: actual.cloned().map(Box::new),
    }
}

/// The constraint with all that it has, where that is not what every constraint has: what is known of one
/// must not hide another one.
fn whole(c: &ConstraintSchema) -> String {
    let mut text = definition(c);
    let mut add = |part: String| {
        text.push(' ');
        text.push_str(&part);
    };
    let common = ConstraintSchema::default();
    if c.kind == ConstraintKind::ForeignKey && actions(c) != actions(&common) {
        add(actions(c));
    }
    if !c.include.is_empty() {
        add(format!("INCLUDE ({})", c.include.join(", ")));
    }
    if c.nulls_not_distinct {
        add("NULLS NOT DISTINCT".to_owned());
    }
    if !c.collations.is_empty() {
        add(format!("COLLATE {}", collations(c)));
    }
    if c.on_conflict.is_some() {
        add(conflict(c));
    }
    for (own, usual) in [(timing(c), timing(&common)), (valid(c), valid(&common))] {
        if own != usual {
            add(own);
        }
    }
    text
}

/// What a constraint demands, as SQL for people.
fn definition(c: &ConstraintSchema) -> String {
    let spans = |columns: &[String]| match (c.over_time, c.kind, columns.split_last()) {
        (true, ConstraintKind::ForeignKey, Some((last, rest))) => {
            let last = format!("PERIOD {last}");
            rest.iter()
                .cloned()
                .chain([last])
                .collect::<Vec<_>>()
                .join(", ")
        }
        (true, _, _) => format!("{} WITHOUT OVERLAPS", columns.join(", ")),
        (false, _, _) => columns.join(", "),
    };
    let columns = spans(&c.columns);
    match c.kind {
        ConstraintKind::Check | ConstraintKind::Exclude => {
            let expression = c.expression.as_deref().unwrap_or("?");
            match c.kind {
                ConstraintKind::Check => format!("CHECK ({expression})"),
                _ => format!("EXCLUDE {expression}"),
            }
        }
        ConstraintKind::ForeignKey => {
            let to = spans(c.references_columns.as_deref().unwrap_or_default());
            format!(
                "FOREIGN KEY ({columns}) REFERENCES {} ({to})",
                actual_target(c)
            )
        }
        kind => format!("{kind} ({columns})"),
    }
}

/// What a constraint has besides what it demands.
fn attributes(
    two: &Two<'_>,
    object: ObjectKind,
    e: &ConstraintSchema,
    a: &ConstraintSchema,
    findings: &mut Findings,
) {
    let mut change = |kind, expected: String, actual: String| {
        if expected != actual {
            let found = differs(kind, object, Some(two.key), &a.name, (expected, actual));
            findings.add(found.between(between(Some(e), Some(a))));
        }
    };
    let is_key = matches!(e.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique);
    if is_key {
        let columns = |c: &ConstraintSchema| fold(two, &c.columns);
        change(DifferenceKind::Columns, columns(e), columns(a));
        let rest = |c: &ConstraintSchema| format!("{:?} {}", c.include, nulls(c));
        if rest(e) != rest(a) {
            let shown =
                |c: &ConstraintSchema| format!("INCLUDE ({}){}", c.include.join(", "), nulls(c));
            change(DifferenceKind::Definition, shown(e), shown(a));
        }
        change(DifferenceKind::Collation, collations(e), collations(a));
        change(DifferenceKind::Action, conflict(e), conflict(a));
    }
    if e.kind == ConstraintKind::ForeignKey {
        change(DifferenceKind::Action, actions(e), actions(a));
    }
    change(DifferenceKind::Deferrable, timing(e), timing(a));
    change(DifferenceKind::NotValid, valid(e), valid(a));
    if e.over_time != a.over_time {
        change(DifferenceKind::Definition, definition(e), definition(a));
    }
    if !e.name_is_generated && !a.name_is_generated {
        change(DifferenceKind::Name, e.name.clone(), a.name.clone());
    }
    comments(
        object,
        Some(two.key),
        &a.name,
        (&e.comment, &a.comment),
        findings,
    );
}

fn fold(two: &Two<'_>, columns: &[String]) -> String {
    let text = columns.join(", ");
    match two.found.schema.dialect {
        crate::schema::SqlDialect::Sqlite => text.to_ascii_lowercase(),
        crate::schema::SqlDialect::Postgres => text,
    }
}

/// By what a key of SQLite compares, beside the collations of its columns.
fn collations(c: &ConstraintSchema) -> String {
    let all = c.collations.iter();
    let all = all.map(|(column, collation)| (column.to_lowercase(), collation.to_lowercase()));
    let all: Vec<String> = all
        .map(|(column, collation)| format!("{column} {collation}"))
        .collect();
    match all.is_empty() {
        true => "that of each column".to_owned(),
        false => all.join(", "),
    }
}

fn conflict(c: &ConstraintSchema) -> String {
    format!(
        "ON CONFLICT {}",
        c.on_conflict.as_deref().unwrap_or("ABORT")
    )
}

fn nulls(c: &ConstraintSchema) -> &'static str {
    if c.nulls_not_distinct {
        " NULLS NOT DISTINCT"
    } else {
        ""
    }
}

fn actions(c: &ConstraintSchema) -> String {
    let mut text = format!(
        "ON DELETE {} ON UPDATE {}",
        c.on_delete.unwrap_or_default(),
        c.on_update.unwrap_or_default()
    );
    if !c.on_delete_columns.is_empty() {
        text.push_str(&format!(" ({})", c.on_delete_columns.join(", ")));
    }
    if c.match_full {
        text.push_str(" MATCH FULL");
    }
    text
}

fn timing(c: &ConstraintSchema) -> String {
    let text = match (c.deferrable, c.initially_deferred) {
        (false, _) => "NOT DEFERRABLE",
        (true, false) => "DEFERRABLE",
        (true, true) => "DEFERRABLE INITIALLY DEFERRED",
    };
    text.to_owned()
}

fn valid(c: &ConstraintSchema) -> String {
    let valid = match (c.not_enforced, c.not_valid) {
        (true, _) => "NOT ENFORCED",
        (false, true) => "NOT VALID",
        (false, false) => "valid",
    };
    match c.no_inherit {
        true => format!("{valid}, NO INHERIT"),
        false => valid.to_owned(),
    }
}
