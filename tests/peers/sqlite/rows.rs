//! 100,000 rows of 10 mixed columns, decoded.

use std::hint::black_box;

use super::{OURS, Peers};
use crate::measure::{Clock, Quantity, Sample, Table};
use crate::plan::Plan;

const ROWS: usize = 100_000;

pub async fn run(plan: &Plan, peers: &Peers) {
    let title = format!("sqlite/rows: select {ROWS} rows of 10 columns");
    Table::new(title, Quantity::Time)
        .case("rusqlite, structs", || all(async { peers.threads.rows() }))
        .case("sqlx, structs", || all(peers.sqlx.rows()))
        .case("SeaORM, models", || all(peers.sea_orm.rows()))
        .case(OURS, || all(peers.adapter.rows()))
        .case("db-adapter, stream", || async {
            let clock = Clock::start();
            assert_eq!(peers.adapter.stream().await, ROWS);
            clock.sample(ROWS as u64)
        })
        .goal(OURS, "rusqlite, structs", Quantity::Time, 1.5)
        .measure(plan.rounds())
        .await;
}

/// All the rows at once; they are dropped after the time is taken.
async fn all<T>(select: impl Future<Output = Vec<T>>) -> Sample {
    let clock = Clock::start();
    let rows = select.await;
    let sample = clock.sample(ROWS as u64);
    assert_eq!(black_box(rows).len(), ROWS);
    sample
}
