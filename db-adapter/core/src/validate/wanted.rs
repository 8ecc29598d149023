//! What is expected, brought to one form: tables by key, whatever declared them.

use crate::backup::{BackupSchema, MatchBy, TableDef};
use crate::expected::{ExpectedColumn, ExpectedSchema, ExpectedTable};
use crate::fit::Resolved;
use crate::name::TableName;
use crate::schema::{DatabaseSchema, table_key};
use std::collections::{BTreeMap, BTreeSet};

/// What a database is compared with.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub enum Expected<'a> {
    /// Tables and columns, with as much about them as a declaration knows.
    Declared(&'a ExpectedSchema),
    /// The tables of a backup: also their natural keys and references.
    Backup(&'a BackupSchema),
    /// A whole schema: of a SQL file, of another database, of an export.
    Full(&'a DatabaseSchema),
}

impl<'a> From<&'a ExpectedSchema> for Expected<'a> {
    fn from(schema: &'a ExpectedSchema) -> Self {
        Expected::Declared(schema)
    }
}

impl<'a> From<&'a BackupSchema> for Expected<'a> {
    fn from(schema: &'a BackupSchema) -> Self {
        Expected::Backup(schema)
    }
}

impl<'a> From<&'a DatabaseSchema> for Expected<'a> {
    fn from(schema: &'a DatabaseSchema) -> Self {
        Expected::Full(schema)
    }
}

/// The one form.
pub(super) struct Wanted<'a> {
    /// By key; a table that is expected twice has the columns of both.
    pub(super) tables: BTreeMap<String, ExpectedTable>,
    /// The whole schema, where that is what is expected.
    pub(super) full: Option<&'a DatabaseSchema>,
    /// The tables that are backed up, by key.
    pub(super) declared: BTreeMap<String, &'a TableDef>,
    /// The schemas that declare them.
    pub(super) backups: Vec<&'a BackupSchema>,
    /// The keys of the tables of which no declaration lists the columns: a backup needs none.
    pub(super) unlisted: BTreeSet<String>,
    /// The keys of the tables that are only referred to, outside of what is declared.
    pub(super) outside: BTreeSet<String>,
    /// The keys under which tables were known before, by the new ones.
    pub(super) renamed: BTreeMap<String, String>,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(expected: Expected<'a>, declared: Option<&'a BackupSchema>) -> Wanted<'a> {
        let mut wanted = Wanted {
            tables: BTreeMap::new(),
            full: None,
            declared: BTreeMap::new(),
            backups: Vec::new(),
            unlisted: BTreeSet::new(),
            outside: BTreeSet::new(),
            renamed: BTreeMap::new(),
        };
        match expected {
            Expected::Declared(schema) => wanted.take(schema.tables.iter().cloned()),
            Expected::Full(schema) => {
                wanted.full = Some(schema);
                wanted.take(ExpectedSchema::from_ddl(schema).tables.iter().cloned());
            }
            Expected::Backup(schema) => wanted.back_up(schema),
        }
        if let Some(schema) = declared {
            wanted.back_up(schema);
        }
        wanted
    }

    /// The schemas that are named, of tables and of whatever else is expected.
    pub(super) fn schemas(&self) -> BTreeSet<String> {
        let tables = self.tables.values().map(|t| t.schema.as_deref());
        let mut names: Vec<Option<&str>> = tables.collect();
        if let Some(full) = self.full {
            names.extend(full.tables.values().map(|t| t.schema.as_deref()));
            names.extend(full.views.values().map(|v| v.schema.as_deref()));
            names.extend(full.enums.values().map(|e| e.schema.as_deref()));
            names.extend(full.domains.values().map(|d| d.schema.as_deref()));
            names.extend(full.sequences.values().map(|s| s.schema.as_deref()));
            names.extend(full.functions.values().map(|f| f.schema.as_deref()));
        }
        names.into_iter().flatten().map(str::to_owned).collect()
    }

    fn take(&mut self, tables: impl Iterator<Item = ExpectedTable>) {
        for table in tables {
            match self.tables.entry(table.key()) {
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert(table);
                }
                std::collections::btree_map::Entry::Occupied(mut there) => {
                    merge(there.get_mut(), table);
                }
            }
        }
    }

    /// The tables of a schema are expected with the columns that they name.
    fn back_up(&mut self, schema: &'a BackupSchema) {
        self.backups.push(schema);
        let tables = || schema.tables.iter().chain(schema.other_tables.iter());
        for table in tables().filter(|table| table.columns.is_empty()) {
            let key = key_of(&table.name);
            if !self.tables.contains_key(&key) {
                self.unlisted.insert(key);
            }
        }
        self.take(tables().map(with_named_columns));
        self.outside.extend(Resolved::names(schema).map(key_of));
        for table in tables() {
            if let Some(old) = &table.renamed_from {
                self.renamed.insert(key_of(&table.name), key_of(old));
            }
        }
        let keyed = schema
            .tables
            .iter()
            .map(|table| (key_of(&table.name), table));
        self.declared.extend(keyed);
    }
}

/// The key under which a table argument is found.
pub(super) fn key_of(name: &str) -> String {
    match TableName::parse(name) {
        Ok(name) => table_key(name.schema.as_deref(), &name.name),
        Err(_) => table_key(None, name),
    }
}

fn with_named_columns(table: &TableDef) -> ExpectedTable {
    let mut expected = table.expected();
    // a key that is written is instead of the slug
    let by_slug = table.match_by == MatchBy::Natural && table.key.is_empty();
    let slug = table.slug_field.iter().filter(|_| by_slug);
    let slug = slug.chain(&table.user_field);
    let fields = table.references().flat_map(|r| r.fields.iter());
    let named = table
        .pk
        .iter()
        .chain(slug)
        .chain(table.key.iter())
        .chain(fields);
    for name in named {
        if !expected.columns.iter().any(|c| c.name == *name) {
            let column = ExpectedColumn {
                name: name.clone(),
                ..ExpectedColumn::default()
            };
            expected.columns.to_mut().push(column);
        }
    }
    expected
}

/// What the first does not say, the second does.
fn merge(first: &mut ExpectedTable, second: ExpectedTable) {
    for column in second.columns.iter() {
        let there = first
            .columns
            .to_mut()
            .iter_mut()
            .find(|c| c.name == column.name);
        match there {
            Some(there) => {
                let own = column.exact && !there.exact;
                if own || there.data_type.is_none() {
                    there.data_type.clone_from(&column.data_type);
                    there.exact = column.exact;
                }
                there.nullable = there.nullable.or(column.nullable);
                there.filled = there.filled.or(column.filled);
            }
            None => first.columns.to_mut().push(column.clone()),
        }
    }
    first.primary_key = first.primary_key.take().or(second.primary_key);
    for key in second
        .unique
        .iter()
        .filter(|k| !first.unique.contains(k))
        .cloned()
        .collect::<Vec<_>>()
    {
        first.unique.to_mut().push(key);
    }
    let known: Vec<_> = first
        .foreign_keys
        .iter()
        .map(|f| f.columns.clone())
        .collect();
    let new = second
        .foreign_keys
        .iter()
        .filter(|f| !known.contains(&f.columns));
    first.foreign_keys.to_mut().extend(new.cloned());
}
