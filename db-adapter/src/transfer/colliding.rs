//! Asks the destination which rows of a batch would get the unique values that other rows have now: they wait
//! until those have given them away. Without the question each of them would be found by trying it alone.
//! Changes nothing.

use std::collections::{HashMap, HashSet};

use super::apply::{Batch, Collided};
use super::existing::{around, columns_of};
use super::ledger::Ledger;
use super::plan::TablePlan;
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Select};
use crate::transaction::Transaction;
use crate::{ExactJson as _, Result, Row, Value};

/// Rows that wait until others have given their unique values away.
#[derive(Default)]
pub(super) struct Colliding {
    rows: Vec<Collided>,
    /// Those of them that others refer to.
    known: HashSet<u32>,
    /// Whether some came since they were tried.
    is_new: bool,
}

impl Colliding {
    pub(super) fn extend(&mut self, rows: Vec<Collided>) {
        self.is_new |= !rows.is_empty();
        self.known
            .extend(rows.iter().filter_map(|row| row.sent.row));
        self.rows.extend(rows);
    }

    /// All of them, to be tried.
    pub(super) fn take(&mut self) -> Vec<Collided> {
        self.known.clear();
        self.is_new = false;
        std::mem::take(&mut self.rows)
    }

    /// Those that were tried for nothing.
    pub(super) fn give_back(&mut self, rows: Vec<Collided>) {
        self.extend(rows);
        self.is_new = false;
    }

    pub(super) fn is_new(&self) -> bool {
        self.is_new
    }

    pub(super) fn contains(&self, row: u32) -> bool {
        self.known.contains(&row)
    }
}

/// What is left of a batch of which a row would have the values of another one.
pub(super) struct Rest {
    pub(super) batch: Batch,
    /// The columns that must be unique.
    pub(super) unique: Vec<String>,
    /// What the database said of the row.
    pub(super) reason: String,
}

/// Takes the rows out of the rest that collide with others by these columns; what is left can be sent.
pub(super) async fn set_aside(
    tx: &Transaction,
    ledger: &Ledger<'_>,
    place: usize,
    table: &TablePlan,
    rest: Rest,
) -> Result<(Batch, Vec<Collided>)> {
    let Rest {
        batch,
        unique,
        reason,
    } = rest;
    let taken = taken(tx, table, &unique, &batch.rows).await?;
    let key = super::afterwards::names(table, &table.key);
    let mut free = Batch {
        looked_at: batch.looked_at,
        ..Batch::default()
    };
    free.looked_at.push(unique.clone());
    let mut collided = Vec::new();
    let mut owned = batch.owned.into_iter();
    for (row, sent) in batch.rows.into_iter().zip(batch.sent) {
        let owned = owned.next();
        let is_taken = cells(&row, unique.iter().map(String::as_str)).is_some_and(|values| {
            let own = cells(&row, key.iter().copied());
            let others = taken.get(&values);
            // one that has them itself does not get them from another
            others.is_some_and(|others| own.is_some_and(|own| !others.contains(&own)))
        });
        // what refers to a failed row is looked at when it is sent
        if is_taken && !ledger.is_concerned(place, &sent) {
            collided.push(Collided {
                row,
                owned,
                sent,
                nulled: 0,
                unique: unique.clone(),
                reason: reason.clone(),
            });
        } else {
            free.rows.push(row);
            free.owned.extend(owned);
            free.sent.push(sent);
        }
    }
    Ok((free, collided))
}

/// For each value that the rows would have the keys of the rows that have it now.
async fn taken(
    tx: &Transaction,
    table: &TablePlan,
    unique: &[String],
    rows: &[Row],
) -> Result<HashMap<String, Vec<String>>> {
    let columns: Vec<&str> = unique.iter().map(String::as_str).collect();
    let key = super::afterwards::names(table, &table.key);
    let mut seen = HashSet::new();
    let mut sought: Vec<Vec<Value>> = Vec::new();
    for row in rows {
        if let Some(values) = cells(row, columns.iter().copied())
            && seen.insert(values)
        {
            let value = |name: &&str| row.value(name).cloned();
            sought.push(columns.iter().filter_map(value).collect());
        }
    }
    let mut names = key.clone();
    names.extend(columns.iter().filter(|name| !key.contains(name)));
    let mut taken: HashMap<String, Vec<String>> = HashMap::new();
    for filter in around(table, &columns, sought) {
        let mut select = Select::new(table.table.clone(), columns_of(&names)?, filter);
        select.stored = true;
        for row in tx.run(Operation::Select(select)).await?.rows {
            let values = cells(&row, columns.iter().copied());
            let own = cells(&row, key.iter().copied());
            if let (Some(values), Some(own)) = (values, own) {
                taken.entry(values).or_default().push(own);
            }
        }
    }
    Ok(taken)
}

/// Some values of a row as one text; `None` where one is missing or NULL, which nothing collides with.
fn cells<'n>(row: &Row, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let mut text = String::new();
    for name in names {
        let value = row.value(name).filter(|value| !value.is_null())?;
        text.push_str(&value.to_json());
        text.push('\n');
    }
    Some(text)
}
