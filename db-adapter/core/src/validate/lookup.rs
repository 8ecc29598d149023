//! Finds in the actual schema what the expected one names: with the connection's own schema for
//! names without one, and without regard to case where the engine has none.

use crate::schema::{
    ColumnSchema, DatabaseSchema, DomainSchema, SqlDialect, TableSchema, table_key,
};
use crate::suggest::closest;

/// Of a domain over a domain over ..; a schema that somebody wrote may have a circle.
const MOST_DOMAINS: usize = 16;

/// The actual schema, to look things up.
pub(super) struct Actual<'a> {
    pub(super) schema: &'a DatabaseSchema,
    /// The schemas in which a name without one is looked up; none means the default one.
    path: &'a [String],
    /// Whether a name without a schema may be in any: nothing lies in the default one.
    elsewhere: bool,
}

impl<'a> Actual<'a> {
    pub(super) fn new(schema: &'a DatabaseSchema, path: &'a [String]) -> Actual<'a> {
        let in_default = |t: &TableSchema| table_key(t.schema.as_deref(), "t") == "t";
        Actual {
            schema,
            path,
            elsewhere: !schema.tables.values().any(in_default),
        }
    }

    /// The table that is meant, with its key.
    pub(super) fn table(
        &self,
        schema: Option<&str>,
        name: &str,
    ) -> Option<(&'a str, &'a TableSchema)> {
        if schema.is_none() && !self.path.is_empty() {
            let mut keys = self.path.iter().map(|path| table_key(Some(path), name));
            return keys.find_map(|key| self.by_key(&key));
        }
        let found = self.by_key(&table_key(schema, name));
        found.or_else(|| {
            let tables = self.schema.tables.iter();
            let mut named = tables.filter(|(_, t)| t.name == name);
            let only = named.next().filter(|_| named.next().is_none());
            only.filter(|_| schema.is_none() && self.elsewhere)
                .map(|(key, table)| (key.as_str(), table))
        })
    }

    /// The table with this key.
    pub(super) fn by_key(&self, wanted: &str) -> Option<(&'a str, &'a TableSchema)> {
        let tables = &self.schema.tables;
        let exact = tables.get_key_value(wanted);
        let found = exact.or_else(|| tables.iter().find(|(key, _)| self.is_same(key, wanted)));
        found.map(|(key, table)| (key.as_str(), table))
    }

    /// The column that is meant.
    pub(super) fn column(&self, table: &'a TableSchema, name: &str) -> Option<&'a ColumnSchema> {
        let exact = table.column(name);
        exact.or_else(|| table.columns.iter().find(|c| self.is_same(&c.name, name)))
    }

    /// The table with what its columns have from their domains, `None` where no column has any:
    /// a domain may refuse NULL, and have a default.
    pub(super) fn with_domains(&self, table: &TableSchema) -> Option<TableSchema> {
        let mut whole = None;
        for (at, column) in table.columns.iter().enumerate() {
            let mut next = self.domain(&column.data_type);
            for _ in 0..MOST_DOMAINS {
                let Some(domain) = next else { break };
                let whole = whole.get_or_insert_with(|| table.clone());
                if let Some(column) = whole.columns.get_mut(at) {
                    column.nullable &= !domain.not_null;
                    column.default = column.default.take().or_else(|| domain.default.clone());
                }
                next = self.domain(&domain.data_type);
            }
        }
        whole
    }

    /// The table as one of a database that has no domains: with the types beneath, and what they ask for.
    pub(super) fn without_domains(&self, table: &TableSchema) -> TableSchema {
        let mut whole = self.with_domains(table).unwrap_or_else(|| table.clone());
        for column in &mut whole.columns {
            for _ in 0..MOST_DOMAINS {
                let element = column.data_type.trim_end_matches("[]");
                let Some(domain) = self.domain(element) else {
                    break;
                };
                let array = column.data_type.len() > element.len();
                let array = if array { "[]" } else { "" };
                column.data_type = format!("{}{array}", domain.data_type);
            }
        }
        whole
    }

    /// Whether a type is a domain, or an array of one.
    pub(super) fn is_domain(&self, data_type: &str) -> bool {
        self.domain(data_type.trim_end_matches("[]")).is_some()
    }

    fn domain(&self, data_type: &str) -> Option<&'a DomainSchema> {
        let name = crate::TableName::parse(data_type).ok()?;
        let key = table_key(name.schema.as_deref(), &name.name);
        self.schema.domains.get(&key)
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
        let first = self.path.first().map(String::as_str);
        let schema = named.as_deref().or(first).unwrap_or("public");
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
