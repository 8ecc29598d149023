//! What belongs to no table: enums, domains, views, sequences, functions. Never compares the
//! queries of views or the bodies of functions.

use super::{comments, differs, extra, knows, missing};
use crate::schema::{
    DatabaseSchema, DomainSchema, EnumSchema, FunctionSchema, Numbering, SequenceSchema, ViewSchema,
};
use crate::sql_type::SqlType;
use crate::validate::expression::{self, Kept, Verdict};
use crate::validate::findings::{Findings, Found};
use crate::validate::{Between, DifferenceKind, ObjectKind, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// Compares all the objects.
pub(super) fn compare(e: &DatabaseSchema, a: &DatabaseSchema, findings: &mut Findings) {
    if e.dialect != a.dialect {
        findings.not_checked(
            "enum, domain, sequence, function",
            None,
            "the two databases are of different kinds, and one of them has no such objects",
        );
    } else {
        if knows("enum", e, a, findings) {
            each(
                ObjectKind::Enum,
                (&e.enums, &a.enums),
                enum_text,
                enums,
                findings,
            );
        }
        if knows("domain", e, a, findings) {
            each(
                ObjectKind::Domain,
                (&e.domains, &a.domains),
                |d| d.data_type.clone(),
                domains,
                findings,
            );
        }
        if knows("sequence", e, a, findings) {
            each(
                ObjectKind::Sequence,
                (&e.sequences, &a.sequences),
                sequence_text,
                sequences,
                findings,
            );
        }
        if knows("function", e, a, findings) {
            // procedures are functions that return nothing
            for is_procedure in [false, true] {
                let of_kind = |schema: &DatabaseSchema| -> BTreeMap<String, FunctionSchema> {
                    let all = schema.functions.iter();
                    let found = all.filter(|(_, f)| f.return_type.is_empty() == is_procedure);
                    found.map(|(key, f)| (key.clone(), f.clone())).collect()
                };
                let (e_kind, a_kind) = (of_kind(e), of_kind(a));
                if !is_procedure || knows("procedure", e, a, findings) {
                    let both = (&e_kind, &a_kind);
                    each(
                        ObjectKind::Function,
                        both,
                        function_text,
                        functions,
                        findings,
                    );
                }
            }
        }
        extensions(e, a, findings);
    }
    if knows("view", e, a, findings) {
        each(
            ObjectKind::View,
            (&e.views, &a.views),
            view_text,
            views,
            findings,
        );
    }
}

fn each<T>(
    object: ObjectKind,
    (expected, actual): (&BTreeMap<String, T>, &BTreeMap<String, T>),
    shown: fn(&T) -> String,
    both: fn(&str, &T, &T, &mut Findings),
    findings: &mut Findings,
) {
    for (key, e) in expected {
        match actual.get(key) {
            Some(a) => both(key, e, a, findings),
            None => findings.add(missing(object, None, key, shown(e))),
        }
    }
    for (key, a) in actual
        .iter()
        .filter(|(key, _)| !expected.contains_key(*key))
    {
        findings.add(extra(object, None, key, shown(a)));
    }
}

/// Extensions that are expected must be there. More of them are listed, since a file of one schema
/// names none.
fn extensions(e: &DatabaseSchema, a: &DatabaseSchema, findings: &mut Findings) {
    let names = |schema: &DatabaseSchema| {
        let entries = schema
            .not_inspected
            .iter()
            .filter(|n| n.kind == "extension");
        let names = entries.filter_map(|entry| entry.name.clone());
        names.collect::<BTreeSet<String>>()
    };
    for name in names(e).difference(&names(a)) {
        let shown = "an extension".to_owned();
        findings.add(missing(ObjectKind::Extension, None, name, shown));
    }
}

fn change(kind: DifferenceKind, object: ObjectKind, key: &str, shown: (String, String)) -> Found {
    differs(kind, object, None, key, shown)
}

fn enum_text(e: &EnumSchema) -> String {
    let values: Vec<String> = e.values.iter().map(|v| format!("'{v}'")).collect();
    values.join(", ")
}

fn values(e: &EnumSchema, a: &EnumSchema) -> Between {
    Between::EnumValues {
        expected: e.values.clone(),
        actual: a.values.clone(),
    }
}

fn enums(key: &str, e: &EnumSchema, a: &EnumSchema, findings: &mut Findings) {
    if e.values != a.values {
        let shown = (enum_text(e), enum_text(a));
        let found = change(DifferenceKind::Values, ObjectKind::Enum, key, shown);
        findings.add(found.between(values(e, a)));
    }
    comments(
        ObjectKind::Enum,
        None,
        key,
        (&e.comment, &a.comment),
        findings,
    );
}

/// At level `compatible`: values of an enum that a program writes must be there, more of them are a
/// warning; a domain must be one of the same type, and take NULL or not.
pub(in crate::validate) fn types_of_columns(
    expected: &DatabaseSchema,
    actual: &DatabaseSchema,
    findings: &mut Findings,
) {
    for (key, e) in &expected.enums {
        let Some(a) = actual.enums.get(key) else {
            continue; // the columns of the type are told
        };
        let missing = e.values.iter().filter(|v| !a.values.contains(v)).count();
        let extra = a.values.iter().filter(|v| !e.values.contains(v)).count();
        let shown = (enum_text(e), enum_text(a));
        let found = change(DifferenceKind::Values, ObjectKind::Enum, key, shown);
        let found = found.between(values(e, a));
        match (missing, extra) {
            (0, 0) => {}
            (0, _) => findings.add(found.severity(Severity::Warning)),
            _ => findings.add(found),
        }
    }
    for (key, e) in &expected.domains {
        if let Some(a) = actual.domains.get(key) {
            domain_type(key, e, a, findings);
        }
    }
}

fn domains(key: &str, e: &DomainSchema, a: &DomainSchema, findings: &mut Findings) {
    domain_type(key, e, a, findings);
    domain_default(key, e, a, findings);
    domain_checks(key, e, a, findings);
    comments(
        ObjectKind::Domain,
        None,
        key,
        (&e.comment, &a.comment),
        findings,
    );
}

/// What decides which values a column of the domain takes, but its checks.
fn domain_type(key: &str, e: &DomainSchema, a: &DomainSchema, findings: &mut Findings) {
    let normal = |d: &DomainSchema| {
        SqlType::parse_postgres(&d.data_type)
            .to_string()
            .replace("public.", "")
    };
    if e.data_type != a.data_type && normal(e) != normal(a) {
        let shown = (e.data_type.clone(), a.data_type.clone());
        findings.add(change(DifferenceKind::Type, ObjectKind::Domain, key, shown));
    }
    let nulls = |d: &DomainSchema| if d.not_null { "NOT NULL" } else { "NULL" }.to_owned();
    if e.not_null != a.not_null {
        let shown = (nulls(e), nulls(a));
        findings.add(change(
            DifferenceKind::Nullability,
            ObjectKind::Domain,
            key,
            shown,
        ));
    }
}

fn domain_default(key: &str, e: &DomainSchema, a: &DomainSchema, findings: &mut Findings) {
    let given = |d: &DomainSchema| d.default.clone().filter(|d| !expression::is_null(d));
    let verdict = match (&given(e), &given(a)) {
        (None, None) => Verdict::Same,
        (Some(e), Some(d)) => expression::compare_defaults(
            e,
            d,
            &SqlType::parse_postgres(&a.data_type),
            Kept::Meaning,
        ),
        _ => Verdict::Different,
    };
    let shown = |d: &Option<String>| d.clone().unwrap_or_else(|| "none".to_owned());
    match verdict {
        Verdict::Same => {}
        Verdict::Unknown => findings.not_checked(
            "domain",
            Some(key.to_owned()),
            "its default is written in another way",
        ),
        Verdict::Different => {
            let shown = (shown(&e.default), shown(&a.default));
            findings.add(change(
                DifferenceKind::Default,
                ObjectKind::Domain,
                key,
                shown,
            ));
        }
    }
}

/// By what they demand; the names of a domain's checks are mostly generated.
fn domain_checks(key: &str, e: &DomainSchema, a: &DomainSchema, findings: &mut Findings) {
    let mut left: Vec<&String> = a.checks.values().collect();
    let mut unmatched = Vec::new();
    for check in e.checks.values() {
        match left
            .iter()
            .position(|c| expression::compare(check, c, Kept::Meaning) == Verdict::Same)
        {
            Some(at) => {
                left.remove(at);
            }
            None => unmatched.push(check),
        }
    }
    if unmatched.is_empty() && left.is_empty() {
        let shown = |d: &DomainSchema| match d.not_valid.is_empty() {
            true => "all checks valid".to_owned(),
            false => {
                let names: Vec<&str> = d.not_valid.iter().map(String::as_str).collect();
                format!("NOT VALID: {}", names.join(", "))
            }
        };
        if e.not_valid.len() != a.not_valid.len() {
            let shown = (shown(e), shown(a));
            let kind = DifferenceKind::NotValid;
            findings.add(change(kind, ObjectKind::Domain, key, shown));
        }
        return;
    }
    let unknown = |check: &&String| {
        left.iter()
            .any(|c| expression::compare(check, c, Kept::Meaning) == Verdict::Unknown)
    };
    if unmatched.len() == left.len() && unmatched.iter().all(unknown) {
        findings.not_checked(
            "domain",
            Some(key.to_owned()),
            "its checks are written in another way",
        );
        return;
    }
    let shown = |d: &DomainSchema| {
        let checks: Vec<String> = d.checks.values().map(|c| format!("CHECK ({c})")).collect();
        match checks.is_empty() {
            true => "no checks".to_owned(),
            false => checks.join(" "),
        }
    };
    findings.add(change(
        DifferenceKind::Definition,
        ObjectKind::Domain,
        key,
        (shown(e), shown(a)),
    ));
}

fn sequence_text(s: &SequenceSchema) -> String {
    let owner = match &s.owned_by {
        Some((table, column)) => format!(" of {table}.{column}"),
        None => String::new(),
    };
    let mut told = s.numbering();
    told.increment = Some(told.increment.unwrap_or(1));
    let unlogged = if s.unlogged { "unlogged " } else { "" };
    let (data_type, numbering) = (data_type(s), numbering(&told));
    format!("{unlogged}{data_type}{owner}, {numbering}")
}

/// What is not the default, for people.
pub(super) fn numbering(n: &Numbering) -> String {
    let parts = [
        ("step", n.increment),
        ("start", n.start),
        ("minimum", n.min),
        ("maximum", n.max),
        ("cache", n.cache),
    ];
    let told = parts.iter();
    let told = told.filter_map(|(word, value)| value.map(|value| format!("{word} {value}")));
    let cycles = n.cycle.then(|| "cycles".to_owned());
    let told: Vec<String> = told.chain(cycles).collect();
    told.join(", ")
}

fn data_type(s: &SequenceSchema) -> &str {
    match s.data_type.as_str() {
        "" => "bigint",
        other => other,
    }
}

fn sequences(key: &str, e: &SequenceSchema, a: &SequenceSchema, findings: &mut Findings) {
    let mut e = e.clone();
    if e.unlogged && !a.unlogged && a.owned_by.is_some() {
        let why = "servers before 15 do not keep the sequence of an unlogged table as the table";
        findings.not_checked("sequence", Some(key.to_owned()), why);
        e.unlogged = false;
    }
    let e = &e;
    if sequence_text(e) != sequence_text(a) {
        let shown = (sequence_text(e), sequence_text(a));
        findings.add(change(
            DifferenceKind::Definition,
            ObjectKind::Sequence,
            key,
            shown,
        ));
    }
    comments(
        ObjectKind::Sequence,
        None,
        key,
        (&e.comment, &a.comment),
        findings,
    );
}

fn view_text(v: &ViewSchema) -> String {
    if v.materialized {
        "materialized"
    } else {
        "not materialized"
    }
    .to_owned()
}

/// How rows are seen and written through it.
fn view_options(v: &ViewSchema) -> String {
    let options: BTreeSet<&str> = v.options.iter().map(String::as_str).collect();
    match options.is_empty() {
        true => "no options".to_owned(),
        false => options.into_iter().collect::<Vec<_>>().join(", "),
    }
}

fn views(key: &str, e: &ViewSchema, a: &ViewSchema, findings: &mut Findings) {
    if view_options(e) != view_options(a) {
        let shown = (view_options(e), view_options(a));
        findings.add(change(
            DifferenceKind::Definition,
            ObjectKind::View,
            key,
            shown,
        ));
    }
    if e.materialized != a.materialized {
        let shown = (view_text(e), view_text(a));
        findings.add(change(
            DifferenceKind::Definition,
            ObjectKind::View,
            key,
            shown,
        ));
    }
    comments(
        ObjectKind::View,
        None,
        key,
        (&e.comment, &a.comment),
        findings,
    );
    findings.not_checked("view", None, "queries of views are not compared");
}

fn function_text(f: &FunctionSchema) -> String {
    match f.return_type.as_str() {
        "" => "procedure".to_owned(),
        returns => format!("returns {returns}"),
    }
}

fn functions(key: &str, e: &FunctionSchema, a: &FunctionSchema, findings: &mut Findings) {
    if function_text(e) != function_text(a) {
        let shown = (function_text(e), function_text(a));
        findings.add(change(
            DifferenceKind::Type,
            ObjectKind::Function,
            key,
            shown,
        ));
    }
    comments(
        ObjectKind::Function,
        None,
        key,
        (&e.comment, &a.comment),
        findings,
    );
    findings.not_checked("function", None, "bodies of functions are not compared");
}
