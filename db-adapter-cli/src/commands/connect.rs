//! `connect`: really connects, compares the schemas, and makes the profile the active one. Whatever
//! fails before, and a schema that is not the expected one, leaves the lock as it was.

use db_adapter::prelude::*;
use db_adapter::{
    ActiveProfile, ConnectionResult, DatabaseConfig, ErrorKind, Row, validate_connection,
};

use super::row_counts::{TableRows, row_counts, uncounted};
use super::status::product;
use super::validate::{REPAIRED_BY, exit, outcome, who};
use crate::args::CompareArgs;
use crate::database::{self, Access, Database, Databases};
use crate::declared;
use crate::drift::{self, Compared};
use crate::exit::Exit;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;
use crate::standard::{self, Standard};

/// What is known after connecting.
struct Connected {
    version: String,
    result: ConnectionResult,
    tables: Vec<TableRows>,
}

/// Connects, compares, writes the lock, and says where we are now.
pub(crate) async fn connect(
    args: &CompareArgs,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let active = database::resolve(&settings.database, printer)?;
    let named = args.schema.names_a_place();
    let config = declared::config(&active, named, settings)?;
    let skipped = skipped(args, config.as_deref());
    let standard = match skipped {
        None => standard::declared(args, &active, settings, printer)?,
        Some(_) => None,
    };
    let database = databases.open(&active, Access::Look).await?;
    let connected = ask(&database, &active, standard.as_ref()).await;
    database.close().await;
    let connected = connected?;
    let valid = connected.result.success;
    if printer.wants_json() {
        printer.json(json(&active, &database, &connected, skipped)?)?;
    }
    say(&active, &database, &connected, printer);
    match (&standard, skipped) {
        (Some(standard), _) => report(&active, standard, &connected, printer)?,
        (None, reason) => printer.note(&format!(
            "schema validation skipped: {}",
            reason.unwrap_or(NOTHING_EXPECTED)
        )),
    }
    if valid && !printer.wants_json() {
        let rows: Vec<Row> = connected.tables.iter().map(TableRows::row).collect();
        printer.table(&rows)?;
        uncounted(&connected.tables, printer);
    }
    if connected.tables.is_empty() {
        printer.note("it has no tables");
    }
    Ok(exit(valid))
}

async fn ask(
    database: &Database,
    active: &ActiveProfile,
    standard: Option<&Standard>,
) -> Result<Connected, Report> {
    let (client, url) = (&*database.client, &database.url);
    let version = client.server_version().await?;
    let validation = standard.map(Standard::validation);
    // the lock is the last thing that can fail: a failure leaves it as it was
    let tables = row_counts(database).await?;
    let result = validate_connection(client, url, active, validation, true).await;
    let result = result.map_err(|error| match error.kind() {
        ErrorKind::Config => Report::from(error).exit(Exit::Failed), // the lock
        _ => error.into(),
    })?;
    if result.lock.is_some() {
        database.is_kept();
    }
    Ok(Connected {
        version,
        result,
        tables,
    })
}

const NOTHING_EXPECTED: &str = "db.toml names no expected schema";

/// Why the schemas are not compared. A flag beats db.toml.
fn skipped(args: &CompareArgs, config: Option<&DatabaseConfig>) -> Option<&'static str> {
    if args.schema.names_a_place() {
        return None;
    }
    let Some(config) = config else {
        return Some("a bare URL has no expected schema");
    };
    let schema = config.schema();
    if !schema.validate_on_connect {
        return Some("`validate_on_connect` is off");
    }
    let names = schema.file.is_some() || schema.binary.is_some();
    (!names && declared::default_file(config).is_none()).then_some(NOTHING_EXPECTED)
}

fn say(active: &ActiveProfile, database: &Database, connected: &Connected, printer: &Printer) {
    let product = product(active.profile.provider(), &connected.version);
    match active.name() {
        Some(name) => printer.note(&format!(
            "connected to profile `{name}`: {product}, {}",
            database.url
        )),
        None => printer.note(&format!("connected: {product}, {}", database.url)),
    }
    let result = &connected.result;
    match (active.name(), &result.switched_from) {
        (Some(name), Some(before)) => {
            printer.note(&format!("switched from `{before}` to `{name}`"));
        }
        (None, _) => printer.note("no profile, so no lock is written"),
        (Some(_), None) => {}
    }
}

/// That all is well is a word beside the row counts; what is not, is the result.
fn report(
    active: &ActiveProfile,
    standard: &Standard,
    connected: &Connected,
    printer: &mut Printer,
) -> Result<(), Report> {
    let Some(report) = &connected.result.schema_report else {
        return Ok(());
    };
    let (who, origin) = (who(active), standard.origin());
    let compared = Compared {
        who: &who,
        standard: &origin,
    };
    if report.valid {
        printer.note(&format!(
            "schema validation PASSED: {origin}, level {}",
            report.level
        ));
        warnings(report, printer);
        return Ok(());
    }
    printer.note("schema validation FAILED, so the lock is left as it was");
    if printer.wants_json() {
        return Ok(());
    }
    let place = |difference: &_| standard.place(difference);
    printer.styled(|style, width| drift::report(report, &compared, place, style, width))?;
    printer.note(REPAIRED_BY);
    Ok(())
}

fn warnings(report: &db_adapter::SchemaValidationResult, printer: &Printer) {
    if !report.extra_tables.is_empty() {
        printer.note(&format!("extra tables: {}", report.extra_tables.join(", ")));
    }
    let others = report.warnings().count() - report.extra_tables.len();
    if others > 0 {
        let s = if others == 1 { "" } else { "s" };
        printer.note(&format!(
            "{others} warning{s}: `db-adapter validate` tells them"
        ));
    }
}

fn json(
    active: &ActiveProfile,
    database: &Database,
    connected: &Connected,
    skipped: Option<&str>,
) -> Result<Object, Report> {
    let provider = active.profile.provider().map(|provider| provider.as_str());
    let result = &connected.result;
    let validation = match &result.schema_report {
        Some(report) => outcome(report)?,
        None => Object::new()
            .value("status", "skipped")
            .value("reason", skipped.unwrap_or(NOTHING_EXPECTED)),
    };
    let lock = result.lock.as_ref();
    Ok(Object::versioned()
        .value("profile", active.name())
        .value("switched_from", result.switched_from.as_ref())
        .value("provider", provider)
        .value("database", database.url.to_string())
        .value("server_version", &connected.version)
        .value("fingerprint", result.fingerprint.as_ref())
        .value("lock", lock.map(|lock| lock.display().to_string()))
        .object("validation", Some(validation))
        .list("tables", connected.tables.iter().map(TableRows::json)))
}
