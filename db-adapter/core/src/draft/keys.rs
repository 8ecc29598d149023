//! What tells one row from another: the primary key, and what says so in every database.

use super::{DraftTable, quoted, texts};
use crate::backup::MatchBy;
use crate::fit::{is_numbered, unique_keys};
use crate::{DatabaseSchema, TableSchema};

/// Why the table has no primary key that a restore could use.
pub(super) fn no_primary_key(table: &TableSchema, database: &DatabaseSchema) -> Option<String> {
    let Some(primary) = table.primary_key() else {
        return Some("it has no primary key".to_owned());
    };
    let proven = unique_keys(table, database);
    let is_it = |key: &Vec<String>| key.iter().all(|column| primary.columns.contains(column));
    match proven.iter().any(is_it) {
        true => None,
        false => Some(
            "nothing keeps its primary key unique at once and in every row (it is deferrable, may be NULL, or other tables inherit from it)"
                .to_owned(),
        ),
    }
}

/// Declares the natural key.
pub(super) fn declare(table: &TableSchema, database: &DatabaseSchema, drafted: &mut DraftTable) {
    renewed(table, database, drafted);
    let def = &drafted.def;
    if def.match_by == MatchBy::Pk || !def.key.is_empty() {
        return; // the users themselves
    }
    let pk: Vec<String> = def.pk.iter().map(ToString::to_string).collect();
    let numbered = |name: &String| table.column(name).is_some_and(is_numbered);
    let mut keys = unique_keys(table, database);
    keys.retain(|key| *key != pk && !key.iter().any(numbered));
    keys.sort_by_key(Vec::len);
    if let Some(key) = keys.first() {
        drafted.def.key = texts(key);
        if let [_, others @ ..] = keys.as_slice()
            && !others.is_empty()
        {
            let others: Vec<String> = others.iter().map(|key| quoted(key)).collect();
            drafted.note(
                None,
                format!(
                    "chosen: the natural key; unique are also ({})",
                    others.join("), (")
                ),
            );
        }
        return;
    }
    let in_reference = |name: &String| {
        let mut references = drafted.def.references();
        references.any(|reference| reference.fields.iter().any(|field| **field == **name))
    };
    let text = match () {
        // a link: its key is what it links
        () if pk.iter().all(in_reference) => None,
        () if pk.iter().any(numbered) => Some(
            "not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`",
        ),
        () => Some("chosen: the primary key means the same row everywhere"),
    };
    drafted.def.match_by = MatchBy::Pk;
    if let Some(text) = text {
        drafted.note(None, text);
    }
}

/// Columns with numbers of their own beside the key: a copy of a row must not have them.
fn renewed(table: &TableSchema, database: &DatabaseSchema, drafted: &mut DraftTable) {
    let referred = |name: &String| {
        let mut tables = database.tables.values().flat_map(TableSchema::foreign_keys);
        tables.any(|key| {
            let to = key.references_columns.iter().flatten();
            key.references_table.as_deref() == Some(table.name.as_str())
                && to.into_iter().any(|c| c == name)
        })
    };
    let in_own = |name: &String| {
        let def = &drafted.def;
        let user = def.user_field.as_deref() == Some(name.as_str());
        user || def
            .pk
            .iter()
            .chain(def.key.iter())
            .any(|column| **column == **name)
    };
    let mut renewed: Vec<String> = Vec::new();
    for key in unique_keys(table, database) {
        if let [column] = key.as_slice()
            && table.column(column).is_some_and(is_numbered)
            && !in_own(column)
            && !referred(column)
        {
            renewed.push(column.clone());
        }
    }
    for column in &renewed {
        drafted.note(
            Some(column),
            "chosen: the database gives each row its own, so that a restored copy gets a new one",
        );
    }
    drafted.def.renew = texts(&renewed);
}
