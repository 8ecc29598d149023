//! sqlx at its best: no ping when a connection is taken, no logging.

use std::hint::black_box;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use super::CONNECTIONS;
use super::model::{
    INSERT, Item, Mix, NewItem, SELECT, SELECT_MIX, UNNEST, UPDATE, UPDATE_COUNT, name, score,
};
use crate::load::{Peer, Verb};

#[derive(Clone)]
pub struct Sqlx {
    pool: PgPool,
}

/// The same for SeaORM, which stands on sqlx.
pub async fn pool(url: &str) -> PgPool {
    let options: PgConnectOptions = url.parse().unwrap();
    PgPoolOptions::new()
        .max_connections(CONNECTIONS as u32)
        .test_before_acquire(false)
        .connect_with(options.disable_statement_logging())
        .await
        .unwrap()
}

impl Peer for Sqlx {
    async fn open(place: &str) -> Self {
        Sqlx {
            pool: pool(place).await,
        }
    }

    async fn run(&self, verb: Verb, key: i64) {
        match verb {
            Verb::Select => {
                let query = sqlx::query_as::<_, Item>(SELECT).bind(key);
                black_box(query.fetch_one(&self.pool).await.unwrap());
            }
            Verb::Insert => {
                let n = NewItem::of(key);
                let query = sqlx::query_as::<_, Item>(INSERT)
                    .bind(n.owner_id)
                    .bind(n.name)
                    .bind(n.price)
                    .bind(n.at)
                    .bind(n.ok)
                    .bind(n.score)
                    .bind(n.code);
                black_box(query.fetch_one(&self.pool).await.unwrap());
            }
            Verb::Update => {
                let query = sqlx::query_as::<_, Item>(UPDATE)
                    .bind(name(key))
                    .bind(score(key))
                    .bind(key);
                black_box(query.fetch_one(&self.pool).await.unwrap());
            }
            Verb::UpdateCount => {
                let query = sqlx::query(UPDATE_COUNT)
                    .bind(name(key))
                    .bind(score(key))
                    .bind(key);
                let done = query.execute(&self.pool).await.unwrap();
                assert_eq!(done.rows_affected(), 1);
            }
        }
    }

    async fn close(self) {
        self.pool.close().await;
    }
}

impl Sqlx {
    /// The pool, for what is not a small operation.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub async fn rows(&self) -> Vec<Mix> {
        let query = sqlx::query_as(SELECT_MIX);
        query.fetch_all(&self.pool).await.unwrap()
    }

    pub async fn unnest(&self, items: &[NewItem]) -> u64 {
        let owner_ids: Vec<_> = items.iter().map(|n| n.owner_id).collect();
        let names: Vec<_> = items.iter().map(|n| &*n.name).collect();
        let prices: Vec<_> = items.iter().map(|n| n.price).collect();
        let ats: Vec<_> = items.iter().map(|n| n.at).collect();
        let oks: Vec<_> = items.iter().map(|n| n.ok).collect();
        let scores: Vec<_> = items.iter().map(|n| n.score).collect();
        let codes: Vec<_> = items.iter().map(|n| &*n.code).collect();
        let query = sqlx::query(UNNEST)
            .bind(owner_ids)
            .bind(names)
            .bind(prices)
            .bind(ats)
            .bind(oks)
            .bind(scores)
            .bind(codes);
        query.execute(&self.pool).await.unwrap().rows_affected()
    }
}
