//! Phases of the steps: one transaction where that goes, and one for each step where others are to read and write
//! meanwhile. A new value of an enum ends a phase where another step uses it.

use super::{POSTGRES, Placed};
use crate::fix::plan::{FixKind, Phase, PhaseKind, Statement};
use crate::fix::{FixMode, FixStep, Hazard};
use crate::lexer::{Kind, Lexer};

pub(super) fn phases(mut placed: Vec<Placed>, mode: FixMode) -> Vec<Phase> {
    placed.sort_by_key(|placed| placed.rank);
    let used = used_values(&placed);
    let mut phases: Vec<Phase> = Vec::new();
    for (at, Placed { kind, mut step, .. }) in placed.into_iter().enumerate() {
        let needs_commit = used.contains(&at);
        if needs_commit {
            step = step.hazard(Hazard::NeedsCommit);
        }
        let is_value = step.kind == FixKind::AddEnumValue;
        let goes_on = phases.last().is_some_and(|phase| {
            let last_is_value = phase
                .steps
                .last()
                .is_some_and(|last| last.hazards.contains(&Hazard::NeedsCommit));
            mode == FixMode::Atomic
                && kind == PhaseKind::Transaction
                && phase.kind == kind
                && (!last_is_value || is_value)
        });
        if !goes_on {
            phases.push(Phase::new(kind));
        }
        if let Some(phase) = phases.last_mut() {
            if needs_commit {
                let why = "a new value of an enum cannot be used before it is committed";
                phase.ends_because = Some(why.to_owned());
            }
            phase.steps.push(step);
        }
    }
    phases
}

/// The places of the steps whose new value, or the enum itself, another step names.
fn used_values(placed: &[Placed]) -> Vec<usize> {
    let values = placed.iter().enumerate();
    let values = values.filter(|(_, placed)| placed.step.kind == FixKind::AddEnumValue);
    let is_used = |step: &FixStep| {
        let name = crate::ddl_writer::quote::parts_of_key(&step.object.name).1;
        let value = value_of(step);
        let others = placed
            .iter()
            .filter(|other| other.step.kind != FixKind::AddEnumValue);
        let mut statements = others.flat_map(|other| &other.step.statements);
        statements.any(|statement| match statement {
            Statement::Run(sql) | Statement::Check { sql, .. } => mentions(sql, &name, &value),
        })
    };
    let used: Vec<usize> = values
        .filter(|(_, placed)| is_used(&placed.step))
        .map(|(at, _)| at)
        .collect();
    used
}

/// The value that a step adds: the first string of its statement.
fn value_of(step: &FixStep) -> String {
    let sql = step.sql();
    let mut tokens = Lexer::of_definition(&sql, POSTGRES);
    let found = tokens.find(|token| matches!(token.kind, Kind::String(_)));
    found.and_then(|token| token.string()).unwrap_or_default()
}

fn mentions(sql: &str, name: &str, value: &str) -> bool {
    let mut tokens = Lexer::of_definition(sql, POSTGRES);
    tokens.any(|token| match token.kind {
        Kind::String(_) => token.string().is_some_and(|text| text == value),
        _ => token.name(POSTGRES).as_deref() == Some(name),
    })
}
