//! The verdict after a sequence: what the server or the file itself says must be what the model
//! allows, and nothing of the adapter may be left behind.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{Transaction, TxOptions};

use crate::effect::{Record, Rows};
use crate::env::Env;
use crate::lane::Lane;
use crate::op::RANGE;
use crate::target::{Place, Target};

/// A statement that was dropped is cancelled by then.
const SOON: Duration = Duration::from_secs(3);

pub(crate) async fn judge(env: &Env, lanes: &mut [Lane], place: &mut Place) -> Result<(), String> {
    match env.db.client().settle().await {
        Ok(settled) => env.settled(settled),
        Err(error) => return Err(format!("settle: {error}")),
    }
    nothing_is_left(env, place).await?;
    if env.target == Target::SqliteMemory {
        let copied = place.copy_out(&env.db).await;
        copied.map_err(|error| format!("the database cannot be copied out: {error}"))?;
    }
    let landed = rows(lanes, place).await?;
    what_was_said_of_dropped_work(env, &landed)?;
    the_pool_is_whole(env).await?;
    nothing_is_left(env, place).await
}

/// Nothing runs, no transaction is open, no lock is held.
async fn nothing_is_left(env: &Env, place: &mut Place) -> Result<(), String> {
    let deadline = Instant::now() + SOON;
    loop {
        let left = match env.target {
            Target::SqliteMemory => return Ok(()),
            Target::SqliteFile => is_locked(place).await,
            _ => match (place.busy().await, place.locks().await) {
                (0, 0) => None,
                (busy, locks) => Some(format!(
                    "{busy} backends with work or an open transaction, {locks} locks"
                )),
            },
        };
        match left {
            None => return Ok(()),
            Some(left) if Instant::now() > deadline => return Err(format!("left behind: {left}")),
            Some(_) => tokio::time::sleep(Duration::from_millis(3)).await,
        }
    }
}

async fn is_locked(place: &mut Place) -> Option<String> {
    let oracle = place.oracle.as_mut()?;
    let locked = oracle.try_sql("BEGIN IMMEDIATE; ROLLBACK").await.err();
    if locked.is_some() {
        // it may have come as far as BEGIN
        let _ = oracle.try_sql("ROLLBACK").await;
    }
    locked.map(|error| format!("the file is locked: {error}"))
}

/// The rows of each lane are those of a world of its; how many dropped writes have happened in
/// these worlds, in all lanes together.
async fn rows(lanes: &mut [Lane], place: &mut Place) -> Result<BTreeSet<u64>, String> {
    let oracle = place.oracle.as_mut().ok_or("no database to judge")?;
    let there = oracle.try_sql("SELECT count(*) FROM t").await;
    there.map_err(|error| format!("the tables are gone: {error}"))?;
    let text = oracle
        .rows_text("SELECT id, v, code, owner, late FROM t ORDER BY id")
        .await;
    let mut held = Rows::new();
    for row in text {
        let number = |at: usize| {
            let text = row[at].as_deref();
            text.map(|text: &str| text.parse::<i64>().expect("a number"))
        };
        let record = Record {
            id: number(0).expect("a key"),
            v: number(1).expect("a value"),
            code: number(2),
            owner: number(3),
            late: number(4),
        };
        held.insert(record.id, record);
    }
    let mut landed = BTreeSet::from([0]);
    for lane in lanes.iter_mut() {
        lane.worlds.settle();
        let low = lane.number as i64 * RANGE;
        let of_lane = held.range(low..low + RANGE);
        let is: Rows = of_lane.map(|(id, row)| (*id, row.clone())).collect();
        let agree = lane.worlds.0.iter().filter(|world| world.rows == is);
        let here: BTreeSet<u64> = agree.map(|world| world.landed).collect();
        landed = landed
            .iter()
            .flat_map(|sum| here.iter().map(move |n| sum + n))
            .collect();
        if here.is_empty() {
            let possible = lane.worlds.0.iter().map(|world| short(&world.rows));
            let possible: BTreeSet<String> = possible.collect();
            return Err(format!(
                "lane {}: the rows are {}\npossible were\n    {}",
                lane.number,
                short(&is),
                possible.into_iter().collect::<Vec<_>>().join("\n    ")
            ));
        }
    }
    Ok(landed)
}

/// What is done is never said to have changed nothing, nor the other way round.
fn what_was_said_of_dropped_work(env: &Env, landed: &BTreeSet<u64>) -> Result<(), String> {
    let [completed, unknown, vague] =
        [&env.completed, &env.unknown, &env.vague].map(|number| number.load(Ordering::Relaxed));
    let least = completed.saturating_sub(vague);
    if landed.range(least..=completed + unknown).next().is_some() {
        return Ok(());
    }
    Err(format!(
        "of the dropped writes {landed:?} have happened, but `settle` says {completed} and {unknown} unknown"
    ))
}

/// Rows in a line, with those of a big insert left out.
fn short(rows: &Rows) -> String {
    let mut text = String::from("{");
    for row in rows.values().take(12) {
        text += &format!(" {}: v {}", row.id % RANGE, row.v);
        for (name, value) in [("code", row.code), ("owner", row.owner), ("late", row.late)] {
            if let Some(value) = value {
                text += &format!(" {name} {}", value % RANGE);
            }
        }
        text += ",";
    }
    if rows.len() > 12 {
        text += &format!(" .. {} in all", rows.len());
    }
    text + " }"
}

/// Every connection can be had at once, and goes back.
async fn the_pool_is_whole(env: &Env) -> Result<(), String> {
    let mut held: Vec<Transaction> = Vec::new();
    let mut read_only = TxOptions::default();
    read_only.read_only = true;
    let kinds: Vec<TxOptions> = match env.target {
        Target::SqliteMemory => vec![TxOptions::default()],
        Target::SqliteFile => std::iter::once(TxOptions::default())
            .chain(std::iter::repeat_n(read_only, env.connections))
            .collect(),
        _ => vec![TxOptions::default(); env.connections],
    };
    for (at, options) in kinds.iter().enumerate() {
        let begun = env.db.client().begin_with(*options).await;
        let begun = begun.map_err(|error| {
            format!(
                "the pool is not whole: connection {} of {} cannot be had: {error}; {:?}",
                at + 1,
                kinds.len(),
                env.db.pool_status()
            )
        })?;
        let alive = begun.query("SELECT 1 AS one").one().await;
        alive.map_err(|error| format!("the pool had a connection of no use: {error}"))?;
        held.push(begun);
    }
    for transaction in held {
        let ended = transaction.rollback().await;
        ended.map_err(|error| format!("the rollback of a clean transaction: {error}"))?;
    }
    let deadline = Instant::now() + SOON;
    loop {
        let status = env.db.pool_status();
        if status.open == status.idle {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("connections did not come back: {status:?}"));
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}
