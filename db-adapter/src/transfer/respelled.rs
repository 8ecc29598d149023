//! Whether the destination has the key of a row already in another spelling, where it keeps texts: to it these are
//! two rows, and to whoever reads the key it is one. Such a row fails as one whose key is taken to the letter.
//! Looks at rows of everybody, once a table, when the first row is to be written. Never writes.

use futures_util::TryStreamExt as _;

use super::afterwards::names;
use super::existing::{columns_of, conditions};
use super::fingerprint::{ByKey, Fingerprint, Fingerprints, Meaning};
use super::plan::{RestorePlan, TablePlan};
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Select};
use crate::transaction::Transaction;
use crate::value::of_stored_text;
use crate::{ExactJson as _, Filter, Result, Value};
use db_adapter_core::SqlType;

/// The keys of a table that have several spellings.
#[derive(Default)]
pub(super) struct Respelled {
    sets: Vec<Set>,
    is_read: bool,
}

/// One of them.
struct Set {
    columns: Vec<usize>,
    /// Whether an index finds the canonical spelling, so that only the others have to be known.
    is_indexed: bool,
    /// The keys that are taken, each with how it is written.
    taken: ByKey<Fingerprint>,
}

impl Respelled {
    pub(super) fn of(plan: &RestorePlan, table: &TablePlan) -> Respelled {
        let mut sets: Vec<&Vec<usize>> = std::iter::once(&table.key).collect();
        sets.extend(&table.key_sets);
        sets.sort_unstable();
        sets.dedup();
        let spelled = |set: &[usize]| -> Vec<&SqlType> {
            let types = set.iter().filter_map(|column| table.columns.get(*column));
            let types = types.map(|column| &column.sql_type);
            types.filter(|kind| kind.has_several_texts()).collect()
        };
        let is_new = |set: &[usize]| set.iter().any(|column| table.numbered.contains(column));
        let counts = |set: &&Vec<usize>| !spelled(set).is_empty() && !is_new(set);
        let sets = sets.into_iter().filter(counts).map(|set| Set {
            columns: set.clone(),
            is_indexed: spelled(set).into_iter().all(|kind| *kind == SqlType::Uuid),
            taken: ByKey::default(),
        });
        Respelled {
            sets: match plan.keeps_spelling {
                true => sets.collect(),
                false => Vec::new(),
            },
            is_read: false,
        }
    }

    /// Whether there is nothing to ask.
    pub(super) fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// The columns of a key of the row that another row has, written otherwise; else the key is taken from now on.
    /// `there`: what the row has until now, where it is there.
    pub(super) async fn take(
        &mut self,
        tx: &Transaction,
        of: &Fingerprints,
        table: &TablePlan,
        row: &[Value],
        there: Option<&[Value]>,
    ) -> Result<Option<String>> {
        let mut keys = Vec::with_capacity(self.sets.len());
        for (at, set) in self.sets.iter().enumerate() {
            let Some(key) = set.key(of, table, row) else {
                continue;
            };
            let until_now = there.and_then(|there| set.key(of, table, there));
            if until_now.is_none_or(|until_now| until_now.0 != key.0) {
                keys.push((at, key));
            }
        }
        if keys.is_empty() {
            return Ok(None);
        }
        if !self.is_read {
            self.is_read = true;
            for set in &mut self.sets {
                set.read(tx, of, table).await?;
            }
        }
        for (at, key) in &keys {
            if let Some(set) = self.sets.get(*at)
                && set.has_otherwise(tx, of, table, row, *key).await?
            {
                return Ok(Some(names(table, &set.columns).join("`, `")));
            }
        }
        for (at, (key, written)) in keys {
            if let Some(set) = self.sets.get_mut(at) {
                set.taken.insert(key, written);
            }
        }
        Ok(None)
    }
}

impl Set {
    /// The key by its meaning, and as it is written; `None` where a part of it is NULL.
    fn key(
        &self,
        of: &Fingerprints,
        table: &TablePlan,
        row: &[Value],
    ) -> Option<(Fingerprint, Fingerprint)> {
        let cell = |column: &usize| {
            let value = row.get(*column).filter(|value| !value.is_null())?;
            Some((value, &table.columns.get(*column)?.meaning))
        };
        let cells: Vec<(&Value, &Meaning)> =
            self.columns.iter().map(cell).collect::<Option<_>>()?;
        let mut written = String::new();
        for (value, _) in &cells {
            written.push_str(&value.to_json());
            written.push('\n');
        }
        let text = Meaning::new(SqlType::Text, None);
        Some((of.of(cells), of.of([(&Value::from(written), &text)])))
    }

    /// Learns the keys of everybody.
    async fn read(&mut self, tx: &Transaction, of: &Fingerprints, table: &TablePlan) -> Result<()> {
        let columns = columns_of(&names(table, &self.columns))?;
        let mut select = Select::new(table.table.clone(), columns, Filter::all());
        select.stored = true;
        let mut rows = tx.run_stream(Operation::Select(select));
        while let Some(row) = rows.try_next().await? {
            let values = self.values(table, |at| row.get_index(at).cloned());
            if self.is_indexed && self.is_canonical(table, &values) {
                continue;
            }
            if let Some((key, written)) = self.key(of, table, &values) {
                self.taken.insert(key, written);
            }
        }
        Ok(())
    }

    /// A row in the order of the plan.
    fn values(&self, table: &TablePlan, value: impl Fn(usize) -> Option<Value>) -> Vec<Value> {
        let mut values = vec![Value::Null; table.columns.len()];
        for (at, column) in self.columns.iter().enumerate() {
            if let (Some(cell), Some(value)) = (values.get_mut(*column), value(at)) {
                *cell = value;
            }
        }
        values
    }

    fn is_canonical(&self, table: &TablePlan, row: &[Value]) -> bool {
        self.columns.iter().all(|column| {
            let kind = table.columns.get(*column).map(|column| &column.sql_type);
            match (row.get(*column), kind) {
                (Some(Value::Text(text)), Some(kind)) if kind.has_several_texts() => {
                    of_stored_text(kind, text).is_some_and(|read| read.as_str() == Some(text))
                }
                _ => true,
            }
        })
    }

    /// Whether a row has this key, written otherwise.
    async fn has_otherwise(
        &self,
        tx: &Transaction,
        of: &Fingerprints,
        table: &TablePlan,
        row: &[Value],
        (key, written): (Fingerprint, Fingerprint),
    ) -> Result<bool> {
        if let Some(other) = self.taken.get(&key) {
            return Ok(*other != written);
        }
        if !self.is_indexed || self.is_canonical(table, row) {
            return Ok(false);
        }
        let names = names(table, &self.columns);
        let sought = self.columns.iter();
        let sought = sought.filter_map(|column| row.get(*column).cloned());
        for filter in conditions(&names, vec![sought.collect()]) {
            let mut select = Select::new(table.table.clone(), columns_of(&names)?, filter);
            select.stored = true;
            for found in tx.run(Operation::Select(select)).await?.rows {
                let found = self.values(table, |at| found.get_index(at).cloned());
                let other = self.key(of, table, &found);
                if other.is_some_and(|other| other.0 == key && other.1 != written) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
