//! Behind PgBouncer in transaction mode: two server connections for eight clients, so that two
//! statements of one client hardly ever run on the same.

mod clients;
mod dropped;
mod settings;

use std::task::Poll;
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{BoxFuture, ConnectOptions, Pooler, PostgresAdapter};
use futures_util::FutureExt;
use support::{PgBouncer, TestDatabase};

pub(super) const SCHEMA: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE TABLE t (id bigint PRIMARY KEY, client bigint NOT NULL, n int NOT NULL, name text NOT NULL,
        feeling mood NOT NULL DEFAULT 'happy', price numeric, at timestamptz DEFAULT now());";

pub(super) async fn bounced() -> (TestDatabase, PgBouncer, String) {
    bounced_by(2).await
}

pub(super) async fn bounced_by(connections: u32) -> (TestDatabase, PgBouncer, String) {
    let database = TestDatabase::postgres().await;
    database.sql(SCHEMA).await;
    let bouncer = PgBouncer::start(database.url(), connections);
    let url = bouncer.url(database.name());
    (database, bouncer, url)
}

pub(super) fn options(url: &str) -> ConnectOptions {
    ConnectOptions::new(url)
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(30))
        .pooler(Pooler::Transaction)
}

pub(super) async fn connect(url: &str) -> PostgresAdapter {
    PostgresAdapter::connect_with(options(url)).await.unwrap()
}

pub(super) fn data(client: i64, id: i64, n: i64) -> Row {
    row! { "id": id, "client": client, "n": n, "name": format!("client {client} row {id}"), "price": "1.50" }
}

/// Polls a future so often, a moment apart, and drops it; whether it was done before.
pub(super) async fn drop_after<T>(polls: usize, mut future: BoxFuture<'_, T>) -> bool {
    for _ in 0..polls {
        let poll = std::future::poll_fn(|context| Poll::Ready(future.poll_unpin(context)));
        if poll.await.is_ready() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    false
}
