//! `connect`: really connects, and makes the profile the active one. Whatever fails before leaves
//! the lock as it was.

use std::path::{Path, PathBuf};

use db_adapter::prelude::*;
use db_adapter::{ActiveProfile, DatabaseConfig, DatabaseIdentity, ProfileLock, Row};

use super::row_counts::{TableRows, row_counts};
use super::status::product;
use crate::database::{self, Access, Database};
use crate::exit::Exit;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;

/// What is known after connecting.
struct Connected {
    version: String,
    identity: Option<DatabaseIdentity>,
    tables: Vec<TableRows>,
}

/// What became of the lock.
struct Lock {
    path: PathBuf,
    /// The profile that was active before, when it was another one.
    before: Option<String>,
}

/// Connects, writes the lock, and says where we are now.
pub(crate) async fn connect(settings: &Settings, printer: &mut Printer) -> Result<Exit, Report> {
    let active = database::resolve(&settings.database, printer)?;
    let database = database::open(&active, Access::Look).await?;
    let connected = ask(&database).await;
    database.close().await;
    let connected = connected?;
    let lock = match (active.name(), &active.config) {
        (Some(name), Some(config)) => Some(write_lock(
            name,
            connected.identity.clone(),
            config.folder(),
        )?),
        _ => None,
    };
    let reason = skipped(active.config.as_ref());
    if printer.wants_json() {
        printer.json(json(&active, &database, &connected, lock.as_ref(), reason))?;
    }
    say(
        &active,
        &database,
        &connected,
        lock.as_ref(),
        reason,
        printer,
    );
    if !printer.wants_json() {
        let rows: Vec<Row> = connected.tables.iter().map(TableRows::row).collect();
        printer.table(&rows)?;
    }
    Ok(Exit::Done)
}

async fn ask(database: &Database) -> db_adapter::Result<Connected> {
    Ok(Connected {
        version: database.client.server_version().await?,
        identity: identity(database).await,
        tables: row_counts(database).await?,
    })
}

/// Where the URL leads to, with what only the server knows.
async fn identity(database: &Database) -> Option<DatabaseIdentity> {
    let mut identity = DatabaseIdentity::of_url(&database.url)?;
    match &mut identity {
        DatabaseIdentity::Server {
            database: name,
            system_identifier,
            ..
        } => {
            if let Some(real) = text(database, "SELECT current_database()::text AS x").await {
                *name = real;
            }
            // not every role may read it
            let sql = "SELECT system_identifier::text AS x FROM pg_catalog.pg_control_system()";
            *system_identifier = text(database, sql).await;
        }
        DatabaseIdentity::File { path } => {
            // links resolved, so that one file has one name
            if let Ok(real) = std::fs::canonicalize(&*path) {
                *path = real;
            }
        }
        _ => {}
    }
    Some(identity)
}

async fn text(database: &Database, sql: &str) -> Option<String> {
    let row = database.client.query(sql).one().await.ok()?;
    row.get("x").ok()
}

fn write_lock(
    name: &str,
    identity: Option<DatabaseIdentity>,
    folder: &Path,
) -> Result<Lock, Report> {
    // one that cannot be read is replaced
    let before = ProfileLock::read(folder).ok().flatten();
    let mut lock = ProfileLock::new(name);
    lock.identity = identity;
    lock.write(folder)
        .map_err(|error| Report::from(error).exit(Exit::Failed))?;
    Ok(Lock {
        path: ProfileLock::path(folder),
        before: before.map(|lock| lock.profile).filter(|old| old != name),
    })
}

/// Why the schemas are not compared.
fn skipped(config: Option<&DatabaseConfig>) -> &'static str {
    match config.map(DatabaseConfig::schema) {
        None => "a bare URL has no expected schema",
        Some(schema) if !schema.validate_on_connect => "`validate_on_connect` is off",
        Some(schema) if schema.file.is_none() && schema.binary.is_none() => {
            "db.toml names no expected schema"
        }
        Some(_) => "this version cannot compare schemas yet; a later one will",
    }
}

fn say(
    active: &ActiveProfile,
    database: &Database,
    connected: &Connected,
    lock: Option<&Lock>,
    reason: &str,
    printer: &Printer,
) {
    let product = product(active.profile.provider(), &connected.version);
    match active.name() {
        Some(name) => printer.note(&format!(
            "connected to profile `{name}`: {product}, {}",
            database.url
        )),
        None => printer.note(&format!("connected: {product}, {}", database.url)),
    }
    match (active.name(), lock) {
        (
            Some(name),
            Some(Lock {
                before: Some(before),
                ..
            }),
        ) => {
            printer.note(&format!("switched from `{before}` to `{name}`"));
        }
        (_, Some(_)) => {}
        (_, None) => printer.note("no profile, so no lock is written"),
    }
    printer.note(&format!("schema validation skipped: {reason}"));
    if connected.tables.is_empty() {
        printer.note("it has no tables");
    }
}

fn json(
    active: &ActiveProfile,
    database: &Database,
    connected: &Connected,
    lock: Option<&Lock>,
    reason: &str,
) -> Object {
    let provider = active.profile.provider().map(|provider| provider.as_str());
    let validation = Object::new()
        .value("status", "skipped")
        .value("reason", reason);
    Object::versioned()
        .value("profile", active.name())
        .value("switched_from", lock.and_then(|lock| lock.before.as_ref()))
        .value("provider", provider)
        .value("database", database.url.to_string())
        .value("server_version", &connected.version)
        .value("lock", lock.map(|lock| lock.path.display().to_string()))
        .object("validation", Some(validation))
        .list("tables", connected.tables.iter().map(TableRows::json))
}
