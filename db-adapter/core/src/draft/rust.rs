//! A draft as Rust: a struct for each table, and the list of them.

use super::names::Names;
use super::{Draft, DraftTable};
use crate::backup::{ForeignKey, MatchBy};
use crate::expected::{ExpectedColumn, Text};
use crate::{SqlType, TableName};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const HEAD: &str = "\
// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
";

/// The names of a table in Rust.
struct Named<'a> {
    table: &'a DraftTable,
    ty: String,
    /// The fields in the order of the columns.
    fields: Vec<String>,
}

pub(super) fn write(draft: &Draft) -> String {
    let mut types = Names::default();
    let named: BTreeMap<&str, Named<'_>> = draft
        .tables
        .iter()
        .map(|table| {
            let name = TableName::parse(&table.def.name).map(|name| name.name);
            let name = name.unwrap_or_else(|_| table.def.name.to_string());
            let mut fields = Names::default();
            let columns = table.def.columns.iter();
            let named = Named {
                table,
                ty: types.type_of(&name),
                fields: columns
                    .map(|column| fields.field_of(&column.name))
                    .collect(),
            };
            (&*table.def.name, named)
        })
        .collect();
    let mut text = HEAD.to_owned();
    for note in &draft.notes {
        comment(&mut text, "", note);
    }
    let mut uses: BTreeSet<&str> = BTreeSet::from(["backup_schema", "backup_table"]);
    let mut structs = String::new();
    for table in named.values() {
        of_table(table, &named, &mut structs, &mut uses);
    }
    let uses: Vec<&str> = uses.into_iter().collect();
    let _ = writeln!(text, "\nuse db_adapter::{{{}}};", uses.join(", "));
    text.push_str(&structs);
    let list: Vec<&str> = named.values().map(|table| table.ty.as_str()).collect();
    let _ = writeln!(
        text,
        "\nbackup_schema!(pub SCHEMA = [\n    {},\n]);",
        list.join(",\n    ")
    );
    text
}

/// On one line, whatever is in it.
fn comment(text: &mut String, indent: &str, note: &str) {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let note: String = note.chars().map(plain).collect();
    let _ = writeln!(text, "{indent}// {note}");
}

fn of_table(
    named: &Named<'_>,
    all: &BTreeMap<&str, Named<'_>>,
    text: &mut String,
    uses: &mut BTreeSet<&str>,
) {
    let def = &named.table.def;
    text.push('\n');
    for note in named
        .table
        .notes
        .iter()
        .filter(|note| note.column.is_none())
    {
        comment(text, "", &note.text);
    }
    let mut options = vec![format!("name = {:?}", def.name)];
    let list = |columns: &[Text]| {
        let fields: Vec<&str> = columns.iter().map(|column| named.field(column)).collect();
        match fields.as_slice() {
            [one] => (*one).to_owned(),
            many => format!("[{}]", many.join(", ")),
        }
    };
    if !def.pk.is_empty() {
        options.push(format!("pk = {}", list(&def.pk)));
    }
    match named.table.backed_up {
        true => of_rows(named, all, list, &mut options),
        false => options.push("slug = none, user = none, backup = false".to_owned()),
    }
    text.push_str("#[derive(Debug, Clone)]\n#[backup_table(\n");
    for option in options {
        let _ = writeln!(text, "    {option},");
    }
    let _ = writeln!(text, ")]\npub struct {} {{", named.ty);
    for (column, field) in def.columns.iter().zip(&named.fields) {
        of_column(column, field, named.table, text, uses);
    }
    text.push_str("}\n");
}

/// What a backup wants to know of its rows.
fn of_rows(
    named: &Named<'_>,
    all: &BTreeMap<&str, Named<'_>>,
    list: impl Fn(&[Text]) -> String,
    options: &mut Vec<String>,
) {
    let def = &named.table.def;
    options.push("slug = none".to_owned());
    match (&def.owner, &def.user_field) {
        (Some(owner), _) => options.push(reference("owner", owner, named, all)),
        (None, Some(user)) => options.push(format!("user = {}", named.field(user))),
        (None, None) => options.push("user = none".to_owned()),
    }
    match def.match_by {
        MatchBy::Pk => options.push("match_by = pk".to_owned()),
        MatchBy::Natural => options.push(format!("key = {}", list(&def.key))),
    }
    if !def.renew.is_empty() {
        options.push(format!("renew = {}", list(&def.renew)));
    }
    for (kind, references) in [
        ("parent", &def.parents),
        ("optional_ref", &def.optional_refs),
        ("external", &def.external),
    ] {
        for key in references.iter() {
            options.push(reference(kind, key, named, all));
        }
    }
}

/// `parent = Authors(author_id)`, `external = "auth.users"(user_id -> id)`
fn reference(
    kind: &str,
    key: &ForeignKey,
    from: &Named<'_>,
    all: &BTreeMap<&str, Named<'_>>,
) -> String {
    let to = all.get(&*key.table);
    let target = match to {
        Some(_) if key.table == from.table.def.name => "Self".to_owned(),
        Some(to) => to.ty.clone(),
        None => format!("{:?}", key.table),
    };
    let fields = key.fields.iter().enumerate().map(|(at, field)| {
        let field = from.field(field);
        match (key.references.get(at), to) {
            (Some(column), Some(to)) => format!("{field} -> {}", to.field(column)),
            (Some(column), None) => format!("{field} -> {column:?}"),
            (None, _) => field.to_owned(),
        }
    });
    let fields: Vec<String> = fields.collect();
    format!("{kind} = {target}({})", fields.join(", "))
}

fn of_column(
    column: &ExpectedColumn,
    field: &str,
    table: &DraftTable,
    text: &mut String,
    uses: &mut BTreeSet<&str>,
) {
    let about = |note: &&super::DraftNote| note.column.as_deref() == Some(&*column.name);
    for note in table.notes.iter().filter(about) {
        comment(text, "    ", &note.text);
    }
    let rust = rust_type(column.data_type.as_deref());
    let mut options = Vec::new();
    if *column.name != *field {
        options.push(format!("name = {:?}", column.name));
    }
    if let Some(sql) = column.data_type.as_deref().filter(|_| column.exact) {
        options.push(format!("type = {sql:?}"));
    }
    if column.filled == Some(true) {
        options.push("default".to_owned());
    }
    if !options.is_empty() {
        let _ = writeln!(text, "    #[column({})]", options.join(", "));
    }
    if ["Json", "Numeric", "Value"].contains(&rust) {
        uses.insert(rust);
    }
    let _ = match column.nullable {
        Some(true) => writeln!(text, "    pub {field}: Option<{rust}>,"),
        _ => writeln!(text, "    pub {field}: {rust},"),
    };
}

fn rust_type(sql: Option<&str>) -> &'static str {
    let of = |sql: &str| super::column::of_type(&SqlType::parse_postgres(sql)).0;
    sql.map_or("Value", of)
}

impl Named<'_> {
    /// The field of a column; one that is not declared has its own name, which the compiler refuses.
    fn field<'n>(&'n self, column: &'n str) -> &'n str {
        let columns = self.table.def.columns.iter();
        let mut both = columns.zip(&self.fields);
        let found = both.find(|(declared, _)| *declared.name == *column);
        found.map_or(column, |(_, field)| field)
    }
}
