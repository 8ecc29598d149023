//! `sync`: compares the rows of two databases, and brings those of one into the other. Writes only with `--confirm`.

mod say;

use std::sync::Arc;

use db_adapter::sync::{BaseFile, SyncOptions, SyncOutcome, SyncPlan, compare, sync as bring};
use db_adapter::{ActiveProfile, DatabaseConfig, Error, ErrorKind, Notice, Value};

use super::backup::user;
use crate::args::SyncArgs;
use crate::database::{self, Access, Database, Databases};
use crate::declared;
use crate::exit::Exit;
use crate::guard;
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
    if args.delete && args.base.is_none() && !args.no_base {
        let message = "`--delete` needs a base: without one nobody knows whether the source ever had a row that only the destination has";
        return Err(Report::new(Exit::Usage, message).hint(
            "pass `--base FILE`, or `--no-base` to delete every row that the source does not have",
        ));
    }
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
        if args.no_base {
            guard::deletes_unknown(&active, settings.target.as_deref())?;
        }
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
    if let Some(BaseFile::NotWritten(why)) = &outcome.base {
        let text = format!("the base was not written, and is that of the sync before: {why}");
        printer.warning(&Notice::new(text).into());
    }
    say::say(mode, &args.from, &active, &outcome, printer)?;
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
    if let Some(base) = &args.base {
        options = options.base(base);
    }
    if let Some(on_conflict) = &args.on_conflict {
        options = options.on_conflict(on_conflict.clone());
    }
    let progress = Arc::new(printer.progress());
    Ok(options
        .overwrite_shared(args.overwrite_shared)
        .delete(args.delete)
        .no_base(args.no_base)
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
        Mode::Compare | Mode::DryRun => outcome.plan.failed() + outcome.plan.conflicts() == 0,
        Mode::Write => outcome.committed && left.is_none_or(SyncPlan::has_nothing_to_do),
    };
    match is_fine {
        true => Exit::Done,
        false => Exit::Negative,
    }
}
