//! `schema show` and `schema export`: what a program declares, for people and for files. Asks no
//! database.

use db_adapter::{ExpectedSchema, ForeignKey, Row, TableDef, Value, row};
use db_adapter_core::schema::{SqlDialect, TableSchema};
use db_adapter_core::{ExpectedColumn, ExpectedTable};

use crate::args::DeclaredArgs;
use crate::declared::{self, Content, Declared};
use crate::exit::Exit;
use crate::json::{self, Object};
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;

/// Prints the declared tables and their columns.
pub(crate) fn show(
    args: &DeclaredArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let declared = find(args, "--dialect", settings, printer)?;
    let (shown, expected) = (Shown::of(&declared), declared.expected());
    if printer.wants_json() {
        printer.json(as_json(&declared, &shown, &expected))?;
        return Ok(Exit::Done);
    }
    printer.pairs(&pairs(&declared))?;
    printer.text("\n")?;
    let rows: Vec<Row> = shown.iter().enumerate().map(|(i, t)| t.row(i)).collect();
    printer.table(&rows)?;
    printer.text("\n")?;
    let columns = expected.tables.iter().flat_map(columns);
    printer.table(&columns.collect::<Vec<Row>>())?;
    Ok(Exit::Done)
}

/// Prints the schema as JSON, which `--schema-file` and, from a program, `--backup-schema` read.
pub(crate) fn export(
    args: &DeclaredArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let declared = find(args, "--dialect", settings, printer)?;
    let text = match &declared.content {
        Content::Database(schema) => serde_json::to_string_pretty(schema),
        Content::Program(schema) => serde_json::to_string_pretty(schema),
    };
    let text =
        text.map_err(|_| Report::new(Exit::Failed, "the schema cannot be written as JSON"))?;
    let lines = text
        .lines()
        .map(|line| json::printable(line.to_owned()) + "\n");
    printer.text(&lines.collect::<String>())?;
    Ok(Exit::Done)
}

/// The schema that is meant. What a flag names needs no db.toml.
pub(super) fn find(
    args: &DeclaredArgs,
    flag: &'static str,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Declared, Report> {
    let config = match args.schema.names_a_place() || settings.database.find_config()?.is_none() {
        true => None,
        false => Some(settings.database.load_config()?),
    };
    let whose = declared::Whose {
        named: args.dialect.map(Into::into),
        usual: dialect(settings),
        flag,
    };
    let declared = declared::expected(&args.schema, config.as_ref(), whose, settings)?
        .ok_or_else(declared::nothing_expected)?;
    for note in &declared.notes {
        printer.note(note);
    }
    Ok(declared)
}

/// Whether a profile is active does not matter here.
fn dialect(settings: &Settings) -> SqlDialect {
    match settings.database.resolve() {
        Ok(active) => declared::dialect(&active),
        Err(_) => SqlDialect::default(),
    }
}

/// A table as it is shown; SQL does not say what a program does with it.
struct Shown<'a> {
    name: String,
    backed_up: Option<bool>,
    key: Vec<String>,
    matched_by: Vec<String>,
    user: Option<&'a str>,
    references: Vec<Reference>,
}

struct Reference {
    kind: &'static str,
    columns: Vec<String>,
    table: String,
    to: Vec<String>,
}

impl<'a> Shown<'a> {
    fn of(declared: &'a Declared) -> Vec<Shown<'a>> {
        match &declared.content {
            Content::Database(schema) => {
                let tables = schema.tables.iter();
                let tables = tables.filter(|(_, table)| table.partition_of.is_none());
                tables
                    .map(|(key, table)| Shown::of_table(key, table))
                    .collect()
            }
            Content::Program(schema) => {
                let backed_up = schema.backup.tables.iter().map(|t| Shown::of_def(t, true));
                let others = schema
                    .backup
                    .other_tables
                    .iter()
                    .map(|t| Shown::of_def(t, false));
                backed_up.chain(others).collect()
            }
        }
    }

    fn of_table(key: &str, table: &'a TableSchema) -> Shown<'a> {
        let references = table.foreign_keys().map(|reference| Reference {
            kind: "reference",
            columns: reference.columns.clone(),
            table: reference.references_table.clone().unwrap_or_default(),
            to: reference.references_columns.clone().unwrap_or_default(),
        });
        Shown {
            name: key.to_owned(),
            backed_up: None,
            key: table
                .primary_key()
                .map(|key| key.columns.clone())
                .unwrap_or_default(),
            matched_by: Vec::new(),
            user: None,
            references: references.collect(),
        }
    }

    fn of_def(table: &'a TableDef, backed_up: bool) -> Shown<'a> {
        let owned =
            |names: &[_]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
        let reference = |kind: &'static str| {
            move |key: &ForeignKey| Reference {
                kind,
                columns: owned(&key.fields),
                table: key.table.to_string(),
                to: owned(&key.references),
            }
        };
        let references = (table.owner.iter().map(reference("owner")))
            .chain(table.parents.iter().map(reference("parent")))
            .chain(table.optional_refs.iter().map(reference("optional")))
            .chain(table.external.iter().map(reference("external")));
        let matched_by = match backed_up {
            true => table
                .natural_key()
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
            false => Vec::new(),
        };
        Shown {
            name: table.name.to_string(),
            backed_up: Some(backed_up),
            key: owned(&table.pk),
            matched_by,
            user: table.user_field.as_deref().filter(|_| backed_up),
            references: references.collect(),
        }
    }

    fn row(&self, before: usize) -> Row {
        let references: Vec<String> = self.references.iter().map(Reference::text).collect();
        let references = references.join(", ");
        let key = self.key.join(", ");
        match self.backed_up {
            None => row! { "table": &self.name, "key": key, "references": references },
            Some(backed_up) => row! {
                "order": match backed_up {
                    true => Value::from(before as i64 + 1),
                    false => Value::from(""),
                },
                "table": &self.name,
                "key": key,
                "matched by": self.matched_by.join(", "),
                "user": self.user.unwrap_or_default(),
                "references": references,
            },
        }
    }

    fn json(&self, expected: Option<&ExpectedTable>) -> Object {
        let columns = expected.map(|table| table.columns.iter().map(column_json));
        Object::new()
            .value("name", &self.name)
            .value("backed_up", self.backed_up)
            .value("pk", self.key.clone())
            .value("matched_by", self.matched_by.clone())
            .value("user_field", self.user)
            .list("references", self.references.iter().map(Reference::json))
            .list("columns", columns.into_iter().flatten())
    }
}

impl Reference {
    /// `author_id -> authors`, `editor_slug -> authors (slug), optional`
    fn text(&self) -> String {
        let to = match self.to.as_slice() {
            [] => String::new(),
            to => format!(" ({})", to.join(", ")),
        };
        let kind = match self.kind {
            "owner" | "optional" | "external" => format!(" {}", self.kind),
            _ => String::new(),
        };
        format!("{} -> {}{to}{kind}", self.columns.join(", "), self.table)
    }

    fn json(&self) -> Object {
        Object::new()
            .value("kind", self.kind)
            .value("columns", self.columns.clone())
            .value("table", &self.table)
            .value("references", self.to.clone())
    }
}

fn pairs(declared: &Declared) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    match &declared.content {
        Content::Program(schema) => {
            if !schema.id.is_empty() {
                pairs.push(("schema", schema.id.clone()));
            }
            let (ours, others) = (schema.backup.tables.len(), schema.backup.other_tables.len());
            let tables = match others {
                0 => format!("{ours} backed up"),
                others => format!("{ours} backed up, {others} only expected"),
            };
            pairs.extend([
                ("from", declared.origin.replace('`', "")),
                ("tables", tables),
            ]);
        }
        Content::Database(schema) => pairs.extend([
            ("from", declared.origin.replace('`', "")),
            ("tables", declared.expected().tables.len().to_string()),
            ("dialect", schema.dialect.name().to_owned()),
        ]),
    }
    pairs
}

fn columns(table: &ExpectedTable) -> impl Iterator<Item = Row> {
    let name = table.key();
    table.columns.iter().map(move |column| {
        row! {
            "table": &name,
            "column": &*column.name,
            "type": column.data_type.as_deref().unwrap_or("any"),
            "null": yes(column.nullable),
            "filled by the database": yes(column.filled),
        }
    })
}

/// Not known is not shown.
fn yes(known: Option<bool>) -> &'static str {
    match known {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
}

fn column_json(column: &ExpectedColumn) -> Object {
    Object::new()
        .value("name", &*column.name)
        .value("type", column.data_type.as_deref())
        .value("nullable", column.nullable)
        .value("default", column.filled)
}

fn as_json(declared: &Declared, shown: &[Shown<'_>], expected: &ExpectedSchema) -> Object {
    let id = match &declared.content {
        Content::Program(schema) => Some(schema.id.as_str()).filter(|id| !id.is_empty()),
        Content::Database(_) => None,
    };
    let tables = shown.iter().map(|table| {
        let found = expected.tables.iter();
        table.json(
            found
                .into_iter()
                .find(|expected| expected.key() == key_of(&table.name)),
        )
    });
    Object::versioned()
        .value("schema", id)
        .value("from", declared.origin.replace('`', ""))
        .list("tables", tables)
}

/// The key of a table as a declaration names it.
fn key_of(name: &str) -> String {
    match db_adapter_core::TableName::parse(name) {
        Ok(parsed) => db_adapter_core::schema::table_key(parsed.schema.as_deref(), &parsed.name),
        Err(_) => name.to_owned(),
    }
}
