//! Asks the destination which of the rows outside of the source are there that rows of the source refer to.

use super::equality::learn;
use super::existing::{columns_of, conditions, in_any_spelling};
use super::fingerprint::{ByKey, Fingerprint};
use super::plan::{Asked, RefPlan, TablePlan, Target};
use super::remap::Remap;
use super::row::Item;
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Select, TableName};
use crate::transaction::Transaction;
use crate::{Result, Value};

/// Which rows outside of the source are there, as far as it was asked.
#[derive(Default)]
pub(super) struct Externals(Vec<ByKey<Seen>>);

/// What the destination says of a key.
enum Seen {
    Missing,
    There,
    /// It is there, in these spellings.
    Spelled(Vec<Vec<Value>>),
}

impl Externals {
    /// Finds the items that refer to rows which are not there; gives the place of each, the
    /// reference, and what is wrong with its row. The others refer to them as the destination spells them.
    pub(super) async fn missing(
        &mut self,
        tx: &Transaction,
        remap: &mut Remap<'_>,
        table: &TablePlan,
        items: &mut [Item],
    ) -> Result<Vec<(usize, usize, &'static str)>> {
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
            // rows of it may be new, and are not there where nothing is written
            if remap.options.looks && remap.plan.tables().any(|table| table == outside) {
                continue;
            }
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
                    known.insert(*key, Seen::Missing);
                    let values = reference.fields.iter();
                    let values = values.filter_map(|c| item.values.get(*c).cloned());
                    asked.push(values.collect());
                }
            }
            let is_spelled = remap.plan.keeps_spelling && has_spellings(table, reference);
            let mut found = find(tx, outside, columns, asked.clone(), Find::Usual).await?;
            if is_spelled {
                // one that is there to the letter is that one, whatever else is there
                asked.retain(|key| !found.contains(key));
                found.extend(find(tx, outside, columns, asked, Find::AnySpelling).await?);
            }
            learn_found(tx, remap, table, &reference.fields, &found).await?;
            for values in found {
                let cells = values.iter().zip(&reference.fields);
                let cells = cells.filter_map(|(value, column)| {
                    Some((value, &table.columns.get(*column)?.meaning))
                });
                let key = remap.fingerprints.of(cells);
                match known.get_mut(&key) {
                    Some(Seen::Spelled(all)) if all.contains(&values) => {}
                    Some(Seen::Spelled(all)) => all.push(values),
                    _ if is_spelled => {
                        known.insert(key, Seen::Spelled(vec![values]));
                    }
                    _ => drop(known.insert(key, Seen::There)),
                }
            }
            for (at, (item, key)) in items.iter_mut().zip(&refs).enumerate() {
                match key.as_ref().map(|key| known.get(key)) {
                    Some(None | Some(Seen::Missing)) => missing.push((at, place, MISSING)),
                    Some(Some(Seen::Spelled(all))) if !spell(item, reference, all) => {
                        missing.push((at, place, SEVERAL));
                    }
                    _ => {}
                }
            }
        }
        Ok(missing)
    }
}

fn has_spellings(table: &TablePlan, reference: &RefPlan) -> bool {
    let mut columns = reference
        .fields
        .iter()
        .filter_map(|c| table.columns.get(*c));
    columns.any(|column| column.sql_type.has_several_texts())
}

const MISSING: &str = "is not in the destination";
const SEVERAL: &str = "is there in several spellings, and in none as it is written here";

/// Refers to the row by the text that it has; of several, by the item's own. False where that is none of them.
fn spell(item: &mut Item, reference: &RefPlan, all: &[Vec<Value>]) -> bool {
    let fields = || reference.fields.iter();
    let is_own = |one: &&Vec<Value>| {
        fields()
            .zip(*one)
            .all(|(c, v)| item.values.get(*c) == Some(v))
    };
    let only = match all {
        [only] => Some(only),
        _ => None,
    };
    let Some(found) = all.iter().find(is_own).or(only) else {
        return false;
    };
    for (column, value) in fields().zip(found) {
        if let Some(cell) = item.values.get_mut(*column) {
            cell.clone_from(value);
        }
    }
    true
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

/// The destination may have the keys that were asked for in another spelling.
async fn learn_found(
    tx: &Transaction,
    remap: &mut Remap<'_>,
    table: &TablePlan,
    fields: &[usize],
    found: &[Vec<Value>],
) -> Result<()> {
    let asked = fields.iter().enumerate().filter_map(|(place, field)| {
        let meaning = &table.columns.get(*field)?.meaning;
        Some(Asked {
            column: place,
            class: meaning.asks()?,
            meaning: meaning.clone(),
        })
    });
    let asked: Vec<Asked> = asked.collect();
    let rows = found.iter().map(Vec::as_slice);
    let samples = &remap.plan.samples;
    learn(tx, samples, &mut remap.fingerprints, &asked, rows).await
}

/// Where one value has several spellings: which of them are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Find {
    /// Those that programs write, and the one that is given: by an index.
    Usual,
    AnySpelling,
}

/// Which of the keys there are rows of.
pub(super) async fn find(
    tx: &Transaction,
    table: &TableName,
    columns: &[String],
    keys: Vec<Vec<Value>>,
    which: Find,
) -> Result<Vec<Vec<Value>>> {
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let filters = match which {
        Find::Usual => conditions(&names, keys),
        Find::AnySpelling => in_any_spelling(&names, keys),
    };
    let mut found = Vec::new();
    for filter in filters {
        let mut select = Select::new(table.clone(), columns_of(&names)?, filter);
        select.stored = true;
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
