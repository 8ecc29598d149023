//! A schema of SQLite for PostgreSQL.

use super::default::{self, Default as Translated};
use super::expression::{self, Scope};
use super::{Lost, types};
use crate::ddl_writer::{NotExpressed, sound};
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, DatabaseSchema, Generated, Identity,
    IndexSchema, NotInspected, SqlDialect, TableSchema, table_key,
};
use crate::sql_type::SqlType;
use std::collections::BTreeSet;

const SQLITE: SqlDialect = SqlDialect::Sqlite;

struct ToPostgres<'a> {
    from: &'a DatabaseSchema,
    to: DatabaseSchema,
    lost: Lost,
    /// Names of relations: tables, indexes, and the indexes behind keys.
    taken: BTreeSet<String>,
}

pub(super) fn schema(from: &DatabaseSchema) -> (DatabaseSchema, Vec<NotExpressed>) {
    let mut translation = ToPostgres {
        from,
        to: DatabaseSchema {
            dialect: SqlDialect::Postgres,
            not_inspected: from.not_inspected.clone(),
            ..DatabaseSchema::default()
        },
        lost: Lost::default(),
        taken: BTreeSet::new(),
    };
    translation.names();
    for (key, table) in &from.tables {
        translation.table(key, table);
    }
    translation.check_references();
    for key in from.views.keys() {
        let why = "whether its query means the same in PostgreSQL is not known";
        translation.lost.add("view", key, why);
    }
    (translation.to, translation.lost.0)
}

impl ToPostgres<'_> {
    /// Tables and indexes have their names whatever keys are called.
    fn names(&mut self) {
        let from = self.from;
        self.taken
            .extend(from.tables.values().map(|table| table.name.clone()));
        let indexes = from.tables.values().flat_map(|table| table.indexes.keys());
        self.taken.extend(indexes.cloned());
    }

    fn table(&mut self, key: &str, from: &TableSchema) {
        if let Some(other) = from.schema.as_deref().filter(|schema| *schema != "main") {
            let why = format!("it is in the attached database `{other}`");
            return self.lost.add("table", key, why);
        }
        if from.without_rowid {
            self.lost
                .add("table", key, "PostgreSQL has no WITHOUT ROWID");
        }
        for name in from.triggers.keys() {
            let why = "whether its statements mean the same in PostgreSQL is not known";
            self.lost.add("trigger", &format!("{key}.{name}"), why);
        }
        let mut to = TableSchema {
            name: from.name.clone(),
            ..TableSchema::default()
        };
        for column in &from.columns {
            let column = self.column(key, from, column);
            to.columns.push(column);
        }
        for constraint in from.constraints.values() {
            if let Some(constraint) = self.constraint(key, from, constraint) {
                to.constraints.insert(constraint.name.clone(), constraint);
            }
        }
        for (name, index) in &from.indexes {
            if let Some(index) = self.index(key, from, index) {
                to.indexes.insert(name.clone(), index);
            }
        }
        self.to.tables.insert(table_key(None, &to.name), to);
    }

    fn column(&mut self, key: &str, table: &TableSchema, from: &ColumnSchema) -> ColumnSchema {
        let path = format!("{key}.{}", from.name);
        let there = types::for_postgres(&from.sql_type, &from.data_type);
        if let Some(why) = there.lost {
            self.lost.add("column", &path, why);
        }
        let sql_type = SqlType::parse_postgres(&there.text);
        if *sql_type.element().unwrap_or(&sql_type) == SqlType::Citext {
            self.need_citext();
        }
        let mut to = ColumnSchema::new(&from.name, there.text, sql_type);
        to.nullable = from.nullable;
        to.not_null_name.clone_from(&from.not_null_name);
        if from.not_null_on_conflict.is_some() {
            let why = "PostgreSQL has no ON CONFLICT in NOT NULL: a row with NULL is refused";
            self.lost.add("column", &path, why);
        }
        let in_key = table
            .primary_key()
            .is_some_and(|key| key.columns.contains(&from.name));
        if in_key && from.nullable {
            let why = "a key of PostgreSQL is NOT NULL, and one of SQLite may be NULL";
            self.lost.add("column", &path, why);
            to.nullable = false;
        }
        if let Some(name) = &from.collation {
            let why = format!("PostgreSQL does not have the collation `{name}`");
            self.lost.add("column", &path, why);
        }
        if from.identity.is_some() {
            to.identity = Some(Identity::ByDefault);
            to.nullable = false;
            to.data_type = "bigint".to_owned();
            to.sql_type = SqlType::Int8;
            return to;
        }
        if let Some(generated) = &from.generated {
            match expression::expression(&generated.expression, &scope(table)) {
                Ok(expression) => {
                    if !generated.stored {
                        let why =
                            "it is stored: PostgreSQL computes no column on read before version 18";
                        self.lost.add("column", &path, why);
                    }
                    to.generated = Some(Generated {
                        expression,
                        stored: true,
                    });
                }
                Err(why) => self
                    .lost
                    .add("column", &path, format!("it is not generated: {why}")),
            }
        }
        self.default(&path, from, &mut to);
        to
    }

    fn default(&mut self, path: &str, from: &ColumnSchema, to: &mut ColumnSchema) {
        let Some(text) = &from.default else { return };
        // what the text is in PostgreSQL, where nothing is declared
        let known = !matches!(from.sql_type, SqlType::Other(_));
        let translated = match known {
            true => default::translated(text, &from.sql_type, SQLITE),
            false => Translated::Unknown,
        };
        match translated {
            Translated::Same(text) => to.default = Some(text),
            Translated::Near(text, why) => {
                to.default = Some(text);
                self.lost.add("default", path, why);
            }
            Translated::None => {}
            Translated::Unknown => {
                let why = format!("whether `{text}` means the same in PostgreSQL is not known");
                self.lost.add("default", path, why);
            }
        }
    }

    /// The type is an extension's.
    fn need_citext(&mut self) {
        let entry = NotInspected {
            kind: "extension".to_owned(),
            name: Some("citext".to_owned()),
            reason: "a column has its type".to_owned(),
        };
        if !self.to.not_inspected.contains(&entry) {
            self.to.not_inspected.push(entry);
        }
    }

    fn constraint(
        &mut self,
        key: &str,
        table: &TableSchema,
        from: &ConstraintSchema,
    ) -> Option<ConstraintSchema> {
        let path = format!("{key}.{}", from.name);
        let kind = super::super::postgres::object_kind(from.kind).words();
        let mut to = from.clone();
        for column in &mut to.columns {
            *column = spelled(table, column);
        }
        let is_key = matches!(
            from.kind,
            ConstraintKind::PrimaryKey | ConstraintKind::Unique
        );
        if let Some(name) = to
            .columns
            .iter()
            .find(|name| is_key && !is_compared(table, name))
        {
            let why = format!("PostgreSQL does not compare the values of `{name}`");
            self.lost.add(&kind, &path, why);
            return None;
        }
        if is_key {
            let collated =
                |name: &String| table.column(name).is_some_and(|c| c.collation.is_some());
            to.collations.clear();
            if to.columns.iter().any(collated) || !from.collations.is_empty() {
                let why = "it compares texts by their bytes, and in SQLite by a collation";
                self.lost.add(&kind, &path, why);
            }
            if to.on_conflict.take().is_some() {
                let why =
                    "PostgreSQL has no ON CONFLICT in a key: a row that is there twice is refused";
                self.lost.add(&kind, &path, why);
            }
            self.name_of_key(&kind, &path, &mut to);
        }
        match from.kind {
            ConstraintKind::Check => {
                let text = from.expression.as_deref().unwrap_or_default();
                match expression::condition(text, &scope(table)) {
                    Ok(expression) => to.expression = Some(expression),
                    Err(why) => {
                        self.lost.add(&kind, &path, why);
                        return None;
                    }
                }
            }
            ConstraintKind::ForeignKey if !self.target(&kind, &path, &mut to) => return None,
            _ => {}
        }
        Some(to)
    }

    /// The index behind a key has the key's name, and no other relation may.
    fn name_of_key(&mut self, kind: &str, path: &str, to: &mut ConstraintSchema) {
        if to.name_is_generated {
            return;
        }
        let wrong = sound::wrong_name(&to.name, SqlDialect::Postgres);
        let taken = !self.taken.insert(to.name.clone());
        if let Some(why) = wrong.or(taken.then_some("another object has its name")) {
            let why = format!("it gets a name of PostgreSQL's: {why}");
            self.lost.add(kind, path, why);
            to.name_is_generated = true;
        }
    }

    /// The table that it refers to, by the name that this has; whether it is there.
    fn target(&mut self, kind: &str, path: &str, to: &mut ConstraintSchema) -> bool {
        to.match_full = false; // SQLite reads it and does nothing with it
        let name = to.references_table.clone().unwrap_or_default();
        let mut tables = self.from.tables.values();
        let Some(target) = tables.find(|table| table.name.eq_ignore_ascii_case(&name)) else {
            let why = format!("it refers to `{name}`, which is not in the schema");
            self.lost.add(kind, path, why);
            return false;
        };
        to.references_table = Some(target.name.clone());
        to.references_schema = None;
        let key = target.primary_key().map(|key| key.columns.clone());
        let columns = to.references_columns.take().or(key).unwrap_or_default();
        let columns = columns
            .iter()
            .map(|column| spelled(target, column))
            .collect();
        to.references_columns = Some(columns);
        true
    }

    fn index(&mut self, key: &str, table: &TableSchema, from: &IndexSchema) -> Option<IndexSchema> {
        let path = format!("{key}.{}", from.name);
        let mut to = from.clone();
        match index_parts(table, &mut to) {
            Ok(()) => Some(to),
            Err(why) => {
                self.lost.add("index", &path, why);
                None
            }
        }
    }

    /// A reference needs a key of its own columns there, of the same types.
    fn check_references(&mut self) {
        let mut wrong = Vec::new();
        for (key, table) in &self.to.tables {
            for own in table.foreign_keys() {
                let target = own.references_table.as_deref().unwrap_or_default();
                let target = self.to.tables.get(&table_key(None, target));
                if let Some(why) = target.and_then(|target| wrong_reference(own, table, target)) {
                    wrong.push((key.clone(), own.name.clone(), why));
                }
            }
        }
        for (key, name, why) in wrong {
            let table = self.to.tables.get_mut(&key);
            table.map(|table| table.constraints.remove(&name));
            self.lost.add("foreign key", &format!("{key}.{name}"), why);
        }
    }
}

fn wrong_reference(
    own: &ConstraintSchema,
    table: &TableSchema,
    target: &TableSchema,
) -> Option<String> {
    let to = own.references_columns.clone().unwrap_or_default();
    let same = |columns: &[String]| {
        columns.len() == to.len() && to.iter().all(|column| columns.contains(column))
    };
    let mut keys = target.constraints.values();
    let by_key = keys.any(|c| {
        matches!(c.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique) && same(&c.columns)
    });
    let mut indexes = target
        .indexes
        .values()
        .filter(|i| i.is_unique && i.predicate.is_none());
    let by_index = indexes.any(|index| {
        let columns = index.column_names().unwrap_or_default();
        same(
            &columns
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<String>>(),
        )
    });
    if to.len() != own.columns.len() || !(by_key || by_index) {
        return Some("the columns that it refers to are no key there".to_owned());
    }
    let mut pairs = own.columns.iter().zip(&to);
    let differ = pairs.find(|(column, to)| {
        let types = (table.column(column), target.column(to));
        let (Some(column), Some(to)) = types else {
            return true;
        };
        !are_compared(&column.sql_type, &to.sql_type)
    });
    differ
        .map(|(column, to)| format!("`{column}` has another type than `{to}`, which it refers to"))
}

fn are_compared(one: &SqlType, other: &SqlType) -> bool {
    let integer = |t: &SqlType| matches!(t, SqlType::Int2 | SqlType::Int4 | SqlType::Int8);
    let text = |t: &SqlType| matches!(t, SqlType::Text | SqlType::Varchar(_));
    let numeric = |t: &SqlType| matches!(t, SqlType::Numeric { .. });
    one == other
        || integer(one) && integer(other)
        || text(one) && text(other)
        || numeric(one) && numeric(other)
}

/// Whether the column may be in a key or an index: values of the type `json` are texts that nobody compares.
fn is_compared(table: &TableSchema, name: &str) -> bool {
    let column = table
        .columns
        .iter()
        .find(|column| column.name.eq_ignore_ascii_case(name));
    let is_json = |t: &SqlType| *t.element().unwrap_or(t) == SqlType::Json;
    !column.is_some_and(|column| is_json(&column.sql_type))
}

fn index_parts(table: &TableSchema, to: &mut IndexSchema) -> Result<(), String> {
    for column in &mut to.columns {
        if !column.is_expression && !is_compared(table, &column.text) {
            let name = &column.text;
            return Err(format!(
                "PostgreSQL does not compare the values of `{name}`"
            ));
        }
        let collation = column.collation.take();
        let own = match column.is_expression {
            true => None,
            false => {
                column.text = spelled(table, &column.text);
                table.column(&column.text).and_then(|c| c.collation.clone())
            }
        };
        let named = collation.or(own);
        if let Some(name) = named.filter(|name| !name.eq_ignore_ascii_case("binary")) {
            return Err(format!("PostgreSQL does not have the collation `{name}`"));
        }
        if column.is_expression {
            column.text = expression::expression(&column.text, &scope(table))?;
        }
    }
    if let Some(predicate) = &mut to.predicate {
        *predicate = expression::condition(predicate, &scope(table))?;
    }
    Ok(())
}

fn scope(table: &TableSchema) -> Scope<'_> {
    Scope {
        from: SQLITE,
        table,
        value: None,
    }
}

/// The name of a column as the table spells it.
fn spelled(table: &TableSchema, name: &str) -> String {
    let mut columns = table.columns.iter();
    let found = columns.find(|column| column.name.eq_ignore_ascii_case(name));
    found.map_or(name, |column| &column.name).to_owned()
}
