//! sqlx at its best: no ping when a connection is taken, no logging.

use std::hint::black_box;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, QueryBuilder, Row};

use super::CONNECTIONS;
use super::model::{
    INSERT, Item, Mix, NewItem, SELECT, SELECT_MIX, UPDATE, UPDATE_COUNT, name, score,
};
use crate::load::{Peer, Verb};

/// Rows of one insert.
const CHUNK: usize = 500;

#[derive(Clone)]
pub struct Sqlx {
    pool: SqlitePool,
}

/// The same for SeaORM, which stands on sqlx.
pub async fn pool(file: &str) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(30))
        .foreign_keys(true)
        .disable_statement_logging();
    SqlitePoolOptions::new()
        .max_connections(CONNECTIONS)
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .unwrap()
}

/// Empties the table of the big insert.
pub async fn truncate(pool: &SqlitePool) {
    let delete = sqlx::raw_sql("DELETE FROM bulk");
    delete.execute(pool).await.unwrap();
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
                let query = sqlx::query(SELECT).bind(key);
                black_box(item(&query.fetch_one(&self.pool).await.unwrap()));
            }
            Verb::Insert => {
                let n = NewItem::of(key);
                let query = sqlx::query(INSERT)
                    .bind(n.owner_id)
                    .bind(n.name)
                    .bind(n.price)
                    .bind(n.at)
                    .bind(n.ok)
                    .bind(n.score)
                    .bind(n.code);
                black_box(item(&query.fetch_one(&self.pool).await.unwrap()));
            }
            Verb::Update => {
                let query = sqlx::query(UPDATE)
                    .bind(name(key))
                    .bind(score(key))
                    .bind(key);
                black_box(item(&query.fetch_one(&self.pool).await.unwrap()));
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
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    pub async fn rows(&self) -> Vec<Mix> {
        let rows = sqlx::query(SELECT_MIX).fetch_all(&self.pool).await.unwrap();
        rows.iter().map(mix).collect()
    }

    pub async fn insert_many(&self, items: &[NewItem]) -> u64 {
        let mut tx = self.pool.begin().await.unwrap();
        let mut inserted = 0;
        for chunk in items.chunks(CHUNK) {
            let mut query =
                QueryBuilder::new("INSERT INTO bulk (owner_id, name, price, at, ok, score, code) ");
            query.push_values(chunk, |mut row, n| {
                row.push_bind(n.owner_id)
                    .push_bind(&n.name)
                    .push_bind(&n.price)
                    .push_bind(n.at)
                    .push_bind(n.ok)
                    .push_bind(n.score)
                    .push_bind(&n.code);
            });
            let done = query.build().execute(&mut *tx).await.unwrap();
            inserted += done.rows_affected();
        }
        tx.commit().await.unwrap();
        inserted
    }
}

// sqlx refuses text from columns that are declared as times, unless it is not asked to check
fn item(row: &SqliteRow) -> Item {
    Item {
        id: row.get(0),
        owner_id: row.get(1),
        name: row.get(2),
        price: row.get(3),
        at: row.get_unchecked(4),
        ok: row.get(5),
        score: row.get(6),
        code: row.get(7),
    }
}

fn mix(row: &SqliteRow) -> Mix {
    Mix {
        id: row.get(0),
        u: row.get_unchecked(1),
        name: row.get(2),
        price: row.get(3),
        at: row.get_unchecked(4),
        d: row.get_unchecked(5),
        ok: row.get(6),
        doc: row.get(7),
        f: row.get(8),
        n: row.get(9),
    }
}
