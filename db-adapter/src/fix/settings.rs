//! How a transaction of a run looks up names and waits, and the locks that it takes before it looks.

use std::time::Duration;

use db_adapter_core::fix::{FixPlan, Phase, TableLock};
use db_adapter_core::quote_ident;

use crate::client::{Capabilities, DatabaseClient, DatabaseClientExt as _};
use crate::query::Operation;
use crate::{Result, Transaction, Value};

/// The lock of whoever repairs this database.
pub(super) const LOCK: &str = "db-adapter fix";

/// The tables that are there and that the role may lock. Others the steps lock by themselves.
const LOCKABLE: &str = "SELECT t.name AS name FROM pg_catalog.unnest(CAST(:names AS text[])) AS t(name) \
    JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(t.name) \
    WHERE c.relkind IN ('r', 'p') AND (pg_catalog.has_table_privilege(c.oid, 'UPDATE') \
      OR pg_catalog.has_table_privilege(c.oid, 'DELETE') OR pg_catalog.has_table_privilege(c.oid, 'TRUNCATE'))";

/// Where names are looked up, and that all rows are seen, in this transaction alone.
pub(super) async fn look_up(tx: &Transaction, can: Capabilities, path: &[String]) -> Result<()> {
    if can.schemas && !path.is_empty() {
        let path: Vec<String> = path.iter().map(|schema| quote_ident(schema)).collect();
        let sql = format!("SET LOCAL search_path = {}", path.join(", "));
        tx.execute(sql).await?;
    }
    if can.row_security {
        // a question is refused where a policy would hide rows from it: a change of the table's type hides none
        tx.execute("SET LOCAL row_security = off").await?;
    }
    Ok(())
}

/// How long it waits for a lock.
pub(super) async fn wait(tx: &Transaction, can: Capabilities, limit: Duration) -> Result<()> {
    if can.row_locks {
        let limit = limit.as_millis().max(1);
        tx.execute(format!("SET LOCAL lock_timeout = {limit}"))
            .await?;
    }
    Ok(())
}

/// The settings of a transaction that changes the schema: it waits for no lock longer than this, and works as long
/// as it takes.
pub(super) async fn begin(
    tx: &Transaction,
    can: Capabilities,
    plan: &FixPlan,
    lock_timeout: Duration,
) -> Result<()> {
    look_up(tx, can, &plan.search_path).await?;
    wait(tx, can, lock_timeout).await?;
    if can.row_locks {
        tx.execute("SET LOCAL statement_timeout = 0").await?;
        tx.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            .await?;
    }
    Ok(())
}

/// Takes the lock of repairs to the end of the transaction.
pub(super) async fn lock(tx: &Transaction) -> Result<()> {
    tx.run(Operation::Lock(LOCK.to_owned())).await?;
    Ok(())
}

/// Takes the locks of the steps, so that nobody changes these tables once they are looked at, and none is
/// strengthened later.
pub(super) async fn lock_tables(tx: &Transaction, can: Capabilities, phase: &Phase) -> Result<()> {
    let locks = phase.locks();
    if !can.row_locks || locks.is_empty() {
        return Ok(());
    }
    let names: Vec<Value> = locks.iter().map(|lock| lock.name().into()).collect();
    let rows = tx.query(LOCKABLE).bind("names", names).await?;
    let mut lockable: Vec<String> = Vec::new();
    for row in &rows {
        lockable.push(row.get("name")?);
    }
    let is_lockable = |lock: &&TableLock| lockable.contains(&lock.name());
    for lock in locks.iter().filter(is_lockable) {
        tx.execute(lock.sql()).await?;
    }
    Ok(())
}
