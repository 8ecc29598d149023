//! The rows of a restore as the database took them, and whether it still has them so at the end: a trigger or a
//! rule can change a row long after it was written, for one of another table. Only where there are any.

use std::collections::HashMap;

use super::existing::{columns_of, conditions};
use super::fingerprint::{ByKey, Fingerprint, Fingerprints};
use super::plan::TablePlan;
use super::triggered::identifying;
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Select};
use crate::transaction::Transaction;
use crate::{Notice, Result, Row, Value};

/// What is known of the rows of each table.
#[derive(Default)]
pub(super) struct Lasting {
    is_watching: bool,
    tables: HashMap<usize, ByKey<Written>>,
}

/// One row.
struct Written {
    key: Vec<Value>,
    /// Of each column that says which row it is, whose, and where it leads; `None` where that was not written.
    cells: Vec<Option<Fingerprint>>,
}

impl Lasting {
    pub(super) fn watching(is_watching: bool) -> Self {
        Lasting {
            is_watching,
            tables: HashMap::new(),
        }
    }

    /// Whether there is anything that could change rows.
    pub(super) fn is_watching(&self) -> bool {
        self.is_watching
    }

    /// The database has this row of the table at `place`, as far as the values say.
    pub(super) fn has<'v>(
        &mut self,
        of: &Fingerprints,
        (place, table): (usize, &TablePlan),
        value: impl Fn(&str) -> Option<&'v Value>,
    ) {
        if !self.is_watching {
            return;
        }
        let names = key_names(table);
        let key: Option<Vec<Value>> = names.iter().map(|name| value(name).cloned()).collect();
        let Some(key) = key else {
            return; // it was looked at by its natural key
        };
        let columns = identifying(table);
        let cell = |name: &str, column| Some(of.of([(value(name)?, column)]));
        let cells = columns.iter().map(|c| cell(&c.name, &c.meaning)).collect();
        let written = Written { key, cells };
        let rows = self.tables.entry(place).or_default();
        match rows.entry(written.fingerprint(of, table)) {
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(written);
            }
            std::collections::hash_map::Entry::Occupied(mut before) => {
                let cells = before.get_mut().cells.iter_mut().zip(written.cells);
                for (cell, now) in cells.filter(|(_, now)| now.is_some()) {
                    *cell = now;
                }
            }
        }
    }

    /// The tables that have other rows now, with how many.
    pub(super) async fn check(
        self,
        tx: &Transaction,
        of: &Fingerprints,
        tables: &[TablePlan],
    ) -> Result<Vec<Notice>> {
        let mut problems = Vec::new();
        for (place, table) in tables.iter().enumerate() {
            let Some(rows) = self.tables.get(&place) else {
                continue;
            };
            let there = still(tx, of, table, rows).await?;
            let gone = rows.len().saturating_sub(there);
            if gone > 0 {
                let rows = if gone == 1 { "row" } else { "rows" };
                let text = format!(
                    "{gone} {rows} of `{}` got another key, user, natural key or reference after the restore had written or found them: a trigger or a rule of one of the tables did it",
                    table.name
                );
                problems.push(Notice::new(text).hint(
                    "switch the trigger off for the restore, or let it leave such columns alone",
                ));
            }
        }
        Ok(problems)
    }
}

impl Written {
    fn fingerprint(&self, of: &Fingerprints, table: &TablePlan) -> Fingerprint {
        let meanings = table.key.iter().filter_map(|c| table.columns.get(*c));
        let cells = self.key.iter().zip(meanings);
        of.of(cells.map(|(value, column)| (value, &column.meaning)))
    }
}

fn key_names(table: &TablePlan) -> Vec<&str> {
    super::afterwards::names(table, &table.key)
}

/// How many of the rows are there as they were written.
async fn still(
    tx: &Transaction,
    of: &Fingerprints,
    table: &TablePlan,
    rows: &ByKey<Written>,
) -> Result<usize> {
    let columns = identifying(table);
    let key = key_names(table);
    let mut names = key.clone();
    names.extend(columns.iter().map(|column| column.name.as_str()));
    names.sort_unstable();
    names.dedup();
    let mut there = 0;
    let keys = rows.values().map(|row| row.key.clone()).collect();
    for filter in conditions(&key, keys) {
        let mut select = Select::new(table.table.clone(), columns_of(&names)?, filter);
        select.spelled = true;
        for row in tx.run(Operation::Select(select)).await?.rows {
            there += usize::from(is_as_written(of, table, rows, &row));
        }
    }
    Ok(there)
}

fn is_as_written(of: &Fingerprints, table: &TablePlan, rows: &ByKey<Written>, there: &Row) -> bool {
    let key = key_names(table).into_iter();
    let now = Written {
        key: key.filter_map(|name| there.value(name).cloned()).collect(),
        cells: Vec::new(),
    };
    let Some(written) = rows.get(&now.fingerprint(of, table)) else {
        return false; // another row that has an equal key
    };
    let columns = identifying(table);
    let mut cells = columns.iter().zip(&written.cells);
    cells.all(|(column, cell)| {
        let value = there.value(&column.name);
        cell.is_none_or(|cell| value.is_some_and(|v| of.of([(v, &column.meaning)]) == cell))
    })
}
