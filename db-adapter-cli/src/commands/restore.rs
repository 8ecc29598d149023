//! `restore`: a backup back into a database, as rows of a user. Asks before it writes.

use std::path::Path;
use std::sync::Arc;

use db_adapter::backup::{
    Keys, MissingRef, OnError, RestoreFailure, RestoreMode, RestoreOptions, RestoreSummary,
    TableSummary, restore_database,
};
use db_adapter::{ActiveProfile, DatabaseIdentity, Row, Value, row};

use super::backup::{count, notice, user};
use crate::args::{KeyPolicy, Missing, Mode, OnFailure, RestoreArgs};
use crate::cell::escaped;
use crate::database::{self, Access, Databases};
use crate::declared;
use crate::exit::Exit;
use crate::guard;
use crate::input;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;
use crate::validated::{self, Validated};

/// Restores the file, and says what became of its rows.
pub(crate) async fn restore(
    args: &RestoreArgs,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let active = database::resolve(&settings.database, printer)?;
    if !args.dry_run {
        guard::write(&active, settings.target.as_deref())?;
    }
    let config = active.config.as_ref();
    let file = args.backup_schema.as_deref();
    let named = file.is_some() || args.schema.names_a_place();
    let of_schema = declared::config(&active, named, settings)?;
    let schema = declared::backup(file, &args.schema, of_schema.as_deref(), settings)?;
    let (schema, _) = schema.ok_or_else(declared::nothing_backed_up)?;
    let user = user(args.user_id.as_deref(), args.all_rows, config, settings)?;
    if !args.dry_run {
        confirm(args, &active, &user, settings, printer).await?;
    }
    let options = options(args, printer);
    let database = databases.open(&active, Access::WriteExisting).await?;
    let what = Validated::Schema;
    let checked = match args.dry_run {
        true => Ok(()),
        false => validated::check(what, &database, &active, &settings.database, printer).await,
    };
    let restored = match checked {
        Ok(()) => {
            let (client, file) = (&database.client, args.file.as_path());
            database.begins_to_write();
            let restored = restore_database(client, &schema, file, user, options).await;
            restored.map_err(Report::from)
        }
        Err(report) => Err(report),
    };
    database.close().await;
    let summary = restored?;
    for warning in &summary.warnings {
        printer.warning(&warning.clone().into());
    }
    let skips = matches!(args.on_error, OnFailure::Skip);
    say(&summary, skips, printer)?;
    Ok(match summary.failed() {
        0 => Exit::Done,
        _ => Exit::Negative,
    })
}

/// Asks on a terminal; without one, or when the terminal is no place for the answer, the flag has
/// to say it.
async fn confirm(
    args: &RestoreArgs,
    active: &ActiveProfile,
    user: &Value,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<(), Report> {
    if settings.yes {
        return Ok(());
    }
    let place = place(active);
    let question = match user.as_str() {
        Some(user) => format!(
            "restore `{}` into {place} as rows of user `{user}`?",
            args.file.display()
        ),
        None => format!("restore `{}` into {place}?", args.file.display()),
    };
    if !settings.stdin_is_terminal || args.file == Path::new("-") {
        return Err(
            Report::new(Exit::Refused, format!("not confirmed: {question}"))
                .hint("pass `--yes` to do it, or `--dry-run` to see what it would do"),
        );
    }
    printer.question(&question);
    let answer = tokio::task::spawn_blocking(input::says_yes).await;
    printer.answered();
    match answer {
        Ok(true) => Ok(()),
        _ => {
            Err(Report::new(Exit::Refused, "nothing was restored")
                .hint("answer `y`, or pass `--yes`"))
        }
    }
}

/// The profile's name, else what its URL says.
pub(super) fn place(active: &ActiveProfile) -> String {
    if let Some(name) = active.name() {
        return format!("the database of profile `{name}`");
    }
    let url = active.profile.resolve_url().ok();
    match url.and_then(|url| DatabaseIdentity::of_url(&url)) {
        Some(identity) => format!("the database `{}`", identity.name()),
        None => "the database".to_owned(),
    }
}

fn options(args: &RestoreArgs, printer: &Printer) -> RestoreOptions {
    let progress = Arc::new(printer.progress());
    let mut options = RestoreOptions::default()
        .dry_run(args.dry_run)
        .overwrite_shared(args.overwrite_shared)
        .mode(match args.mode {
            Mode::Skip => RestoreMode::Skip,
            Mode::Overwrite => RestoreMode::Overwrite,
            Mode::Fail => RestoreMode::Fail,
        })
        .keys(match args.keys {
            KeyPolicy::New => Keys::New,
            KeyPolicy::Keep => Keys::Keep,
        })
        .on_error(match args.on_error {
            OnFailure::Abort => OnError::Abort,
            OnFailure::Skip => OnError::Skip,
        })
        .missing_ref(match args.missing_ref {
            Missing::Null => MissingRef::Null,
            Missing::Keep => MissingRef::Keep,
            Missing::Fail => MissingRef::Fail,
        })
        .on_progress(move |told| {
            progress.rows(&told.table, told.rows, told.total.unwrap_or(told.rows));
        });
    options.all_rows = args.all_rows;
    options.allow_row_security = args.allow_row_security;
    options
}

fn say(summary: &RestoreSummary, skips: bool, printer: &mut Printer) -> Result<(), Report> {
    if printer.wants_json() {
        return printer.json(as_json(summary));
    }
    let rows: Vec<Row> = summary.tables.iter().map(table).collect();
    printer.table(&rows)?;
    let named: usize = summary.tables.iter().map(|t| t.failure_details.len()).sum();
    // beyond these no more are named
    let why = match named < RestoreSummary::MOST_NAMED {
        true => ", since rows that they need failed",
        false => "",
    };
    for table in &summary.tables {
        let failed = (table.failed, table.failure_details.as_slice());
        details(table, "failed", failed, why, printer)?;
        let nulled = table.nulled_details.as_slice();
        details(
            table,
            "set to NULL",
            (nulled.len() as u64, nulled),
            "",
            printer,
        )?;
    }
    printer.note(&verdict(summary, skips));
    Ok(())
}

fn verdict(summary: &RestoreSummary, skips: bool) -> String {
    let sum = |count: fn(&TableSummary) -> u64| summary.tables.iter().map(count).sum::<u64>();
    let written = sum(|table| table.inserted + table.updated);
    let there = sum(|table| table.skipped);
    let said = match (summary.dry_run, summary.committed, summary.failed()) {
        (_, _, 0) if written == 0 && there == 0 => "nothing to restore: the file has no rows",
        (_, _, 0) if written == 0 => {
            return format!("nothing to restore: all {there} rows are there already");
        }
        (true, _, 0) => "dry run: all of it would be restored, and nothing was changed",
        (true, ..) => "dry run: rows would fail, and nothing was changed",
        (_, true, 0) => "restored",
        (_, true, _) => "restored without the rows that failed",
        _ if skips => {
            "nothing was restored: rows that had been written refer to rows that failed, and only a file can be read again to leave them out"
        }
        _ => "nothing was restored, because rows failed; `--on-error skip` restores the others",
    };
    said.to_owned()
}

fn table(table: &TableSummary) -> Row {
    row! {
        "table": table.table.as_str(),
        "inserted": count(table.inserted),
        "updated": count(table.updated),
        "skipped": count(table.skipped),
        "failed": count(table.failed),
        "nulled refs": count(table.nulled_refs),
    }
}

fn details(
    table: &TableSummary,
    what: &str,
    (rows, named): (u64, &[RestoreFailure]),
    why: &str,
    printer: &mut Printer,
) -> Result<(), Report> {
    if rows == 0 {
        return Ok(());
    }
    printer.text(&format!("\n{} {what}:\n", escaped(&table.table)))?;
    for failure in named {
        printer.text(&format!("  {}\n", escaped(&failure.to_string())))?;
    }
    let more = rows.saturating_sub(named.len() as u64);
    if more > 0 {
        let and = if named.is_empty() { "" } else { "and " };
        let rows = match (named.is_empty(), more) {
            (true, 1) => " row",
            (true, _) => " rows",
            (false, _) => " more",
        };
        printer.text(&format!("  {and}{more}{rows}{why}\n"))?;
    }
    Ok(())
}

/// The keys of each table are the original's.
fn as_json(summary: &RestoreSummary) -> Object {
    let tables = summary.tables.iter().map(|table| {
        Object::new()
            .value("table", table.table.as_str())
            .value("inserted", count(table.inserted))
            .value("updated", count(table.updated))
            .value("skipped", count(table.skipped))
            .value("failed", count(table.failed))
            .value("nulled_refs", count(table.nulled_refs))
            .list("failure_details", table.failure_details.iter().map(failure))
            .list("nulled_details", table.nulled_details.iter().map(failure))
    });
    Object::versioned()
        .value("dry_run", summary.dry_run)
        .value("committed", summary.committed)
        .list("tables", tables)
        .list("warnings", summary.warnings.iter().map(notice))
}

fn failure(failure: &RestoreFailure) -> Object {
    Object::new()
        .value("line", count(failure.line))
        .value("row", count(failure.row))
        .value("key", failure.key.clone())
        .value("reason", failure.reason.as_str())
        .value("dependents", count(failure.dependents))
}
