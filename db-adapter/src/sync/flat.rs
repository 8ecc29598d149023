//! The declaration of tables that hang together with nothing, for a sync without a declared schema: a row is known by
//! its slug and its user. Tables with foreign keys are refused, since the keys of one database mean other rows in
//! another one; with the declaration that the database suggests.

use db_adapter_core::backup::{BackupSchema, ForeignKey, MatchBy, TableDef};
use db_adapter_core::draft::{DraftOptions, draft};
use db_adapter_core::fit::{near_table, unique_keys};
use db_adapter_core::schema::{ConstraintSchema, table_key};
use db_adapter_core::{DatabaseSchema, TableName, TableSchema};

use super::options::SyncOptions;
use crate::transfer::resolve::Place;
use crate::{DatabaseClient, Error, Notice, Result};

/// What the tables are, as the source has them.
pub(super) async fn declared(
    source: &dyn DatabaseClient,
    options: &SyncOptions,
) -> Result<BackupSchema> {
    let names = options.tables.iter().map(|name| {
        TableDef::new(name.clone())
            .no_user()
            .no_slug()
            .match_by_pk()
    });
    let plain = schema_of(names)?;
    let tx = source.begin_with(crate::backup::snapshot_options()).await?;
    let place = Place::find(&tx, &plain).await;
    let found = match &place {
        Ok(place) => place.introspect(&tx).await,
        Err(error) => Err(error.clone()),
    };
    let _ = tx.rollback().await;
    let (place, found) = (place?, found?);
    let mut tables = Vec::new();
    let mut references = Vec::new();
    for name in &options.tables {
        let Some(table) = place.tables.table(name, &found) else {
            return Err(Error::UndefinedTable {
                table: name.clone(),
                suggestion: near_table(name, &found),
            });
        };
        let user = options.user_field.as_str();
        for key in table.foreign_keys().filter(|key| key.columns != [user]) {
            let to = key.references_table.as_deref().unwrap_or_default();
            let fields = key.columns.join("`, `");
            references.push(format!("table `{name}` refers to `{to}` by `{fields}`"));
        }
        tables.push((name, table));
    }
    if !references.is_empty() {
        let wanted = tables.iter().map(|(_, table)| key_of(table));
        return Err(Error::UndeclaredReferences {
            declaration: declaration(&found, options, wanted.collect()),
            references,
        });
    }
    let mut problems = Vec::new();
    let mut defs = Vec::new();
    for (name, table) in tables {
        match def(name, table, &found, options) {
            Ok(def) => defs.push(def),
            Err(problem) => problems.push(problem),
        }
    }
    match problems.is_empty() {
        true => schema_of(defs.into_iter()),
        false => Err(Error::SyncRefused { problems }),
    }
}

fn schema_of(defs: impl Iterator<Item = TableDef>) -> Result<BackupSchema> {
    BackupSchema::new(defs).map_err(|why| {
        Error::invalid_query(
            why.to_string(),
            "name tables of the database, each once, or declare a schema",
        )
    })
}

fn key_of(table: &TableSchema) -> String {
    table_key(table.schema.as_deref(), &table.name)
}

fn def(
    name: &str,
    table: &TableSchema,
    database: &DatabaseSchema,
    options: &SyncOptions,
) -> Result<TableDef, Notice> {
    let declare = "declare the table in a schema";
    let Some(key) = table.primary_key() else {
        return Err(Notice::new(format!("table `{name}` has no primary key")).hint(declare));
    };
    let (user, slug) = (options.user_field.as_str(), options.slug_field.as_str());
    let has_user = table.column(user).is_some();
    if options.user_id.is_some() && !has_user {
        let text = format!("table `{name}` has no column `{user}` that says whose a row is");
        return Err(Notice::new(text).hint(
            "name the column (`user_field`, `--user-field`), leave the table out, or leave out the user to sync whole tables",
        ));
    }
    let mut def = TableDef::new(name.to_owned()).pk(key.columns.clone());
    def = match has_user {
        true => def.user(user.to_owned()),
        false => def.no_user(),
    };
    if let Some(owner) = table.foreign_keys().find(|key| key.columns == [user]) {
        def = def.owner_key(reference(name, table, owner));
    }
    if table.column(slug).is_some() {
        return Ok(def.slug(slug.to_owned()));
    }
    let mut unique = unique_keys(table, database);
    unique.retain(|columns| *columns != key.columns);
    match unique.as_slice() {
        [only] => Ok(def.no_slug().key(only.clone())),
        _ => Err(Notice::new(format!(
            "table `{name}` has no column `{slug}`, and not just one unique key beside its primary key, by which a row could be known"
        ))
        .hint(format!("name the column (`slug_field`, `--slug-field`), or {declare}"))),
    }
}

/// In the words in which the table itself was named: with its schema, or without.
fn reference(name: &str, table: &TableSchema, key: &ConstraintSchema) -> ForeignKey {
    let is_plain = TableName::parse(name).is_ok_and(|name| name.schema.is_none());
    let schema = key.references_schema.clone();
    let is_beside = schema.is_none() || schema == table.schema;
    let to = TableName {
        schema: schema.filter(|_| !(is_plain && is_beside)),
        name: key.references_table.clone().unwrap_or_default(),
    };
    let columns = key.references_columns.clone().unwrap_or_default();
    ForeignKey::new(to.to_string(), key.columns.clone()).to(columns)
}

/// The tables with all that they refer to, as the database suggests to declare them.
fn declaration(
    found: &DatabaseSchema,
    options: &SyncOptions,
    mut wanted: Vec<String>,
) -> Option<String> {
    let user = options.user_field.as_str();
    let has_user = |table: &TableSchema| table.column(user).is_some();
    let mut how = DraftOptions::default();
    if found.tables.values().any(has_user) {
        how = how.user_column(user);
    }
    let drafted = draft(found, &how).ok()?;
    let defs = || drafted.tables.iter().filter(|table| table.backed_up);
    let mut at = 0;
    while let Some(name) = wanted.get(at).cloned() {
        at += 1;
        for table in defs().filter(|table| table.def.name == name) {
            let needed = table
                .def
                .parents
                .iter()
                .chain(table.def.optional_refs.iter());
            for reference in needed.map(|reference| reference.table.to_string()) {
                if !wanted.contains(&reference) {
                    wanted.push(reference);
                }
            }
        }
    }
    let chosen = defs().filter(|table| wanted.iter().any(|name| table.def.name == *name));
    let mut defs = Vec::new();
    for table in chosen {
        let mut def = table.def.clone();
        if def.match_by == MatchBy::Pk {
            // the keys of one database are those of other rows in another
            let table = found.tables.get(&*def.name)?;
            table.column(&options.slug_field)?;
            def.match_by = MatchBy::Natural;
            def = def.slug(options.slug_field.clone());
            let natural = def.natural_key();
            let mut columns = natural.iter().filter_map(|name| table.column(name));
            if columns.any(|column| column.nullable) {
                def = def.null_key();
            }
        }
        defs.push(def);
    }
    let schema = BackupSchema::new(defs).ok()?;
    let names_all = wanted.iter().all(|name| schema.table(name).is_some());
    let json = serde_json::to_string(&schema).ok();
    json.filter(|_| names_all)
}
