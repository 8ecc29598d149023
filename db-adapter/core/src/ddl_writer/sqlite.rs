//! A schema of SQLite, statement by statement. Tables come after those that they refer to, where that goes:
//! SQLite does not need it, people do.

use super::column::{self, AtColumn};
use super::left_out::LeftOut;
use super::order::{Graph, Need};
use super::table::listed;
use super::{NotExpressed, WrittenDdl, constraint, index, object, quote, sound, trigger, view};
use crate::name::quote_ident;
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, DatabaseSchema, IndexSchema, SqlDialect,
    TableSchema, TriggerSchema,
};
use crate::validate::ObjectKind;
use std::collections::BTreeMap;

const SQLITE: SqlDialect = SqlDialect::Sqlite;

struct Sqlite<'a> {
    schema: &'a DatabaseSchema,
    left_out: LeftOut,
    out: WrittenDdl,
}

pub(super) fn write(schema: &DatabaseSchema) -> WrittenDdl {
    let mut writer = Sqlite {
        schema,
        left_out: LeftOut::of(schema),
        out: WrittenDdl::new(SQLITE),
    };
    writer.not_inspected();
    writer.other_kinds();
    for key in order(schema) {
        writer.table(&key);
    }
    writer.views();
    writer.triggers();
    writer.out
}

/// The tables, parents first.
fn order(schema: &DatabaseSchema) -> Vec<String> {
    let mut graph = Graph::new(schema.tables.keys().cloned());
    for (key, table) in &schema.tables {
        for reference in table.foreign_keys() {
            let name = reference.references_table.as_deref().unwrap_or_default();
            let mut tables = schema.tables.iter();
            let target = tables.find(|(_, other)| other.name.eq_ignore_ascii_case(name));
            if let Some((target, _)) = target {
                graph.need(key, target, Need::Nice);
            }
        }
    }
    graph.order()
}

impl Sqlite<'_> {
    fn cannot(&mut self, kind: &str, name: &str, why: &str) {
        self.out.leave_out(NotExpressed::new(kind, name, why));
    }

    fn not_inspected(&mut self) {
        for entry in &self.schema.not_inspected {
            self.out.leave_out(NotExpressed {
                kind: entry.kind.clone(),
                name: entry.name.clone(),
                reason: entry.reason.clone(),
                hint: None,
            });
        }
    }

    /// Kinds that SQLite does not have: a schema of its own has none.
    fn other_kinds(&mut self) {
        let schema = self.schema;
        let kinds: [(&str, Vec<&String>); 4] = [
            ("enum", schema.enums.keys().collect()),
            ("domain", schema.domains.keys().collect()),
            ("sequence", schema.sequences.keys().collect()),
            ("function", schema.functions.keys().collect()),
        ];
        for (kind, keys) in kinds {
            for key in keys {
                self.cannot(kind, key, "SQLite has no such objects");
            }
        }
    }

    fn table(&mut self, key: &str) {
        let Some(table) = self.schema.tables.get(key) else {
            return;
        };
        if let Some(why) = self.left_out.tables.get(key).cloned() {
            return self.cannot("table", key, &why);
        }
        self.what_sqlite_lacks(key, table);
        let key_column = descending_key(table);
        let mut parts = Vec::new();
        for column in &table.columns {
            let is_key = key_column == Some(column.name.as_str());
            let mut part = self.column(key, column, is_key);
            if let Some(key) = table.primary_key().filter(|_| is_key) {
                part.push_str(&constraint::on_conflict(key));
            }
            parts.push(part);
        }
        for constraint in constraints(table) {
            if constraint.kind == ConstraintKind::PrimaryKey && key_column.is_some() {
                continue; // it is written at its column
            }
            if let Some(why) = wrong_constraint(constraint, table) {
                let kind = super::postgres::object_kind(constraint.kind).words();
                self.cannot(&kind, &format!("{key}.{}", constraint.name), &why);
                continue;
            }
            parts.push(constraint::definition(constraint, table, self.schema));
        }
        let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
        let options = [
            (table.strict, "STRICT"),
            (table.without_rowid, "WITHOUT ROWID"),
        ];
        let options: Vec<&str> = options
            .into_iter()
            .filter(|(on, _)| *on)
            .map(|(_, o)| o)
            .collect();
        let tail = if options.is_empty() {
            String::new()
        } else {
            format!(" {}", options.join(", "))
        };
        let sql = format!("CREATE TABLE {name}{}{tail}", listed(&parts));
        self.out.add(object(ObjectKind::Table, None, key), sql);
        self.indexes(key, table, &name);
    }

    fn column(&mut self, key: &str, column: &ColumnSchema, key_descending: bool) -> String {
        let path = format!("{key}.{}", column.name);
        let default = column.default.as_deref();
        let without_default = default.is_some_and(|text| !sound::is_expression(text, SQLITE));
        if without_default {
            self.cannot("default", &path, "it is not one expression");
        }
        let at = AtColumn {
            without_default,
            key_descending,
        };
        let collation = column.collation.as_deref().map(quote_ident);
        column::definition(column, collation.as_deref(), SQLITE, at)
    }

    /// What only a model that was put together by hand has.
    fn what_sqlite_lacks(&mut self, key: &str, table: &TableSchema) {
        let has_policies = table.row_security || !table.policies.is_empty();
        for (there, what) in [
            (has_policies, "SQLite has no row-level security"),
            (
                table.partition_by.is_some() || table.partition_of.is_some(),
                "SQLite has no partitions",
            ),
            (
                !table.inherits.is_empty(),
                "SQLite has no tables that inherit",
            ),
            (table.unlogged, "SQLite has no unlogged tables"),
            (table.comment.is_some(), "SQLite has no comments"),
        ] {
            if there {
                self.cannot("table", key, what);
            }
        }
    }

    fn indexes(&mut self, key: &str, table: &TableSchema, name: &str) {
        for (own, found) in &table.indexes {
            let path = format!("{key}.{own}");
            match wrong_index(found) {
                Some(why) => self.cannot("index", &path, &why),
                None => {
                    let sql = index::create(found, name, SQLITE, quote_ident);
                    self.out.add(object(ObjectKind::Index, Some(key), own), sql);
                }
            }
        }
    }

    fn views(&mut self) {
        for (key, found) in &self.schema.views {
            let elsewhere = found.schema.as_deref().filter(|schema| *schema != "main");
            if let Some(other) = elsewhere {
                let why = format!("it is in the attached database `{other}`");
                self.cannot("view", key, &why);
            } else if let Some(why) = sound::wrong_name(&found.name, SQLITE) {
                self.cannot("view", key, why);
            } else {
                match view::create(key, found, SQLITE) {
                    Ok(sql) => self.out.add(object(ObjectKind::View, None, key), sql),
                    Err(why) => self.out.leave_out(why),
                }
            }
        }
    }

    fn triggers(&mut self) {
        let schema = self.schema;
        for (key, table) in &schema.tables {
            self.triggers_of(key, table.schema.as_deref(), &table.triggers);
        }
        for (key, view) in &schema.views {
            self.triggers_of(key, view.schema.as_deref(), &view.triggers);
        }
    }

    fn triggers_of(
        &mut self,
        key: &str,
        schema: Option<&str>,
        triggers: &BTreeMap<String, TriggerSchema>,
    ) {
        let gone = self.left_out.tables.contains_key(key) || schema.is_some_and(|s| s != "main");
        for (own, found) in triggers {
            if gone {
                let why = format!("`{key}` is not written");
                self.cannot("trigger", &format!("{key}.{own}"), &why);
                continue;
            }
            match trigger::create(found, key, "", SQLITE) {
                Ok(statements) => {
                    for sql in statements {
                        self.out
                            .add(object(ObjectKind::Trigger, Some(key), own), sql);
                    }
                }
                Err(why) => self.out.leave_out(why),
            }
        }
    }
}

/// In the order in which names that nobody chose come out the same: those that somebody chose first, then
/// by the number that a name ends in.
fn constraints(table: &TableSchema) -> Vec<&ConstraintSchema> {
    const KINDS: [ConstraintKind; 5] = [
        ConstraintKind::PrimaryKey,
        ConstraintKind::Unique,
        ConstraintKind::Check,
        ConstraintKind::ForeignKey,
        ConstraintKind::Exclude,
    ];
    let place = |own: &ConstraintSchema| KINDS.iter().position(|kind| *kind == own.kind);
    let mut all: Vec<&ConstraintSchema> = table.constraints.values().collect();
    all.sort_by_key(|own| {
        let label = own.name.trim_end_matches(|c: char| c.is_ascii_digit());
        (
            own.name_is_generated,
            place(own),
            label.len(),
            own.name.len(),
            own.name.clone(),
        )
    });
    all
}

/// The column of a key that is `INTEGER` and yet not the number of the row: only `DESC` at the column says
/// that.
fn descending_key(table: &TableSchema) -> Option<&str> {
    let key = table.primary_key().filter(|_| !table.without_rowid)?;
    let [name] = key.columns.as_slice() else {
        return None;
    };
    let column = table.column(name)?;
    let is_number = column.data_type.eq_ignore_ascii_case("integer");
    (is_number && column.identity.is_none()).then_some(column.name.as_str())
}

fn wrong_constraint(own: &ConstraintSchema, table: &TableSchema) -> Option<String> {
    let of_key = matches!(
        own.kind,
        ConstraintKind::PrimaryKey | ConstraintKind::Unique
    );
    for (there, what) in [
        (
            own.kind == ConstraintKind::Exclude,
            "SQLite has no exclusion constraints",
        ),
        (own.over_time, "SQLite has no keys over time"),
        (own.nulls_not_distinct, "SQLite takes NULLs for distinct"),
        (!own.include.is_empty(), "SQLite has no INCLUDE"),
        (own.not_enforced, "SQLite has no NOT ENFORCED"),
        (own.not_valid, "SQLite has no NOT VALID"),
        (own.no_inherit, "SQLite has no NO INHERIT"),
        (
            !own.on_delete_columns.is_empty(),
            "SQLite sets all the columns",
        ),
        (
            own.deferrable && own.kind != ConstraintKind::ForeignKey,
            "SQLite defers foreign keys alone",
        ),
    ] {
        if there {
            return Some(what.to_owned());
        }
    }
    if own.name.contains('\0') {
        return Some("its name has a NUL character".to_owned());
    }
    if own.kind == ConstraintKind::Check {
        let text = own.expression.as_deref().unwrap_or_default();
        return (!sound::is_expression(text, SQLITE))
            .then(|| "its expression is not known".to_owned());
    }
    let known = |name: &String| {
        table
            .columns
            .iter()
            .any(|c| c.name.eq_ignore_ascii_case(name))
    };
    if let Some(column) = own.columns.iter().find(|column| !known(column)) {
        return Some(format!("the table has no column `{column}`"));
    }
    let lacks_target = own.kind == ConstraintKind::ForeignKey && own.references_table.is_none();
    match () {
        () if own.columns.is_empty() => Some("its columns are not known".to_owned()),
        () if lacks_target => Some("the table that it refers to is not known".to_owned()),
        () if of_key && table.autoincrement && own.columns.len() > 1 => None,
        () => None,
    }
}

fn wrong_index(index: &IndexSchema) -> Option<String> {
    if let Some(wrong) = sound::wrong_name(&index.name, SQLITE) {
        return Some(wrong.to_owned());
    }
    let expressions = index.columns.iter().filter(|column| column.is_expression);
    let mut texts = expressions
        .map(|column| &column.text)
        .chain(&index.predicate);
    let mut columns = index.columns.iter();
    for (there, what) in [
        (
            !index.method.eq_ignore_ascii_case("btree"),
            "SQLite has one kind of index",
        ),
        (!index.include.is_empty(), "SQLite has no INCLUDE"),
        (index.nulls_not_distinct, "SQLite takes NULLs for distinct"),
        (
            index.columns.iter().any(|c| c.operator_class.is_some()),
            "SQLite has no operator classes",
        ),
        (
            columns.any(|c| c.nulls_first.is_some()),
            "SQLite has no order of NULLs in an index",
        ),
        (index.columns.is_empty(), "its columns are not known"),
        (index.name.is_empty(), "it has no name"),
    ] {
        if there {
            return Some(what.to_owned());
        }
    }
    let wrong = texts.find(|text| !sound::is_expression(text, SQLITE))?;
    Some(format!("`{wrong}` is not one expression"))
}
