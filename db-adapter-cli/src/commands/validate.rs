//! `validate`: whether the database is what is expected of it. Writes nothing but the baseline that
//! it is asked for.

use db_adapter::{ActiveProfile, validate_connection};

use crate::args::{Format, ValidateArgs};
use crate::baseline;
use crate::database::{self, Access, Databases};
use crate::declared;
use crate::drift::{self, Compared};
use crate::exit::Exit;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;
use crate::standard::{self, Standard};

/// Compares and prints the report.
pub(crate) async fn validate(
    args: &ValidateArgs,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let is_github = args.format == Format::Github;
    if is_github && printer.wants_json() {
        return Err(
            Report::new(Exit::Usage, "`--json` and `--format` name two forms")
                .hint("give one of them"),
        );
    }
    let baseline = baseline::of(args, &settings.folder)?;
    let active = database::resolve(&settings.database, printer)?;
    let (standard, database) = match &args.scratch {
        Some(url) => {
            let database = databases.open(&active, Access::Look).await?;
            let compare = &args.compare;
            let standard =
                standard::by_scratch(&url.0, compare, &active, &database, settings, databases);
            (standard.await?, database)
        }
        None => {
            let standard = standard(args, &active, settings, databases, printer).await?;
            (standard, databases.open(&active, Access::Look).await?)
        }
    };
    let validation = Some(standard.validation());
    let result =
        validate_connection(&*database.client, &database.url, &active, validation, false).await;
    database.close().await;
    let result = result?;
    let report = result.schema_report.unwrap_or_default();
    let (report, written) = match baseline {
        Some(baseline) => baseline.apply(report, declared::dialect(&active))?,
        None => (report, None),
    };
    let (who, origin) = (who(&active), standard.origin());
    let compared = Compared {
        who: &who,
        standard: &origin,
    };
    let place = |difference: &_| standard.place(difference);
    if is_github {
        printer.text(&drift::annotations(&report, place))?;
        printer.note(&drift::headline(&report, &compared));
    } else if printer.wants_json() {
        let object = Object::versioned()
            .value("profile", active.name())
            .value("database", database.url.to_string())
            .value("expected", origin.replace('`', ""))
            .object("validation", Some(outcome(&report)?));
        printer.json(match &written {
            Some(written) => object.object("baseline", Some(written.json())),
            None => object,
        })?;
    } else {
        printer.styled(|style, width| drift::report(&report, &compared, place, style, width))?;
    }
    if let Some(written) = written {
        printer.note(&written.note());
    } else if !report.valid && !is_github && args.against.is_none() && args.scratch.is_none() {
        printer.note(REPAIRED_BY);
    }
    Ok(exit(report.valid))
}

async fn standard(
    args: &ValidateArgs,
    active: &ActiveProfile,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Standard, Report> {
    match &args.against {
        Some(profile) => standard::of_profile(profile, &args.compare, settings, databases).await,
        None => standard::declared(&args.compare, active, settings, printer)?
            .ok_or_else(declared::nothing_expected),
    }
}

/// What to do about differences.
pub(super) const REPAIRED_BY: &str = "`db-adapter fix` shows how it can be repaired";

/// How a message names the database.
pub(super) fn who(active: &ActiveProfile) -> String {
    match active.name() {
        Some(name) => format!("profile `{name}`"),
        None => "the database".to_owned(),
    }
}

pub(super) fn exit(valid: bool) -> Exit {
    match valid {
        true => Exit::Done,
        false => Exit::Negative,
    }
}

/// `{"status":"failed","reason":null,"report":{..}}`
pub(super) fn outcome(report: &db_adapter::SchemaValidationResult) -> Result<Object, Report> {
    let status = if report.valid { "passed" } else { "failed" };
    let json = serde_json::to_string(report)
        .map_err(|_| Report::new(Exit::Failed, "the report cannot be written as JSON"))?;
    Ok(Object::new()
        .value("status", status)
        .value("reason", None::<&str>)
        .json("report", json))
}
