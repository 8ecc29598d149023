//! Asks the destination which of the rows outside of the backup are there that rows of the file refer to.

use super::equality::learn;
use super::existing::{columns_of, conditions};
use super::fingerprint::{ByKey, Fingerprint};
use super::plan::{Asked, RefPlan, TablePlan, Target};
use super::remap::Remap;
use super::row::Item;
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Select, TableName};
use crate::transaction::Transaction;
use crate::{Result, Value};

/// Which rows outside of the backup are there, as far as it was asked.
#[derive(Default)]
pub(super) struct Externals(Vec<ByKey<bool>>);

impl Externals {
    /// Finds the items that refer to rows which are not there; gives the place of each and the
    /// reference.
    pub(super) async fn missing(
        &mut self,
        tx: &Transaction,
        remap: &mut Remap<'_>,
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
                    let values = values.filter_map(|c| item.values.get(*c).cloned());
                    asked.push(values.collect());
                }
            }
            let found = find(tx, outside, columns, asked).await?;
            learn_found(tx, remap, table, &reference.fields, &found).await?;
            for values in found {
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
