//! Asks the destination what is there: the rows that can be the same as one of the backup, once a
//! table. Which of them is the same, it does not say.

use futures_util::StreamExt;

use super::equality::learn;
use super::fingerprint::ByKey;
use super::plan::{Scope, TablePlan, Target};
use super::remap::{Present, Remap, natural_key};
use crate::client::DatabaseClient as _;
use crate::query::{Columns, IntoColumns, Operation, Select};
use crate::transaction::Transaction;
use crate::{Filter, Result, Row, Value, op};

/// Keys asked for at once; a list is one parameter on PostgreSQL, and each is one on SQLite.
const KEYS_AT_ONCE: usize = 5000;
/// The same for keys of several columns, which are a condition each.
const PAIRS_AT_ONCE: usize = 200;

/// The rows of the destination that can be the same as one of the backup.
pub(super) async fn present(
    tx: &Transaction,
    remap: &mut Remap<'_>,
    table: &TablePlan,
    user: &Value,
) -> Result<Present> {
    let mut present = Present::new(table.kept.len());
    let asked = remap.plan.asked(table);
    // of these the database is asked first, when all of them are read
    let mut compared: Vec<Vec<Value>> = Vec::new();
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
            let of = |reference: &usize| parents(&*remap, table, *reference);
            references.iter().flat_map(of).collect()
        }
    };
    let mut values = vec![Value::Null; table.columns.len()];
    for filter in filters {
        let mut select = Select::new(table.table.clone(), columns_of(&names)?, filter);
        // a reference gets what its row has, to the byte
        select.spelled = true;
        let mut rows = tx.run_stream(Operation::Select(select));
        while let Some(row) = rows.next().await {
            let row = row?;
            for (place, column) in columns.iter().enumerate() {
                if let (Some(cell), Some(value)) = (values.get_mut(*column), row.get_index(place)) {
                    *cell = value.clone();
                }
            }
            match asked.is_empty() {
                true => take_in(remap, table, &mut seen, &mut present, &values),
                false => compared.push(values.clone()),
            }
        }
    }
    if !asked.is_empty() {
        let rows = compared.iter().map(Vec::as_slice);
        let samples = &remap.plan.samples;
        learn(tx, samples, &mut remap.fingerprints, &asked, rows).await?;
        for values in &compared {
            take_in(remap, table, &mut seen, &mut present, values);
        }
    }
    Ok(present)
}

/// Takes a row of the destination in, unless it was.
fn take_in(
    remap: &Remap<'_>,
    table: &TablePlan,
    seen: &mut Seen,
    present: &mut Present,
    values: &[Value],
) {
    if seen.is_again(remap, table, values) {
        return;
    }
    let natural = natural_key(table, &remap.fingerprints, values);
    let kept = table.kept.iter();
    present.add(
        natural,
        kept.map(|column| values.get(*column).cloned().unwrap_or_default()),
    );
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

pub(super) fn columns_of(names: &[&str]) -> Result<Columns> {
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
pub(super) fn conditions(names: &[&str], keys: Vec<Vec<Value>>) -> Vec<Filter> {
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
