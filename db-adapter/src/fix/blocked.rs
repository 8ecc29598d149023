//! Who holds a lock that a run waits for: asked of the server afterwards, and never what they run.

use db_adapter_core::fix::{FixPlan, LockMode, Phase};

use super::failure::BlockingSession;
use super::settings;
use crate::client::{Capabilities, DatabaseClient, DatabaseClientExt as _};
use crate::transaction::TxOptions;
use crate::{Result, Transaction, Value};

/// Those with a lock on one of the tables, and those with the lock of this name. Whoever only reads is not in the
/// way of a lock that lets others read.
const SESSIONS: &str = "SELECT DISTINCT a.pid AS pid, a.application_name AS application, a.state AS state \
    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
    WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid() \
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) \
      AND (l.relation IN (SELECT pg_catalog.to_regclass(t.name) FROM pg_catalog.unnest(CAST(:names AS text[])) AS t(name)) \
          AND (l.mode NOT IN ('AccessShareLock', 'RowShareLock') \
            OR l.relation IN (SELECT pg_catalog.to_regclass(t.name) FROM pg_catalog.unnest(CAST(:alone AS text[])) AS t(name))) \
        OR l.locktype = 'advisory' AND l.objsubid = 1 \
          AND l.classid::bigint = (pg_catalog.hashtextextended(CAST(:lock AS text), 0) >> 32) & 4294967295 \
          AND l.objid::bigint = pg_catalog.hashtextextended(CAST(:lock AS text), 0) & 4294967295) \
    ORDER BY a.pid";

/// Those in the way of a phase, or without one of whoever wants to repair the database; none where it cannot be told.
pub(super) async fn sessions(
    client: &dyn DatabaseClient,
    can: Capabilities,
    plan: &FixPlan,
    phase: Option<&Phase>,
    waits_for_repairs: bool,
) -> Vec<BlockingSession> {
    if !can.row_locks {
        return Vec::new();
    }
    let options = TxOptions {
        read_only: true,
        ..TxOptions::default()
    };
    // that nobody can be named changes nothing about the wait
    let Ok(tx) = client.begin_with(options).await else {
        return Vec::new();
    };
    let found = ask(&tx, can, plan, phase, waits_for_repairs).await;
    let _ = tx.rollback().await;
    found.unwrap_or_default()
}

async fn ask(
    tx: &Transaction,
    can: Capabilities,
    plan: &FixPlan,
    phase: Option<&Phase>,
    waits_for_repairs: bool,
) -> Result<Vec<BlockingSession>> {
    settings::look_up(tx, can, &plan.search_path).await?;
    let locks = phase.map(Phase::locks).unwrap_or_default();
    let names: Vec<Value> = locks.iter().map(|lock| lock.name().into()).collect();
    let alone = locks.iter().filter(|l| l.mode == LockMode::AccessExclusive);
    let alone: Vec<Value> = alone.map(|lock| lock.name().into()).collect();
    let lock = waits_for_repairs.then_some(settings::LOCK);
    let query = tx.query(SESSIONS).bind("names", names).bind("alone", alone);
    let mut sessions = Vec::new();
    for row in query.bind("lock", lock).await? {
        sessions.push(BlockingSession {
            pid: row.get("pid")?,
            application: row.get("application")?,
            state: row.get("state")?,
        });
    }
    Ok(sessions)
}
