//! Which rows belong to a backup, as filters. A row is included when all its required parents
//! are. Pure: what has to be counted to know is asked here and answered by the database.

use super::plan::{ParentPlan, TablePlan, test};
use crate::filter::{RefersTo, Test};
use crate::{Filter, Result};

/// The rows of a table that was settled.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// The rows that are the user's, whatever the caller's filters say.
    pub(super) mine: Filter,
    /// Those that the backup holds.
    pub(super) included: Filter,
    /// Whether a filter of the caller makes the second fewer than the first.
    pub(super) filtered: bool,
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
    let parents = |which: fn(&Scope) -> &Filter| all_parents(table, scopes, which);
    let candidates = base.clone().and(own.clone());
    let asks = match (&table.user, table.owned) {
        (Some(_), _) => !table.parents.is_empty(),
        // its only parent is what it was reached through
        (None, true) => table.parents.len() > 1,
        (None, false) => false,
    };
    let whole = match asks {
        true => Some(candidates.clone().and(parents(|scope| &scope.mine)?)),
        false => None,
    };
    let included = match filtered_above {
        true => {
            let reached = reached(table, scopes, |scope| &scope.included)?;
            let all = reached.and(parents(|scope| &scope.included)?);
            Some(all.and(own.clone()))
        }
        false => None,
    };
    let mine = match (&table.user, &whole) {
        // the rows of the user were just found to have no parents but the user's
        (Some(_), _) | (None, None) => base,
        (None, Some(_)) => base.and(parents(|scope| &scope.mine)?),
    };
    let scope = Scope {
        included: included.clone().unwrap_or_else(|| mine.clone().and(own)),
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

fn filtered_above(table: &TablePlan, scopes: &[Scope]) -> bool {
    let mut parents = table.parents.iter().filter_map(|p| scopes.get(p.table));
    parents.any(|scope| scope.filtered)
}

/// The rows of the user, or those that an owned parent leads to, or all of a shared table.
fn reached(
    table: &TablePlan,
    scopes: &[Scope],
    which: impl Fn(&Scope) -> &Filter,
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
    which: impl Fn(&Scope) -> &Filter,
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
    which: impl Fn(&Scope) -> &Filter,
) -> Result<Filter> {
    let filter = scopes.get(parent.table).map_or(&Filter::All, which);
    RefersTo {
        columns: parent.fields.clone(),
        table: parent.name.clone(),
        keys: parent.keys.clone(),
        filter: filter.clone(),
    }
    .checked()
}
