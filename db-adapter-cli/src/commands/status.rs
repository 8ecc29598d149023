//! `status`: which database is used, who says so, and what is in it as far as it answers. Never
//! fails because it does not.

use db_adapter::prelude::*;
use db_adapter::{ActiveProfile, LockMismatch, Provider, Row, compare_with_lock};

use super::row_counts::{TableRows, row_counts, uncounted};
use crate::database::{self, Access, Database, Databases, Meant};
use crate::exit::Exit;
use crate::guard;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;
use crate::source::Source;

/// What the database itself answered.
struct Answer {
    url: String,
    version: String,
    /// Whether it is the database of the lock; `None` for a bare URL.
    lock: Option<Result<(), LockMismatch>>,
    tables: Vec<TableRows>,
}

/// Prints the state.
pub(crate) async fn status(
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let active = match database::find(&settings.database, printer)? {
        Meant::Active(active) => active,
        Meant::Nothing(report) => return nothing(&report, printer),
    };
    let source = Source::of(&active.source, settings.dotenv.as_ref());
    let answer = ask(&active, settings, databases).await;
    if printer.wants_json() {
        printer.json(json(Some((&active, &source)), Some(&answer)))?;
    } else {
        printer.pairs(&pairs(&active, &source, answer.as_ref().ok()))?;
        if let Ok(answer) = &answer
            && !answer.tables.is_empty()
        {
            printer.text("\n")?;
            let rows: Vec<Row> = answer.tables.iter().map(TableRows::row).collect();
            printer.table(&rows)?;
        }
    }
    match &answer {
        Ok(answer) if answer.tables.is_empty() => printer.note("it has no tables"),
        Ok(answer) => uncounted(&answer.tables, printer),
        Err(report) => warn(report, printer),
    }
    Ok(Exit::Done)
}

/// That no database is named is a state too.
fn nothing(report: &Report, printer: &mut Printer) -> Result<Exit, Report> {
    if printer.wants_json() {
        printer.json(json(None, None))?;
    } else {
        printer.pairs(&[("profile", "none".to_owned())])?;
    }
    warn(report, printer);
    Ok(Exit::Done)
}

fn warn(report: &Report, printer: &mut Printer) {
    for finding in &report.findings {
        printer.warning(finding);
    }
}

async fn ask(
    active: &ActiveProfile,
    settings: &Settings,
    databases: &Databases,
) -> Result<Answer, Report> {
    let database = databases.open(active, Access::Look).await?;
    let answer = answer(&database, active, settings).await;
    database.close().await;
    Ok(answer?)
}

async fn answer(
    database: &Database,
    active: &ActiveProfile,
    settings: &Settings,
) -> db_adapter::Result<Answer> {
    let (client, url) = (&*database.client, &database.url);
    let lock = match active.name() {
        Some(name) => {
            let found =
                compare_with_lock(client, url, Some(name), &settings.database, true).await?;
            Some(found.map_or(Ok(()), Err))
        }
        None => None,
    };
    Ok(Answer {
        url: url.to_string(),
        version: client.server_version().await?,
        lock,
        tables: row_counts(database).await?,
    })
}

/// Whether the last `connect` was to this very database, and it still has the same schema. Not
/// "validated": a `connect` without an expected schema compares nothing.
fn lock(answer: &Answer) -> Option<String> {
    Some(match answer.lock.as_ref()? {
        Ok(()) => "for this database".to_owned(),
        Err(mismatch) if mismatch.is_warning() => format!("for this database, but {mismatch}"),
        Err(LockMismatch::NoLock) => "none".to_owned(),
        Err(mismatch) => format!("not valid here: {mismatch}"),
    })
}

/// `PostgreSQL 15.3`
pub(super) fn product(provider: Option<Provider>, version: &str) -> String {
    let name = match provider {
        Some(Provider::Sqlite) => "SQLite",
        _ => "PostgreSQL",
    };
    format!("{name} {version}")
}

fn lock_matches(answer: &Answer) -> Option<bool> {
    let found = answer.lock.as_ref()?;
    Some(found.as_ref().err().is_none_or(LockMismatch::is_warning))
}

fn provider(active: &ActiveProfile) -> Option<&'static str> {
    active.profile.provider().map(Provider::as_str)
}

fn pairs(
    active: &ActiveProfile,
    source: &Source,
    answer: Option<&Answer>,
) -> Vec<(&'static str, String)> {
    let profile = &active.profile;
    let server = match answer {
        Some(answer) => product(profile.provider(), &answer.version),
        None => "not reached".to_owned(),
    };
    let optional = [
        ("provider", provider(active).map(str::to_owned)),
        ("description", profile.description().map(str::to_owned)),
        ("guard", guard::of(profile).map(str::to_owned)),
        ("database", answer.map(|answer| answer.url.clone())),
        ("server", Some(server)),
        ("lock", answer.and_then(lock)),
    ];
    let name = active.name().unwrap_or("none, a bare URL").to_owned();
    let mut pairs = vec![("profile", name), ("source", source.text())];
    pairs.extend(optional.into_iter().filter_map(|(k, v)| v.map(|v| (k, v))));
    pairs
}

fn json(
    meant: Option<(&ActiveProfile, &Source)>,
    answer: Option<&Result<Answer, Report>>,
) -> Object {
    let (active, source) = (
        meant.map(|(active, _)| active),
        meant.map(|(_, source)| source),
    );
    let profile = active.map(|active| &active.profile);
    let known = answer.and_then(|answer| answer.as_ref().ok());
    let failed = answer.and_then(|answer| answer.as_ref().err());
    let error = failed.and_then(|report| report.findings.first());
    Object::versioned()
        .value("profile", active.and_then(ActiveProfile::name))
        .object("source", source.map(Source::json))
        .value("provider", active.and_then(provider))
        .value(
            "description",
            profile.and_then(|profile| profile.description()),
        )
        .value(
            "protected",
            profile.is_some_and(|profile| profile.is_protected()),
        )
        .value(
            "read_only",
            profile.is_some_and(|profile| profile.is_read_only()),
        )
        .value("connected", known.is_some())
        .value("error", error.map(|finding| &finding.message))
        .value("database", known.map(|answer| &answer.url))
        .value("server_version", known.map(|answer| &answer.version))
        .value("lock_matches", known.and_then(lock_matches))
        .list(
            "tables",
            known
                .iter()
                .flat_map(|answer| &answer.tables)
                .map(TableRows::json),
        )
}
