//! 100,000 rows of 7 columns into a table with a unique index and a foreign key.

use db_adapter::Row;

use super::by_sqlx::truncate;
use super::model::NewItem;
use super::{OURS, Peers};
use crate::measure::{Clock, Quantity, Sample, Table};
use crate::plan::Plan;

const ROWS: i64 = 100_000;

pub async fn run(plan: &Plan, peers: &Peers) {
    let items = &items();
    let title = format!("sqlite/insert_many: {ROWS} rows of 7 columns");
    Table::new(title, Quantity::Time)
        .case("rusqlite, a prepared statement", || async {
            peers.threads.truncate();
            timed(async { peers.threads.insert_many(items) }).await
        })
        .case("sqlx, 500 rows a statement", || async {
            truncate(peers.sqlx.pool()).await;
            timed(peers.sqlx.insert_many(items)).await
        })
        .case("SeaORM, insert_many", || async {
            peers.sea_orm.truncate().await;
            timed(peers.sea_orm.insert_many(self::items())).await
        })
        .case(OURS, || async {
            peers.adapter.truncate().await;
            let rows = self::items().into_iter().map(Row::from).collect();
            timed(peers.adapter.insert_many(rows)).await
        })
        .measure(plan.rounds())
        .await;
}

fn items() -> Vec<NewItem> {
    (0..ROWS).map(NewItem::of).collect()
}

async fn timed(insert: impl Future<Output = u64>) -> Sample {
    let clock = Clock::start();
    assert_eq!(insert.await, ROWS as u64);
    clock.sample(ROWS as u64)
}
