//! What a comparison or a sync tells: a table of counts, the columns that differ, the rows that failed; or JSON.

use db_adapter::sync::{BaseFile, SyncChange, SyncFailure, SyncOutcome, SyncPlan, TablePlan};
use db_adapter::{ActiveProfile, Row, row};

use super::super::backup::{count, notice};
use super::Mode;
use crate::cell::escaped;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;

pub(super) fn say(
    mode: Mode,
    from: &str,
    to: &ActiveProfile,
    outcome: &SyncOutcome,
    printer: &mut Printer,
) -> Result<(), Report> {
    if printer.wants_json() {
        return printer.json(as_json(mode, from, to, outcome));
    }
    let plan = &outcome.plan;
    printer.table(&tables(plan))?;
    for table in &plan.tables {
        columns(table, printer)?;
        failures(table, printer)?;
    }
    if let Some(proof) = outcome.proof.as_ref().filter(|p| !p.has_nothing_to_do()) {
        printer.text("\nafter the sync these differ still:\n")?;
        printer.table(&tables(proof))?;
    }
    printer.note(&verdict(mode, outcome));
    Ok(())
}

fn verdict(mode: Mode, outcome: &SyncOutcome) -> String {
    let plan = &outcome.plan;
    let sum = |count: fn(&TablePlan) -> u64| plan.tables.iter().map(count).sum::<u64>();
    let only_there = sum(|table| table.only_in_dest);
    let mut stay = Vec::new();
    if only_there > 0 {
        let are = if only_there == 1 { "is" } else { "are" };
        stay.push(format!(
            "{} {are} only in the destination",
            rows(only_there)
        ));
    }
    let changed_there = sum(|table| table.changed_in_dest);
    if changed_there > 0 {
        let were = if changed_there == 1 { "was" } else { "were" };
        stay.push(format!(
            "{} {were} changed only in the destination",
            rows(changed_there)
        ));
    }
    let gone_there = sum(|table| table.deleted_in_dest);
    if gone_there > 0 {
        let were = if gone_there == 1 { "was" } else { "were" };
        stay.push(format!(
            "{} {were} deleted only in the destination",
            rows(gone_there)
        ));
    }
    let kept = sum(|table| table.kept);
    if kept > 0 {
        let differ = if kept == 1 { "differs" } else { "differ" };
        stay.push(format!("{} of all users {differ}", rows(kept)));
    }
    let stays = match (
        stay.is_empty(),
        only_there + changed_there + gone_there + kept,
    ) {
        (true, _) => String::new(),
        (_, 1) => format!("; {}, and stays", stay.join(" and ")),
        _ => format!("; {}, and stay", stay.join(" and ")),
    };
    let (new, changed) = (plan.inserts(), plan.updates());
    let mut work = format!("{new} new, {changed} changed");
    if plan.deletes() > 0 {
        work += &format!(", {} deleted", plan.deletes());
    }
    let said = match (mode, plan.failed()) {
        (Mode::Verify, 0) if plan.is_same() && sum(|table| table.source_rows) == 0 => {
            "both have no rows of these tables: are the tables and the user the right ones?".to_owned()
        }
        (Mode::Verify, 0) if plan.is_same() => "both have the same rows".to_owned(),
        (Mode::Verify, 0) if plan.has_nothing_to_do() && stay.is_empty() => {
            "no difference was found, but references to rows that are not among those of the source were not compared"
                .to_owned()
        }
        (Mode::Verify, _) => "the databases differ".to_owned(),
        (_, failed) if failed > 0 => {
            format!("{} cannot be synced, so nothing is", rows(failed))
        }
        _ if plan.conflicts() > 0 => conflicts(plan),
        _ if plan.has_nothing_to_do() => "nothing to sync".to_owned(),
        (Mode::Compare, _) => {
            format!("would sync {work}: add `--confirm` to do it, `--dry-run` to try it")
        }
        (Mode::DryRun, _) => format!("dry run: would sync {work}, and nothing was changed"),
        (Mode::Write, _) if outcome.is_proven() => format!("synced {work}, and compared again"),
        (Mode::Write, _) => format!(
            "synced {work}, but rows differ still: a trigger or a rule of the destination has changed them"
        ),
    };
    said + &stays
}

/// What stands in the way of a sync, in numbers.
fn conflicts(plan: &SyncPlan) -> String {
    let both: u64 = plan.tables.iter().map(|table| table.conflicts).sum();
    let needs: u64 = plan.tables.iter().map(|table| table.need_deleted).sum();
    let mut parts = Vec::new();
    if both > 0 {
        let were = if both == 1 { "was" } else { "were" };
        parts.push(format!("{} {were} changed on both sides", rows(both)));
    }
    if needs > 0 {
        let need = if needs == 1 { "needs" } else { "need" };
        parts.push(format!(
            "{} {need} a row that was deleted in the destination",
            rows(needs)
        ));
    }
    format!("{}, so nothing is synced", parts.join(" and "))
}

/// `1 row`, `2 rows`.
fn rows(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    }
}

/// A column of counts that most syncs have none of.
type Column = (&'static str, fn(&TablePlan) -> u64);

const COLUMNS: &[Column] = &[
    ("deleted", |table| table.deleted),
    ("conflicts", |table| table.conflicts),
    ("need deleted", |table| table.need_deleted),
    ("changed in dest", |table| table.changed_in_dest),
    ("deleted in dest", |table| table.deleted_in_dest),
];

/// A row for each table; what most syncs have none of is told where there is any.
fn tables(plan: &SyncPlan) -> Vec<Row> {
    let any = |count: fn(&TablePlan) -> u64| plan.tables.iter().any(|table| count(table) > 0);
    let (kept, nulled) = (any(|table| table.kept), any(|table| table.nulled_refs));
    let uncompared = any(|table| table.uncompared_refs);
    let more: Vec<&Column> = COLUMNS.iter().filter(|column| any(column.1)).collect();
    let of_one = |table: &TablePlan| {
        let mut row = row! {
            "table": table.table.as_str(),
            "source": count(table.source_rows),
            "dest": table.dest_rows.map(count),
            "new": count(table.new),
            "changed": count(table.changed),
            "unchanged": count(table.unchanged),
            "only in dest": count(table.only_in_dest),
            "failed": count(table.failed),
        };
        if kept {
            row.set("kept", count(table.kept));
        }
        if nulled {
            row.set("nulled refs", count(table.nulled_refs));
        }
        if uncompared {
            row.set("uncompared refs", count(table.uncompared_refs));
        }
        for (name, of) in &more {
            row.set(name, count(of(table)));
        }
        row
    };
    plan.tables.iter().map(of_one).collect()
}

/// Which columns differ, in how many rows.
fn columns(table: &TablePlan, printer: &mut Printer) -> Result<(), Report> {
    if table.columns.is_empty() {
        return Ok(());
    }
    printer.text(&format!("\n{} changed:\n", escaped(&table.table)))?;
    for (column, count) in &table.columns {
        printer.text(&format!("  {} in {}\n", escaped(column), rows(*count)))?;
    }
    Ok(())
}

fn failures(table: &TablePlan, printer: &mut Printer) -> Result<(), Report> {
    if table.failed == 0 {
        return Ok(());
    }
    printer.text(&format!("\n{} failed:\n", escaped(&table.table)))?;
    let mut told = 0;
    for failure in &table.failures {
        told += 1 + failure.dependents;
        printer.text(&format!("  {}\n", escaped(&line(failure))))?;
    }
    let more = table.failed.saturating_sub(told);
    match (table.failures.is_empty(), more) {
        (_, 0) => {}
        (true, more) => {
            let line = format!("  {}, since rows that they need failed\n", rows(more));
            printer.text(&line)?;
        }
        (false, more) => printer.text(&format!("  and {more} more\n"))?,
    }
    Ok(())
}

/// The key by its columns: its values are for those who ask for JSON.
fn line(failure: &SyncFailure) -> String {
    let names: Vec<String> = failure
        .key
        .names()
        .map(|name| format!("`{name}`"))
        .collect();
    let dependents = match failure.dependents {
        0 => String::new(),
        1 => "; so 1 row that needs it failed too".to_owned(),
        count => format!("; so {count} rows that need it failed too"),
    };
    format!(
        "a row known by {}: {}{dependents}",
        names.join(", "),
        failure.reason
    )
}

fn as_json(mode: Mode, from: &str, to: &ActiveProfile, outcome: &SyncOutcome) -> Object {
    let proof = outcome.proof.as_ref().map(|proof| {
        Object::new()
            .value("same", proof.has_nothing_to_do())
            .list("tables", proof.tables.iter().map(table_object))
    });
    let base_written = outcome.base.as_ref().map(|base| *base == BaseFile::Written);
    Object::versioned()
        .value("mode", mode.name())
        .value("from", from)
        .value("to", to.name())
        .value("committed", outcome.committed)
        .value("base_written", base_written)
        .value("same", outcome.plan.is_same())
        .list("tables", outcome.plan.tables.iter().map(table_object))
        .object("proof", proof)
        .list("warnings", outcome.plan.warnings.iter().map(notice))
}

fn table_object(table: &TablePlan) -> Object {
    let columns = table
        .columns
        .iter()
        .fold(Object::new(), |object, (name, rows)| {
            object.named(name, count(*rows))
        });
    Object::new()
        .value("table", table.table.as_str())
        .value("source_rows", count(table.source_rows))
        .value("dest_rows", table.dest_rows.map(count))
        .value("new", count(table.new))
        .value("changed", count(table.changed))
        .value("unchanged", count(table.unchanged))
        .value("kept", count(table.kept))
        .value("only_in_dest", count(table.only_in_dest))
        .value("failed", count(table.failed))
        .value("nulled_refs", count(table.nulled_refs))
        .value("deleted", count(table.deleted))
        .value("changed_in_dest", count(table.changed_in_dest))
        .value("deleted_in_dest", count(table.deleted_in_dest))
        .value("converged", count(table.converged))
        .value("conflicts", count(table.conflicts))
        .value("conflicts_decided", count(table.decided))
        .value("need_deleted", count(table.need_deleted))
        .value("uncompared_refs", count(table.uncompared_refs))
        .object("columns", Some(columns))
        .list("new_rows", table.new_rows.iter().map(key))
        .list("changed_rows", table.changed_rows.iter().map(change))
        .list("kept_rows", table.kept_rows.iter().map(change))
        .list("only_in_dest_rows", table.only_in_dest_rows.iter().map(key))
        .list("deleted_rows", table.deleted_rows.iter().map(key))
        .list("failures", table.failures.iter().map(failure))
}

fn key(row: &Row) -> Object {
    Object::new().json("key", crate::json::row(row))
}

fn change(change: &SyncChange) -> Object {
    key(&change.key).value("columns", change.columns.clone())
}

fn failure(failure: &SyncFailure) -> Object {
    key(&failure.key)
        .value("reason", failure.reason.as_str())
        .value("dependents", count(failure.dependents))
}
