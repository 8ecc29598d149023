//! Triggers and policies. Never looks into a trigger's function.

use super::columns::not_comparable;
use super::{Two, comments, differs, extra, missing};
use crate::schema::{PolicySchema, TriggerSchema, TriggerSessions};
use crate::validate::expression::{self, Kept, Verdict};
use crate::validate::findings::Findings;
use crate::validate::{DifferenceKind, ObjectKind};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn triggers(two: &Two<'_>, findings: &mut Findings) {
    let table = Some(two.key);
    let maps = (&two.expected.triggers, &two.actual.triggers);
    by_name(two, ObjectKind::Trigger, maps, trigger, findings);
    for (name, e) in &two.expected.triggers {
        let Some(a) = two.actual.triggers.get(name) else {
            continue;
        };
        if trigger(e) != trigger(a) {
            let shown = (trigger(e), trigger(a));
            findings.add(differs(
                DifferenceKind::Definition,
                ObjectKind::Trigger,
                table,
                name,
                shown,
            ));
        }
        comments(
            ObjectKind::Trigger,
            table,
            name,
            (&e.comment, &a.comment),
            findings,
        );
        findings.not_checked(
            "trigger",
            None,
            "conditions and functions of triggers are not compared",
        );
    }
}

/// Missing and extra ones.
fn by_name<T>(
    two: &Two<'_>,
    object: ObjectKind,
    (expected, actual): (&BTreeMap<String, T>, &BTreeMap<String, T>),
    shown: fn(&T) -> String,
    findings: &mut Findings,
) {
    for (name, e) in expected
        .iter()
        .filter(|(name, _)| !actual.contains_key(*name))
    {
        findings.add(missing(object, Some(two.key), name, shown(e)));
    }
    for (name, a) in actual
        .iter()
        .filter(|(name, _)| !expected.contains_key(*name))
    {
        findings.add(extra(object, Some(two.key), name, shown(a)));
    }
}

fn trigger(t: &TriggerSchema) -> String {
    let events: BTreeSet<String> = t.events.iter().map(|e| e.to_uppercase()).collect();
    let events: Vec<String> = events.into_iter().collect();
    let function = match t.function_name.as_str() {
        "" => String::new(),
        name => format!(" EXECUTE {}", name.strip_prefix("public.").unwrap_or(name)),
    };
    let state = match (t.disabled, t.sessions) {
        (true, _) => ", disabled",
        (false, TriggerSessions::Ordinary) => "",
        (false, TriggerSessions::Replica) => ", in sessions of a replication alone",
        (false, TriggerSessions::Always) => ", in sessions of a replication too",
    };
    format!(
        "{} {}{function}{state}",
        t.timing.to_uppercase(),
        events.join(" OR ")
    )
}

pub(super) fn policies(two: &Two<'_>, findings: &mut Findings) {
    let maps = (&two.expected.policies, &two.actual.policies);
    by_name(two, ObjectKind::Policy, maps, policy, findings);
    for (name, e) in &two.expected.policies {
        let Some(a) = two.actual.policies.get(name) else {
            continue;
        };
        match verdict(e, a) {
            Verdict::Same => {}
            Verdict::Unknown => not_comparable("policy", two.key, name, findings),
            Verdict::Different => {
                let shown = (policy(e), policy(a));
                let table = Some(two.key);
                findings.add(differs(
                    DifferenceKind::Definition,
                    ObjectKind::Policy,
                    table,
                    name,
                    shown,
                ));
            }
        }
    }
}

fn verdict(e: &PolicySchema, a: &PolicySchema) -> Verdict {
    let roles = |p: &PolicySchema| p.roles.iter().cloned().collect::<BTreeSet<String>>();
    if e.command != a.command || e.restrictive != a.restrictive || roles(e) != roles(a) {
        return Verdict::Different;
    }
    let part = |e: &Option<String>, a: &Option<String>| match (e, a) {
        (None, None) => Verdict::Same,
        (Some(e), Some(a)) => expression::compare(e, a, Kept::Meaning),
        _ => Verdict::Different,
    };
    match (part(&e.using, &a.using), part(&e.with_check, &a.with_check)) {
        (Verdict::Same, Verdict::Same) => Verdict::Same,
        (Verdict::Different, _) | (_, Verdict::Different) => Verdict::Different,
        _ => Verdict::Unknown,
    }
}

fn policy(p: &PolicySchema) -> String {
    let kind = if p.restrictive {
        "RESTRICTIVE"
    } else {
        "PERMISSIVE"
    };
    let roles = match p.roles.is_empty() {
        true => "PUBLIC".to_owned(),
        false => p.roles.join(", "),
    };
    let mut text = format!("{kind} FOR {} TO {roles}", p.command);
    if let Some(using) = &p.using {
        text.push_str(&format!(" USING ({using})"));
    }
    if let Some(check) = &p.with_check {
        text.push_str(&format!(" WITH CHECK ({check})"));
    }
    text
}
