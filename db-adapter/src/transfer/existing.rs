//! Asks the destination what is there: the rows that can be the same as one of the source, once a
//! table. Which of them is the same, it does not say.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use db_adapter_core::SqlType;
use futures_util::StreamExt;

use super::equality::learn;
use super::fingerprint::ByKey;
use super::keys::Fate;
use super::lasting::as_read;
use super::options::RestoreMode;
use super::part::cell;
use super::plan::{RefPlan, Scope, TablePlan, Target};
use super::present::Present;
use super::remap::{Remap, natural_key};
use super::spelling::as_value;
use crate::client::DatabaseClient as _;
use crate::query::{Columns, IntoColumns, Operation, Select};
use crate::transaction::Transaction;
use crate::{Error, Filter, Result, Row, Value, op};

/// Keys asked for at once; a list is one parameter on PostgreSQL, and each is one on SQLite.
const KEYS_AT_ONCE: usize = 5000;
/// The same for keys of several columns, which are a condition each.
const PAIRS_AT_ONCE: usize = 200;

/// The rows of the destination that can be the same as one of the source.
pub(super) async fn present(
    tx: &Transaction,
    remap: &mut Remap<'_>,
    table: &TablePlan,
    user: &Value,
) -> Result<Present> {
    let mut present = Present::new(table.kept.len());
    let asked = remap.plan.asked(table);
    // of these the database is asked first, when all of them are read
    let mut compared: Vec<(Vec<Value>, bool)> = Vec::new();
    let name = |column: &usize| table.columns.get(*column).map(|c| c.name.as_str());
    let mut columns: Vec<usize> = table.natural.clone();
    columns.extend(table.kept.iter().filter(|c| !table.natural.contains(c)));
    if let Scope::Parents(references) = &table.scope {
        let fields = references.iter().filter_map(|r| table.refs.get(*r));
        for field in fields.flat_map(|reference| &reference.fields) {
            if !columns.contains(field) {
                columns.push(*field);
            }
        }
    }
    if remap.plan.is_acted_on {
        // what is looked at once more
        let compared = table.compared();
        columns.extend(
            compared
                .iter()
                .filter(|c| !columns.contains(c))
                .copied()
                .collect::<Vec<_>>(),
        );
    }
    let names: Vec<&str> = columns.iter().filter_map(name).collect();
    let mut seen = Seen::default();
    let groups = match &table.scope {
        Scope::All => vec![(vec![Filter::all()], None, false)],
        Scope::User => {
            let user_column = table.user.as_ref().and_then(name).unwrap_or_default();
            let filter = Filter::test(user_column, op::in_any_spelling([user.clone()]));
            vec![(vec![filter], None, false)]
        }
        Scope::Parents(references) => {
            // a row of several parents is found by each
            seen.counts = references.len() > 1;
            let of = |fate| {
                references
                    .iter()
                    .map(move |r| (*r, fate, fate == Fate::OnlyThere))
            };
            let remap = &*remap;
            let fates =
                of(Fate::Existed).chain(of(Fate::OnlyThere).filter(|_| remap.options.records));
            let group = |(reference, fate, apart)| {
                let (filters, family) = parents(remap, table, reference, fate)?;
                Some((filters, family, apart))
            };
            fates.filter_map(group).collect()
        }
    };
    let mut values = vec![Value::Null; table.columns.len()];
    let filters = groups.into_iter().flat_map(|(filters, family, apart)| {
        let of_one = move |filter| (filter, family.clone(), apart);
        filters.into_iter().map(of_one)
    });
    for (filter, family, apart) in filters {
        let mut select = Select::new(table.table.clone(), columns_of(&names)?, filter);
        // a reference gets what its row has, to the byte
        select.stored = true;
        let mut rows = tx.run_stream(Operation::Select(select));
        while let Some(row) = rows.next().await {
            let row = row?;
            for (place, column) in columns.iter().enumerate() {
                // a cell that is left as it is would be the one of the row before
                let cell = values.get_mut(*column).zip(row.get_index(place));
                let (cell, value) =
                    cell.ok_or_else(|| Error::internal("a row came without its columns"))?;
                cell.clone_from(value);
            }
            if family.as_ref().is_some_and(|family| !family.has(&values)) {
                // of a parent whose key is another one, or the same value in another text: that is another row
                continue;
            }
            match asked.is_empty() {
                true => take_in(remap, table, &mut seen, &mut present, &values, apart)?,
                false => compared.push((values.clone(), apart)),
            }
        }
    }
    if !asked.is_empty() {
        let rows = compared.iter().map(|(values, _)| values.as_slice());
        let samples = &remap.plan.samples;
        learn(tx, samples, &mut remap.fingerprints, &asked, rows).await?;
        for (values, apart) in &compared {
            take_in(remap, table, &mut seen, &mut present, values, *apart)?;
        }
    }
    Ok(present)
}

/// Takes a row of the destination in, unless it was. `apart`: it was found by a parent that only the destination
/// has.
fn take_in(
    remap: &Remap<'_>,
    table: &TablePlan,
    seen: &mut Seen,
    present: &mut Present,
    values: &[Value],
    apart: bool,
) -> Result<()> {
    if seen.is_again(remap, table, values) {
        return Ok(());
    }
    if apart {
        let kept = table.kept.iter();
        let kept = kept.map(|column| cell(values, *column).cloned());
        present.add_apart(kept.collect::<Result<Vec<Value>>>()?);
        return Ok(());
    }
    let natural = natural_key(table, &remap.fingerprints, values);
    let kept = table.kept.iter();
    let read = remap.plan.is_acted_on.then(|| {
        let overwrites = remap.options.mode == RestoreMode::Overwrite;
        as_read(&remap.fingerprints, remap.plan, table, overwrites, values)
    });
    let kept = kept.map(|column| cell(values, *column).cloned());
    present.add(natural, kept.collect::<Result<Vec<Value>>>()?, read);
    Ok(())
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

/// The parents of a user as their texts, where the destination tells two texts of one value apart, or where a
/// condition cannot name them all.
struct Family {
    fields: Vec<usize>,
    keys: HashSet<Vec<Value>>,
}

impl Family {
    fn of(
        remap: &Remap<'_>,
        table: &TablePlan,
        reference: &RefPlan,
        keys: &[Vec<Value>],
    ) -> Option<Arc<Family>> {
        let of_field = |field: &usize| table.columns.get(*field);
        let mut columns = reference.fields.iter().filter_map(of_field);
        let is_spelled = columns.any(|column| column.sql_type.has_spellings());
        // by a collation that ignores case other texts are the same row
        let is_exact = remap
            .targets_of(reference)
            .all(|column| !column.meaning.folds());
        let tells_apart = remap.plan.keeps_spelling && is_spelled && is_exact;
        let mut columns = reference.fields.iter().filter_map(of_field);
        let finds_more = columns.any(|column| !can_be_tested(&column.sql_type));
        (tells_apart || finds_more).then(|| {
            Arc::new(Family {
                fields: reference.fields.clone(),
                keys: keys.iter().cloned().collect(),
            })
        })
    }

    fn has(&self, values: &[Value]) -> bool {
        let key = self.fields.iter().map(|field| values.get(*field).cloned());
        key.collect::<Option<Vec<Value>>>()
            .is_some_and(|key| self.keys.contains(&key))
    }
}

/// Conditions for the children of all the parents of this fate.
fn parents(
    remap: &Remap<'_>,
    table: &TablePlan,
    reference: usize,
    fate: Fate,
) -> Option<(Vec<Filter>, Option<Arc<Family>>)> {
    let reference = table.refs.get(reference)?;
    let Target::Table { table: target, .. } = &reference.target else {
        return None;
    };
    let known = remap.known.get(*target)?;
    let mut keys: Vec<Vec<Value>> = known
        .of(fate)
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
    let family = Family::of(remap, table, reference, &keys);
    Some((around(table, &names, keys), family))
}

/// Conditions for the rows of a table with these keys, and for more rows where a condition cannot test a column.
pub(super) fn around(table: &TablePlan, names: &[&str], keys: Vec<Vec<Value>>) -> Vec<Filter> {
    let is_tested = |name: &str| {
        let column = table.position(name).and_then(|at| table.columns.get(at));
        column.is_none_or(|column| can_be_tested(&column.sql_type))
    };
    let mut keys = keys;
    for key in &mut keys {
        for (name, value) in names.iter().zip(key) {
            if let Cow::Owned(read) = as_value(table, name, value) {
                *value = read;
            }
        }
    }
    if names.iter().all(|name| is_tested(name)) {
        return conditions(names, keys);
    }
    let tested: Vec<&str> = names.iter().copied().filter(|n| is_tested(n)).collect();
    if tested.is_empty() || keys.is_empty() {
        return keys.first().map(|_| Filter::all()).into_iter().collect();
    }
    let mut seen = HashSet::new();
    let of_one = |key: Vec<Value>| {
        let cells = names.iter().zip(key);
        let cells = cells.filter(|(name, _)| is_tested(name));
        cells.map(|(_, value)| value).collect::<Vec<Value>>()
    };
    let mut keys: Vec<Vec<Value>> = keys.into_iter().map(of_one).collect();
    keys.retain(|key| seen.insert(key.clone()));
    conditions(&tested, keys)
}

/// Documents are not compared by conditions, as they differ in more than their text.
fn can_be_tested(sql_type: &SqlType) -> bool {
    !sql_type.element().unwrap_or(sql_type).is_json()
}

/// Conditions for the rows with these keys, in whatever spelling they have them.
pub(super) fn in_any_spelling(names: &[&str], keys: Vec<Vec<Value>>) -> Vec<Filter> {
    if let [name] = names {
        let keys: Vec<Value> = keys.into_iter().flatten().collect();
        let lists = keys.chunks(KEYS_AT_ONCE);
        return lists
            .map(|list| Filter::test(name, op::in_any_spelling(list.iter().cloned())))
            .collect();
    }
    let of_one = |key: &Vec<Value>| {
        let cells = names.iter().zip(key);
        cells.fold(Filter::All, |all, (name, value)| {
            all.and(Filter::test(name, op::in_any_spelling([value.clone()])))
        })
    };
    keys.chunks(PAIRS_AT_ONCE)
        .map(|keys| Filter::any_of(keys.iter().map(of_one)))
        .collect()
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
