//! Counts the rows that a backup will hold, before the first one is written. Which rows, `select` says.

use std::sync::Arc;

use db_adapter_core::TableName;
use futures_util::TryStreamExt;

use super::plan::TablePlan;
use super::select::{Counts, Scope, questions};
use crate::query::{IntoColumns, Matching, Operation, Select};
use crate::{DatabaseClient, Error, Filter, Result, Transaction, Value};

/// What is known before the first row is written.
pub(super) struct Census {
    pub(super) plans: Vec<TablePlan>,
    pub(super) scopes: Vec<Scope>,
    pub(super) counts: Vec<Counts>,
}

/// Settles the tables one after another, parents first.
///
/// # Errors
/// [`Error::ForeignParents`] for rows of the user whose parents are another one's.
pub(super) async fn count(snapshot: &Transaction, plans: Vec<TablePlan>) -> Result<Census> {
    let mut census = Census {
        plans,
        scopes: Vec::new(),
        counts: Vec::new(),
    };
    let named_rows = snapshot.capabilities()?.named_rows;
    let mut foreign = Vec::new();
    for plan in &census.plans {
        let (questions, mut scope) = questions(plan, &census.scopes)?;
        let candidates = number(snapshot, &plan.table, questions.candidates).await?;
        let whole = match questions.whole {
            Some(filter) => number(snapshot, &plan.table, filter).await?,
            None => candidates,
        };
        let included = match questions.included {
            Some(filter) => number(snapshot, &plan.table, filter).await?,
            None => whole,
        };
        let counts = Counts {
            candidates,
            whole,
            included,
        };
        if counts.foreign() > 0 {
            foreign.push(plan.foreign(counts.foreign()));
        }
        if !named_rows && let Some(key) = scope.to_list(plan) {
            list(snapshot, plan, key, &mut scope).await?;
        }
        census.scopes.push(scope);
        census.counts.push(counts);
    }
    match foreign.is_empty() {
        true => Ok(census),
        false => Err(Error::ForeignParents { tables: foreign }),
    }
}

/// Lists the keys of a table's rows, for those that refer to them.
async fn list(
    snapshot: &Transaction,
    plan: &TablePlan,
    key: &str,
    scope: &mut Scope,
) -> Result<()> {
    let mine = keys(snapshot, &plan.table, key, &scope.mine).await?;
    let included = match Arc::ptr_eq(&scope.mine, &scope.included) {
        true => None,
        false => Some(keys(snapshot, &plan.table, key, &scope.included).await?),
    };
    [scope.mine, scope.included] = Scope::listed(key, mine, included);
    Ok(())
}

async fn keys(
    snapshot: &Transaction,
    table: &TableName,
    key: &str,
    filter: &Filter,
) -> Result<Vec<Value>> {
    let mut select = Select::new(table.clone(), key.into_columns()?, filter.clone());
    // what refers to a row does so by the text that it has
    select.spelled = true;
    let mut rows = snapshot.run_stream(Operation::Select(select));
    let mut keys = Vec::new();
    while let Some(row) = rows.try_next().await? {
        keys.extend(row.get_index(0).cloned());
    }
    Ok(keys)
}

async fn number(snapshot: &Transaction, table: &TableName, filter: Filter) -> Result<u64> {
    let operation = Operation::Count(Matching::new(table.clone(), filter));
    Ok(snapshot.run(operation).await?.affected)
}
