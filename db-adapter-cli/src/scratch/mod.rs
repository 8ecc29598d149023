//! What a file or a folder of migrations makes of an empty database: the schema that is expected, exact by
//! construction. The database is made beside the one of `--scratch` and is removed whatever happens.

mod files;
mod folder;

use std::path::{Path, PathBuf};

use db_adapter::schema::{ScriptFailure, scratch};
use db_adapter::{ActiveProfile, ConnectOptions, DatabaseIdentity, DatabaseSchema, SecretUrl};
use db_adapter_core::schema::SqlDialect;

use self::files::Steps;
use crate::args::CompareArgs;
use crate::database::{Database, Databases};
use crate::declared::{self, Declared};
use crate::exit::Exit;
use crate::report::{Finding, Report};
use crate::settings::Settings;

/// What the file of the flags or of db.toml makes of an empty database.
pub(crate) async fn declared(
    url: &str,
    args: &CompareArgs,
    active: &ActiveProfile,
    target: &Database,
    settings: &Settings,
    databases: &Databases,
) -> Result<Declared, Report> {
    let path = file(args, active, settings)?;
    let options = ConnectOptions::new(url);
    let dialect = match options.url().scheme().as_str() {
        "sqlite" => SqlDialect::Sqlite,
        _ => SqlDialect::Postgres,
    };
    let steps = steps(&path, dialect, &settings.folder)?;
    let made = scratch(options, &settings.temporary)
        .await
        .map_err(|error| {
            let mut report = Report::from(error);
            for finding in &mut report.findings {
                finding.message = format!("`--scratch`: {}", finding.message);
            }
            report
        })?;
    let scratch = databases.keep_scratch(made);
    let schema = async {
        if let Some(beside) = scratch.beside() {
            is_elsewhere(beside, &SecretUrl::new(url), target).await?;
        }
        scratch.create().await?;
        let (all, places) = (steps.steps, steps.places);
        let run = scratch.run(all).await;
        run.map_err(|failure| failed(failure, &places, &path))?;
        Ok::<DatabaseSchema, Report>(scratch.introspect().await?)
    };
    let schema = schema.await;
    let removed = databases.remove_scratch().await;
    // why it failed comes first
    let schema = schema?;
    removed?;
    declared::of_scratch(schema, &path, dialect, &settings.folder)
}

/// The file or folder, in which nothing is declared by macros.
fn file(
    args: &CompareArgs,
    active: &ActiveProfile,
    settings: &Settings,
) -> Result<PathBuf, Report> {
    if let Some(path) = &args.schema.schema_file {
        return Ok(settings.folder.join(path));
    }
    let config = declared::config(active, false, settings)?;
    let file = config.and_then(|config| config.schema().file.clone());
    file.ok_or_else(|| {
        Report::new(
            Exit::Usage,
            "no file is named to make the scratch database of",
        )
        .hint("pass `--schema-file` with a SQL file or a folder of migrations")
    })
}

fn steps<'a>(path: &Path, dialect: SqlDialect, folder: &'a Path) -> Result<Steps<'a>, Report> {
    let mut steps = Steps::new(dialect, folder);
    if path.is_dir() {
        for migration in folder::migrations(path)? {
            steps.migration(&migration)?;
        }
        return Ok(steps);
    }
    if !declared::is_sql(path) {
        let message = format!("`{}` is neither a `.sql` file nor a folder", path.display());
        return Err(Report::new(Exit::Usage, message));
    }
    steps.file(path)?;
    Ok(steps)
}

/// Nothing is made beside the database that is compared: it may be the one that nobody should touch.
async fn is_elsewhere(
    beside: &dyn db_adapter::DatabaseClient,
    url: &SecretUrl,
    target: &Database,
) -> Result<(), Report> {
    let scratch = DatabaseIdentity::of_client(beside, url).await?;
    let target = DatabaseIdentity::of_client(&*target.client, &target.url).await?;
    let is_same = match (&scratch, &target) {
        (Some(scratch), Some(target)) => match scratch.change(target) {
            None => true,
            Some(change) => change.is_same_database,
        },
        _ => false,
    };
    match is_same {
        true => Err(Report::new(
            Exit::Usage,
            "`--scratch` leads to the database that is to be compared",
        )
        .hint("name another database, best of another server, such as `postgres` of a local one")),
        false => Ok(()),
    }
}

fn failed(failure: ScriptFailure, places: &[String], path: &Path) -> Report {
    let whole = path.display().to_string();
    let place = places.get(failure.step).unwrap_or(&whole);
    let notices = failure.error.notices().into_iter();
    let findings = notices.map(|notice| Finding::at(place, notice));
    Report::of_findings(Exit::of(failure.error.kind()), findings.collect())
}
