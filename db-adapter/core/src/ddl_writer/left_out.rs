//! Which tables cannot be written at all, and why: half a table would let a check pass that should not.
//! Decides before anything is written, so that nothing refers to what is not there.

use super::mentions::Mentions;
use super::{quote, sound};
use crate::schema::{ColumnSchema, DatabaseSchema, SqlDialect, TableSchema};
use crate::sql_type::SqlType;
use std::collections::{BTreeMap, BTreeSet};

/// The kinds of types that the model names and does not know.
const UNKNOWN_TYPES: [&str; 3] = ["composite type", "range type", "base type"];
/// The kinds of relations and functions that it names and does not know.
const UNKNOWN_OBJECTS: [&str; 5] = [
    "foreign table",
    "table",
    "virtual table",
    "aggregate",
    "view",
];

/// What cannot be written.
pub(super) struct LeftOut {
    /// The keys of tables, and why.
    pub(super) tables: BTreeMap<String, String>,
    /// The keys of types that nobody here knows.
    types: BTreeSet<String>,
    /// The keys of other objects that nobody here knows.
    objects: BTreeSet<String>,
    /// The schemas of what is written, and the server's own.
    schemas: BTreeSet<String>,
}

impl LeftOut {
    pub(super) fn of(schema: &DatabaseSchema) -> LeftOut {
        let named = |kinds: &[&str]| {
            let entries = schema.not_inspected.iter();
            let of_kinds = entries.filter(|entry| kinds.contains(&entry.kind.as_str()));
            of_kinds
                .filter_map(|entry| Some(without_arguments(entry.name.as_deref()?)))
                .collect::<BTreeSet<String>>()
        };
        let mut left_out = LeftOut {
            tables: BTreeMap::new(),
            types: named(&UNKNOWN_TYPES),
            objects: named(&UNKNOWN_OBJECTS),
            schemas: super::postgres::all_schemas(schema)
                .flatten()
                .chain(["public", "pg_catalog", "information_schema"])
                .map(str::to_owned)
                .collect(),
        };
        for (key, table) in &schema.tables {
            if let Some(why) = left_out.why(table, schema.dialect) {
                left_out.tables.insert(key.clone(), why);
            }
        }
        left_out.follow(schema);
        left_out
    }

    /// Tables that are parts of others go with them.
    fn follow(&mut self, schema: &DatabaseSchema) {
        loop {
            let mut found = Vec::new();
            for (key, table) in &schema.tables {
                let mut parents = table.partition_of.iter().chain(&table.inherits);
                let gone = parents.find(|parent| {
                    self.tables.contains_key(*parent) || !schema.tables.contains_key(*parent)
                });
                if let Some(parent) = gone.filter(|_| !self.tables.contains_key(key)) {
                    let why = format!("it is a part of `{parent}`, which is not written");
                    found.push((key.clone(), why));
                }
            }
            if found.is_empty() {
                return;
            }
            self.tables.extend(found);
        }
    }

    fn why(&self, table: &TableSchema, dialect: SqlDialect) -> Option<String> {
        let own_file = |schema: &str| dialect == SqlDialect::Postgres || schema == "main";
        if let Some(other) = table.schema.as_deref().filter(|schema| !own_file(schema)) {
            return Some(format!("it is in the attached database `{other}`"));
        }
        if let Some(wrong) = sound::wrong_name(&table.name, dialect) {
            return Some(wrong.to_owned());
        }
        if dialect == SqlDialect::Sqlite && table.columns.is_empty() {
            return Some("it has no columns, and SQLite has no such tables".to_owned());
        }
        let mut clauses = table.partition_by.iter().chain(&table.partition_bound);
        if let Some(clause) = clauses.find(|clause| !sound::is_clause(clause, dialect)) {
            return Some(format!("`{clause}` is not a clause of a partition"));
        }
        if table.partition_of.is_some() && table.partition_bound.is_none() {
            return Some("which rows the partition holds is not known".to_owned());
        }
        let mut seen = BTreeSet::new();
        for column in &table.columns {
            let name = match dialect {
                SqlDialect::Postgres => column.name.clone(),
                SqlDialect::Sqlite => column.name.to_ascii_lowercase(),
            };
            if !seen.insert(name) {
                return Some(format!("it has two columns `{}`", column.name));
            }
            if let Some(wrong) = self.wrong_column(column, dialect) {
                return Some(format!("column `{}`: {wrong}", column.name));
            }
        }
        None
    }

    fn wrong_column(&self, column: &ColumnSchema, dialect: SqlDialect) -> Option<String> {
        if let Some(wrong) = sound::wrong_name(&column.name, dialect) {
            let own = dialect == SqlDialect::Sqlite && !column.name.contains('\0');
            return (!own).then(|| wrong.to_owned()); // only objects of SQLite's have such names
        }
        if let Some(wrong) = self.wrong_type(&column.data_type, dialect) {
            return Some(wrong);
        }
        let generated = column.generated.as_ref()?;
        self.wrong_expression(&generated.expression, dialect)
    }

    /// What is wrong with an expression, if anything is.
    pub(super) fn wrong_expression(&self, text: &str, dialect: SqlDialect) -> Option<String> {
        if !sound::is_expression(text, dialect) {
            return Some(match text.trim().is_empty() {
                true => "its expression is not known".to_owned(),
                false => format!("`{text}` is not one expression"),
            });
        }
        match dialect {
            SqlDialect::Postgres => self.other_schema(&Mentions::of(text, dialect)),
            SqlDialect::Sqlite => None,
        }
    }

    /// That something is of a schema that is not written.
    pub(super) fn other_schema(&self, mentions: &Mentions) -> Option<String> {
        let other = mentions.schemas.difference(&self.schemas).next()?;
        Some(format!(
            "it needs the schema `{other}`, which is not written"
        ))
    }

    /// What is wrong with the text of a type.
    pub(super) fn wrong_type(&self, data_type: &str, dialect: SqlDialect) -> Option<String> {
        if dialect == SqlDialect::Sqlite {
            let nul = data_type.contains('\0');
            return nul.then(|| "its declared type has a NUL character".to_owned());
        }
        if data_type.trim().is_empty() {
            return Some("its type is not known".to_owned());
        }
        if !sound::is_type(data_type) {
            return Some(format!("`{data_type}` is not a type"));
        }
        let known = SqlType::parse_postgres(data_type);
        let known = known.element().unwrap_or(&known);
        if !matches!(known, SqlType::Other(_) | SqlType::Citext) {
            return None;
        }
        let mentions = Mentions::of(data_type, dialect);
        if let Some(wrong) = self.other_schema(&mentions) {
            return Some(wrong);
        }
        let mut names = mentions.names.iter().chain(&mentions.calls);
        let unknown = names.find(|name| self.types.contains(*name))?;
        Some(format!("its type `{unknown}` is not written"))
    }

    /// An object that a query mentions and that is not written.
    pub(super) fn missing_in(&self, mentions: &Mentions) -> Option<String> {
        let mut names = mentions.names.iter().chain(&mentions.calls);
        let is_gone =
            |name: &&String| self.tables.contains_key(*name) || self.objects.contains(*name);
        let gone = names.find(is_gone);
        let gone = gone.map(|gone| format!("it needs `{gone}`, which is not written"));
        gone.or_else(|| self.other_schema(mentions))
    }
}

/// `total` of `total(integer)`.
fn without_arguments(key: &str) -> String {
    match key.find('(').filter(|at| *at > 0 && key.ends_with(')')) {
        Some(at) => key.get(..at).unwrap_or(key).to_owned(),
        None => {
            let (schema, name) = quote::parts_of_key(key);
            crate::schema::table_key(schema.as_deref(), &name)
        }
    }
}
