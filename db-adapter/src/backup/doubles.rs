//! Asks the database, in the snapshot, whether rows of a backup have one natural key: a restore could
//! not tell which of them is meant, and that is to be known on the day of the backup.

use super::plan::TablePlan;
use super::select::{Counts, Scope};
use crate::{DatabaseClientExt, Filter, Notice, Result, Transaction};

/// The problem of a table in which a row has the natural key of another one; `None` where a unique
/// constraint or the rows themselves prove that there is no such row.
pub(super) async fn doubles(
    snapshot: &Transaction,
    plan: &TablePlan,
    scope: &Scope,
    counts: &Counts,
) -> Result<Option<Notice>> {
    if plan.identity_is_unique || counts.included < 2 {
        return Ok(None);
    }
    let doubles = number(snapshot, plan, scope).await?;
    if doubles == 0 {
        return Ok(None);
    }
    let (rows, have) = match doubles {
        1 => ("row", "has"),
        _ => ("rows", "have"),
    };
    let message = format!(
        "table `{}`: {doubles} {rows} {have} the natural key (`{}`) of another one, so that a restore cannot tell them apart",
        plan.name,
        plan.identity.join("`, `")
    );
    Ok(Some(Notice::new(message).hint(
        "declare a `key` that tells them apart and make it unique in the database; NULL equals NULL here. `allow_duplicates` (`--allow-duplicates`) backs them up as they are",
    )))
}

/// How many rows have the natural key of another one; NULL is a value like any other.
async fn number(snapshot: &Transaction, plan: &TablePlan, scope: &Scope) -> Result<u64> {
    let table = format!("{} AS t", plan.table.quoted());
    let columns: Vec<String> = plan
        .identity
        .iter()
        .map(|column| format!("t.\"{}\"", column.replace('"', "\"\"")))
        .collect();
    let columns = columns.join(", ");
    let sql = format!(
        "SELECT CAST(coalesce(sum(keys.c - 1), 0) AS bigint) AS n FROM (SELECT count(*) AS c FROM {table} WHERE {{included}} GROUP BY {columns} HAVING count(*) > 1) AS keys"
    );
    let row = snapshot
        .query(sql)
        .filter("included", table, Filter::clone(&scope.included))
        .one()
        .await?;
    row.get("n")
}
