//! A plan for people and for programs: its steps with what they cost in words, their SQL, and what is left. Decides
//! nothing.

use std::path::PathBuf;

use db_adapter::fix::{
    BlockingSession, FactKind, FixPlan, FixResult, FixStep, Hazard, NotFixed, Undecided,
};
use db_adapter::{Notice, Row};

use crate::cell::escaped;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;

/// What is shown.
pub(super) struct Shown<'a> {
    pub(super) plan: &'a FixPlan,
    pub(super) profile: Option<&'a str>,
    pub(super) database: String,
    /// What became of it, when it was done.
    pub(super) done: Option<&'a FixResult>,
    pub(super) backups: Vec<PathBuf>,
}

/// All of it, where nothing is done.
pub(super) fn preview(shown: &Shown<'_>, printer: &mut Printer) -> Result<(), Report> {
    if printer.wants_json() {
        return printer.json(as_json(shown));
    }
    steps(shown.plan, printer)?;
    left(shown.plan, printer)
}

/// The steps and their SQL.
pub(super) fn steps(plan: &FixPlan, printer: &mut Printer) -> Result<(), Report> {
    if plan.steps().next().is_none() {
        return Ok(());
    }
    printer.text("\nplan\n")?;
    let many = plan.phases.len() > 1;
    let known = |kind| plan.steps().any(|step| fact(step, kind).is_some());
    let (counted, sized) = (known(FactKind::Rows), known(FactKind::Bytes));
    let mut rows: Vec<Row> = Vec::new();
    for (phase, entry) in plan.phases.iter().enumerate() {
        for step in &entry.steps {
            let mut row = Row::new();
            if many {
                row.set("phase", i64::try_from(phase + 1).unwrap_or(i64::MAX));
            }
            row.set("step", step.summary.as_str());
            if counted {
                let rows = fact(step, FactKind::Rows).map(|rows| rows.to_string());
                row.set("rows", rows.unwrap_or_default());
            }
            if sized {
                let bytes = fact(step, FactKind::Bytes).map(size);
                row.set("size", bytes.unwrap_or_default());
            }
            row.set("costs", costs(step));
            rows.push(row);
        }
    }
    printer.table(&rows)?;
    for (phase, entry) in plan.phases.iter().enumerate() {
        if let Some(why) = &entry.ends_because {
            let why = escaped(why);
            printer.text(&format!("phase {} ends there: {why}\n", phase + 1))?;
        }
    }
    let sql: Vec<String> = plan
        .sql()
        .lines()
        .map(|line| format!("  {}\n", escaped(line)))
        .collect();
    printer.text(&format!("\nSQL\n{}", sql.concat()))?;
    let tables = plan.tables_to_back_up();
    match tables.is_empty() {
        true => Ok(()),
        false => printer.text(&format!(
            "\nbacked up before: {}\n",
            escaped(&tables.join(", "))
        )),
    }
}

/// What is not done, and what has to be said first.
fn left(plan: &FixPlan, printer: &mut Printer) -> Result<(), Report> {
    if !plan.not_fixed.is_empty() {
        printer.text("\nnot fixed\n")?;
    }
    for entry in &plan.not_fixed {
        entry_of(&entry.notice(), printer)?;
    }
    if !plan.undecided.is_empty() {
        printer.text("\nto be decided, before anything is done\n")?;
    }
    for entry in &plan.undecided {
        entry_of(&undecided(entry), printer)?;
    }
    Ok(())
}

fn entry_of(notice: &Notice, printer: &mut Printer) -> Result<(), Report> {
    printer.text(&format!("  {}\n", escaped(&notice.message)))?;
    match &notice.hint {
        Some(hint) => printer.text(&format!("    {}\n", escaped(hint))),
        None => Ok(()),
    }
}

/// With the flags of this program.
pub(super) fn undecided(entry: &Undecided) -> Notice {
    let path = match &entry.column {
        Some(column) => format!("{}.{column}", entry.table),
        None => entry.table.clone(),
    };
    let before = entry.candidates.first().map_or("", String::as_str);
    entry.notice().hint(format!(
        "if it is, pass `--renamed {path}={before}` or declare `renamed_from`; if it is a new one, pass `--allow add:{path}`"
    ))
}

/// What was done.
pub(super) fn done(shown: &Shown<'_>, printer: &mut Printer) -> Result<(), Report> {
    if printer.wants_json() {
        return printer.json(as_json(shown));
    }
    left(shown.plan, printer)?;
    let steps = shown.done.map_or(0, |done| done.steps.len());
    match (steps, shown.plan.not_fixed.len()) {
        (0, 0) => printer.note("nothing to repair"),
        (0, _) => printer.note("nothing was repaired, and differences are left"),
        (1, 0) => printer.note("repaired: 1 step"),
        (steps, 0) => printer.note(&format!("repaired: {steps} steps")),
        (steps, _) => printer.note(&format!("repaired: {steps} steps; differences are left")),
    }
    if let (true, Some(name)) = (steps > 0, shown.profile) {
        printer.note(&format!(
            "validate it: `db-adapter connect --profile {name}`"
        ));
    }
    Ok(())
}

/// Who is waited for.
pub(super) fn waits(sessions: &[BlockingSession]) -> String {
    match sessions.is_empty() {
        true => "waits for a lock".to_owned(),
        false => {
            let sessions: Vec<String> = sessions.iter().map(ToString::to_string).collect();
            format!("waits for {}", sessions.join(", "))
        }
    }
}

fn fact(step: &FixStep, kind: FactKind) -> Option<i64> {
    let mut facts = step.facts.iter().filter(|fact| fact.kind == kind);
    let number = facts.find_map(|fact| fact.number())?;
    Some(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Bytes as people say them.
fn size(bytes: i64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64 / 1024.0;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    format!("{value:.0} {unit}")
}

/// What a step costs, in words.
fn costs(step: &FixStep) -> String {
    let words: Vec<&str> = step
        .hazards
        .iter()
        .filter_map(|hazard| words(*hazard))
        .collect();
    match words.is_empty() {
        true => "little".to_owned(),
        false => words.join(", "),
    }
}

fn words(hazard: Hazard) -> Option<&'static str> {
    Some(match hazard {
        Hazard::MetadataOnly => "no row is touched",
        Hazard::Scans => "reads every row",
        Hazard::Rewrites => "writes every row",
        // whoever cannot read cannot write either
        Hazard::BlocksWrites => "others cannot write",
        Hazard::BlocksReads => "nor read",
        Hazard::ChangesValues => "CHANGES VALUES",
        Hazard::LosesData => "LOSES DATA",
        Hazard::NeedsCommit => "must be committed first",
        Hazard::Reinterprets => "GIVES VALUES ANOTHER MEANING",
        _ => return None,
    })
}

/// `{"version":1,"profile":..,"applied":false,"steps":[..],"not_fixed":[..],"undecided":[..]}`
fn as_json(shown: &Shown<'_>) -> Object {
    let plan = shown.plan;
    let phases = plan.phases.iter().enumerate();
    let steps = phases.flat_map(|(at, phase)| {
        let kind = phase.kind.as_str();
        phase
            .steps
            .iter()
            .map(move |step| step_json(at + 1, kind, step))
    });
    let backups: Vec<String> = shown
        .backups
        .iter()
        .map(|p| p.display().to_string())
        .collect();
    Object::versioned()
        .value("profile", shown.profile)
        .value("database", shown.database.as_str())
        .value("applied", shown.done.is_some())
        .value("backups", texts(&backups))
        .value("back_up", texts(&plan.tables_to_back_up()))
        .list("steps", steps)
        .list("not_fixed", plan.not_fixed.iter().map(not_fixed_json))
        .list("undecided", plan.undecided.iter().map(undecided_json))
}

fn texts<T: AsRef<str>>(list: &[T]) -> db_adapter::Value {
    let values: Vec<db_adapter::Value> = list.iter().map(|text| text.as_ref().into()).collect();
    values.into()
}

fn step_json(phase: usize, kind: &str, step: &FixStep) -> Object {
    let hazards: Vec<&str> = step.hazards.iter().map(|hazard| hazard.as_str()).collect();
    let locks = step.locks.iter().map(|lock| {
        let object = Object::new().value("table", lock.table.as_str());
        object.value("mode", lock.mode.as_str())
    });
    Object::new()
        .value("phase", i64::try_from(phase).unwrap_or(i64::MAX))
        .value("run", kind)
        .value("kind", step.kind.as_str())
        .value("object", step.object.path())
        .value("summary", step.summary.as_str())
        .value("hazards", texts(&hazards))
        .list("locks", locks)
        .value("rows", fact(step, FactKind::Rows))
        .value("bytes", fact(step, FactKind::Bytes))
        .value("sql", step.sql())
}

fn not_fixed_json(entry: &NotFixed) -> Object {
    Object::new()
        .value("object", entry.object.path())
        .value("difference", entry.difference.as_str())
        .value("reason", entry.reason.as_str())
        .value("allow", entry.allow.as_ref().map(ToString::to_string))
}

fn undecided_json(entry: &Undecided) -> Object {
    Object::new()
        .value("table", entry.table.as_str())
        .value("column", entry.column.clone())
        .value("candidates", texts(&entry.candidates))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_what_people_say() {
        assert_eq!(size(0), "0 KiB");
        assert_eq!(size(8192), "8 KiB");
        assert_eq!(size(5 << 20), "5 MiB");
        assert_eq!(size(3 << 40), "3 TiB");
    }

    #[test]
    fn every_hazard_has_words() {
        for hazard in [Hazard::MetadataOnly, Hazard::Scans, Hazard::Reinterprets] {
            assert!(words(hazard).is_some());
        }
    }
}
