//! Bad input on PostgreSQL: beside transactions by hand, and how many backends it takes.

use std::collections::HashSet;

use db_adapter::prelude::*;

use super::Peers;
use super::by_adapter::Adapter;
use crate::bad_input::{TIMES, Write, table, timed, write_in};
use crate::load::Peer;
use crate::plan::Plan;

/// With a key it is refused, without one it is good.
const INSERT: &str = "INSERT INTO item (id, owner_id, name, price, at, ok, score, code)
    VALUES (coalesce($1, nextval('item_id_seq')), 1, 'name', 1.25, now(), true, 0.5, 'c')";

pub async fn run(plan: &Plan, peers: &Peers, url: &str) {
    table("postgres", peers.adapter.client())
        .case("tokio-postgres, good", || {
            timed(|| by_tokio_postgres(peers, None))
        })
        .case("tokio-postgres, refused", || {
            timed(|| by_tokio_postgres(peers, Some(1)))
        })
        .case("sqlx, good", || timed(|| by_sqlx(peers, None)))
        .case("sqlx, refused", || timed(|| by_sqlx(peers, Some(1))))
        .measure(plan.rounds())
        .await;
    for write in Write::ALL {
        let number = backends(url, write).await;
        println!("  backends of `{}`: {number}", write.name());
    }
}

async fn by_tokio_postgres(peers: &Peers, key: Option<i64>) {
    let mut client = peers.tokio_postgres.client().await;
    let tx = client.transaction().await.unwrap();
    let statement = tx.prepare_cached(INSERT).await.unwrap();
    let inserted = tx.execute(&statement, &[&key]).await;
    assert_eq!(inserted.is_ok(), key.is_none());
    if key.is_none() {
        tx.commit().await.unwrap();
    }
}

async fn by_sqlx(peers: &Peers, key: Option<i64>) {
    let mut tx = peers.sqlx.pool().begin().await.unwrap();
    let inserted = sqlx::query(INSERT).bind(key).execute(&mut *tx).await;
    assert_eq!(inserted.is_ok(), key.is_none());
    if key.is_none() {
        tx.commit().await.unwrap();
    }
}

/// The different backends that the transactions of a new adapter run on, as they say themselves.
async fn backends(url: &str, write: Write) -> usize {
    let peer = Adapter::open(url).await;
    let mut seen = HashSet::new();
    for _ in 0..TIMES {
        let tx = peer.client().begin().await.unwrap();
        let row = tx.query("SELECT pg_backend_pid() AS id").one().await;
        seen.insert(row.unwrap().get::<i64>("id").unwrap());
        write_in(tx, write).await;
    }
    peer.close().await;
    seen.len()
}
