//! `backup`: one user's rows, or whole tables, into a file; and the check of such a file, which asks
//! no database.

use std::path::Path;
use std::sync::Arc;

use db_adapter::backup::{
    BackupFile, BackupOptions, BackupProblem, BackupReport, backup_database, backup_to_writer,
    validate_backup,
};
use db_adapter::{BackupSchema, DatabaseConfig, Notice, Row, Value, row};

use crate::args::BackupArgs;
use crate::database::{self, Access, Database, Databases};
use crate::declared;
use crate::exit::Exit;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;

/// Writes the file, and says what is in it.
pub(crate) async fn backup(
    args: &BackupArgs,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    if is_stdout(args) && printer.wants_json() {
        let message = "`--json` and `--output -` both mean stdout";
        return Err(Report::new(Exit::Usage, message).hint("give one of them"));
    }
    let active = database::resolve(&settings.database, printer)?;
    let config = active.config.as_ref();
    let of_schema = declared::config(&active, names_schema(args), settings)?;
    let (schema, _) = schema(args, of_schema.as_deref(), settings)?;
    let user = user(args.user_id.as_deref(), args.all_rows, config, settings)?;
    let options = options(args, config, settings, printer);
    let database = databases.open(&active, Access::Look).await?;
    let written = write(args, &database, &schema, user.clone(), options, printer).await;
    if written.is_ok() {
        database.is_kept();
    }
    database.close().await;
    let file = written?;
    for warning in &file.warnings {
        printer.warning(&warning.clone().into());
    }
    say(&file, &user, args, printer)?;
    Ok(Exit::Done)
}

fn is_stdout(args: &BackupArgs) -> bool {
    args.output.as_deref() == Some(Path::new("-"))
}

fn names_schema(args: &BackupArgs) -> bool {
    args.backup_schema.is_some() || args.schema.names_a_place()
}

fn schema(
    args: &BackupArgs,
    config: Option<&DatabaseConfig>,
    settings: &Settings,
) -> Result<(BackupSchema, String), Report> {
    let file = args.backup_schema.as_deref();
    declared::backup(file, &args.schema, config, settings)?.ok_or_else(declared::nothing_backed_up)
}

/// Whose rows: a flag, else the variable that db.toml names. Whole tables need nobody.
pub(super) fn user(
    user_id: Option<&str>,
    all_rows: bool,
    config: Option<&DatabaseConfig>,
    settings: &Settings,
) -> Result<Value, Report> {
    if all_rows {
        return Ok(Value::Null);
    }
    if let Some(user) = user_id {
        return named(user, "`--user-id`");
    }
    let unknown = |hint: &str| Report::new(Exit::Usage, "no user is named").hint(hint);
    let Some(variable) = config.and_then(DatabaseConfig::user_id_env) else {
        return Err(unknown(
            "pass `--user-id`, or `--all-rows` for whole tables, or set `user_id_env` in `[defaults]` of db.toml",
        ));
    };
    match settings.environment.get(variable)? {
        Some(user) => named(&user, &format!("the environment variable `{variable}`")),
        None => Err(unknown(&format!(
            "set the environment variable `{variable}`, or pass `--user-id`"
        ))),
    }
}

/// What was given and is empty is a mistake, for which nothing else stands in.
fn named(user: &str, source: &str) -> Result<Value, Report> {
    if user.trim().is_empty() {
        let message = format!("the user id in {source} is empty or blank");
        let hint = "give the id of the user whose rows are meant";
        return Err(Report::new(Exit::Usage, message).hint(hint));
    }
    Ok(Value::from(user))
}

fn options(
    args: &BackupArgs,
    config: Option<&DatabaseConfig>,
    settings: &Settings,
    printer: &Printer,
) -> BackupOptions {
    let folder = config.map_or(&*settings.folder, DatabaseConfig::folder);
    let mut options = BackupOptions::new()
        .folder(folder.join("backups"))
        .tables(args.tables.iter().cloned());
    if let Some(output) = &args.output {
        options = options.output(output);
    }
    options.all_rows = args.all_rows;
    options.allow_row_security = args.allow_row_security;
    options.allow_duplicates = args.allow_duplicates;
    let progress = Arc::new(printer.progress());
    options.on_progress(move |told| progress.rows(&told.table, told.rows, told.total))
}

async fn write(
    args: &BackupArgs,
    database: &Database,
    schema: &BackupSchema,
    user: Value,
    options: BackupOptions,
    printer: &mut Printer,
) -> Result<BackupFile, Report> {
    let client = &database.client;
    let written = match is_stdout(args) {
        true => backup_to_writer(client, schema, user, options, printer.data()).await,
        false => backup_database(client, schema, user, options).await,
    };
    written.map_err(|error| {
        let report = Report::from(error);
        match report.exit {
            Exit::Refused => report.hint(
                "use a role with BYPASSRLS, or pass `--allow-row-security` for a backup that may not be whole",
            ),
            _ => report,
        }
    })
}

fn say(
    file: &BackupFile,
    user: &Value,
    args: &BackupArgs,
    printer: &mut Printer,
) -> Result<(), Report> {
    let path = file.path.display().to_string();
    let rows: u64 = file.counts.iter().map(|(_, rows)| rows).sum();
    if is_stdout(args) {
        printer.note(&format!("{rows} rows of {} tables", file.counts.len()));
        return Ok(());
    }
    if printer.wants_json() {
        let object = Object::versioned()
            .value("path", path)
            .value("user_id", user.clone())
            .value("rows", count(rows))
            .list("tables", tables(file).iter().map(table_object))
            .list("warnings", file.warnings.iter().map(notice));
        return printer.json(object);
    }
    printer.pairs(&[("file", path), ("rows", rows.to_string())])?;
    printer.text("\n")?;
    printer.table(&tables(file))
}

pub(super) fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A row for each table; the rows left out are told where there are any.
fn tables(file: &BackupFile) -> Vec<Row> {
    let left_out = |table: &str| {
        let found = file.left_out.iter().find(|(name, _)| name == table);
        found.map_or(0, |(_, rows)| *rows)
    };
    let table = |(name, rows): &(String, u64)| {
        let mut row = row! { "table": name.as_str(), "rows": count(*rows) };
        if !file.left_out.is_empty() {
            row.set("left out", count(left_out(name)));
        }
        row
    };
    file.counts.iter().map(table).collect()
}

fn table_object(row: &Row) -> Object {
    row.iter().fold(Object::new(), |object, (name, value)| {
        object.value(&name.replace(' ', "_"), value.clone())
    })
}

pub(super) fn notice(notice: &Notice) -> Object {
    let object = Object::new().value("message", notice.message.as_str());
    object.value("hint", notice.hint.clone())
}

/// Checks a file, and says everything that is wrong with it.
pub(crate) fn validate(
    file: &Path,
    args: &BackupArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let named = names_schema(args);
    // what a flag names needs no db.toml
    let config = match named || settings.database.find_config()?.is_none() {
        true => None,
        false => Some(settings.database.load_config()?),
    };
    let (schema, origin) = schema(args, config.as_ref(), settings)?;
    let report = validate_backup(file, &schema)?;
    let exit = match report.valid {
        true => Exit::Done,
        false => Exit::Negative,
    };
    if printer.wants_json() {
        printer.json(validation(file, &report))?;
        return Ok(exit);
    }
    let verdict = if report.valid { "valid" } else { "invalid" };
    printer.pairs(&[
        ("file", file.display().to_string()),
        ("schema", origin.replace('`', "")),
        ("result", verdict.to_owned()),
        ("errors", report.errors.len().to_string()),
        ("warnings", report.warnings.len().to_string()),
    ])?;
    let problems = [("error", &report.errors), ("warning", &report.warnings)];
    for (kind, problems) in problems {
        for problem in problems {
            printer.text(&line(kind, problem))?;
        }
    }
    Ok(exit)
}

fn line(kind: &str, problem: &BackupProblem) -> String {
    format!("{kind}: {}\n", crate::cell::escaped(&problem.to_string()))
}

fn validation(file: &Path, report: &BackupReport) -> Object {
    Object::versioned()
        .value("path", file.display().to_string())
        .value("valid", report.valid)
        .list("errors", report.errors.iter().map(problem_object))
        .list("warnings", report.warnings.iter().map(problem_object))
}

fn problem_object(problem: &BackupProblem) -> Object {
    let number = |number: Option<u64>| number.map(count);
    Object::new()
        .value("kind", problem.kind.as_str())
        .value("line", number(problem.line))
        .value("table", problem.table.clone())
        .value("row", number(problem.row))
        .value("column", problem.column.clone())
        .value("message", problem.message.clone())
        .value("hint", problem.hint.clone())
}
