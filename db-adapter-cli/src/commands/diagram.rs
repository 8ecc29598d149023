//! `schema diagram`: the declared schema, or that of a database, as a Mermaid diagram.

use db_adapter::{ExpectedSchema, SchemaIntrospector};

use super::schema;
use crate::args::DiagramArgs;
use crate::database::{self, Access, Databases};
use crate::exit::Exit;
use crate::json::Object;
use crate::mermaid;
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;

/// Prints the diagram.
pub(crate) async fn diagram(
    args: &DiagramArgs,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let expected = match args.live {
        true => live(settings, databases, printer).await?,
        false => schema::find(&args.declared, "--dialect", settings, printer)?.expected(),
    };
    let diagram = mermaid::diagram(&expected);
    match printer.wants_json() {
        true => printer.json(Object::versioned().value("mermaid", diagram))?,
        false => printer.text(&diagram)?,
    }
    Ok(Exit::Done)
}

async fn live(
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<ExpectedSchema, Report> {
    let active = database::resolve(&settings.database, printer)?;
    let database = databases.open(&active, Access::Look).await?;
    let schema = SchemaIntrospector::new(&database.client).introspect().await;
    database.close().await;
    Ok(ExpectedSchema::from_ddl(&schema?))
}
