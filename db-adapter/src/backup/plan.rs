//! The tables of a backup as they are in the database: names, columns with their types, and how
//! they refer to each other. Pure; what is missing is named before anything is read.

use std::collections::BTreeMap;

use db_adapter_core::backup::{ForeignKey, TableDef};
use db_adapter_core::fit::{Misfit, Resolved, fit, near_table, unique_keys};
use db_adapter_core::schema::{SqlDialect, table_key};
use db_adapter_core::{DatabaseSchema, SqlType, TableName, TableSchema, suggest};

use super::keyed::Keyed;
use super::names::is_taken;
use super::options::BackupOptions;
use crate::backup::BackupSchema;
use crate::filter::{Condition, Test};
use crate::value::{Limits, canonicalize_in};
use crate::{Error, Filter, Notice, Result, Value};

/// One table of a backup.
#[derive(Debug, Clone)]
pub(super) struct TablePlan {
    /// As the schema calls it.
    pub(super) name: String,
    /// As the file calls it.
    pub(super) key: String,
    /// As it is found.
    pub(super) table: TableName,
    /// In table order.
    pub(super) columns: Vec<(String, SqlType)>,
    /// The rows of the user, where the table has a user column that counts.
    pub(super) user: Option<Filter>,
    /// What the caller restricts it to.
    pub(super) filter: Option<Filter>,
    pub(super) parents: Vec<ParentPlan>,
    /// Its primary key, as it is declared.
    pub(super) pk: Vec<String>,
    /// The columns of its natural key.
    pub(super) identity: Vec<String>,
    /// Whether the database refuses two rows of one natural key.
    pub(super) identity_is_unique: bool,
    /// What has to be looked at in its rows.
    pub(super) keyed: Keyed,
    /// Whether its rows belong to users, by a column or through a parent.
    pub(super) owned: bool,
    /// Whether it is written, rather than only looked at.
    pub(super) exported: bool,
}

/// A required reference.
#[derive(Debug, Clone)]
pub(super) struct ParentPlan {
    /// The position of the table among the plans, before that of the child.
    pub(super) table: usize,
    /// As it is found.
    pub(super) name: TableName,
    /// As the schema calls it.
    pub(super) label: String,
    pub(super) fields: Vec<String>,
    pub(super) keys: Vec<String>,
    /// Those of the fields that may be NULL.
    pub(super) nullable: Vec<String>,
    pub(super) owned: bool,
}

impl TablePlan {
    /// That so many rows have a parent which is not the user's.
    pub(super) fn foreign(&self, rows: u64) -> String {
        let parent =
            |parent: &ParentPlan| format!("`{}` by `{}`", parent.label, parent.fields.join("`, `"));
        let parents: Vec<String> = self.parents.iter().map(parent).collect();
        let (rows_refer, rows) = match rows {
            1 => ("row refers", "1".to_owned()),
            rows => ("rows refer", rows.to_string()),
        };
        format!(
            "table `{}`: {rows} {rows_refer} to {}, but not to rows of this user (a row is known by `{}`)",
            self.name,
            parents.join(" and "),
            self.identity.join("`, `"),
        )
    }
}

/// The tables of the schema, parents first.
pub(super) fn plan(
    schema: &BackupSchema,
    found: &DatabaseSchema,
    tables: &Resolved,
    user_id: &Value,
    options: &BackupOptions,
) -> Result<Vec<TablePlan>> {
    refuse_unknown(schema, options.tables.iter())?;
    refuse_unknown(schema, options.table_filters.keys())?;
    let mut plans: Vec<TablePlan> = Vec::with_capacity(schema.tables.len());
    for def in schema.tables.iter() {
        let table = in_database(found, tables, &def.name)?;
        let user = match &def.user_field {
            Some(column) if !options.all_rows => {
                Some(of_user(found.dialect, table, column, user_id)?)
            }
            _ => None,
        };
        let parents = parents(schema, def, table, &plans)?;
        let owned = user.is_some() || parents.iter().any(|parent| parent.owned);
        let all = options.tables.is_empty();
        let identity: Vec<String> = def.natural_key().iter().map(ToString::to_string).collect();
        let within = |key: &Vec<String>| key.iter().all(|column| identity.contains(column));
        plans.push(TablePlan {
            identity_is_unique: unique_keys(table, found).iter().any(within),
            key: key_in_file(&def.name, table),
            name: def.name.to_string(),
            table: name_of(table),
            columns: columns(table),
            user,
            filter: options.table_filters.get(&*def.name).cloned(),
            parents,
            keyed: Keyed::of(schema, def, table, found.dialect),
            pk: def.pk.iter().map(ToString::to_string).collect(),
            identity,
            owned,
            exported: all || options.tables.iter().any(|name| *name == def.name),
        });
    }
    refuse_twice(found, &plans)?;
    refuse_misfits(schema, found, tables, &plans)?;
    Ok(plans)
}

/// What a restore into this same database would refuse, a backup refuses: on the day when the file
/// is needed it is too late.
fn refuse_misfits(
    schema: &BackupSchema,
    found: &DatabaseSchema,
    tables: &Resolved,
    plans: &[TablePlan],
) -> Result<()> {
    let is_exported = |name: &str| plans.iter().any(|p| p.name == name && p.exported);
    let problems: Vec<Notice> = fit(schema, found, tables)
        .iter()
        .filter(|misfit| is_exported(misfit.table()))
        .map(Misfit::notice)
        .collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Error::BackupRefused { problems }),
    }
}

/// PostgreSQL gives the rows of a partition, and of a table that inherits, with those of the
/// table above it, too: of both in one backup they would come back twice.
fn refuse_twice(found: &DatabaseSchema, plans: &[TablePlan]) -> Result<()> {
    let key = |plan: &TablePlan| table_key(plan.table.schema.as_deref(), &plan.table.name);
    let exported: BTreeMap<String, &TablePlan> = plans
        .iter()
        .filter(|plan| plan.exported)
        .map(|plan| (key(plan), plan))
        .collect();
    for (below, plan) in &exported {
        if let Some(above) = above(found, below).find_map(|key| exported.get(key)) {
            return Err(Error::invalid_query(
                format!(
                    "the rows of table `{}` are rows of `{}`, too, and would be in the backup twice",
                    plan.name, above.name
                ),
                "declare one of the two, or choose the tables of the backup",
            ));
        }
    }
    Ok(())
}

/// The keys of the tables whose rows include those of the table with this key.
fn above<'a>(found: &'a DatabaseSchema, key: &str) -> impl Iterator<Item = &'a str> {
    let next = |key: &str| {
        let table = found.tables.get(key);
        table.into_iter().flat_map(|table| {
            let keys = table.partition_of.iter().chain(&table.inherits);
            keys.map(String::as_str)
        })
    };
    let mut keys: Vec<&'a str> = next(key).collect();
    let mut at = 0;
    while let Some(key) = keys.get(at).copied() {
        at += 1;
        for more in next(key) {
            if !keys.contains(&more) {
                keys.push(more);
            }
        }
    }
    keys.into_iter()
}

/// What a restore of the chosen tables alone will miss.
pub(super) fn warnings(schema: &BackupSchema, plans: &[TablePlan]) -> Vec<Notice> {
    let is_exported = |name: &str| plans.iter().any(|p| p.name == name && p.exported);
    let mut found = Vec::new();
    for def in schema.tables.iter().filter(|def| is_exported(&def.name)) {
        for (keys, outcome) in [
            (
                &def.parents,
                "rows with such a reference cannot be restored from it",
            ),
            (&def.optional_refs, "a restore sets such references to NULL"),
        ] {
            for key in keys.iter().filter(|key| !is_exported(&key.table)) {
                found.push(Notice::new(format!(
                    "table `{}` refers to `{}` by `{}`, which is not in this backup: {outcome}",
                    def.name,
                    key.table,
                    key.fields.join("`, `")
                )));
            }
        }
    }
    found
}

fn refuse_unknown<'a>(
    schema: &BackupSchema,
    names: impl Iterator<Item = &'a String>,
) -> Result<()> {
    for name in names {
        if schema.table(name).is_none() {
            let known = schema.tables.iter().map(|table| &*table.name);
            return Err(Error::UndefinedTable {
                table: name.clone(),
                suggestion: suggest::closest(name, known).map(str::to_owned),
            });
        }
    }
    Ok(())
}

/// A table of the schema in the database.
pub(super) fn in_database<'a>(
    found: &'a DatabaseSchema,
    tables: &Resolved,
    name: &str,
) -> Result<&'a TableSchema> {
    let table = name.to_owned();
    match (tables.table(name, found), tables.get(name)) {
        (Some(found), _) => Ok(found),
        (None, Some(_)) => Err(Error::BackupRefused {
            problems: vec![Misfit::NotATable { table }.notice()],
        }),
        (None, None) => Err(Error::UndefinedTable {
            table,
            suggestion: near_table(name, found),
        }),
    }
}

fn name_of(table: &TableSchema) -> TableName {
    TableName {
        schema: table.schema.clone(),
        name: table.name.clone(),
    }
}

/// A table called like an entry of the file is stored with its schema.
fn key_in_file(name: &str, table: &TableSchema) -> String {
    match is_taken(name) {
        true => format!("{}.{name}", table.schema.as_deref().unwrap_or("main")),
        false => name.to_owned(),
    }
}

fn columns(table: &TableSchema) -> Vec<(String, SqlType)> {
    let columns = table.columns.iter();
    columns
        .map(|c| (c.name.clone(), c.sql_type.clone()))
        .collect()
}

fn column<'a>(table: &'a TableSchema, name: &str) -> Result<&'a db_adapter_core::ColumnSchema> {
    table.column(name).ok_or_else(|| Error::UndefinedColumn {
        table: Some(table.key()),
        column: name.to_owned(),
        suggestion: suggest::closest(name, table.columns.iter().map(|c| c.name.as_str()))
            .map(str::to_owned),
    })
}

fn of_user(
    dialect: SqlDialect,
    table: &TableSchema,
    name: &str,
    user_id: &Value,
) -> Result<Filter> {
    let sql_type = &column(table, name)?.sql_type;
    if user_id.is_null() {
        return Err(Error::invalid_query(
            "a backup of one user's rows needs a user",
            "pass the user's id, or ask for all rows",
        ));
    }
    canonicalize_in(dialect, user_id, sql_type, Limits::default()).map_err(|mut details| {
        details.table = Some(table.key());
        details.column = Some(name.to_owned());
        Error::from(details)
    })?;
    Ok(test(name, Test::InAnySpelling(vec![user_id.clone()])))
}

fn parents(
    schema: &BackupSchema,
    def: &TableDef,
    table: &TableSchema,
    plans: &[TablePlan],
) -> Result<Vec<ParentPlan>> {
    let parent = |key: &ForeignKey| -> Result<ParentPlan> {
        let found = plans
            .iter()
            .enumerate()
            .find(|(_, plan)| plan.name == key.table);
        let (Some((position, plan)), Some(parent)) = (found, schema.table(&key.table)) else {
            return Err(Error::invalid_query(
                format!(
                    "table `{}` stands before its parent `{}`",
                    def.name, key.table
                ),
                "make the schema with `BackupSchema::new`, which puts parents first",
            ));
        };
        let fields: Vec<String> = key.fields.iter().map(ToString::to_string).collect();
        let mut nullable = Vec::new();
        for field in &fields {
            if column(table, field)?.nullable {
                nullable.push(field.clone());
            }
        }
        let keys = match key.references.is_empty() {
            true => &parent.pk,
            false => &key.references,
        };
        Ok(ParentPlan {
            table: position,
            name: plan.table.clone(),
            label: plan.name.clone(),
            fields,
            keys: keys.iter().map(ToString::to_string).collect(),
            nullable,
            owned: plan.owned,
        })
    };
    def.parents.iter().map(parent).collect()
}

/// A condition on one column.
pub(super) fn test(column: &str, test: Test) -> Filter {
    Filter::Test(Condition {
        column: column.to_owned(),
        test,
    })
}
