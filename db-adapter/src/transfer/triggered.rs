//! Where triggers run for restored rows: asks whether they have left each row as it was sent, by the columns
//! that say which row it is, whose, and to which others it leads. What else they change is theirs.

use std::borrow::Cow;
use std::collections::HashMap;

use super::existing::{around, columns_of};
use super::plan::{ColumnPlan, TablePlan};
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Select};
use crate::transaction::Transaction;
use crate::value::{Limits, canonicalize};
use crate::{Error, ExactJson as _, Result, Row, Value};

/// An error where a row is not there under its key, or is another one.
pub(super) async fn are_kept(tx: &Transaction, table: &TablePlan, rows: &[Row]) -> Result<()> {
    let Some(first) = rows.first().filter(|_| table.triggered) else {
        return Ok(());
    };
    let is_sent = |column: &&ColumnPlan| first.value(&column.name).is_some();
    let of = |places: &[usize]| -> Option<Vec<&ColumnPlan>> {
        let columns = places.iter().map(|place| table.columns.get(*place));
        let columns: Option<Vec<_>> = columns.collect();
        columns.filter(|columns| !columns.is_empty() && columns.iter().all(is_sent))
    };
    let Some(key) = of(&table.key).or_else(|| of(&table.natural)) else {
        return Err(not_kept(table));
    };
    let names = |columns: &[&ColumnPlan]| -> Vec<String> {
        columns.iter().map(|column| column.name.clone()).collect()
    };
    let columns: Vec<&ColumnPlan> = identifying(table).into_iter().filter(is_sent).collect();
    let (key_names, all) = (names(&key), names(&columns));
    let key_names: Vec<&str> = key_names.iter().map(String::as_str).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut found: HashMap<String, Row> = HashMap::with_capacity(rows.len());
    let sent = |row: &Row| {
        let value = |name: &&str| row.value(name).cloned().unwrap_or_default();
        key_names.iter().map(value).collect()
    };
    let keys = rows.iter().map(sent).collect();
    for filter in around(table, &key_names, keys) {
        let mut select = Select::new(table.table.clone(), columns_of(&all)?, filter);
        // a row is found by the text that it was sent with
        select.stored = true;
        for row in tx.run(Operation::Select(select)).await?.rows {
            found.insert(cells(&row, &key).to_json(), row);
        }
    }
    let is_same = |row: &Row| {
        let there = found.get(&cells(row, &key).to_json());
        there.is_some_and(|there| cells(there, &columns) == cells(row, &columns))
    };
    match rows.iter().all(is_same) {
        true => Ok(()),
        false => Err(not_kept(table)),
    }
}

/// The columns of its key, its user and its references; of natural keys those that are equal only where
/// their values are.
pub(super) fn identifying(table: &TablePlan) -> Vec<&ColumnPlan> {
    let columns = table.compared().into_iter().filter_map(|at| {
        let is_key = table.key.contains(&at);
        let column = table.columns.get(at)?;
        (is_key || column.meaning.asks().is_none()).then_some(column)
    });
    columns.collect()
}

/// As a database gives them: a user's id may be written otherwise.
fn cells(row: &Row, columns: &[&ColumnPlan]) -> Vec<Value> {
    let value = |column: &&ColumnPlan| {
        let value = row.value(&column.name).cloned().unwrap_or_default();
        let canonical = canonicalize(&value, &column.sql_type, Limits::default());
        canonical.map_or_else(|_| value.clone(), Cow::into_owned)
    };
    columns.iter().map(value).collect()
}

fn not_kept(table: &TablePlan) -> Error {
    Error::NotKept {
        table: table.name.to_string(),
        what: "the row as it was sent",
    }
}
