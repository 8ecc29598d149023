//! Finds in the actual schema what the expected one names: with the connection's own schema for
//! names without one, and without regard to case where the engine has none.

use crate::schema::{ColumnSchema, DatabaseSchema, SqlDialect, TableSchema, table_key};
use crate::suggest::closest;

/// The actual schema, to look things up.
pub(super) struct Actual<'a> {
    pub(super) schema: &'a DatabaseSchema,
    /// The schema of a name without one, when it is not the default one.
    default: Option<&'a str>,
    /// Whether a name without a schema may be in any: nothing lies in the default one.
    elsewhere: bool,
}

impl<'a> Actual<'a> {
    pub(super) fn new(schema: &'a DatabaseSchema, default: Option<&'a str>) -> Actual<'a> {
        let in_default = |t: &TableSchema| table_key(t.schema.as_deref(), "t") == "t";
        Actual {
            schema,
            default,
            elsewhere: !schema.tables.values().any(in_default),
        }
    }

    /// The table that is meant, with its key.
    pub(super) fn table(
        &self,
        schema: Option<&str>,
        name: &str,
    ) -> Option<(&'a str, &'a TableSchema)> {
        let tables = &self.schema.tables;
        let wanted = table_key(schema.or(self.default), name);
        if let Some((key, table)) = tables.get_key_value(&wanted) {
            return Some((key, table));
        }
        let found = tables.iter().find(|(key, _)| self.is_same(key, &wanted));
        let found = found.or_else(|| {
            let mut named = tables.iter().filter(|(_, t)| t.name == name);
            let only = named.next().filter(|_| named.next().is_none());
            only.filter(|_| schema.or(self.default).is_none() && self.elsewhere)
        });
        found.map(|(key, table)| (key.as_str(), table))
    }

    /// The column that is meant.
    pub(super) fn column(&self, table: &'a TableSchema, name: &str) -> Option<&'a ColumnSchema> {
        let exact = table.column(name);
        exact.or_else(|| table.columns.iter().find(|c| self.is_same(&c.name, name)))
    }

    /// Whether two names are one for the engine.
    pub(super) fn is_same(&self, one: &str, other: &str) -> bool {
        match self.schema.dialect {
            SqlDialect::Postgres => one == other,
            SqlDialect::Sqlite => one.eq_ignore_ascii_case(other),
        }
    }

    /// Whether two lists have the same names, in any order.
    pub(super) fn is_same_set(&self, one: &[String], other: &[String]) -> bool {
        let has = |all: &[String], x: &String| all.iter().any(|y| self.is_same(x, y));
        one.len() == other.len()
            && one.iter().all(|x| has(other, x))
            && other.iter().all(|x| has(one, x))
    }

    /// A table or view with nearly this name.
    pub(super) fn near_table(&self, key: &str) -> Option<&'a str> {
        let tables = self.schema.tables.keys();
        closest(
            key,
            tables.chain(self.schema.views.keys()).map(String::as_str),
        )
    }

    /// Why an object was left out, when it was.
    pub(super) fn why_left_out(&self, kind: &str, name: &str) -> Option<&'a str> {
        let entries = self.schema.not_inspected.iter();
        let mut entries = entries.filter(|entry| entry.kind == kind);
        let found = entries.find(|entry| entry.name.as_deref() == Some(name));
        found.map(|entry| entry.reason.as_str())
    }

    /// Why the schema of the table with this key was left out, when it was.
    pub(super) fn why_schema_left_out(&self, key: &str) -> Option<&'a str> {
        let named = crate::TableName::parse(key).ok().and_then(|n| n.schema);
        let schema = named.as_deref().or(self.default).unwrap_or("public");
        let all = || {
            self.schema
                .not_inspected
                .iter()
                .find(|e| e.kind == "schema" && e.name.is_none())
        };
        self.why_left_out("schema", schema)
            .or_else(|| all().map(|entry| entry.reason.as_str()))
    }
}

/// The column of the table with nearly this name.
pub(super) fn near_column<'a>(table: &'a TableSchema, name: &str) -> Option<&'a str> {
    closest(name, table.columns.iter().map(|c| c.name.as_str()))
}

/// `a`, `b`
pub(super) fn listed<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = names
        .into_iter()
        .map(|n| format!("`{}`", n.as_ref()))
        .collect();
    quoted.join(", ")
}
