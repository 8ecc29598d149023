//! A schema of PostgreSQL for SQLite.

mod columns;
mod keys;

use super::Lost;
use super::expression::Scope;
use crate::ddl_writer::mentions::Mentions;
use crate::ddl_writer::{NotExpressed, sound};
use crate::name::TableName;
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, DatabaseSchema, Identity, Numbering,
    SequenceSchema, SqlDialect, TableSchema, table_key,
};
use crate::sql_type::SqlType;
use std::collections::BTreeSet;

const POSTGRES: SqlDialect = SqlDialect::Postgres;

/// Reads one schema, and fills the other.
struct ToSqlite<'a> {
    from: &'a DatabaseSchema,
    to: DatabaseSchema,
    lost: Lost,
    /// The tables that are there, by their keys.
    kept: BTreeSet<&'a str>,
    /// The sequences that are the numbers of rows there.
    counted: BTreeSet<&'a str>,
    /// Names of indexes and tables in lower case: SQLite tells them apart by nothing else.
    taken: BTreeSet<String>,
}

pub(super) fn schema(from: &DatabaseSchema) -> (DatabaseSchema, Vec<NotExpressed>) {
    let mut translation = ToSqlite {
        from,
        to: DatabaseSchema {
            dialect: SqlDialect::Sqlite,
            not_inspected: from.not_inspected.clone(),
            ..DatabaseSchema::default()
        },
        lost: Lost::default(),
        kept: BTreeSet::new(),
        counted: BTreeSet::new(),
        taken: BTreeSet::new(),
    };
    translation.choose_tables();
    for (key, table) in &from.tables {
        if translation.kept.contains(key.as_str()) {
            translation.table(key, table);
        }
    }
    translation.other_objects();
    (translation.to, translation.lost.0)
}

impl<'a> ToSqlite<'a> {
    fn choose_tables(&mut self) {
        for (key, table) in &self.from.tables {
            let why = if let Some(parent) = &table.partition_of {
                Some(format!(
                    "SQLite has no partitions: its rows are in `{parent}`"
                ))
            } else if !is_public(table.schema.as_deref()) {
                Some("SQLite has one schema".to_owned())
            } else if let Some(wrong) = sound::wrong_name(&table.name, SqlDialect::Sqlite) {
                Some(wrong.to_owned())
            } else if table.columns.is_empty() {
                Some("it has no columns, and SQLite has no such tables".to_owned())
            } else if let Some(twin) = twin(table) {
                Some(format!("SQLite does not tell its columns `{twin}` apart"))
            } else if !self.taken.insert(table.name.to_ascii_lowercase()) {
                Some("SQLite does not tell its name from that of another table".to_owned())
            } else {
                None
            };
            match why {
                Some(why) => self.lost.add("table", key, why),
                None => _ = self.kept.insert(key),
            }
        }
    }

    fn table(&mut self, key: &'a str, from: &'a TableSchema) {
        self.what_it_is(key, from);
        let numbered = self.numbered(key, from);
        let mut to = TableSchema {
            name: from.name.clone(),
            autoincrement: numbered.is_some(),
            ..TableSchema::default()
        };
        let read = self.with_base_types(from);
        let mut checks = Vec::new();
        for (column, own) in from.columns.iter().zip(&read.columns) {
            let is_number = numbered == Some(column.name.as_str());
            let translated = self.column(key, &read, column, own, is_number, &mut checks);
            to.columns.push(translated);
        }
        for constraint in from.constraints.values() {
            if let Some(constraint) = self.constraint(key, &read, constraint) {
                to.constraints.insert(constraint.name.clone(), constraint);
            }
        }
        for (column, expression) in checks {
            let name = free_name(&to, &format!("{}_{column}_check", to.name));
            let check = ConstraintSchema {
                name: name.clone(),
                kind: ConstraintKind::Check,
                columns: vec![column],
                expression: Some(expression),
                name_is_generated: true,
                ..ConstraintSchema::default()
            };
            to.constraints.insert(name, check);
        }
        for (name, index) in &from.indexes {
            if let Some(index) = self.index(key, &read, index) {
                to.indexes.insert(name.clone(), index);
            }
        }
        self.to.tables.insert(table_key(None, &to.name), to);
    }

    /// What the table itself is and SQLite's are not.
    fn what_it_is(&mut self, key: &str, from: &TableSchema) {
        let parts = [
            (from.unlogged, "SQLite has no unlogged tables"),
            (
                from.partition_by.is_some(),
                "it is partitioned: SQLite keeps all its rows in one table",
            ),
            (
                !from.inherits.is_empty(),
                "it inherits from other tables: in SQLite their rows are not those of its parents",
            ),
            (
                from.row_security,
                "SQLite has no row-level security: every row is seen and written",
            ),
            (from.comment.is_some(), "SQLite has no comments"),
        ];
        for (_, what) in parts.into_iter().filter(|(there, _)| *there) {
            self.lost.add("table", key, what);
        }
        for name in from.policies.keys() {
            self.lost.add(
                "policy",
                &format!("{key}.{name}"),
                "SQLite has no row-level security",
            );
        }
        for name in from.triggers.keys() {
            let why = "what its function does is not known to SQLite";
            self.lost.add("trigger", &format!("{key}.{name}"), why);
        }
    }

    /// The column that numbers the rows: the only one of the key, which the database fills.
    fn numbered(&mut self, key: &'a str, from: &'a TableSchema) -> Option<&'a str> {
        let primary = from.primary_key().filter(|key| !key.over_time)?;
        let [name] = primary.columns.as_slice() else {
            return None;
        };
        let column = from.column(name)?;
        let integer = matches!(
            column.sql_type,
            SqlType::Int2 | SqlType::Int4 | SqlType::Int8
        );
        if !integer || self.domain(&column.data_type).is_some() {
            return None;
        }
        let path = format!("{key}.{name}");
        let numbering = match column.identity {
            Some(identity) => {
                if identity == Identity::Always {
                    let why = "SQLite takes a number of the caller's for it";
                    self.lost.add("column", &path, why);
                }
                column.numbering.unwrap_or_default()
            }
            None => {
                let (sequence, found) = self.owned_sequence(key, column)?;
                self.counted.insert(sequence);
                found.numbering()
            }
        };
        if numbering.without_defaults(&column.data_type) != Numbering::default() {
            let why = "SQLite counts from 1 in steps of 1";
            self.lost.add("column", &path, why);
        }
        Some(&column.name)
    }

    /// The sequence of a serial: the column's own.
    fn owned_sequence(
        &self,
        key: &str,
        column: &ColumnSchema,
    ) -> Option<(&'a str, &'a SequenceSchema)> {
        let default = Mentions::of(column.default.as_deref()?, POSTGRES);
        let numbers = default.calls.iter().eq(["nextval"]);
        let mut owned = self.from.sequences.iter();
        let (found, sequence) = owned.find(|(_, sequence)| {
            let owner = sequence.owned_by.as_ref();
            owner.is_some_and(|(table, own)| table == key && *own == column.name)
        })?;
        let bare = table_key(None, &sequence.name);
        (numbers && default.in_strings.contains(&bare)).then_some((found.as_str(), sequence))
    }

    fn other_objects(&mut self) {
        for key in self.from.enums.keys() {
            let why =
                "SQLite has no enums: its columns are texts with a check, in the order of texts";
            self.lost.add("enum", key, why);
        }
        for (key, domain) in &self.from.domains {
            let why =
                "SQLite has no domains: its columns have the type beneath, and what it asks for";
            self.lost.add("domain", key, why);
            if domain.comment.is_some() {
                self.lost.add("domain", key, "SQLite has no comments");
            }
        }
        for key in self.from.sequences.keys() {
            if !self.counted.contains(key.as_str()) {
                self.lost.add("sequence", key, "SQLite has no sequences");
            }
        }
        for key in self.from.functions.keys() {
            self.lost
                .add("function", key, "SQLite has no functions in SQL");
        }
        for key in self.from.views.keys() {
            let why = "whether its query means the same in SQLite is not known";
            self.lost.add("view", key, why);
        }
    }
}

fn scope<'a>(table: &'a TableSchema, value: Option<&'a str>) -> Scope<'a> {
    Scope {
        from: POSTGRES,
        table,
        value,
    }
}

fn is_public(schema: Option<&str>) -> bool {
    schema.is_none_or(|schema| schema == "public")
}

/// Whether the collation orders by bytes, as SQLite's own does.
fn is_binary(name: &str) -> bool {
    matches!(name, "C" | "POSIX" | "ucs_basic")
}

fn is_only_key(table: &TableSchema, name: &str) -> bool {
    table.primary_key().is_some_and(|key| key.columns == [name])
}

/// A column whose name is that of another one but for the case of letters.
fn twin(table: &TableSchema) -> Option<&str> {
    let mut seen = BTreeSet::new();
    let mut columns = table.columns.iter();
    let found = columns.find(|column| !seen.insert(column.name.to_ascii_lowercase()))?;
    Some(&found.name)
}

/// The key of a type's name; `None` for an array and for what is not a name.
fn key_of_type(data_type: &str) -> Option<String> {
    let name = TableName::parse(data_type).ok()?;
    Some(table_key(name.schema.as_deref(), &name.name))
}

fn free_name(table: &TableSchema, first: &str) -> String {
    let taken = &table.constraints;
    let numbered = (1..).map(|number| format!("{first}{number}"));
    let mut names = std::iter::once(first.to_owned()).chain(numbered);
    names
        .find(|name| !taken.contains_key(name))
        .unwrap_or_default()
}
