//! Indexes that belong to no constraint, of tables and of materialised views.

use super::classes;
use super::columns::not_comparable;
use super::pair::pair;
use super::{Two, comments, differs, extra, missing};
use crate::schema::{IndexColumn, IndexSchema};
use crate::validate::expression::{self, Kept, Verdict};
use crate::validate::findings::Findings;
use crate::validate::lookup::Actual;
use crate::validate::{Between, DifferenceKind, ObjectKind};
use std::collections::BTreeMap;

pub(super) fn compare(two: &Two<'_>, findings: &mut Findings) {
    let both = (&two.expected.indexes, &two.actual.indexes);
    between(two.key, both, two.found, two.kept(), findings);
}

/// The indexes of a table or of a materialised view.
pub(super) fn between(
    key: &str,
    (expected, actual): (
        &BTreeMap<String, IndexSchema>,
        &BTreeMap<String, IndexSchema>,
    ),
    found: &Actual<'_>,
    kept: Kept,
    findings: &mut Findings,
) {
    let pairs = pair(
        expected.values(),
        actual.values(),
        |e, a| verdict(key, found, kept, (e, a)),
        |e, a| e.name == a.name,
    );
    let (object, table) = (ObjectKind::Index, Some(key));
    for (e, a, verdict) in &pairs.same {
        if *verdict == Verdict::Unknown {
            not_comparable("index", key, &a.name, findings);
        }
        if e.name != a.name && !e.name_is_generated && !a.name_is_generated {
            let names = (e.name.clone(), a.name.clone());
            let found = differs(DifferenceKind::Name, object, table, &a.name, names);
            findings.add(found.between(of(Some(e), Some(a))));
        }
        comments(object, table, &a.name, (&e.comment, &a.comment), findings);
    }
    for (e, a) in &pairs.changed {
        let shown = (definition(e), definition(a));
        let found = differs(DifferenceKind::Definition, object, table, &a.name, shown);
        findings.add(found.between(of(Some(e), Some(a))));
    }
    for e in &pairs.missing {
        let found = missing(object, table, &e.name, definition(e));
        findings.add(found.between(of(Some(e), None)));
    }
    for a in &pairs.extra {
        let found = extra(object, table, &a.name, definition(a));
        findings.add(found.between(of(None, Some(a))));
    }
}

fn of(expected: Option<&IndexSchema>, actual: Option<&IndexSchema>) -> Between {
    Between::Index {
        expected: expected.cloned().map(Box::new),
        actual: actual.cloned().map(Box::new),
    }
}

fn verdict(
    key: &str,
    found: &Actual<'_>,
    kept: Kept,
    (e, a): (&IndexSchema, &IndexSchema),
) -> Verdict {
    let predicates = (predicate(e), predicate(a));
    let same = e.is_unique == a.is_unique
        && e.method.eq_ignore_ascii_case(&a.method)
        && e.include == a.include
        && e.nulls_not_distinct == a.nulls_not_distinct
        && e.columns.len() == a.columns.len()
        && predicates.0.is_some() == predicates.1.is_some();
    if !same {
        return Verdict::Different;
    }
    let a_method = a.method.to_ascii_lowercase();
    let keys = e.columns.iter().zip(&a.columns);
    let keys = keys.map(|(e, a)| {
        let of_class = classes::compare(&e.operator_class, &a.operator_class, &a_method);
        let of_key = same_key(found, kept, e, a);
        let of_order = collations(key, found, e, a);
        [of_class, of_key, of_order]
    });
    let predicate = predicates.0.zip(predicates.1);
    let predicate = predicate.map(|(e, a)| expression::compare(e, a, kept));
    let verdicts: Vec<Verdict> = keys.flatten().chain(predicate).collect();
    match () {
        () if verdicts.contains(&Verdict::Different) => Verdict::Different,
        () if verdicts.contains(&Verdict::Unknown) => Verdict::Unknown,
        () => Verdict::Same,
    }
}

/// The predicate, unless it is `true`, which the server takes for none.
fn predicate(index: &IndexSchema) -> Option<&str> {
    let predicate = index.predicate.as_deref();
    predicate.filter(|predicate| !expression::is_true(predicate))
}

/// A collation that somebody wrote at an expression may be the expression's own: that of the columns in it.
fn collations(key: &str, found: &Actual<'_>, e: &IndexColumn, a: &IndexColumn) -> Verdict {
    let (named, of_expressions) = match (&e.collation, &a.collation) {
        (e, a) if e == a => return Verdict::Same,
        (Some(named), None) | (None, Some(named)) => (named, e.is_expression && a.is_expression),
        _ => return Verdict::Different,
    };
    let table = found.schema.tables.get(key);
    let mut columns = table.into_iter().flat_map(|table| &table.columns);
    let own = match named.as_str() {
        "default" => columns.all(|column| column.collation.is_none()),
        _ => columns.any(|column| column.collation.as_ref() == Some(named)),
    };
    match of_expressions && own {
        true if named == "default" => Verdict::Same,
        true => Verdict::Unknown,
        false => Verdict::Different,
    }
}

fn same_key(found: &Actual<'_>, kept: Kept, e: &IndexColumn, a: &IndexColumn) -> Verdict {
    let same = e.descending == a.descending
        && e.nulls_first == a.nulls_first
        && e.is_expression == a.is_expression;
    match (same, e.is_expression) {
        (false, _) => Verdict::Different,
        (true, true) => expression::compare(&e.text, &a.text, kept),
        (true, false) if found.is_same(&e.text, &a.text) => Verdict::Same,
        (true, false) => Verdict::Different,
    }
}

/// The index as SQL, for people.
fn definition(index: &IndexSchema) -> String {
    let mut text = String::new();
    if index.is_unique {
        text.push_str("UNIQUE ");
    }
    let keys: Vec<String> = index.columns.iter().map(one_key).collect();
    text.push_str(&format!("{} ({})", index.method, keys.join(", ")));
    if !index.include.is_empty() {
        text.push_str(&format!(" INCLUDE ({})", index.include.join(", ")));
    }
    if index.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" WHERE {predicate}"));
    }
    text
}

fn one_key(key: &IndexColumn) -> String {
    let mut text = key.text.clone();
    for more in [&key.collation, &key.operator_class].into_iter().flatten() {
        text.push(' ');
        text.push_str(more);
    }
    if key.descending {
        text.push_str(" DESC");
    }
    match key.nulls_first {
        Some(true) => text.push_str(" NULLS FIRST"),
        Some(false) => text.push_str(" NULLS LAST"),
        None => {}
    }
    text
}
