//! Many rows: grouped by the columns that they give, so that an absent column gets its default
//! and each group is one statement text; keys checked before anything is sent.

use std::collections::{HashMap, HashSet};

use super::table::{Table, not_fitting};
use super::write::Assignment;
use crate::error::InvalidValue;
use crate::{Error, Result, Value};

/// Rows that give the same columns.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    /// Positions of the columns, in table order.
    pub(crate) columns: Vec<usize>,
    /// The rows with their places in the caller's data.
    pub(crate) rows: Vec<(usize, Vec<Assignment<'a>>)>,
}

/// Groups rows by their key sets, in the order in which the sets first appear.
pub(crate) fn group_rows(rows: Vec<Vec<Assignment<'_>>>) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
    for (place, row) in rows.into_iter().enumerate() {
        let columns: Vec<usize> = row.iter().map(|assignment| assignment.position).collect();
        let group = match known.get(&columns) {
            Some(group) => *group,
            None => {
                groups.push(Group {
                    columns: columns.clone(),
                    rows: Vec::new(),
                });
                known.insert(columns, groups.len() - 1);
                groups.len() - 1
            }
        };
        if let Some(group) = groups.get_mut(group) {
            group.rows.push((place, row));
        }
    }
    groups
}

/// The positions of key columns.
pub(crate) fn key_positions<T, C>(
    table: &Table<T, C>,
    keys: &[String],
    operation: &str,
) -> Result<Vec<usize>> {
    if keys.is_empty() {
        return Err(Error::invalid_query(
            format!("{operation} of `{}` without keys", table.name),
            "name the columns of a unique key, for example `[\"id\"]`",
        ));
    }
    keys.iter()
        .map(|key| table.position(key).ok_or_else(|| table.undefined(key)))
        .collect()
}

/// Refuses rows without a key value, with a null in it, or with the keys of another row: which
/// of two rows won would depend on the backend.
pub(crate) fn refuse_duplicate_keys<T, C>(
    table: &Table<T, C>,
    keys: &[usize],
    rows: &[Vec<Assignment<'_>>],
    operation: &str,
) -> Result<()> {
    let mut seen: HashSet<Vec<&Value>> = HashSet::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            let given = row.iter().find(|assignment| assignment.position == *key);
            match given.map(|assignment| &*assignment.value) {
                Some(value) if !value.is_null() => values.push(value),
                found => {
                    let name = table.columns.get(*key).map_or("", |column| &column.name);
                    let missing = if found.is_some() { "null" } else { "missing" };
                    let details = InvalidValue::new(format!(
                        "a key of {operation} is {missing} in row {} of the data",
                        place + 1
                    ));
                    return Err(not_fitting(table, name, details));
                }
            }
        }
        if !seen.insert(values) {
            return Err(Error::invalid_query(
                format!(
                    "row {} of the data for {operation} of `{}` has the keys of an earlier row",
                    place + 1,
                    table.name
                ),
                "give each row keys of its own",
            ));
        }
    }
    Ok(())
}
