//! Which rows belong to a backup, as filters. A row is included when all its required parents
//! are. The filter of a table is shared by all that refer to it, so that a hierarchy of any depth is
//! written once. Pure: what has to be counted to know is asked here and answered by the database.

use std::sync::Arc;

use super::plan::{ParentPlan, TablePlan, test};
use crate::filter::{RefersTo, Test};
use crate::{Filter, Result, Value};

/// The rows of a table that was settled.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// The rows that are the user's, whatever the caller's filters say.
    pub(super) mine: Arc<Filter>,
    /// Those that the backup holds.
    pub(super) included: Arc<Filter>,
    /// Whether a filter of the caller makes the second fewer than the first.
    pub(super) filtered: bool,
}

/// So many ways up to other rows are followed each time; of more, the rows are listed instead.
const MOST_WAYS: u64 = 16;

impl Scope {
    /// The column by which the rows of this table have to be listed for a database that would follow every
    /// way up again for each use. `None` where there are few ways, or there is no such column.
    pub(super) fn to_list<'t>(&self, table: &'t TablePlan) -> Option<&'t str> {
        let [key] = table.pk.as_slice() else {
            return None;
        };
        (ways(&self.mine) > MOST_WAYS || ways(&self.included) > MOST_WAYS).then_some(key)
    }

    /// The same rows by their keys.
    pub(super) fn listed(
        key: &str,
        mine: Vec<Value>,
        included: Option<Vec<Value>>,
    ) -> [Arc<Filter>; 2] {
        let list = |keys| Arc::new(test(key, Test::In(keys)));
        let mine = list(mine);
        let included = included.map_or_else(|| Arc::clone(&mine), list);
        [mine, included]
    }
}

/// In how many ways a filter leads to rows of other tables.
fn ways(filter: &Filter) -> u64 {
    match filter {
        Filter::All | Filter::Test(_) | Filter::TooDeep => 0,
        Filter::And(filters) | Filter::AnyOf(filters) => filters.iter().map(ways).sum(),
        Filter::Not(filter) => ways(filter),
        Filter::RefersTo(reference) => 1 + ways(&reference.filter),
    }
}

/// What has to be counted of a table. What is `None` is the same as the one before.
#[derive(Debug, Clone)]
pub(super) struct Questions {
    /// The rows that ought to be in the backup.
    pub(super) candidates: Filter,
    /// Those of them whose parents are all the user's.
    pub(super) whole: Option<Filter>,
    /// Those of them whose parents are all in the backup.
    pub(super) included: Option<Filter>,
}

/// The answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) candidates: u64,
    pub(super) whole: u64,
    pub(super) included: u64,
}

impl Counts {
    /// Rows that have a parent which is another user's, or none at all.
    pub(super) fn foreign(&self) -> u64 {
        self.candidates.saturating_sub(self.whole)
    }

    /// Rows without a parent in the backup because a filter left it out.
    pub(super) fn left_out(&self) -> u64 {
        self.whole.saturating_sub(self.included)
    }
}

/// What to count of a table whose parents are settled, and what it is then.
pub(super) fn questions(table: &TablePlan, scopes: &[Scope]) -> Result<(Questions, Scope)> {
    let own = table.filter.clone().unwrap_or(Filter::All);
    let filtered_above = filtered_above(table, scopes);
    let base = reached(table, scopes, |scope| &scope.mine)?;
    let parents = all_parents(table, scopes, |scope| &scope.mine)?;
    let candidates = base.clone().and(own.clone());
    let asks = match (&table.user, table.owned) {
        (Some(_), _) => !table.parents.is_empty(),
        // its only parent is what it was reached through
        (None, true) => table.parents.len() > 1,
        (None, false) => false,
    };
    let whole = asks.then(|| candidates.clone().and(parents.clone()));
    let included = match filtered_above {
        true => {
            let reached = reached(table, scopes, |scope| &scope.included)?;
            let parents = all_parents(table, scopes, |scope| &scope.included)?;
            Some(with_parents(table, reached, parents).and(own.clone()))
        }
        false => None,
    };
    let mine = Arc::new(match (&table.user, asks) {
        // the rows of the user were just found to have no parents but the user's
        (Some(_), _) | (None, false) => base,
        (None, true) => with_parents(table, base, parents),
    });
    let scope = Scope {
        included: match (&included, &own) {
            (Some(included), _) => Arc::new(included.clone()),
            (None, Filter::All) => Arc::clone(&mine),
            (None, _) => Arc::new(Filter::clone(&mine).and(own)),
        },
        mine,
        filtered: filtered_above || table.filter.is_some(),
    };
    let questions = Questions {
        candidates,
        whole,
        included,
    };
    Ok((questions, scope))
}

/// The rows that are reached by a parent, and of which all the parents are there. Where an owned parent
/// is always there, a row with all of its parents is reached.
fn with_parents(table: &TablePlan, reached: Filter, parents: Filter) -> Filter {
    let is_sure = |parent: &ParentPlan| parent.owned && parent.nullable.is_empty();
    match table.user.is_none() && table.parents.iter().any(is_sure) {
        true => parents,
        false => reached.and(parents),
    }
}

fn filtered_above(table: &TablePlan, scopes: &[Scope]) -> bool {
    let mut parents = table.parents.iter().filter_map(|p| scopes.get(p.table));
    parents.any(|scope| scope.filtered)
}

/// The rows of the user, or those that an owned parent leads to, or all of a shared table.
fn reached(
    table: &TablePlan,
    scopes: &[Scope],
    which: impl Fn(&Scope) -> &Arc<Filter>,
) -> Result<Filter> {
    if let Some(user) = &table.user {
        return Ok(user.clone());
    }
    if !table.owned {
        return Ok(Filter::All);
    }
    let owned = table.parents.iter().filter(|parent| parent.owned);
    let mut ways = owned
        .map(|parent| refers_to(parent, scopes, &which))
        .collect::<Result<Vec<Filter>>>()?;
    match (ways.len(), ways.pop()) {
        (1, Some(only)) => Ok(only),
        (_, Some(last)) => {
            ways.push(last);
            Ok(Filter::AnyOf(ways))
        }
        (_, None) => Ok(Filter::All),
    }
}

/// Every parent is there, or the reference is NULL.
fn all_parents(
    table: &TablePlan,
    scopes: &[Scope],
    which: impl Fn(&Scope) -> &Arc<Filter>,
) -> Result<Filter> {
    let mut all = Filter::All;
    for parent in &table.parents {
        let there = refers_to(parent, scopes, &which)?;
        let nulls = parent.nullable.iter().map(|c| test(c, Test::IsNull));
        let mut ways: Vec<Filter> = nulls.collect();
        all = all.and(match ways.is_empty() {
            true => there,
            false => {
                ways.push(there);
                Filter::AnyOf(ways)
            }
        });
    }
    Ok(all)
}

fn refers_to(
    parent: &ParentPlan,
    scopes: &[Scope],
    which: impl Fn(&Scope) -> &Arc<Filter>,
) -> Result<Filter> {
    let filter = scopes.get(parent.table).map(which);
    RefersTo {
        columns: parent.fields.clone(),
        table: parent.name.clone(),
        keys: parent.keys.clone(),
        filter: filter.map_or_else(|| Arc::new(Filter::All), Arc::clone),
    }
    .checked()
}
