//! The whole schema.

use super::{DomainSchema, EnumSchema, FunctionSchema, SequenceSchema, TableSchema, ViewSchema};
use crate::name::TableName;
use std::collections::{BTreeMap, BTreeSet};

/// Whose SQL it is: how names fold, what quotes, and which types there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum SqlDialect {
    /// PostgreSQL: names without quotes are folded to lower case.
    #[default]
    Postgres,
    /// SQLite: names keep their case; back-ticks and brackets quote too.
    Sqlite,
}

impl SqlDialect {
    /// `postgres` or `sqlite`.
    ///
    /// ```
    /// use db_adapter_core::schema::SqlDialect;
    ///
    /// assert_eq!(SqlDialect::Sqlite.name(), "sqlite");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            SqlDialect::Postgres => "postgres",
            SqlDialect::Sqlite => "sqlite",
        }
    }
}

/// The schema of a database, as introspection or a SQL file gives it.
///
/// All maps but `functions` are keyed by [`table_key`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct DatabaseSchema {
    /// Whose spelling the types and expressions have.
    pub dialect: SqlDialect,
    /// The tables, partitions among them.
    pub tables: BTreeMap<String, TableSchema>,
    /// The views, materialised ones among them.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub views: BTreeMap<String, ViewSchema>,
    /// The functions, keyed by `name(argument types)`.
    pub functions: BTreeMap<String, FunctionSchema>,
    /// The enum types.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub enums: BTreeMap<String, EnumSchema>,
    /// The domains.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub domains: BTreeMap<String, DomainSchema>,
    /// The sequences, without those behind an identity.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub sequences: BTreeMap<String, SequenceSchema>,
    /// What is there and was left out, and why; never omitted in silence.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub not_inspected: Vec<NotInspected>,
}

/// Something that was not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct NotInspected {
    /// The kind of object: `trigger`, `table`, ...
    pub kind: String,
    /// Which one; `None` for all of the kind.
    pub name: Option<String>,
    /// Why.
    pub reason: String,
}

impl DatabaseSchema {
    /// The table of this name: `users`, `public.users`, `audit.log`, parts quoted where needed.
    pub fn table(&self, name: &str) -> Option<&TableSchema> {
        self.tables.get(name).or_else(|| {
            let name = TableName::parse(name).ok()?;
            self.tables
                .get(&table_key(name.schema.as_deref(), &name.name))
        })
    }

    /// The names of the columns by table, partitions left to their parents: what
    /// [`crate::validate_schema`] compares.
    pub fn column_names(&self) -> BTreeMap<String, BTreeSet<String>> {
        let tables = self.tables.iter().filter(|(_, t)| t.partition_of.is_none());
        tables
            .map(|(key, t)| {
                (
                    key.clone(),
                    t.columns.iter().map(|c| c.name.clone()).collect(),
                )
            })
            .collect()
    }

    /// The partitions of the table with this key.
    pub fn partitions_of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a TableSchema> {
        self.tables
            .values()
            .filter(move |t| t.partition_of.as_deref() == Some(key))
    }
}

/// The key under which an object of this name is found: the bare name in the default schema
/// (none, `public`, or SQLite's `main`), otherwise `schema.name` as [`TableName`] writes it.
///
/// ```
/// use db_adapter_core::schema::table_key;
///
/// assert_eq!(table_key(Some("public"), "Order"), "Order");
/// assert_eq!(table_key(Some("audit"), "my log"), r#"audit."my log""#);
/// ```
pub fn table_key(schema: Option<&str>, name: &str) -> String {
    let schema = schema.filter(|s| !matches!(*s, "public" | "main"));
    if schema.is_none() && !name.contains('.') {
        return name.to_owned();
    }
    TableName {
        schema: schema.map(str::to_owned),
        name: name.to_owned(),
    }
    .to_string()
}
