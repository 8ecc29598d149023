//! `schema ddl`: the declared schema, or that of a database, as SQL. Changes no database.

use std::path::Path;

use db_adapter::SchemaIntrospector;
use db_adapter::schema::{DatabaseSchema, NotExpressed, WrittenDdl, schema_of_backup, write_ddl};

use super::schema;
use crate::args::{DdlArgs, DeclaredArgs};
use crate::database::{self, Access, Databases};
use crate::declared::Content;
use crate::exit::Exit;
use crate::json::Object;
use crate::output_file;
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;

/// Writes the statements, and says what they leave out.
pub(crate) async fn ddl(
    args: &DdlArgs,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    if args.output.as_os_str().is_empty() || args.schemas.iter().any(|name| name.trim().is_empty())
    {
        return Err(Report::new(Exit::Usage, "a name is empty"));
    }
    if !args.live && !args.schemas.is_empty() {
        let message = "`--schemas` names what is read of a database, and none is";
        return Err(Report::new(Exit::Usage, message).hint("add `--live`"));
    }
    let (schema, mut open) = match args.live {
        true => (live(args, settings, databases, printer).await?, Vec::new()),
        false => declared(args, settings, printer)?,
    };
    let mut written = write_ddl(&schema, args.dialect.into());
    written.not_expressed.append(&mut open);
    written.not_expressed.sort();
    if written.statements.is_empty() {
        warn(&written.not_expressed, printer);
        let message = "nothing of the schema can be written";
        return Err(Report::new(Exit::Negative, message));
    }
    let text = match printer.wants_json() {
        true => as_json(&written).end() + "\n",
        false => written.to_sql(),
    };
    match args.output == Path::new("-") {
        true => printer.text(&text)?,
        false => output_file::write(&settings.folder.join(&args.output), &text)?,
    }
    warn(&written.not_expressed, printer);
    Ok(Exit::Done)
}

fn warn(not_expressed: &[NotExpressed], printer: &mut Printer) {
    for entry in not_expressed {
        printer.warning(&entry.notice().into());
    }
}

fn declared(
    args: &DdlArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<(DatabaseSchema, Vec<NotExpressed>), Report> {
    let declared = DeclaredArgs {
        schema: args.schema.clone(),
        dialect: args.from,
    };
    let found = schema::find(&declared, "--from", settings, printer)?;
    Ok(match found.content {
        Content::Database(schema) => (*schema, Vec::new()),
        Content::Program(schema) => schema_of_backup(&schema.backup),
    })
}

async fn live(
    args: &DdlArgs,
    settings: &Settings,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<DatabaseSchema, Report> {
    let active = database::resolve(&settings.database, printer)?;
    let database = databases.open(&active, Access::Look).await?;
    let mut introspector = SchemaIntrospector::new(&database.client);
    for schema in active.profile.schemas().iter().chain(&args.schemas) {
        introspector = introspector.also_schema(schema);
    }
    let schema = introspector.introspect().await;
    database.close().await;
    Ok(schema?)
}

fn as_json(written: &WrittenDdl) -> Object {
    let statements = written.statements.iter().map(|statement| {
        let object = statement.object.as_ref().map(|object| {
            Object::new()
                .value("kind", object.kind.as_str())
                .value("table", object.table.as_deref())
                .value("name", &object.name)
        });
        Object::new()
            .object("object", object)
            .value("sql", &statement.sql)
    });
    let not_expressed = written.not_expressed.iter().map(|entry| {
        Object::new()
            .value("kind", &entry.kind)
            .value("name", entry.name.as_deref())
            .value("reason", &entry.reason)
            .value("hint", entry.hint.as_deref())
    });
    Object::versioned()
        .value("dialect", written.dialect.name())
        .list("statements", statements)
        .list("not_expressed", not_expressed)
}
