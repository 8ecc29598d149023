//! The declaration of a database that is there already: which tables are backed up and how they hang
//! together, as far as keys, constraints and names tell. What they do not prove is chosen, and told as a
//! note at its place. Pure: never asks a database, and never looks at a row.

mod column;
mod fitting;
mod keys;
mod names;
mod owner;
mod references;
mod rust;
#[cfg(all(test, feature = "sql"))]
mod tests;

use crate::backup::{BackupSchema, InvalidSchema, TableDef};
use crate::{DatabaseSchema, Notice, TableName};
use owner::Owners;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the caller knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DraftOptions {
    /// The column that says whose row it is; `user_id` where any table has that, unless it is given.
    pub user_column: Option<String>,
}

impl DraftOptions {
    /// With this owner's column.
    #[must_use]
    pub fn user_column(mut self, name: impl Into<String>) -> Self {
        self.user_column = Some(name.into());
        self
    }
}

/// A declaration, table by table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Draft {
    /// The tables by their names.
    pub tables: Vec<DraftTable>,
    /// What is not declared at all, and what holds for all tables.
    pub notes: Vec<String>,
}

/// One table of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DraftTable {
    /// The declaration.
    pub def: TableDef,
    /// Whether it is backed up; else it is expected only.
    pub backed_up: bool,
    /// What nobody has proven.
    pub notes: Vec<DraftNote>,
}

/// A choice that nothing in the database proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftNote {
    /// The column that it is about; `None` for the table.
    pub column: Option<String>,
    /// What was chosen and why.
    pub text: String,
}

/// Drafts the declaration of a database. It fits the database: what would not is expected only, with the
/// reason.
///
/// # Errors
/// No table has the owner's column that was given.
///
/// ```
/// use db_adapter_core::draft::{DraftOptions, draft};
/// use db_adapter_core::schema::{ConstraintKind, ConstraintSchema, Identity};
/// use db_adapter_core::{ColumnSchema, DatabaseSchema, SqlType, TableSchema};
///
/// let mut id = ColumnSchema::new("id", "bigint", SqlType::Int8);
/// id.nullable = false;
/// id.identity = Some(Identity::ByDefault);
/// let mut notes = TableSchema { name: "notes".into(), columns: vec![id], ..Default::default() };
/// let key = ConstraintSchema {
///     kind: ConstraintKind::PrimaryKey,
///     columns: vec!["id".into()],
///     ..Default::default()
/// };
/// notes.constraints.insert("notes_pkey".into(), key);
/// let mut database = DatabaseSchema::default();
/// database.tables.insert("notes".into(), notes);
///
/// let draft = draft(&database, &DraftOptions::default())?;
/// assert!(draft.rust().contains("pub struct Notes {"));
/// assert!(draft.tables[0].notes[0].text.contains("no unique constraint"));
/// assert!(draft.schema().is_ok());
/// # Ok::<(), db_adapter_core::Notice>(())
/// ```
pub fn draft(database: &DatabaseSchema, options: &DraftOptions) -> Result<Draft, Notice> {
    let owners = Owners::of(database, options.user_column.as_deref())?;
    let mut sketch = Sketch::new(database, owners);
    sketch.leave_out_what_has_no_key();
    sketch.leave_out_what_is_of_others();
    references::demote_circles(&mut sketch);
    loop {
        let draft = sketch.draft();
        let Some((table, why)) = fitting::first_that_does_not(&draft, &mut sketch) else {
            return Ok(draft);
        };
        // each round has one table less
        sketch.demoted.insert(table, why);
    }
}

impl Draft {
    /// What it declares, as a backup schema.
    ///
    /// # Errors
    /// The rules of a backup schema; a draft as it was made keeps them.
    pub fn schema(&self) -> Result<BackupSchema, InvalidSchema> {
        let of = |backed_up: bool| {
            let tables = self.tables.iter();
            tables.filter(move |table| table.backed_up == backed_up)
        };
        BackupSchema::with_other_tables(
            of(true).map(|table| table.def.clone()),
            of(false).map(|table| table.def.clone()),
        )
    }

    /// It as Rust, whole: structs, each choice as a comment at its place, and the list of tables.
    pub fn rust(&self) -> String {
        rust::write(self)
    }

    /// All the notes, each with its table and column: `books.title: ..`.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = self.notes.clone();
        for table in &self.tables {
            lines.extend(table.notes.iter().map(|note| match &note.column {
                Some(column) => format!("{}.{column}: {}", table.def.name, note.text),
                None => format!("{}: {}", table.def.name, note.text),
            }));
        }
        lines
    }
}

/// A draft in the making.
struct Sketch<'a> {
    database: &'a DatabaseSchema,
    owners: Owners,
    /// The keys of the tables that are declared.
    tables: Vec<&'a str>,
    /// Those that are expected only, and why.
    demoted: BTreeMap<String, String>,
    notes: Vec<String>,
}

impl<'a> Sketch<'a> {
    fn new(database: &'a DatabaseSchema, owners: Owners) -> Sketch<'a> {
        let mut notes: Vec<String> = owners.note.iter().cloned().collect();
        let mut tables = Vec::new();
        for (key, table) in &database.tables {
            let is_free = table.primary_key().is_none() && table.column("id").is_some();
            match () {
                // the rows of partitions are those of their table
                () if table.partition_of.is_some() => {}
                () if table.columns.is_empty() => {
                    notes.push(format!("`{key}` is not declared: it has no column"));
                }
                () if is_free => notes.push(format!(
                    "`{key}` is not declared: it has a column `id` and no primary key"
                )),
                () => tables.push(key.as_str()),
            }
        }
        Sketch {
            database,
            owners,
            tables,
            demoted: BTreeMap::new(),
            notes,
        }
    }

    /// A row that cannot be told from others cannot be restored.
    fn leave_out_what_has_no_key(&mut self) {
        for key in &self.tables {
            let Some(table) = self.database.tables.get(*key) else {
                continue;
            };
            if let Some(why) = keys::no_primary_key(table, self.database) {
                self.demoted.insert((*key).to_owned(), why);
            }
        }
    }

    /// Tables whose column of the owner names somebody else: their rows would be in a stranger's backup.
    fn leave_out_what_is_of_others(&mut self) {
        for key in self.tables.clone() {
            let table = self.database.tables.get(key);
            if let Some(why) = table.and_then(|table| self.owners.disproof(table)) {
                self.demoted.entry(key.to_owned()).or_insert(why);
            }
        }
    }

    fn is_backed_up(&self, key: &str) -> bool {
        self.tables.contains(&key) && !self.demoted.contains_key(key)
    }

    fn draft(&self) -> Draft {
        let tables = self.tables.iter().filter_map(|key| self.table(key));
        let mut draft = Draft {
            tables: tables.collect(),
            notes: self.notes.clone(),
        };
        if self.owners.are_known() {
            owner::tell_what_is_shared(&mut draft);
        }
        references::say_types(&mut draft);
        draft
    }

    fn table(&self, key: &str) -> Option<DraftTable> {
        let table = self.database.tables.get(key)?;
        let primary = table.primary_key().map(|key| key.columns.clone());
        let pk: Vec<String> = primary.unwrap_or_default();
        let columns = table.columns.iter();
        let columns = columns.map(|column| column::expected(column, self.database.dialect));
        let def = TableDef::new(declared_name(table)).no_slug().no_user();
        let mut drafted = DraftTable {
            def: TableDef {
                pk: texts(&pk),
                columns: columns.collect(),
                ..def
            },
            backed_up: true,
            notes: Vec::new(),
        };
        if let Some(why) = self.demoted.get(key) {
            drafted.backed_up = false;
            drafted.note(None, format!("not backed up: {why}"));
            return Some(drafted);
        }
        self.owners.declare(key, table, self, &mut drafted);
        references::declare(key, table, self, &mut drafted);
        keys::declare(table, self.database, &mut drafted);
        Some(drafted)
    }
}

impl DraftTable {
    fn note(&mut self, column: Option<&str>, text: impl Into<String>) {
        self.notes.push(DraftNote {
            column: column.map(str::to_owned),
            text: text.into(),
        });
    }
}

/// As every table argument names it.
fn declared_name(table: &crate::TableSchema) -> String {
    let schema = table.schema.as_deref();
    let name = TableName {
        schema: schema
            .filter(|schema| !matches!(*schema, "public" | "main"))
            .map(str::to_owned),
        name: table.name.clone(),
    };
    name.to_string()
}

fn texts(names: &[String]) -> Cow<'static, [Cow<'static, str>]> {
    names.iter().cloned().map(Cow::Owned).collect()
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
