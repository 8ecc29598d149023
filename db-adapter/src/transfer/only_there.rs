//! The rows that only the destination has, as far as those of one table are known when the last row of the source
//! was decided about: counted exactly, and some of them named. Their children hang on them, and are found by them.

use super::afterwards::names;
use super::existing::{around, columns_of};
use super::keys::Fate;
use super::outcome::MOST_RECORDED;
use super::table::TableRun;
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Select};
use crate::{Result, Value};
use std::sync::Arc;

impl TableRun<'_, '_> {
    /// Tells of them.
    pub(super) async fn tell_only_there(&mut self) -> Result<()> {
        let table = self.table;
        let mut keys: Vec<Vec<Value>> = Vec::new();
        let mut count = 0;
        let known = self.ledger.remap.known.get_mut(self.place);
        let mut known = known.filter(|_| !table.key_sets.is_empty());
        for kept in self.present.only_there(table.kept.len()) {
            count += 1;
            if keys.len() < MOST_RECORDED {
                let value = |column: &usize| kept.get(table.kept_at(*column)?).cloned();
                keys.extend(table.key.iter().map(value).collect::<Option<Vec<Value>>>());
            }
            if let Some(known) = &mut known {
                known.add(&[], kept, Fate::OnlyThere);
            }
        }
        let mut named = Vec::with_capacity(keys.len());
        let key = names(table, &table.key);
        let natural = names(table, &table.natural);
        for filter in around(table, &key, keys) {
            let select = Select::new(table.table.clone(), columns_of(&natural)?, filter);
            let rows = self.tx.run(Operation::Select(select)).await?.rows;
            named.extend(rows.into_iter().map(Arc::new));
        }
        // where a condition cannot test the key it finds other rows as well: then none is named
        if named.len() > MOST_RECORDED || named.len() as u64 > count {
            named.clear();
        }
        let there = self.present.all();
        self.ledger.count(self.place, |table| {
            table.record.there = Some(there);
            table.record.only_there.count = count;
            table.record.only_there.named = named;
        });
        Ok(())
    }
}
