//! Runs a plan from an empty database to the verdict.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;

use crate::env::Env;
use crate::judge::judge;
use crate::lane::Lane;
use crate::step::{Action, Alter, Plan, Step};
use crate::target::{Db, Place, Target};

/// A step that takes longer hangs: the slowest statement and the wait for a connection are shorter.
const HANGS: Duration = Duration::from_secs(12);

/// The names and types of the columns that another session changes.
#[derive(Debug, Default)]
struct Schema {
    renamed: usize,
    added: Vec<usize>,
    next: usize,
}

/// Runs it.
///
/// # Errors
/// What was wrong, and all that happened until then.
pub(crate) async fn run(plan: &Plan, place: &mut Place) -> Result<(), String> {
    match AssertUnwindSafe(run_once(plan, place)).catch_unwind().await {
        Ok(result) => result,
        Err(_) => Err("a panic, whose message stands above".to_owned()),
    }
}

async fn run_once(plan: &Plan, place: &mut Place) -> Result<(), String> {
    place.reset().await;
    let connections = plan.connections;
    let db = place.connect(connections).await;
    let db = db.map_err(|error| format!("the adapter does not connect: {error}"))?;
    let env = Arc::new(Env {
        target: plan.target,
        connections: connections as usize,
        parallel: plan.parallel,
        lanes: plan.lanes,
        open: AtomicUsize::new(0),
        writing: AtomicUsize::new(0),
        altered: AtomicBool::new(plan.parallel && plan.alters()),
        killed: AtomicBool::new(plan.parallel && plan.kills()),
        completed: AtomicU64::new(0),
        unknown: AtomicU64::new(0),
        vague: AtomicU64::new(0),
        trace: Mutex::default(),
        db,
    });
    let lanes = (0..plan.lanes).map(|number| Lane::new(number, &env));
    let mut lanes: Vec<Lane> = lanes.collect();
    let mut result = match plan.parallel {
        false => one_after_the_other(plan, &mut lanes, place).await,
        true => side_by_side(plan, &mut lanes, place).await,
    };
    // what is still open is dropped
    for lane in &mut lanes {
        while lane.levels.pop().is_some() {}
    }
    if result.is_ok() {
        result = judge(&env, &mut lanes, place).await;
    }
    drop(lanes);
    if result.is_ok() {
        result = close(&env.db).await;
    }
    result.map_err(|wrong| {
        let trace = env.trace.lock().unwrap_or_else(PoisonError::into_inner);
        format!("{wrong}\nwhat happened:\n  {}", trace.join("\n  "))
    })
}

async fn close(db: &Db) -> Result<(), String> {
    match tokio::time::timeout(HANGS, db.client().close()).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("close: {error}")),
        Err(_) => Err("close hangs".to_owned()),
    }
}

async fn one_after_the_other(
    plan: &Plan,
    lanes: &mut [Lane],
    place: &mut Place,
) -> Result<(), String> {
    let mut schema = Schema::default();
    for step in &plan.steps {
        match &step.action {
            Action::Alter(alter) => {
                if let Some(lane) = lanes.first()
                    && schema.alter(*alter, place, &lane.env).await
                {
                    lane.env.altered.store(true, Ordering::Relaxed);
                }
            }
            Action::Kill if place.is_direct() => {
                place.kill().await;
                for lane in lanes.iter_mut() {
                    lane.env.killed.store(true, Ordering::Relaxed);
                    lane.worlds.lose_transactions();
                }
            }
            Action::Kill => {}
            action => take(&mut lanes[step.lane], action).await?,
        }
        if place.is_direct() {
            count(place, plan.connections).await?;
        }
    }
    Ok(())
}

async fn take(lane: &mut Lane, action: &Action) -> Result<(), String> {
    match tokio::time::timeout(HANGS, lane.take(action)).await {
        Ok(result) => result,
        Err(_) => Err(format!("lane {}: {action} hangs", lane.number)),
    }
}

/// Each lane is a task; what other sessions do is one more.
async fn side_by_side(plan: &Plan, lanes: &mut Vec<Lane>, place: &mut Place) -> Result<(), String> {
    let own = |step: &&Step| !matches!(step.action, Action::Alter(_) | Action::Kill);
    let Some(env) = lanes.first().map(|lane| Arc::clone(&lane.env)) else {
        return Ok(());
    };
    let tasks = std::mem::take(lanes).into_iter().map(|mut lane| {
        let steps = plan.steps.iter().filter(own);
        let steps: Vec<Action> = steps
            .filter(|step| step.lane == lane.number)
            .map(|step| step.action.clone())
            .collect();
        tokio::spawn(async move {
            for action in &steps {
                if let Err(wrong) = take(&mut lane, action).await {
                    return (lane, Err(wrong));
                }
            }
            (lane, Ok(()))
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut schema = Schema::default();
    for step in &plan.steps {
        match step.action {
            Action::Alter(alter) => drop(schema.alter(alter, place, &env).await),
            Action::Kill if place.is_direct() => place.kill().await,
            _ => {}
        }
        // about as long as the lanes need for a step
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut result = Ok(());
    while place.is_direct() && tasks.iter().any(|task| !task.is_finished()) {
        result = result.and(count(place, plan.connections).await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for done in join_all(tasks).await {
        match done {
            Ok((lane, said)) => {
                lanes.push(lane);
                result = result.and(said);
            }
            Err(error) => result = result.and(Err(format!("a lane panicked: {error}"))),
        }
    }
    result
}

/// The adapter never has more backends than it may, but for one that cancels.
async fn count(place: &mut Place, connections: u32) -> Result<(), String> {
    let most = u64::from(connections) + 1;
    for _ in 0..60 {
        if place.backends().await <= most {
            return Ok(());
        }
        // one that was closed takes a moment to be gone
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let now = place.backends().await;
    Err(format!(
        "{now} backends, but max_connections is {connections}"
    ))
}

impl Schema {
    /// Another session alters the table, unless somebody uses it; whether it did.
    async fn alter(&mut self, alter: Alter, place: &mut Place, env: &Env) -> bool {
        let sql = match alter {
            Alter::Add => format!("ALTER TABLE t ADD COLUMN x{} integer", self.next),
            Alter::Drop => match self.added.first() {
                Some(first) => format!("ALTER TABLE t DROP COLUMN x{first}"),
                None => return false,
            },
            Alter::Rename => format!(
                "ALTER TABLE t RENAME COLUMN {} TO {}",
                note(self.renamed),
                note(self.renamed + 1)
            ),
            Alter::RetypeNote(to) if !env.target.is_sqlite() => {
                let note = note(self.renamed);
                // not by ALTER COLUMN: to a transaction with a snapshot from before, a table that was
                // written anew is empty, as PostgreSQL documents
                format!("ALTER TABLE t DROP COLUMN {note}, ADD COLUMN {note} {to}")
            }
            // which writes the table anew: see above
            Alter::RetypeV(to) if !env.target.is_sqlite() && !env.parallel => {
                format!("ALTER TABLE t ALTER COLUMN v TYPE {to}")
            }
            Alter::RetypeNote(_) | Alter::RetypeV(_) => return false,
        };
        let Some(oracle) = place.oracle.as_mut() else {
            return false;
        };
        if env.target == Target::SqliteMemory {
            return false;
        }
        let done = oracle.try_sql(&sql).await;
        env.note(format!("another session: {sql} -> {done:?}"));
        if done.is_err() {
            return false;
        }
        place.unaltered = false;
        match alter {
            Alter::Add => {
                self.added.push(self.next);
                self.next += 1;
            }
            Alter::Drop => drop(self.added.remove(0)),
            Alter::Rename => self.renamed += 1,
            Alter::RetypeNote(_) | Alter::RetypeV(_) => {}
        }
        true
    }
}

fn note(renamed: usize) -> String {
    match renamed {
        0 => "note".to_owned(),
        n => format!("note{n}"),
    }
}
