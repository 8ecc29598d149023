//! What is expected, as one schema in the dialect of the database: whatever declares it. Told beside it is what
//! the declaration leaves open.

use super::FixOptions;
use crate::ddl_writer::{NotExpressed, schema_of_backup, schema_of_expected, translate};
use crate::schema::{DatabaseSchema, SqlDialect};
use crate::validate::{Expected, ValidationLevel};
use std::collections::BTreeMap;

/// The schema that the database should have.
pub(super) struct Goal {
    pub(super) schema: DatabaseSchema,
    /// Whether it says all of its tables.
    pub(super) is_whole: bool,
    /// What could not be brought into this dialect, or is not said.
    pub(super) open: Vec<NotExpressed>,
    /// The renames that are declared, by the new path.
    pub(super) renamed: BTreeMap<String, String>,
    /// Column definitions that are not read, with what is wrong.
    pub(super) wrong: Vec<(String, String)>,
}

impl Goal {
    pub(super) fn of(expected: Expected<'_>, dialect: SqlDialect, options: &FixOptions) -> Goal {
        let mut renamed = BTreeMap::new();
        let (schema, mut open, is_whole) = match expected {
            Expected::Full(schema) => (schema.clone(), Vec::new(), true),
            Expected::Declared(expected) => {
                let (schema, open) = schema_of_expected(expected);
                (schema, open, false)
            }
            Expected::Backup(backup) => {
                let tables = backup.tables.iter().chain(backup.other_tables.iter());
                for table in tables {
                    if let Some(old) = &table.renamed_from {
                        let key = super::key_of(&table.name);
                        renamed.insert(key, super::key_of(old));
                    }
                }
                let (schema, open) = schema_of_backup(backup);
                (schema, open, false)
            }
        };
        let schema = match schema.dialect == dialect {
            true => schema,
            false => {
                let (translated, lost) = translate(&schema, dialect);
                open.extend(lost);
                translated
            }
        };
        renamed.extend(options.renamed.clone());
        let mut goal = Goal {
            schema,
            is_whole,
            open,
            renamed,
            wrong: Vec::new(),
        };
        goal.define(&options.definitions);
        goal
    }

    /// How much is compared where nobody says.
    pub(super) fn level(&self) -> ValidationLevel {
        match self.is_whole {
            true => ValidationLevel::Exact,
            false => ValidationLevel::Compatible,
        }
    }

    #[cfg(not(feature = "sql"))]
    fn define(&mut self, _definitions: &BTreeMap<String, String>) {}

    /// Column definitions win over what is expected.
    #[cfg(feature = "sql")]
    fn define(&mut self, definitions: &BTreeMap<String, String>) {
        for (path, definition) in definitions {
            let mut tables = self.schema.tables.iter_mut();
            let found = tables.find_map(|(key, table)| {
                let name = path.strip_prefix(key.as_str())?.strip_prefix('.')?;
                Some((table, name))
            });
            let Some((table, name)) = found else {
                let why = "its table is not expected".to_owned();
                self.wrong.push((path.clone(), why));
                continue;
            };
            let sql = format!(
                "CREATE TABLE {} ({} {definition}\n)",
                crate::quote_ident(&table.name),
                crate::quote_ident(name)
            );
            let read = crate::ddl::parse(&sql, self.schema.dialect);
            let mut found = read.schema.tables.into_values();
            let only = found.next().filter(|read| read.columns.len() == 1);
            let (Some(read), true) = (only, read.errors.is_empty()) else {
                let why = "its definition is not a type with what may be behind it".to_owned();
                self.wrong.push((path.clone(), why));
                continue;
            };
            for column in read.columns {
                match table.column_mut(name) {
                    Some(there) => *there = column,
                    None => table.columns.push(column),
                }
            }
            for (key, own) in read.constraints {
                table.constraints.entry(key).or_insert(own);
            }
        }
    }
}
