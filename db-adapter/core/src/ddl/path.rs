//! What a name without a schema means, by `SET search_path`: the first schema of the path in which
//! this file has made such a thing. One rule for tables, types, sequences and targets of references.

use super::SqlDialect;
use super::reader::{Qualified, Reader};
use super::types::quoted_where_needed;
use crate::lexer::Lexer;
use crate::schema::{ColumnSchema, ConstraintSchema, TableSchema, table_key};

impl Reader<'_> {
    /// A new thing is made in the first schema of the path.
    pub(super) fn placed(&self, (schema, name): Qualified) -> Qualified {
        if self.dialect == SqlDialect::Sqlite {
            return (schema.and_then(schema_in_sqlite), name);
        }
        (schema.or_else(|| self.search_path.first().cloned()), name)
    }

    /// The key of a thing that is there.
    pub(super) fn key_of(&self, (schema, name): Qualified) -> String {
        if self.dialect == SqlDialect::Sqlite {
            return self.key_in_sqlite((schema, name));
        }
        let schema = schema.or_else(|| self.schema_of(&name, |key| self.has(key)));
        let (schema, name) = self.placed((schema, name));
        table_key(schema.as_deref(), &name)
    }

    /// What is temporary hides the rest, and the case of letters does not count.
    fn key_in_sqlite(&self, (schema, name): Qualified) -> String {
        let temporary = temporary_key(&name);
        if schema.is_none() && self.temporary.contains(&temporary) {
            return temporary;
        }
        match schema.and_then(schema_in_sqlite) {
            Some(schema) if schema == TEMP => temporary,
            schema => self.known_key(table_key(schema.as_deref(), &name)),
        }
    }

    /// The key as the thing has it that is there, if one is.
    pub(super) fn known_key(&self, key: String) -> String {
        if self.dialect == SqlDialect::Postgres || self.has(&key) {
            return key;
        }
        let mut relations = self.relations();
        let found = relations.find(|known| is_same(known, &key, self.dialect));
        found.cloned().unwrap_or(key)
    }

    /// The schema of the path in which a thing of this name is.
    fn schema_of(&self, name: &str, is_there: impl Fn(&str) -> bool) -> Option<String> {
        let mut path = self.search_path.iter();
        let found = path.find(|schema| is_there(&table_key(Some(schema), name)));
        found.cloned()
    }

    fn has(&self, key: &str) -> bool {
        let all = &self.ddl.schema;
        all.tables.contains_key(key)
            || all.views.contains_key(key)
            || all.sequences.contains_key(key)
            || self.has_type(key)
            || self.is_broken(key)
    }

    fn has_type(&self, key: &str) -> bool {
        let all = &self.ddl.schema;
        all.enums.contains_key(key)
            || all.domains.contains_key(key)
            || self.composites.contains_key(key)
    }

    /// The target of a foreign key; one that this file does not make is in the first schema.
    pub(super) fn place_target(&self, table: &TableSchema, constraint: &mut ConstraintSchema) {
        let Some(target) = &constraint.references_table else {
            return;
        };
        if constraint.references_schema.is_none() {
            let own = table_key(table.schema.as_deref(), &table.name);
            let there = |key: &str| key == own || self.ddl.schema.tables.contains_key(key);
            let found = self.schema_of(target, there);
            constraint.references_schema = found.or_else(|| self.search_path.first().cloned());
        }
    }

    /// The type of a column, with the schema of one that this file makes outside of `public`, as the
    /// server writes it.
    pub(super) fn place_type(&self, column: &mut ColumnSchema) {
        if let Some(text) = self.placed_type(&column.data_type) {
            column.sql_type = crate::sql_type::SqlType::parse_postgres(&text);
            column.data_type = text;
        }
        let default = column.default.as_deref();
        if let Some(default) = default.and_then(|default| self.placed_sequence(default)) {
            column.default = Some(default);
        }
    }

    /// `nextval('s')` with the schema of a sequence that this file makes outside of `public`.
    fn placed_sequence(&self, default: &str) -> Option<String> {
        let tokens: Vec<_> = Lexer::of_definition(default, self.dialect)
            .significant()
            .collect();
        let [function, _, sequence, ..] = tokens.as_slice() else {
            return None;
        };
        let named = sequence.string().filter(|_| function.names("nextval"))?;
        let name = crate::TableName::parse(&named).ok()?;
        let is_there = |key: &str| self.ddl.schema.sequences.contains_key(key);
        let schema = self.schema_of(&name.name, is_there)?;
        if name.schema.is_some() || table_key(Some(&schema), "t") == "t" {
            return None;
        }
        let placed = crate::name::TableName {
            schema: Some(schema),
            name: name.name,
        };
        let (before, after) = (
            default.get(..sequence.start)?,
            default.get(sequence.end()..)?,
        );
        let text = placed.to_string().replace('\'', "''");
        Some(format!("{before}'{text}'{after}"))
    }

    /// The text of a type with its schema, where it needs one that it does not have.
    pub(super) fn placed_type(&self, text: &str) -> Option<String> {
        if self.dialect != SqlDialect::Postgres || self.search_path.is_empty() {
            return None;
        }
        let base = text.trim_end_matches("[]");
        let name = crate::TableName::parse(base).ok()?;
        let schema = self.schema_of(&name.name, |key| self.has_type(key))?;
        let is_default = table_key(Some(&schema), "t") == "t";
        if name.schema.is_some() || is_default {
            return None;
        }
        let (schema, name) = (
            quoted_where_needed(&schema),
            quoted_where_needed(&name.name),
        );
        let array = text.get(base.len()..).unwrap_or_default();
        Some(format!("{schema}.{name}{array}"))
    }
}

/// What SQLite calls the schema of temporary things.
pub(super) const TEMP: &str = "temp";

/// The key of a temporary table of SQLite.
pub(super) fn temporary_key(name: &str) -> String {
    table_key(Some(TEMP), &name.to_ascii_lowercase())
}

/// The schema of SQLite; `None` for the database itself.
pub(super) fn schema_in_sqlite(schema: String) -> Option<String> {
    let schema = schema.to_ascii_lowercase();
    Some(schema).filter(|schema| schema != "main")
}

/// Whether two names mean the same thing: in SQLite the case of ASCII letters does not count, not even in quotes.
pub(super) fn is_same(one: &str, other: &str, dialect: SqlDialect) -> bool {
    match dialect {
        SqlDialect::Postgres => one == other,
        SqlDialect::Sqlite => one.eq_ignore_ascii_case(other),
    }
}

/// The column's name as its table has it.
pub(super) fn own_column(table: &TableSchema, name: String, dialect: SqlDialect) -> String {
    let mut columns = table.columns.iter().map(|column| &column.name);
    let found = columns.find(|column| is_same(column, &name, dialect));
    found.cloned().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    #[test]
    fn one_path_for_all_names() {
        let read = parse(
            "CREATE TABLE users (id int PRIMARY KEY); CREATE TYPE mood AS ENUM ('ok');
             CREATE SCHEMA m; SET search_path = m, public;
             CREATE TYPE kind AS ENUM ('a'); CREATE SEQUENCE s;
             CREATE TABLE a (id serial PRIMARY KEY, k kind, ks kind[], mood mood, up int DEFAULT nextval('s') REFERENCES a);
             CREATE TABLE b (a int REFERENCES a, u int REFERENCES users, n int);
             ALTER TABLE users ADD COLUMN k kind, ADD FOREIGN KEY (id) REFERENCES a (id);
             ALTER SEQUENCE s OWNED BY b.n; COMMENT ON TABLE users IS 'all';",
            SqlDialect::Postgres,
        );
        assert!(read.errors.is_empty() && read.notes.is_empty(), "{read:?}");
        let schema = &read.schema;
        assert_eq!(
            schema.tables.keys().collect::<Vec<_>>(),
            ["m.a", "m.b", "users"]
        );
        let types = |table: &str| {
            let columns = schema.tables[table].columns.iter();
            columns.map(|c| c.data_type.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(
            types("m.a"),
            ["integer", "m.kind", "m.kind[]", "mood", "integer"]
        );
        assert_eq!(types("users"), ["integer", "m.kind"]);
        let default = schema.tables["m.a"].columns[4].default.as_deref();
        assert_eq!(default, Some("nextval('m.s')"));
        let targets = |table: &str| {
            let keys = schema.tables[table].foreign_keys();
            keys.map(|k| k.references_schema.clone().unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(targets("m.a"), ["m"]);
        assert_eq!(targets("m.b"), ["m", "public"]);
        assert_eq!(targets("users"), ["m"]);
        let owner = schema.sequences["m.s"].owned_by.clone();
        assert_eq!(owner, Some(("m.b".into(), "n".into())));
        assert!(schema.tables["users"].comment.is_some());
    }
}
