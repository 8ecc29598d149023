//! `schema draft`: the declaration of the tables that a database has, to begin with. Looks at the schema
//! alone, never at a row.

use db_adapter::SchemaIntrospector;
use db_adapter_core::draft::{Draft, DraftOptions, draft};

use crate::args::DraftArgs;
use crate::database::{self, Access, Databases};
use crate::exit::Exit;
use crate::json;
use crate::printer::Printer;
use crate::report::{Finding, Report};
use crate::settings::Settings;

/// Prints the declaration, and beside JSON what nobody has proven.
pub(crate) async fn draft_of(
    args: &DraftArgs,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    if args.rust && printer.wants_json() {
        let message = "`--json` and `--rust` name two forms";
        return Err(Report::new(Exit::Usage, message).hint("give one of them"));
    }
    let blank = |name: &String| name.trim().is_empty();
    if args.user_column.as_ref().is_some_and(blank) || args.schemas.iter().any(blank) {
        return Err(Report::new(Exit::Usage, "a name is empty"));
    }
    let active = database::resolve(&settings.database, printer)?;
    let database = databases.open(&active, Access::Look).await?;
    let mut introspector = SchemaIntrospector::new(&database.client);
    for schema in active.profile.schemas().iter().chain(&args.schemas) {
        introspector = introspector.also_schema(schema);
    }
    let schema = introspector.introspect().await;
    database.close().await;
    let schema = schema?;
    let options = match &args.user_column {
        Some(name) => DraftOptions::default().user_column(name),
        None => DraftOptions::default(),
    };
    let drafted = draft(&schema, &options)
        .map_err(|notice| Report::of_findings(Exit::Usage, vec![Finding::from(notice)]))?;
    if drafted.tables.is_empty() {
        for line in drafted.lines() {
            printer.note(&line);
        }
        return Err(
            Report::new(Exit::Negative, "the database has no table to declare")
                .hint("`--schemas` names other schemas to read"),
        );
    }
    for entry in schema
        .not_inspected
        .iter()
        .filter(|entry| entry.kind == "table")
    {
        let name = entry.name.as_deref().unwrap_or("tables");
        printer.note(&format!("`{name}` is left out: {}", entry.reason));
    }
    match args.rust {
        true => printer.text(&drafted.rust())?,
        false => as_json(&drafted, printer)?,
    }
    Ok(Exit::Done)
}

fn as_json(drafted: &Draft, printer: &mut Printer) -> Result<(), Report> {
    let cannot = "the draft cannot be written as JSON";
    let schema = drafted
        .schema()
        .map_err(|_| Report::new(Exit::Failed, cannot))?;
    let text = serde_json::to_string_pretty(&schema);
    let text = text.map_err(|_| Report::new(Exit::Failed, cannot))?;
    let lines = text.lines();
    let lines = lines.map(|line| json::printable(line.to_owned()) + "\n");
    printer.text(&lines.collect::<String>())?;
    for line in drafted.lines() {
        printer.note(&line);
    }
    Ok(())
}
