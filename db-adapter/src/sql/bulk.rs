//! Many rows: grouped by the columns that they give, so that an absent column gets its default
//! and each group is one statement text; keys checked before anything is sent.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use db_adapter_core::SqlType;

use super::table::Table;
use super::write::Assignment;
use crate::error::InvalidValue;
use crate::{Error, Numeric, Result, Value};

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
    if let [row] = rows.as_slice() {
        let columns = row.iter().map(|assignment| assignment.position).collect();
        let rows = rows.into_iter().enumerate().collect();
        return vec![Group { columns, rows }];
    }
    let mut known: HashMap<Vec<usize>, Vec<_>> = HashMap::new();
    for (place, row) in rows.into_iter().enumerate() {
        let columns: Vec<usize> = row.iter().map(|assignment| assignment.position).collect();
        known.entry(columns).or_default().push((place, row));
    }
    let group = |(columns, rows)| Group { columns, rows };
    let mut groups: Vec<Group<'_>> = known.into_iter().map(group).collect();
    // the same data is the same statements: the map has them in any order
    groups.sort_unstable_by_key(|group| group.rows.first().map(|(place, _)| *place));
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
    let mut positions = Vec::with_capacity(keys.len());
    for key in keys {
        let position = table.position(key).ok_or_else(|| table.undefined(key))?;
        if positions.contains(&position) {
            return Err(Error::invalid_query(
                format!(
                    "{operation} of `{}` names the key `{key}` twice",
                    table.name
                ),
                "name each column of the unique key once",
            ));
        }
        positions.push(position);
    }
    Ok(positions)
}

/// Refuses rows without a key value, with a null in it, or with the keys of another row: which
/// of two rows won would depend on the backend.
pub(crate) fn refuse_duplicate_keys<T, C>(
    table: &Table<T, C>,
    keys: &[usize],
    rows: &[Vec<Assignment<'_>>],
    operation: &str,
) -> Result<()> {
    let mut seen: HashSet<Vec<Cow<'_, Value>>> = HashSet::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            let given = row.iter().find(|assignment| assignment.position == *key);
            match given.map(|assignment| &*assignment.value) {
                Some(value) if !value.is_null() => {
                    let citext = table.at(*key)?.sql_type == SqlType::Citext;
                    values.push(by_meaning(value, citext));
                }
                found => {
                    let name = &table.at(*key)?.name;
                    let missing = if found.is_some() { "null" } else { "missing" };
                    let details = InvalidValue::new(format!(
                        "a key of {operation} is {missing} in row {} of the data",
                        place + 1
                    ));
                    return Err(table.not_fitting(name, details));
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

/// One value for all that a unique index takes for equal: `1.5` for `1.50`, `0` for `-0`.
fn by_meaning(value: &Value, citext: bool) -> Cow<'_, Value> {
    match value {
        Value::Numeric(n) if n.as_str().contains('.') => {
            let digits = n.as_str().trim_end_matches('0').trim_end_matches('.');
            Cow::Owned(Value::Numeric(Numeric::trusted(digits)))
        }
        Value::Float(0.0) => Cow::Owned(Value::Float(0.0)), // -0 too
        Value::Text(text) if citext => Cow::Owned(Value::Text(text.to_lowercase().into())),
        other => Cow::Borrowed(other),
    }
}
