//! Asks the destination what is there: the rows that can be the same as one of the backup, once a
//! table, and the rows that references outside of the backup lead to.

use futures_util::StreamExt;

use super::fingerprint::{ByKey, Fingerprint};
use super::plan::{RefPlan, Scope, TablePlan, Target};
use super::remap::{Present, Remap, natural_key};
use super::row::Item;
use crate::client::DatabaseClient as _;
use crate::query::{Columns, IntoColumns, Operation, Select, TableName};
use crate::transaction::Transaction;
use crate::{Filter, Result, Row, Value, op};

/// Keys asked for at once; a list is one parameter on PostgreSQL, and each is one on SQLite.
const KEYS_AT_ONCE: usize = 5000;
/// The same for keys of several columns, which are a condition each.
const PAIRS_AT_ONCE: usize = 200;

/// The rows of the destination that can be the same as one of the backup.
pub(super) async fn present(
    tx: &Transaction,
    remap: &Remap<'_>,
    table: &TablePlan,
    user: &Value,
) -> Result<Present> {
    let mut present = Present::new(table.kept.len());
    let name = |column: &usize| table.columns.get(*column).map(|c| c.name.as_str());
    let mut columns: Vec<usize> = table.natural.clone();
    columns.extend(table.kept.iter().filter(|c| !table.natural.contains(c)));
    let names: Vec<&str> = columns.iter().filter_map(name).collect();
    let mut seen = Seen::default();
    let filters = match &table.scope {
        Scope::All => vec![Filter::all()],
        Scope::User => {
            let user_column = table.user.as_ref().and_then(name).unwrap_or_default();
            vec![Filter::from(Row::from([(user_column, user.clone())]))]
        }
        Scope::Parents(references) => {
            // a row of several parents is found by each
            seen.counts = references.len() > 1;
            let of = |reference: &usize| parents(remap, table, *reference);
            references.iter().flat_map(of).collect()
        }
    };
    let mut values = vec![Value::Null; table.columns.len()];
    for filter in filters {
        let select = Select::new(table.table.clone(), columns_of(&names)?, filter);
        let mut rows = tx.run_stream(Operation::Select(select));
        while let Some(row) = rows.next().await {
            let row = row?;
            for (place, column) in columns.iter().enumerate() {
                if let (Some(cell), Some(value)) = (values.get_mut(*column), row.get_index(place)) {
                    *cell = value.clone();
                }
            }
            if seen.is_again(remap, table, &values) {
                continue;
            }
            let natural = natural_key(table, remap.fingerprints, &values);
            let kept = table.kept.iter();
            present.add(
                natural,
                kept.map(|column| values.get(*column).cloned().unwrap_or_default()),
            );
        }
    }
    Ok(present)
}

/// The rows that were taken in, by their primary keys, where one may come twice.
#[derive(Default)]
struct Seen {
    counts: bool,
    keys: ByKey<()>,
}

impl Seen {
    fn is_again(&mut self, remap: &Remap<'_>, table: &TablePlan, values: &[Value]) -> bool {
        let cell = |column: &usize| {
            let meaning = &table.columns.get(*column)?.meaning;
            Some((values.get(*column)?, meaning))
        };
        self.counts && {
            let key = remap.fingerprints.of(table.key.iter().filter_map(cell));
            self.keys.insert(key, ()).is_some()
        }
    }
}

fn columns_of(names: &[&str]) -> Result<Columns> {
    names.into_columns()
}

/// Conditions for the children of all the parents that were there before.
fn parents(remap: &Remap<'_>, table: &TablePlan, reference: usize) -> Vec<Filter> {
    let Some(reference) = table.refs.get(reference) else {
        return Vec::new();
    };
    let Target::Table { table: target, .. } = &reference.target else {
        return Vec::new();
    };
    let Some(known) = remap.known.get(*target) else {
        return Vec::new();
    };
    let mut keys: Vec<Vec<Value>> = known
        .existed()
        .map(|row| remap.values_of(reference, *target, row))
        .collect();
    if reference.fields.len() > 1 {
        // several rows may share what the reference names
        keys.sort_by_cached_key(|key| format!("{key:?}"));
        keys.dedup();
    }
    let names: Vec<&str> = reference
        .fields
        .iter()
        .filter_map(|c| table.columns.get(*c))
        .map(|column| column.name.as_str())
        .collect();
    conditions(&names, keys)
}

/// Conditions for the rows with these keys, few enough of them each.
fn conditions(names: &[&str], keys: Vec<Vec<Value>>) -> Vec<Filter> {
    if let [name] = names {
        let mut values: Vec<Value> = keys.into_iter().flatten().collect();
        let mut filters = Vec::new();
        while !values.is_empty() {
            let rest = values.split_off(values.len().min(KEYS_AT_ONCE));
            filters.push(Filter::test(name, op::is_in(values)));
            values = rest;
        }
        return filters;
    }
    let of_one = |key: &Vec<Value>| {
        let cells = names.iter().copied().zip(key.iter().cloned());
        Filter::from(cells.collect::<Row>())
    };
    keys.chunks(PAIRS_AT_ONCE)
        .map(|keys| Filter::any_of(keys.iter().map(of_one)))
        .collect()
}

/// Which rows outside of the backup are there, as far as it was asked.
#[derive(Default)]
pub(super) struct Externals(Vec<ByKey<bool>>);

impl Externals {
    /// Finds the items that refer to rows which are not there; gives the place of each and the
    /// reference.
    pub(super) async fn missing(
        &mut self,
        tx: &Transaction,
        remap: &Remap<'_>,
        table: &TablePlan,
        items: &[Item],
    ) -> Result<Vec<(usize, usize)>> {
        self.0.resize_with(table.refs.len(), ByKey::default);
        let mut missing = Vec::new();
        for (place, reference) in table.refs.iter().enumerate() {
            let Target::External {
                table: outside,
                columns,
                ..
            } = &reference.target
            else {
                continue;
            };
            let Some(known) = self.0.get_mut(place) else {
                continue;
            };
            let refs = items
                .iter()
                .map(|item| refers_to(remap, table, reference, item));
            let refs: Vec<Option<Fingerprint>> = refs.collect();
            let mut asked: Vec<Vec<Value>> = Vec::new();
            for (item, key) in items.iter().zip(&refs) {
                if let Some(key) = key
                    && !known.contains_key(key)
                {
                    known.insert(*key, false);
                    let values = reference.fields.iter();
                    asked.push(
                        values
                            .filter_map(|c| item.values.get(*c).cloned())
                            .collect(),
                    );
                }
            }
            for values in find(tx, outside, columns, asked).await? {
                let cells = values.iter().zip(&reference.fields);
                let cells = cells.filter_map(|(value, column)| {
                    Some((value, &table.columns.get(*column)?.meaning))
                });
                known.insert(remap.fingerprints.of(cells), true);
            }
            for (at, key) in refs.iter().enumerate() {
                if let Some(key) = key
                    && known.get(key) != Some(&true)
                {
                    missing.push((at, place));
                }
            }
        }
        Ok(missing)
    }
}

/// The row outside that an item refers to, as it will be: with the user that it gets. `None` where
/// it refers to none.
fn refers_to(
    remap: &Remap<'_>,
    table: &TablePlan,
    reference: &RefPlan,
    item: &Item,
) -> Option<Fingerprint> {
    let cell = |column: &usize| {
        let value = item.values.get(*column).filter(|value| !value.is_null())?;
        Some((value, &table.columns.get(*column)?.meaning))
    };
    let cells: Option<Vec<_>> = reference.fields.iter().map(cell).collect();
    cells.map(|cells| remap.fingerprints.of(cells))
}

/// Which of the keys there are rows of.
pub(super) async fn find(
    tx: &Transaction,
    table: &TableName,
    columns: &[String],
    keys: Vec<Vec<Value>>,
) -> Result<Vec<Vec<Value>>> {
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for filter in conditions(&names, keys) {
        let select = Select::new(table.clone(), columns_of(&names)?, filter);
        for row in tx.run(Operation::Select(select)).await?.rows {
            found.push(
                (0..names.len())
                    .filter_map(|i| row.get_index(i).cloned())
                    .collect(),
            );
        }
    }
    Ok(found)
}
