//! db-adapter as its documents say to use it.

use std::hint::black_box;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, PostgresAdapter};
use futures_util::TryStreamExt;

use super::CONNECTIONS;
use super::model::{Mix, NewItem, name, score};
use crate::load::{Peer, Verb};

#[derive(Clone)]
pub struct Adapter {
    db: PostgresAdapter,
}

impl Peer for Adapter {
    async fn open(place: &str) -> Self {
        let options = ConnectOptions::new(place).max_connections(CONNECTIONS as u32);
        Adapter {
            db: PostgresAdapter::connect_with(options).await.unwrap(),
        }
    }

    async fn run(&self, verb: Verb, key: i64) {
        let id = row! { "id": key };
        match verb {
            Verb::Select => {
                let row = self.db.select("item", "*").filter(id).one().await;
                black_box(row.unwrap());
            }
            Verb::Insert => {
                let row = self.db.insert("item", Row::from(NewItem::of(key))).await;
                black_box(row.unwrap());
            }
            Verb::Update => {
                let row = self.db.update("item", changes(key), id).await;
                black_box(row.unwrap());
            }
            Verb::UpdateCount => {
                let changed = self.db.update("item", changes(key), id).count().await;
                assert_eq!(changed.unwrap(), 1);
            }
        }
    }

    async fn close(self) {
        self.db.close().await.unwrap();
    }
}

impl Adapter {
    /// The adapter, for what is not a small operation.
    pub fn client(&self) -> &PostgresAdapter {
        &self.db
    }

    pub async fn rows(&self) -> Vec<Row> {
        self.db.select("mix", "*").await.unwrap()
    }

    pub async fn structs(&self) -> Vec<Mix> {
        self.db.select_as("mix").await.unwrap()
    }

    pub async fn stream(&self) -> usize {
        let mut rows = self.db.select("mix", "*").stream();
        let mut number = 0;
        while let Some(row) = rows.try_next().await.unwrap() {
            black_box(row);
            number += 1;
        }
        number
    }

    pub async fn insert_many(&self, rows: Vec<Row>) -> u64 {
        self.db.insert_many("bulk", rows).await.unwrap()
    }
}

fn changes(key: i64) -> Row {
    row! { "name": name(key), "score": score(key) }
}

impl From<NewItem> for Row {
    fn from(n: NewItem) -> Self {
        row! {
            "owner_id": n.owner_id, "name": n.name, "price": n.price, "at": n.at, "ok": n.ok, "score": n.score, "code": n.code,
        }
    }
}
