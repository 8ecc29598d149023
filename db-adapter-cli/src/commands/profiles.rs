//! `profiles`: what `db.toml` has, and which of it is used. Connects to nothing.

use db_adapter::{ActiveProfile, DatabaseProfile, Error, Row, row};

use crate::exit::Exit;
use crate::guard;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::{Finding, Report};
use crate::settings::Settings;
use crate::source::Source;

/// Prints the profiles in the order of the file.
pub(crate) fn profiles(settings: &Settings, printer: &mut Printer) -> Result<Exit, Report> {
    let config = settings.database.load_config()?;
    for warning in config.warnings() {
        printer.warning(&warning.notice().into());
    }
    let active = active(settings, printer)?;
    let name = active.as_ref().and_then(ActiveProfile::name);
    let is_active = |profile: &DatabaseProfile| name.is_some() && profile.name() == name;
    if printer.wants_json() {
        let source = active.as_ref().map(|active| source(active, settings));
        let object = Object::versioned()
            .value("file", config.path().display().to_string())
            .value("active", name)
            .object("source", source.map(|source| source.json()))
            .list("profiles", config.profiles().map(|p| json(p, is_active(p))));
        printer.json(object)?;
        return Ok(Exit::Done);
    }
    let guarded = config.profiles().any(|p| guard::of(p).is_some());
    let row = |p| row(p, is_active(p), guarded);
    let rows: Vec<Row> = config.profiles().map(row).collect();
    printer.table(&rows)?;
    match &active {
        _ if rows.is_empty() => printer.note(&format!(
            "`{}` has no profile: add `[profiles.NAME]` with a `url`",
            config.path().display()
        )),
        Some(active) => printer.note(&format!("active by {}", source(active, settings).text())),
        None => {
            printer.note("no profile is active; make one so: `db-adapter connect --profile NAME`")
        }
    }
    Ok(Exit::Done)
}

/// The database that is used. That the file has no such profile is worth knowing, but no reason
/// not to list those that it has, unless it was asked for right here.
fn active(settings: &Settings, printer: &mut Printer) -> Result<Option<ActiveProfile>, Report> {
    match settings.database.resolve() {
        Ok(active) => Ok(Some(active)),
        Err(Error::NoProfile { .. }) => Ok(None),
        Err(error) if settings.names_profile => Err(error.into()),
        Err(error) => {
            for finding in Finding::all_of(&error) {
                printer.warning(&finding);
            }
            Ok(None)
        }
    }
}

fn source(active: &ActiveProfile, settings: &Settings) -> Source {
    Source::of(&active.source, settings.dotenv.as_ref())
}

/// The guards are told where any profile has one.
fn row(profile: &DatabaseProfile, is_active: bool, guarded: bool) -> Row {
    let mut row = row! {
        "": if is_active { "*" } else { "" },
        "name": profile.name().unwrap_or_default(),
        "provider": profile.provider().map_or("", |provider| provider.as_str()),
    };
    if guarded {
        row.set("guard", guard::of(profile).unwrap_or_default());
    }
    row.set("description", profile.description().unwrap_or_default());
    row
}

fn json(profile: &DatabaseProfile, is_active: bool) -> Object {
    Object::new()
        .value("name", profile.name())
        .value("active", is_active)
        .value(
            "provider",
            profile.provider().map(|provider| provider.as_str()),
        )
        .value("description", profile.description())
        .value("protected", profile.is_protected())
        .value("read_only", profile.is_read_only())
}
