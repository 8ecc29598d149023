//! `sync`: compares the rows of two databases, and brings those of one into the other. Writes only with `--confirm`.

use std::sync::Arc;

use db_adapter::sync::{
    SyncChange, SyncFailure, SyncOptions, SyncOutcome, SyncPlan, TablePlan, compare, sync as bring,
};
use db_adapter::{ActiveProfile, DatabaseConfig, Error, ErrorKind, Row, Value, row};

use super::backup::{count, notice, user};
use crate::args::SyncArgs;
use crate::cell::escaped;
use crate::database::{self, Access, Database, Databases};
use crate::declared;
use crate::exit::Exit;
use crate::guard;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;
use crate::validated::{self, Validated};

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// What a sync would do, as far as it is known without doing it.
    Compare,
    /// The same, where any difference is a negative finding.
    Verify,
    /// All the work, undone.
    DryRun,
    Write,
}

impl Mode {
    fn of(args: &SyncArgs, settings: &Settings) -> Mode {
        match (args.verify, args.dry_run, args.confirm || settings.yes) {
            (true, ..) => Mode::Verify,
            (_, true, _) => Mode::DryRun,
            (_, _, true) => Mode::Write,
            _ => Mode::Compare,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Mode::Compare => "compare",
            Mode::Verify => "verify",
            Mode::DryRun => "dry_run",
            Mode::Write => "sync",
        }
    }
}

/// Compares, and does what is asked for.
pub(crate) async fn sync(
    args: &SyncArgs,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let mode = Mode::of(args, settings);
    let mut of_dest = settings.database.clone();
    if let Some(name) = &args.to {
        if settings.names_database {
            let message = "`--to` and a global option name two destinations";
            return Err(Report::new(Exit::Usage, message).hint("give one of them"));
        }
        of_dest = of_dest.profile(name);
    }
    let active = database::resolve(&of_dest, printer)?;
    let config = settings.database.load_config()?;
    let from = config.profile(&args.from)?;
    if mode == Mode::Write {
        guard::write(&active, settings.target.as_deref())?;
    }
    let options = options(args, &active, &config, settings, printer)?;
    let access = match mode {
        Mode::Compare | Mode::Verify => Access::Look,
        Mode::DryRun | Mode::Write => Access::WriteExisting,
    };
    let source = databases.open_profile(from, Access::Look).await?;
    let dest = databases.open(&active, access).await?;
    let target = settings.target.as_deref();
    let allowed = match mode {
        Mode::Write => guard::sends_away(&source.url, &dest.url, &active, target),
        _ => Ok(()),
    };
    let done = match allowed {
        Ok(()) => {
            let both = (&source, &dest);
            work(mode, both, options, (&active, &of_dest), printer).await
        }
        Err(report) => Err(report),
    };
    dest.close().await;
    source.close().await;
    let outcome = done?;
    for warning in &outcome.plan.warnings {
        printer.warning(&warning.clone().into());
    }
    say(mode, &args.from, &active, &outcome, printer)?;
    Ok(exit(mode, &outcome))
}

async fn work(
    mode: Mode,
    (source, dest): (&Database, &Database),
    options: SyncOptions,
    (active, of_dest): (&ActiveProfile, &db_adapter::AdapterOptions),
    printer: &mut Printer,
) -> Result<SyncOutcome, Report> {
    let (from, to) = (&source.client, &dest.client);
    Ok(match mode {
        Mode::Compare | Mode::Verify => {
            let mut outcome = SyncOutcome::default();
            outcome.plan = compare(from, to, &options).await.map_err(in_flags)?;
            outcome
        }
        Mode::DryRun => bring(from, to, &options).await.map_err(in_flags)?,
        Mode::Write => {
            validated::check(Validated::Schema, dest, active, of_dest, printer).await?;
            dest.begins_to_write();
            {
                let options = options.dry_run(false).confirm(true);
                bring(from, to, &options).await.map_err(in_flags)?
            }
        }
    })
}

fn options(
    args: &SyncArgs,
    active: &ActiveProfile,
    config: &DatabaseConfig,
    settings: &Settings,
    printer: &Printer,
) -> Result<SyncOptions, Report> {
    let file = args.backup_schema.as_deref();
    let schema = declared::backup(file, &args.schema, Some(config), settings)?;
    let tables = match args.tables.is_empty() {
        true => config.sync_tables(),
        false => args.tables.as_slice(),
    };
    let mut options = SyncOptions::new(tables.iter().cloned());
    let fields = [
        ("--user-field", &args.user_field),
        ("--slug-field", &args.slug_field),
    ];
    match schema {
        Some((schema, origin)) => {
            if let Some((flag, _)) = fields.iter().find(|(_, field)| field.is_some()) {
                let message = format!("`{flag}` is for tables without a declared schema");
                let hint = format!("leave it out: {origin} says by what a row is known");
                return Err(Report::new(Exit::Usage, message).hint(hint));
            }
            options = options.schema(schema);
        }
        None if tables.is_empty() => {
            return Err(Report::new(Exit::Usage, "nothing says which tables are meant").hint(
                "pass `--tables` or `--backup-schema`, or set `tables` in `[sync]` or `backup_schema` in `[schema]` of db.toml",
            ));
        }
        None => {
            for (flag, field) in fields {
                if field.as_ref().is_some_and(|name| name.trim().is_empty()) {
                    return Err(Report::new(Exit::Usage, format!("`{flag}` is empty")));
                }
            }
            if let Some(column) = &args.user_field {
                options = options.user_field(column);
            }
            if let Some(column) = &args.slug_field {
                options = options.slug_field(column);
            }
        }
    }
    let of_config = active.config.as_ref().or(Some(config));
    let user = user(args.user_id.as_deref(), args.all_rows, of_config, settings)?;
    if user != Value::Null {
        options = options.user_id(user);
    }
    if args.allow_row_security {
        options = options.allow_row_security();
    }
    let progress = Arc::new(printer.progress());
    Ok(options
        .overwrite_shared(args.overwrite_shared)
        .on_progress(move |told| {
            progress.rows(&told.table, told.rows, told.total.unwrap_or(told.rows));
        }))
}

/// What a flag would allow, is said in flags.
fn in_flags(error: Error) -> Report {
    let is_partial = error.kind() == ErrorKind::PartialBackup;
    let report = Report::from(error);
    match is_partial {
        true => report.hint(
            "use a role with BYPASSRLS, or pass `--allow-row-security` for a sync that may not be whole",
        ),
        false => report,
    }
}

fn exit(mode: Mode, outcome: &SyncOutcome) -> Exit {
    let left = outcome.proof.as_ref();
    let is_fine = match mode {
        Mode::Verify => outcome.plan.is_same(),
        Mode::Compare | Mode::DryRun => outcome.plan.failed() == 0,
        Mode::Write => outcome.committed && left.is_none_or(SyncPlan::has_nothing_to_do),
    };
    match is_fine {
        true => Exit::Done,
        false => Exit::Negative,
    }
}

fn say(
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
    printer.table(&plan.tables.iter().map(table).collect::<Vec<Row>>())?;
    for table in &plan.tables {
        columns(table, printer)?;
        failures(table, printer)?;
    }
    if let Some(proof) = outcome.proof.as_ref().filter(|p| !p.has_nothing_to_do()) {
        printer.text("\nafter the sync these differ still:\n")?;
        printer.table(&proof.tables.iter().map(table).collect::<Vec<Row>>())?;
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
    let kept = sum(|table| table.kept);
    if kept > 0 {
        let differ = if kept == 1 { "differs" } else { "differ" };
        stay.push(format!("{} of all users {differ}", rows(kept)));
    }
    let stays = match (stay.is_empty(), only_there + kept) {
        (true, _) => String::new(),
        (_, 1) => format!("; {}, and stays", stay.join(" and ")),
        _ => format!("; {}, and stay", stay.join(" and ")),
    };
    let (new, changed) = (plan.inserts(), plan.updates());
    let work = format!("{new} new, {changed} changed");
    let said = match (mode, plan.failed()) {
        (Mode::Verify, 0) if plan.is_same() => "both have the same rows".to_owned(),
        (Mode::Verify, _) => "the databases differ".to_owned(),
        (_, failed) if failed > 0 => {
            format!("{} cannot be synced, so nothing is", rows(failed))
        }
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

/// `1 row`, `2 rows`.
fn rows(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    }
}

fn table(table: &TablePlan) -> Row {
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
    if table.kept > 0 {
        row.set("kept", count(table.kept));
    }
    row
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
    Object::versioned()
        .value("mode", mode.name())
        .value("from", from)
        .value("to", to.name())
        .value("committed", outcome.committed)
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
        .object("columns", Some(columns))
        .list("new_rows", table.new_rows.iter().map(key))
        .list("changed_rows", table.changed_rows.iter().map(change))
        .list("kept_rows", table.kept_rows.iter().map(change))
        .list("only_in_dest_rows", table.only_in_dest_rows.iter().map(key))
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
