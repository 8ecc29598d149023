//! RENAME TO and SET SCHEMA: the new place of a thing wherever the schema names it.
//! Names that the server chose for parts stay what they were, as the server leaves them.

use super::cursor::{Cursor, Read};
use super::path::{is_same, temporary_key};
use super::reader::Reader;
use super::types::quoted_where_needed;
use super::{SqlDialect, naming, numbering};
use crate::lexer::Lexer;
use crate::schema::{
    ColumnSchema, DatabaseSchema, IndexSchema, TableSchema, ViewSchema, table_key,
};
use crate::sql_type::SqlType;
use crate::{ConstraintSchema, TableName};

/// Where a thing goes.
#[derive(Clone, Debug)]
pub(super) enum To {
    Name(String),
    Schema(String),
}

impl To {
    /// `RENAME TO name` or `SET SCHEMA name`, if that stands here.
    pub(super) fn read(c: &mut Cursor<'_>) -> Read<Option<To>> {
        if c.eat("rename to") {
            return Ok(Some(To::Name(c.name("the new name")?)));
        }
        if c.eat("set schema") {
            return Ok(Some(To::Schema(c.name("the name of a schema")?)));
        }
        Ok(None)
    }

    /// Changes the place, and gives its key.
    fn change(&self, schema: &mut Option<String>, name: &mut String) -> String {
        match self {
            To::Name(new) => name.clone_from(new),
            To::Schema(new) => *schema = Some(new.clone()),
        }
        table_key(schema.as_deref(), name)
    }
}

/// The names that the server has chosen for parts of a column stay what they are, whatever the column and its table
/// are called later.
pub(super) fn keep_names(table: &str, column: &mut ColumnSchema) {
    column.identity_sequence = numbering::identity_sequence(table, column);
    if (!column.nullable || column.not_null_not_valid) && column.not_null_name.is_none() {
        column.not_null_name = Some(naming::object_name(table, &column.name, "not_null"));
    }
}

/// What is listed of tables by their keys.
pub(super) const OF_TABLES: [&str; 4] = ["constraint", "index", "replica identity", "table"];

/// What is listed of a thing is so of its new name.
fn rename_listed(schema: &mut DatabaseSchema, kinds: &[&str], key: &str, new: &str) {
    for entry in &mut schema.not_inspected {
        if entry.name.as_deref() == Some(key) && kinds.contains(&entry.kind.as_str()) {
            entry.name = Some(new.to_owned());
        }
    }
}

impl Reader<'_> {
    /// A table, a view or a sequence, by whichever ALTER names it.
    pub(super) fn move_relation(&mut self, key: &str, to: &To) -> bool {
        if let (true, To::Name(new)) = (self.temporary.contains(key), to)
            && self.dialect == SqlDialect::Sqlite
        {
            self.temporary.remove(key);
            self.temporary.insert(temporary_key(new));
            return true;
        }
        let all = &self.ddl.schema;
        if all.tables.contains_key(key) {
            self.move_table(key, to);
        } else if let Some(view) = all.views.get(key) {
            if let (To::Name(new), true) = (to, self.calling_views.contains(&view.name)) {
                self.calling_views.insert(new.clone());
            }
            self.move_view(key, to);
        } else if all.sequences.contains_key(key) {
            self.move_sequence(key, to);
        } else {
            return false;
        }
        true
    }

    fn move_table(&mut self, key: &str, to: &To) {
        let (dialect, follows) = (self.dialect, self.rename_reaches_references());
        let schema = &mut self.ddl.schema;
        let Some(mut table) = schema.tables.remove(key) else {
            return;
        };
        let own = table.schema.clone();
        let referring = schema.tables.values_mut().chain([&mut table]);
        for other in referring.filter(|_| follows) {
            refer_to_moved(other, key, own.as_deref(), to, dialect);
        }
        if dialect == SqlDialect::Postgres {
            let own = table.name.clone();
            table.columns.iter_mut().for_each(|c| keep_names(&own, c));
        }
        let new = to.change(&mut table.schema, &mut table.name);
        for other in schema.tables.values_mut() {
            let parents = other.partition_of.iter_mut().chain(&mut other.inherits);
            parents
                .filter(|p| **p == key)
                .for_each(|p| p.clone_from(&new));
        }
        rename_listed(schema, &OF_TABLES, key, &new);
        let mut owned = Vec::new();
        for (sequence, there) in &mut schema.sequences {
            if let Some((table, _)) = there.owned_by.as_mut().filter(|(table, _)| table == key) {
                table.clone_from(&new);
                owned.push(sequence.clone());
            }
        }
        schema.tables.insert(new.clone(), table);
        let declared = std::mem::take(&mut self.declared).into_iter();
        let moved = declared.map(|(table, column)| match table == key {
            true => (new.clone(), column),
            false => (table, column),
        });
        self.declared = moved.collect();
        if let Some(place) = self.ddl.tables.remove(key) {
            self.ddl.tables.insert(new.clone(), place);
        }
        let columns = std::mem::take(&mut self.ddl.columns).into_iter();
        let moved = columns.map(|((table, column), place)| match table == key {
            true => ((new.clone(), column), place),
            false => ((table, column), place),
        });
        self.ddl.columns = moved.collect();
        if let To::Schema(_) = to {
            for sequence in owned {
                self.move_sequence(&sequence, to);
            }
        }
    }

    fn move_view(&mut self, key: &str, to: &To) {
        let views = &mut self.ddl.schema.views;
        if let Some(mut view) = views.remove(key) {
            let new = to.change(&mut view.schema, &mut view.name);
            views.insert(new, view);
        }
    }

    fn move_sequence(&mut self, key: &str, to: &To) {
        let Some(mut sequence) = self.ddl.schema.sequences.remove(key) else {
            return;
        };
        let new = to.change(&mut sequence.schema, &mut sequence.name);
        let place = TableName {
            schema: sequence.schema.clone(),
            name: sequence.name.clone(),
        };
        self.ddl.schema.sequences.insert(new, sequence);
        let dialect = self.dialect;
        let is_it = |name: TableName| table_key(name.schema.as_deref(), &name.name) == key;
        let columns = self.ddl.schema.tables.values_mut();
        for column in columns.flat_map(|table| &mut table.columns) {
            let Some(default) = &column.default else {
                continue;
            };
            let tokens: Vec<_> = Lexer::of_definition(default, dialect)
                .significant()
                .collect();
            let [function, _, named, ..] = tokens.as_slice() else {
                continue;
            };
            let text = named.string().filter(|_| function.names("nextval"));
            let name = text.and_then(|text| TableName::parse(&text).ok());
            if !name.is_some_and(is_it) {
                continue;
            }
            let parts = (default.get(..named.start), default.get(named.end()..));
            if let (Some(before), Some(after)) = parts {
                let text = written(&place).replace('\'', "''");
                column.default = Some(format!("{before}'{text}'{after}"));
            }
        }
    }

    /// An enum, a domain or a composite type.
    pub(super) fn move_type(&mut self, key: &str, to: &To) {
        let Ok(mut place) = TableName::parse(key) else {
            return;
        };
        let new = to.change(&mut place.schema, &mut place.name);
        let all = &mut self.ddl.schema;
        if let Some(mut found) = all.enums.remove(key) {
            to.change(&mut found.schema, &mut found.name);
            all.enums.insert(new.clone(), found);
        }
        if let Some(mut found) = all.domains.remove(key) {
            to.change(&mut found.schema, &mut found.name);
            all.domains.insert(new.clone(), found);
        }
        for domain in all.domains.values_mut() {
            if let Some(text) = renamed_type(&domain.data_type, key, &place) {
                domain.data_type = text;
            }
        }
        rename_listed(
            all,
            &["base type", "composite type", "range type"],
            key,
            &new,
        );
        if let Some(found) = self.composites.remove(key) {
            self.composites.insert(new, found);
        }
        let tables = all.tables.values_mut().flat_map(|t| &mut t.columns);
        let composites = self.composites.values_mut().flatten();
        tables
            .chain(composites)
            .for_each(|column| of_moved_type(column, key, &place));
    }

    /// An index, or the key that has its name; whether there is one.
    pub(super) fn rename_index(
        &mut self,
        (schema, old): (Option<String>, String),
        new: &str,
    ) -> bool {
        let lies_in = self.lies_in(schema);
        let mut is_there = false;
        let all = &mut self.ddl.schema;
        for table in all.tables.values_mut().filter(|t| lies_in(&t.schema)) {
            is_there |= rename_index_of(&mut table.indexes, &old, new);
            is_there |= rename_constraint(table, &old, new);
        }
        let in_place = |view: &&mut ViewSchema| lies_in(&view.schema);
        for view in all.views.values_mut().filter(in_place) {
            is_there |= rename_index_of(&mut view.indexes, &old, new);
        }
        is_there
    }

    /// All that is in a schema.
    pub(super) fn rename_schema(&mut self, old: &str, new: String) {
        let lies_in = |schema: &Option<String>| {
            table_key(schema.as_deref(), "t") == table_key(Some(old), "t")
        };
        let all = &self.ddl.schema;
        let tables = all.tables.iter().filter(|(_, t)| lies_in(&t.schema));
        let views = all.views.iter().filter(|(_, v)| lies_in(&v.schema));
        let relations: Vec<String> = tables
            .map(|(key, _)| key)
            .chain(views.map(|(key, _)| key))
            .cloned()
            .collect();
        let enums = all.enums.iter().filter(|(_, e)| lies_in(&e.schema));
        let domains = all.domains.iter().filter(|(_, d)| lies_in(&d.schema));
        let types: Vec<String> = enums
            .map(|(key, _)| key)
            .chain(domains.map(|(key, _)| key))
            .cloned()
            .collect();
        let to = To::Schema(new);
        for key in relations {
            self.move_relation(&key, &to);
        }
        for key in types {
            self.move_type(&key, &to);
        }
        // those of tables went with them
        let sequences = self.ddl.schema.sequences.iter();
        let sequences = sequences.filter(|(_, s)| lies_in(&s.schema));
        for key in sequences.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.move_sequence(&key, &to);
        }
    }
}

/// Gives a constraint another name, which somebody chose then.
pub(super) fn rename_constraint(table: &mut TableSchema, old: &str, new: &str) -> bool {
    let Some(mut found) = table.constraints.remove(old) else {
        return false;
    };
    new.clone_into(&mut found.name);
    found.name_is_generated = false;
    table.constraints.insert(new.to_owned(), found);
    true
}

fn rename_index_of(
    indexes: &mut std::collections::BTreeMap<String, IndexSchema>,
    old: &str,
    new: &str,
) -> bool {
    let Some(mut found) = indexes.remove(old) else {
        return false;
    };
    new.clone_into(&mut found.name);
    found.name_is_generated = false;
    indexes.insert(new.to_owned(), found);
    true
}

/// The name as SQL, without the default schema.
fn written(place: &TableName) -> String {
    let name = quoted_where_needed(&place.name);
    match &place.schema {
        Some(schema) if table_key(Some(schema), "t") != "t" => {
            format!("{}.{name}", quoted_where_needed(schema))
        }
        _ => name,
    }
}

/// The text of a type that has another name now.
fn renamed_type(text: &str, key: &str, place: &TableName) -> Option<String> {
    let base = text.trim_end_matches("[]");
    let name = TableName::parse(base).ok()?;
    let arrays = text.get(base.len()..).unwrap_or_default();
    (table_key(name.schema.as_deref(), &name.name) == key)
        .then(|| format!("{}{arrays}", written(place)))
}

fn of_moved_type(column: &mut ColumnSchema, key: &str, place: &TableName) {
    if let Some(text) = renamed_type(&column.data_type, key, place) {
        column.sql_type = SqlType::parse_postgres(&text);
        column.data_type = text;
    }
}

fn refer_to_moved(
    table: &mut TableSchema,
    key: &str,
    from: Option<&str>,
    to: &To,
    dialect: SqlDialect,
) {
    let own = table.schema.clone();
    let is_it = |constraint: &&mut ConstraintSchema| {
        let schema = constraint.references_schema.as_deref().or(own.as_deref());
        let name = constraint.references_table.as_deref();
        name.is_some_and(|name| is_same(&table_key(schema, name), key, dialect))
    };
    for constraint in table.constraints.values_mut().filter(is_it) {
        match to {
            To::Name(new) => {
                constraint.references_table = Some(new.clone());
                // the table that refers may move away later
                let schema = constraint.references_schema.take();
                constraint.references_schema = schema.or(from.map(str::to_owned));
            }
            To::Schema(new) => constraint.references_schema = Some(new.clone()),
        }
    }
}
