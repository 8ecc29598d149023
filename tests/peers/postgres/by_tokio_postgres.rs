//! tokio-postgres, its statements prepared once a connection by deadpool.

use std::hint::black_box;
use std::pin::pin;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;
use tokio_postgres::{NoTls, Row};

use super::CONNECTIONS;
use super::model::{
    COPY, INSERT, Item, Mix, NewItem, SELECT, SELECT_MIX, UNNEST, UPDATE, UPDATE_COUNT, name, score,
};
use crate::load::{Peer, Verb};

#[derive(Clone)]
pub struct TokioPostgres {
    pool: Pool,
}

impl Peer for TokioPostgres {
    async fn open(place: &str) -> Self {
        let config = place.parse().unwrap();
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(config, NoTls, recycling);
        let pool = Pool::builder(manager).max_size(CONNECTIONS).build();
        TokioPostgres {
            pool: pool.unwrap(),
        }
    }

    async fn run(&self, verb: Verb, key: i64) {
        let client = self.client().await;
        match verb {
            Verb::Select => {
                let statement = client.prepare_cached(SELECT).await.unwrap();
                let row = client.query_one(&statement, &[&key]).await.unwrap();
                black_box(Item::from(row));
            }
            Verb::Insert => {
                let statement = client.prepare_cached(INSERT).await.unwrap();
                let n = NewItem::of(key);
                let row = client
                    .query_one(
                        &statement,
                        &[
                            &n.owner_id,
                            &n.name,
                            &n.price,
                            &n.at,
                            &n.ok,
                            &n.score,
                            &n.code,
                        ],
                    )
                    .await
                    .unwrap();
                black_box(Item::from(row));
            }
            Verb::Update => {
                let statement = client.prepare_cached(UPDATE).await.unwrap();
                let row = client
                    .query_one(&statement, &[&name(key), &score(key), &key])
                    .await
                    .unwrap();
                black_box(Item::from(row));
            }
            Verb::UpdateCount => {
                let statement = client.prepare_cached(UPDATE_COUNT).await.unwrap();
                let changed = client
                    .execute(&statement, &[&name(key), &score(key), &key])
                    .await;
                assert_eq!(changed.unwrap(), 1);
            }
        }
    }

    async fn close(self) {
        self.pool.close();
    }
}

impl TokioPostgres {
    /// A connection of the pool.
    pub async fn client(&self) -> Object {
        self.pool.get().await.unwrap()
    }

    pub async fn rows(&self) -> Vec<Mix> {
        let client = self.client().await;
        let statement = client.prepare_cached(SELECT_MIX).await.unwrap();
        let rows = client.query(&statement, &[]).await.unwrap();
        rows.into_iter().map(Mix::from).collect()
    }

    pub async fn copy(&self, items: &[NewItem]) -> u64 {
        const TYPES: [Type; 7] = [
            Type::INT8,
            Type::TEXT,
            Type::NUMERIC,
            Type::TIMESTAMPTZ,
            Type::BOOL,
            Type::FLOAT8,
            Type::TEXT,
        ];
        let client = self.client().await;
        let sink = client.copy_in(COPY).await.unwrap();
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
        for n in items {
            writer
                .as_mut()
                .write(&[
                    &n.owner_id,
                    &n.name,
                    &n.price,
                    &n.at,
                    &n.ok,
                    &n.score,
                    &n.code,
                ])
                .await
                .unwrap();
        }
        writer.finish().await.unwrap()
    }

    pub async fn unnest(&self, items: &[NewItem]) -> u64 {
        let owner_ids: Vec<_> = items.iter().map(|n| n.owner_id).collect();
        let names: Vec<_> = items.iter().map(|n| &n.name).collect();
        let prices: Vec<_> = items.iter().map(|n| n.price).collect();
        let ats: Vec<_> = items.iter().map(|n| n.at).collect();
        let oks: Vec<_> = items.iter().map(|n| n.ok).collect();
        let scores: Vec<_> = items.iter().map(|n| n.score).collect();
        let codes: Vec<_> = items.iter().map(|n| &n.code).collect();
        let client = self.client().await;
        let statement = client.prepare_cached(UNNEST).await.unwrap();
        client
            .execute(
                &statement,
                &[&owner_ids, &names, &prices, &ats, &oks, &scores, &codes],
            )
            .await
            .unwrap()
    }
}

impl From<Row> for Item {
    fn from(row: Row) -> Self {
        Item {
            id: row.get(0),
            owner_id: row.get(1),
            name: row.get(2),
            price: row.get(3),
            at: row.get(4),
            ok: row.get(5),
            score: row.get(6),
            code: row.get(7),
        }
    }
}

impl From<Row> for Mix {
    fn from(row: Row) -> Self {
        Mix {
            id: row.get(0),
            u: row.get(1),
            name: row.get(2),
            price: row.get(3),
            at: row.get(4),
            d: row.get(5),
            ok: row.get(6),
            doc: row.get(7),
            f: row.get(8),
            tags: row.get(9),
        }
    }
}
