//! References to rows that are restored later, in columns that cannot be NULL until then, where the foreign key
//! waits: the row goes with the key that the other one will have, taken from the database beforehand where that
//! numbers the rows, else that of the file. What it is when that row is there, `afterwards` sees to.

use std::collections::HashMap;

use super::fingerprint::Fingerprint;
use super::plan::{TablePlan, Target};
use super::row::Item;
use super::table::TableRun;
use crate::{Result, Value};

/// Keys that rows will have which are not there yet.
#[derive(Default)]
pub(super) struct Ahead {
    /// By table, one of its key sets, and the row of the backup: a value for each numbered column.
    keys: HashMap<(usize, usize, Fingerprint), Vec<Value>>,
}

impl TableRun<'_, '_> {
    /// The key that others have referred to already; false where there is none.
    pub(super) fn take_key_of_before(&mut self, item: &mut Item) -> bool {
        let keys = &mut self.ledger.ahead.keys;
        if keys.is_empty() || self.table.numbered.is_empty() {
            return false;
        }
        let sets = item.old_keys.iter().enumerate();
        let mut known = sets.filter_map(|(set, key)| keys.remove(&(self.place, set, (*key)?)));
        let Some(values) = known.next() else {
            return false;
        };
        for (column, value) in self.table.numbered.iter().zip(values) {
            if let Some(cell) = item.values.get_mut(*column) {
                *cell = value;
            }
        }
        true
    }

    /// Lets a new row refer to rows that come later.
    pub(super) async fn refer_ahead(&mut self, item: &mut Item) -> Result<()> {
        for at in 0..item.resolved.later.len() {
            let Some((place, key)) = item.resolved.later.get(at).copied() else {
                continue;
            };
            let Some(reference) = self.table.refs.get(place).filter(|r| r.waits) else {
                continue;
            };
            let Target::Table { table, key_set, .. } = reference.target else {
                continue;
            };
            let Some(target) = self.ledger.plan(table) else {
                continue;
            };
            let set = target.key_sets.get(key_set).into_iter().flatten();
            let numbered = |column: &usize| target.numbered.iter().position(|n| n == column);
            let fields: Vec<(usize, usize)> = (reference.fields.iter().zip(set))
                .filter_map(|(field, column)| Some((*field, numbered(column)?)))
                .collect();
            if fields.is_empty() {
                continue; // the row keeps the key that it has in the source
            }
            let values = self.key_ahead((table, target), key_set, key).await?;
            for (field, number) in fields {
                if let (Some(cell), Some(value)) = (item.values.get_mut(field), values.get(number))
                {
                    cell.clone_from(value);
                }
            }
        }
        Ok(())
    }

    async fn key_ahead(
        &mut self,
        (table, target): (usize, &TablePlan),
        key_set: usize,
        row: Fingerprint,
    ) -> Result<Vec<Value>> {
        if let Some(known) = self.ledger.ahead.keys.get(&(table, key_set, row)) {
            return Ok(known.clone());
        }
        let mut values = Vec::with_capacity(target.numbered.len());
        for column in &target.numbered {
            values.push(self.number((table, target), *column).await?);
        }
        let known = &mut self.ledger.ahead.keys;
        known.insert((table, key_set, row), values.clone());
        Ok(values)
    }
}
