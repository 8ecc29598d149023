//! Which table of a database each declared name means. Never guesses: what a database did not
//! resolve means no table.

use std::collections::BTreeMap;

use crate::backup::BackupSchema;
use crate::schema::table_key;
use crate::{DatabaseSchema, TableName, TableSchema};

/// The tables that the names of a declaration mean, each with its schema.
///
/// A name without a schema means what the database's own search finds, which only the database
/// knows: ask it once, and name the schema in every statement from then on.
///
/// ```
/// use db_adapter_core::TableName;
/// use db_adapter_core::fit::Resolved;
///
/// let mut tables = Resolved::default();
/// tables.insert("notes", TableName { schema: Some("tenant1".into()), name: "notes".into() });
/// assert_eq!(tables.get("notes").map(ToString::to_string).as_deref(), Some("tenant1.notes"));
/// assert_eq!(tables.get("books"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved(BTreeMap<String, TableName>);

impl Resolved {
    /// The names that a declaration uses, looked up in a schema by their keys alone: for a schema
    /// without a database, where nothing else can be meant.
    pub fn of(schema: &BackupSchema, database: &DatabaseSchema) -> Resolved {
        let mut tables = Resolved::default();
        for name in Resolved::names(schema) {
            if let Some(found) = database.table(name) {
                let found = TableName {
                    schema: found.schema.clone(),
                    name: found.name.clone(),
                };
                tables.insert(name, found);
            }
        }
        tables
    }

    /// The names that a declaration uses: of its tables, of those outside that these refer to, and of
    /// those of owners.
    pub fn names(schema: &BackupSchema) -> impl Iterator<Item = &str> {
        schema.tables.iter().flat_map(|def| {
            let outside = def.external.iter().chain(&def.owner);
            std::iter::once(&*def.name).chain(outside.map(|reference| &*reference.table))
        })
    }

    /// Says which table a name means.
    pub fn insert(&mut self, declared: impl Into<String>, found: TableName) {
        self.0.insert(declared.into(), found);
    }

    /// The table that a name means.
    pub fn get(&self, declared: &str) -> Option<&TableName> {
        self.0.get(declared)
    }

    /// The same in the schema of the database.
    pub fn table<'d>(
        &self,
        declared: &str,
        database: &'d DatabaseSchema,
    ) -> Option<&'d TableSchema> {
        let name = self.get(declared)?;
        let key = table_key(name.schema.as_deref(), &name.name);
        database.tables.get(&key)
    }
}
