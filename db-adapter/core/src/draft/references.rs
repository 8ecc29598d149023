//! What a row needs, may have, or finds outside of the backup, from the foreign keys.

use super::{Draft, DraftTable, Sketch, declared_name, quoted, texts};
use crate::backup::ForeignKey;
use crate::expected::Text;
use crate::schema::table_key;
use crate::{ConstraintSchema, TableName, TableSchema};
use std::collections::BTreeMap;

/// Whether a row cannot be without it.
fn is_required(key: &ConstraintSchema, table: &TableSchema) -> bool {
    let is_there = |name: &String| table.column(name).is_some_and(|column| !column.nullable);
    key.columns.iter().all(is_there)
}

fn target(key: &ConstraintSchema) -> Option<String> {
    let table = key.references_table.as_deref()?;
    Some(table_key(key.references_schema.as_deref(), table))
}

pub(super) fn declare(
    key: &str,
    table: &TableSchema,
    sketch: &Sketch<'_>,
    drafted: &mut DraftTable,
) {
    let owner = sketch.owners.key_of(table);
    let mut seen: Vec<Vec<String>> = Vec::new();
    for found in table.foreign_keys() {
        let is_user = match found.columns.as_slice() {
            [column] => drafted.def.user_field.as_deref() == Some(column.as_str()),
            _ => false,
        };
        if owner == Some(found) || (is_user && key != target(found).unwrap_or_default()) {
            continue;
        }
        let Some(to) = target(found) else { continue };
        let mut columns = found.columns.clone();
        columns.sort();
        if seen.contains(&columns) {
            let text = format!(
                "{} refers to `{to}` too, and one row cannot be declared to need two by the same columns",
                quoted(&found.columns)
            );
            drafted.note(None, text);
            continue;
        }
        seen.push(columns);
        let reference = reference(found, &to, sketch);
        let references = match sketch.is_backed_up(&to) {
            true if is_required(found, table) => &mut drafted.def.parents,
            true => &mut drafted.def.optional_refs,
            false => {
                let text = format!(
                    "chosen: `{to}` is not backed up, so that {} keeps its value and must exist where it is restored",
                    quoted(&found.columns)
                );
                drafted.note(found.columns.first().map(String::as_str), text);
                &mut drafted.def.external
            }
        };
        references.to_mut().push(reference);
    }
}

fn reference(key: &ConstraintSchema, to: &str, sketch: &Sketch<'_>) -> ForeignKey {
    let found = sketch.database.tables.get(to);
    let name = match found {
        Some(table) => declared_name(table),
        None => TableName {
            schema: key.references_schema.clone(),
            name: key.references_table.clone().unwrap_or_default(),
        }
        .to_string(),
    };
    let columns = key.references_columns.clone().unwrap_or_default();
    let primary = found.and_then(TableSchema::primary_key);
    let reference = ForeignKey {
        table: name.into(),
        fields: texts(&key.columns),
        references: texts(&[]),
    };
    match primary.is_some_and(|primary| primary.columns == columns) {
        true => reference,
        false => ForeignKey {
            references: texts(&columns),
            ..reference
        },
    }
}

/// A column that has another type than the key that it refers to says its own beside its field: fields alone
/// have to be of one type.
pub(super) fn say_types(draft: &mut Draft) {
    let types = |table: &DraftTable| -> BTreeMap<Text, Option<Text>> {
        let columns = table.def.columns.iter();
        columns
            .map(|column| (column.name.clone(), column.data_type.clone()))
            .collect()
    };
    let tables = draft.tables.iter();
    let known: BTreeMap<Text, _> = tables
        .map(|table| {
            let def = &table.def;
            (def.name.clone(), (def.pk.clone(), types(table)))
        })
        .collect();
    for table in &mut draft.tables {
        let own = types(table);
        let mut others: Vec<Text> = Vec::new();
        for reference in table.def.references() {
            let Some((pk, there)) = known.get(&reference.table) else {
                continue;
            };
            let keys = match reference.references.is_empty() {
                true => pk,
                false => &reference.references,
            };
            for (field, key) in reference.fields.iter().zip(keys.iter()) {
                if own.get(field) != there.get(key) {
                    others.push(field.clone());
                }
            }
        }
        let columns = table.def.columns.to_mut().iter_mut();
        for column in columns.filter(|column| others.contains(&column.name)) {
            column.exact = column.data_type.is_some();
        }
    }
}

/// Tables that need themselves or each other: no row could be the first. One of each circle is expected only.
pub(super) fn demote_circles(sketch: &mut Sketch<'_>) {
    let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for key in sketch.tables.iter().filter(|key| sketch.is_backed_up(key)) {
        let Some(table) = sketch.database.tables.get(*key) else {
            continue;
        };
        let required = table
            .foreign_keys()
            .filter(|found| is_required(found, table));
        needs.insert((*key).to_owned(), required.filter_map(target).collect());
    }
    for (table, why) in in_circles(needs) {
        sketch.demoted.insert(table, why);
    }
}

/// Takes tables away that need nobody who is left, until only circles are left; then one of those.
fn in_circles(mut needs: BTreeMap<String, Vec<String>>) -> Vec<(String, String)> {
    let mut demoted = Vec::new();
    loop {
        let is_free = |of: &Vec<String>| !of.iter().any(|to| needs.contains_key(to));
        let free: Vec<String> = needs
            .iter()
            .filter(|(_, of)| is_free(of))
            .map(|(key, _)| key.clone())
            .collect();
        if !free.is_empty() {
            needs.retain(|key, _| !free.contains(key));
            continue;
        }
        // one that only hangs on a circle is not in it: go along until a table comes again
        let Some(start) = needs.keys().next().cloned() else {
            return demoted;
        };
        let mut path = vec![start];
        let circle = loop {
            let next = path.last().and_then(|last| needs.get(last));
            let next = next.and_then(|of| of.iter().find(|to| needs.contains_key(*to)));
            let Some(next) = next.cloned() else {
                return demoted; // every table that is left needs another one that is left
            };
            if let Some(at) = path.iter().position(|key| *key == next) {
                break path.split_off(at);
            }
            path.push(next);
        };
        let Some(last) = circle.last().cloned() else {
            return demoted;
        };
        let why = match circle.len() {
            1 => "each row needs another row of it, so that none could be the first".to_owned(),
            _ => format!(
                "the tables {} need each other, so that no row could be the first",
                quoted(&circle)
            ),
        };
        needs.remove(&last);
        demoted.push((last, why));
    }
}
