//! Whether a key of the destination is one value in two spellings, where SQLite tells texts apart and a restore
//! reads values: of arrays, decimals and documents. A reference or an update by such a key could mean another
//! row. Asked before the first write, of the rows of everybody.

use futures_util::TryStreamExt as _;

use super::afterwards::names;
use super::existing::columns_of;
use super::fingerprint::{ByKey, Fingerprints};
use super::plan::{RestorePlan, TablePlan};
use super::types::is_read_as_value;
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Select};
use crate::transaction::Transaction;
use crate::{Filter, Notice, Result, Value};

/// A problem for each key of which two rows have the same value.
pub(super) async fn check(tx: &Transaction, plan: &RestorePlan) -> Result<Vec<Notice>> {
    let mut problems = Vec::new();
    if !plan.keeps_spelling {
        return Ok(problems);
    }
    for table in plan.tables.iter().filter(|table| table.in_source.is_some()) {
        let mut sets: Vec<&Vec<usize>> =
            std::iter::once(&table.key).chain(&table.key_sets).collect();
        sets.sort_unstable();
        sets.dedup();
        for set in sets.into_iter().filter(|set| is_read(table, set)) {
            if doubled(tx, table, set).await? {
                let columns = names(table, set).join("`, `");
                let text = format!(
                    "`{}` has rows whose `{columns}` is one value in several spellings, so that they cannot be told apart",
                    table.name
                );
                problems
                    .push(Notice::new(text).hint("give all but one of these rows another value"));
            }
        }
    }
    Ok(problems)
}

/// Whether a column of the key is read as a value, without the text that it has.
fn is_read(table: &TablePlan, set: &[usize]) -> bool {
    let mut columns = set.iter().filter_map(|column| table.columns.get(*column));
    columns.any(|column| is_read_as_value(&column.sql_type))
}

async fn doubled(tx: &Transaction, table: &TablePlan, set: &[usize]) -> Result<bool> {
    let columns = columns_of(&names(table, set))?;
    let mut select = Select::new(table.table.clone(), columns, Filter::all());
    select.spelled = true;
    let of = Fingerprints::default();
    let mut seen: ByKey<()> = ByKey::default();
    let mut rows = tx.run_stream(Operation::Select(select));
    while let Some(row) = rows.try_next().await? {
        let value = |at: usize| row.get_index(at).filter(|value: &&Value| !value.is_null());
        let cell = |(at, column): (usize, &usize)| {
            Some((value(at)?, &table.columns.get(*column)?.meaning))
        };
        let cells: Option<Vec<_>> = set.iter().enumerate().map(cell).collect();
        if let Some(cells) = cells
            && seen.insert(of.of(cells), ()).is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}
