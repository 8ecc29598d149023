//! 100,000 rows of 7 columns into a table with two unique indexes and a foreign key.

use db_adapter::Row;

use super::model::NewItem;
use super::{OURS, Peers};
use crate::measure::{Clock, Quantity, Sample, Table};
use crate::plan::Plan;

const ROWS: i64 = 100_000;

pub async fn run(plan: &Plan, peers: &Peers) {
    let items = &items();
    let insert = |rows| peers.adapter.insert_many(rows);
    let title = format!("postgres/insert_many: {ROWS} rows of 7 columns");
    Table::new(title, Quantity::Time)
        .case("tokio-postgres, binary COPY", || {
            into_empty(peers, peers.tokio_postgres.copy(items))
        })
        .case("tokio-postgres, UNNEST", || {
            into_empty(peers, peers.tokio_postgres.unnest(items))
        })
        .case("sqlx, UNNEST", || {
            into_empty(peers, peers.sqlx.unnest(items))
        })
        .case("SeaORM, insert_many", || {
            into_empty(peers, peers.sea_orm.insert_many(self::items()))
        })
        .case(OURS, || {
            into_empty(
                peers,
                insert(self::items().into_iter().map(Row::from).collect()),
            )
        })
        .measure(plan.rounds())
        .await;
}

fn items() -> Vec<NewItem> {
    (0..ROWS).map(NewItem::of).collect()
}

/// Empties the table, then times the insert.
async fn into_empty(peers: &Peers, insert: impl Future<Output = u64>) -> Sample {
    let truncate = sqlx::raw_sql("TRUNCATE bulk");
    truncate.execute(peers.sqlx.pool()).await.unwrap();
    let clock = Clock::start();
    assert_eq!(insert.await, ROWS as u64);
    clock.sample(ROWS as u64)
}
