//! Which sets of columns tell one row of a table from all others: what the database refuses to hold
//! twice, at once, in every row. A declared key is unique when it has such a set in it.

use super::misfit::{Misfit, NotUnique};
use crate::backup::TableDef;
use crate::schema::{ConstraintKind, IndexSchema};
use crate::{DatabaseSchema, TableSchema};

/// The sets of columns of which no two rows of the table have the same values.
///
/// Those of a primary key, of a unique constraint that is not deferrable, and of a unique index on
/// nothing but columns and all rows; the columns are NOT NULL. SQLite's own primary keys may hold
/// NULL, which no statement about one row finds. A partition has the keys of its table. A table
/// that others inherit from has none: their rows are rows of it, and in no key of it.
///
/// ```
/// # use db_adapter_core::fit::unique_keys;
/// # use db_adapter_core::{DatabaseSchema, TableSchema};
/// assert!(unique_keys(&TableSchema::default(), &DatabaseSchema::default()).is_empty());
/// ```
pub fn unique_keys(table: &TableSchema, database: &DatabaseSchema) -> Vec<Vec<String>> {
    if heir(table, database).is_some() {
        return Vec::new();
    }
    let mut keys = Vec::new();
    for key in candidates(table, database) {
        if key.why_not.is_none() && !keys.contains(&key.columns) {
            keys.push(key.columns);
        }
    }
    keys
}

/// What is wrong with the declared key of a table.
pub(super) fn check(
    def: &TableDef,
    table: &TableSchema,
    database: &DatabaseSchema,
) -> Option<Misfit> {
    let declared: Vec<String> = def.pk.iter().map(|column| column.to_string()).collect();
    let within = |key: &[String]| key.iter().all(|column| declared.contains(column));
    let unique = unique_keys(table, database);
    if unique.iter().any(|key| within(key)) {
        return None;
    }
    let why = match heir(table, database) {
        Some(heir) => NotUnique::Inherited(heir),
        None => {
            let mut keys = candidates(table, database).into_iter();
            let near = keys.find(|key| within(&key.columns));
            near.and_then(|key| key.why_not).unwrap_or(NotUnique::NoKey)
        }
    };
    Some(Misfit::KeyNotUnique {
        table: def.name.to_string(),
        key: declared,
        why,
        instead: unique,
    })
}

/// Columns that some rows, or all, must differ in.
struct Candidate {
    columns: Vec<String>,
    /// Why two rows may have the same values all the same.
    why_not: Option<NotUnique>,
}

/// Those of the table and of the tables that it is a partition of; the primary key first.
fn candidates(table: &TableSchema, database: &DatabaseSchema) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut at = Some(table);
    // each table is a partition of one that is above it, so that there are no more steps than tables
    for _ in 0..=database.tables.len() {
        let Some(there) = at else { break };
        of_constraints(there, table, &mut found);
        let indexes = there.indexes.values().filter(|index| index.is_unique);
        found.extend(indexes.filter_map(|index| of_index(index, table)));
        let above = there.partition_of.as_deref();
        at = above.and_then(|key| database.tables.get(key));
    }
    found
}

fn of_constraints(there: &TableSchema, table: &TableSchema, found: &mut Vec<Candidate>) {
    let keys = there.primary_key().into_iter().chain(there.unique());
    for key in keys {
        let why_not = match key.kind {
            _ if key.deferrable => Some(NotUnique::Deferrable),
            ConstraintKind::PrimaryKey => None,
            _ => nullable(&key.columns, table),
        };
        found.push(Candidate {
            columns: key.columns.clone(),
            why_not,
        });
    }
}

/// `None` for an index that says nothing of columns alone, or compares them otherwise than a
/// statement does.
fn of_index(index: &IndexSchema, table: &TableSchema) -> Option<Candidate> {
    let names = index.column_names()?;
    let plain = |column: &crate::schema::IndexColumn| {
        column.collation.is_none() && column.operator_class.is_none()
    };
    if !index.columns.iter().all(plain) {
        return None;
    }
    let columns: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let why_not = match &index.predicate {
        Some(_) => Some(NotUnique::Partial),
        None => nullable(&columns, table),
    };
    Some(Candidate { columns, why_not })
}

fn nullable(columns: &[String], table: &TableSchema) -> Option<NotUnique> {
    let may_be = |column: &&String| table.column(column).is_none_or(|found| found.nullable);
    let column = columns.iter().find(may_be)?;
    Some(NotUnique::Nullable(column.clone()))
}

/// A table that inherits from this one, other than as its partition.
fn heir(table: &TableSchema, database: &DatabaseSchema) -> Option<String> {
    let key = table.key();
    let mut tables = database.tables.values();
    let heir = tables.find(|other| other.inherits.contains(&key))?;
    Some(heir.key())
}
