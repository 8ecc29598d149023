//! `fix`: what is to be done so that the database is what is expected of it; and, when that is confirmed, does it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use db_adapter::backup::{BackupOptions, backup_tables};
use db_adapter::fix::{
    Allow, ApplyOptions, FixEvent, FixMode, FixOptions, FixPlan, FixResult, Reading, apply_fixes,
    plan_fixes, read_plan, write_plan,
};
use db_adapter::query::TableName;
use db_adapter::schema::SchemaValidationResult;
use db_adapter::{ActiveProfile, DatabaseConfig, validate_connection};
use db_adapter_core::temporal;

use super::fix_plan::{self, Shown};
use super::restore::place;
use super::validate::who;
use crate::args::{CompareArgs, FixArgs};
use crate::database::{self, Access, Database, Databases};
use crate::declared;
use crate::drift::{self, Compared};
use crate::exit::Exit;
use crate::guard;
use crate::input;
use crate::output_file;
use crate::printer::Printer;
use crate::report::{Finding, Report};
use crate::settings::Settings;
use crate::standard::{self, Standard};
use crate::validated::{self, Validated};

/// Plans, shows, and does it.
pub(crate) async fn fix(
    args: &FixArgs,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let active = database::resolve(&settings.database, printer)?;
    let confirmed = args.confirm || settings.yes;
    if args.plan.is_some() && confirmed {
        return Err(
            Report::new(Exit::Usage, "`--plan` writes a plan, and does not do it")
                .hint("do it by `--apply FILE`"),
        );
    }
    let does = confirmed || args.apply.is_some();
    if does {
        guard::write(&active, settings.target.as_deref())?;
    }
    let saved = args.apply.as_deref().map(saved).transpose()?;
    let standard = match saved {
        Some(_) => None,
        None => Some(expected(args, &active, settings, printer)?),
    };
    let options = options(args, standard.as_ref(), &active, settings)?;
    if let (Some(file), false) = (&args.apply, confirmed) {
        confirm(file, &active, settings, printer).await?;
    }
    let access = match does {
        true => Access::WriteExisting,
        false => Access::Look,
    };
    let database = databases.open(&active, access).await?;
    let work = Work {
        args,
        active: &active,
        settings,
        database: &database,
        does,
    };
    let done = work.all(saved, standard, options, printer).await;
    database.close().await;
    done
}

/// What the schema should be.
fn expected(
    args: &FixArgs,
    active: &ActiveProfile,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Standard, Report> {
    let compare = CompareArgs {
        schema: args.schema.clone(),
        level: args.level.unwrap_or_default(),
        dialect: args.dialect,
        ignore: args.ignore.clone(),
        schemas: args.schemas.clone(),
    };
    let standard = standard::declared(&compare, active, settings, printer)?;
    let standard = standard.ok_or_else(declared::nothing_expected)?;
    Ok(match args.level {
        Some(_) => standard,
        None => standard.whole(),
    })
}

fn saved(path: &Path) -> Result<FixPlan, Report> {
    let plan = read_plan(&declared::text(path)?);
    plan.map_err(|error| {
        let mut report = Report::from(error).exit(Exit::Usage);
        for finding in &mut report.findings {
            finding.message = format!("`{}`: {}", path.display(), finding.message);
        }
        report
    })
}

fn options(
    args: &FixArgs,
    standard: Option<&Standard>,
    active: &ActiveProfile,
    settings: &Settings,
) -> Result<FixOptions, Report> {
    let mut options = FixOptions::new();
    let Some(standard) = standard else {
        return Ok(options);
    };
    options = options.level(standard.level());
    options = standard
        .ignored()
        .iter()
        .cloned()
        .fold(options, FixOptions::ignore);
    options = options.reading(Reading::new([], args.schemas.iter().cloned(), []));
    if args.online {
        options = options.mode(FixMode::Online);
    }
    for text in &args.allow {
        let allow: Allow = text
            .parse()
            .map_err(|error| Report::new(Exit::Usage, format!("`--allow {text}`: {error}")))?;
        options = options.allow(allow);
    }
    for text in &args.renamed {
        let (now, before) = two("--renamed", text, "users.full_name=name")?;
        options = options.renamed(now, before);
    }
    for text in &args.zone {
        let (column, zone) = two("--zone", text, "orders.paid_at=Europe/Vienna")?;
        options = options.zone(column, zone);
    }
    for (column, definition) in column_defs(args, active, settings)? {
        options = options.column_definition(column, definition);
    }
    Ok(options)
}

/// `NOW=BEFORE`
fn two<'t>(flag: &str, text: &'t str, example: &str) -> Result<(&'t str, &'t str), Report> {
    match text.split_once('=') {
        Some((one, other)) if !one.trim().is_empty() && !other.trim().is_empty() => {
            Ok((one.trim(), other.trim()))
        }
        _ => Err(
            Report::new(Exit::Usage, format!("`{flag} {text}` has not two names"))
                .hint(format!("write `{flag} {example}`")),
        ),
    }
}

/// The original's file: what a flag names, else db.toml.
fn column_defs(
    args: &FixArgs,
    active: &ActiveProfile,
    settings: &Settings,
) -> Result<Vec<(String, String)>, Report> {
    let config = declared::config(active, args.schema.names_a_place(), settings)?;
    let of_config = config
        .as_deref()
        .and_then(|config| config.schema().column_defs.clone());
    let Some(path) = args.column_defs.clone().or(of_config) else {
        return Ok(Vec::new());
    };
    let read: Result<std::collections::BTreeMap<String, String>, _> =
        serde_json::from_str(&declared::text(&path)?);
    let read = read.map_err(|_| {
        let message = format!("`{}` is not a file of column definitions", path.display());
        Report::new(Exit::Usage, message).hint("write `{\"table.column\": \"SQL type\"}`")
    })?;
    Ok(read.into_iter().collect())
}

/// A saved plan is done when somebody says so.
async fn confirm(
    file: &Path,
    active: &ActiveProfile,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<(), Report> {
    let question = format!("do the plan `{}` in {}?", file.display(), place(active));
    if !settings.stdin_is_terminal {
        return Err(
            Report::new(Exit::Refused, format!("not confirmed: {question}"))
                .hint("pass `--confirm` to do it"),
        );
    }
    printer.question(&question);
    let answer = tokio::task::spawn_blocking(input::says_yes).await;
    printer.answered();
    match answer {
        Ok(true) => Ok(()),
        _ => Err(Report::new(Exit::Refused, "nothing was repaired")
            .hint("answer `y`, or pass `--confirm`")),
    }
}

/// A run of the command.
struct Work<'a> {
    args: &'a FixArgs,
    active: &'a ActiveProfile,
    settings: &'a Settings,
    database: &'a Database,
    does: bool,
}

impl Work<'_> {
    async fn all(
        &self,
        saved: Option<FixPlan>,
        standard: Option<Standard>,
        options: FixOptions,
        printer: &mut Printer,
    ) -> Result<Exit, Report> {
        let client = &self.database.client;
        if self.does {
            let (active, options) = (self.active, &self.settings.database);
            let what = Validated::Database;
            validated::check(what, self.database, active, options, printer).await?;
        }
        let mut report = None;
        let plan = match (saved, &standard) {
            (Some(plan), _) => plan,
            (None, Some(standard)) => {
                report = Some(self.compared(standard).await?);
                plan_fixes(client, standard.expected(), options).await?
            }
            (None, None) => return Err(declared::nothing_expected()),
        };
        if let (Some(report), Some(standard)) = (&report, &standard) {
            self.say_differences(report, standard, printer)?;
        }
        if let Some(file) = &self.args.plan {
            let path = self.settings.folder.join(file);
            output_file::write(&path, &write_plan(&plan)?)?;
        }
        let mut shown = Shown {
            plan: &plan,
            profile: self.active.name(),
            database: self.database.url.to_string(),
            done: None,
            backups: Vec::new(),
        };
        if !self.does {
            fix_plan::preview(&shown, printer)?;
            return Ok(self.previewed(&plan, printer));
        }
        if !printer.wants_json() {
            fix_plan::steps(&plan, printer)?;
        }
        let (done, backups) = self.apply(&plan, printer).await;
        shown.backups = backups;
        for path in &shown.backups {
            printer.note(&format!("backed up to `{}`", path.display()));
        }
        let done = done?;
        shown.done = Some(&done);
        fix_plan::done(&shown, printer)?;
        Ok(match plan.not_fixed.is_empty() {
            true => Exit::Done,
            false => Exit::Negative,
        })
    }

    async fn compared(&self, standard: &Standard) -> Result<SchemaValidationResult, Report> {
        let (client, url) = (&*self.database.client, &self.database.url);
        let validation = Some(standard.validation());
        let result = validate_connection(client, url, self.active, validation, false).await?;
        Ok(result.schema_report.unwrap_or_default())
    }

    fn say_differences(
        &self,
        report: &SchemaValidationResult,
        standard: &Standard,
        printer: &mut Printer,
    ) -> Result<(), Report> {
        let (who, origin) = (who(self.active), standard.origin());
        let compared = Compared {
            who: &who,
            standard: &origin,
        };
        if printer.wants_json() {
            printer.note(&drift::headline(report, &compared));
            return Ok(());
        }
        let place = |difference: &_| standard.place(difference);
        printer.styled(|style, width| drift::report(report, &compared, place, style, width))
    }

    fn previewed(&self, plan: &FixPlan, printer: &Printer) -> Exit {
        if let Some(file) = &self.args.plan {
            let file = file.display();
            printer.note(&format!(
                "the plan is in `{file}`; to do it: `db-adapter fix --apply {file}`"
            ));
        } else if plan.undecided.is_empty() && !plan.is_empty() {
            printer.note("nothing was changed; to apply fixes, add `--confirm`");
        }
        let is_open = !plan.is_empty() || !plan.not_fixed.is_empty();
        match self.args.exit_code && is_open {
            true => Exit::Negative,
            false => Exit::Done,
        }
    }

    /// Runs the plan; the files with what it may lose are there whatever becomes of it.
    async fn apply(
        &self,
        plan: &FixPlan,
        printer: &mut Printer,
    ) -> (Result<FixResult, Report>, Vec<PathBuf>) {
        if !plan.undecided.is_empty() {
            let notices = plan.undecided.iter().map(fix_plan::undecided);
            let findings = notices.map(Finding::from).collect();
            return (
                Err(Report::of_findings(Exit::Refused, findings)),
                Vec::new(),
            );
        }
        let progress = Arc::new(printer.progress());
        let backups: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
        let mut options = ApplyOptions::new().dry_run(false).confirm(true);
        options = options.lock_timeout(Duration::from_millis(self.args.lock_timeout.max(1)));
        let (told, kept) = (Arc::clone(&progress), Arc::clone(&backups));
        let place = self.backup_place();
        options = match self.args.no_backup {
            true => options.without_backup(),
            false => options.backup(move |tx, tables: Vec<TableName>| {
                let (told, kept) = (Arc::clone(&told), Arc::clone(&kept));
                let path = unused(&place);
                async move {
                    let progress = move |rows: &db_adapter::backup::BackupProgress| {
                        told.rows(&rows.table, rows.rows, rows.total);
                    };
                    let options = BackupOptions::new().output(&path).on_progress(progress);
                    let file = backup_tables(&tx, tables, options).await?;
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.push(file.path);
                    Ok(())
                }
            }),
        };
        let part = self.database.is_partly_done();
        options = options.on_event(move |event| {
            match event {
                FixEvent::Applied { .. } => part(),
                FixEvent::Step {
                    step,
                    steps,
                    summary,
                    ..
                } => progress.step(*step, *steps, summary),
                FixEvent::Waits { blocked_by, .. } => {
                    progress.step(0, 0, &fix_plan::waits(blocked_by));
                }
                FixEvent::Filled { rows, .. } => progress.rows("", *rows, *rows),
                _ => {}
            }
            Ok(())
        });
        self.database.begins_to_write();
        let done = apply_fixes(&self.database.client, plan, options).await;
        let backups = backups.lock().unwrap_or_else(PoisonError::into_inner);
        (done.map_err(Report::from), backups.clone())
    }

    /// `backups/pre-fix-<profile>-<time>` beside db.toml.
    fn backup_place(&self) -> PathBuf {
        let config = self.active.config.as_ref();
        let folder = config.map_or(&*self.settings.folder, DatabaseConfig::folder);
        let name: String = self.active.name().unwrap_or("database").chars().collect();
        let name = name.replace(|c: char| !c.is_alphanumeric() && c != '-' && c != '_', "-");
        folder
            .join("backups")
            .join(format!("pre-fix-{name}-{}", now()))
    }
}

/// A name that no file has: two in one second must not overwrite each other.
fn unused(place: &Path) -> PathBuf {
    let name = place
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut path = place.with_file_name(format!("{name}.json"));
    let mut number = 2;
    while path.exists() {
        path = place.with_file_name(format!("{name}-{number}.json"));
        number += 1;
    }
    path
}

/// `2026-11-27-203015`
fn now() -> String {
    /// From the epoch of Unix to that of PostgreSQL, in microseconds.
    const EPOCH: i64 = 946_684_800_000_000;
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.map_or(0, |time| {
        i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
    });
    let text = temporal::format_timestamp(micros.saturating_sub(EPOCH));
    let time = text.chars().take_while(|c| *c != '.').filter(|c| *c != ':');
    time.map(|c| if c == 'T' { '-' } else { c }).collect()
}
