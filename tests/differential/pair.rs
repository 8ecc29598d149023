//! The two databases, side by side: the same operations on both, and a comparison after each.

use std::sync::Arc;

use db_adapter::{DatabaseClient, connect};
use support::{Oracle, TestDatabase};

use crate::judge::states_differ;
use crate::kind::KINDS;
use crate::op::{Op, TABLE};

pub(crate) struct Pair {
    postgres: Side,
    sqlite: Side,
}

struct Side {
    client: Arc<dyn DatabaseClient>,
    oracle: Oracle,
    // last, so that it is dropped when nobody is connected any more
    _database: TestDatabase,
}

impl Side {
    async fn new(database: TestDatabase, columns: &str) -> Side {
        let mut oracle = database.oracle().await;
        oracle
            .sql(&format!("CREATE TABLE {TABLE} ({columns})"))
            .await;
        Side {
            client: connect(database.url()).await.unwrap(),
            oracle,
            _database: database,
        }
    }
}

impl Pair {
    pub(crate) async fn new() -> Pair {
        let columns = |sql_type: fn(usize) -> &'static str| {
            let column =
                |(i, kind): (usize, &crate::kind::Kind)| format!("{} {}", kind.name, sql_type(i));
            let all: Vec<String> = KINDS.iter().enumerate().map(column).collect();
            format!("k bigint NOT NULL PRIMARY KEY, {}", all.join(", "))
        };
        let postgres = columns(|i| KINDS[i].postgres);
        let sqlite = columns(|i| KINDS[i].sqlite);
        Pair {
            postgres: Side::new(TestDatabase::postgres().await, &postgres).await,
            sqlite: Side::new(TestDatabase::sqlite(), &sqlite).await,
        }
    }

    /// Runs the operations on empty tables. `Err` says what was not alike.
    pub(crate) async fn run(&mut self, ops: &[Op]) -> Result<(), String> {
        let empty = format!("DELETE FROM {TABLE}");
        self.postgres.oracle.sql(&empty).await;
        self.sqlite.oracle.sql(&empty).await;
        for op in ops {
            let (postgres, sqlite) = tokio::join!(
                op.answer(&*self.postgres.client),
                op.answer(&*self.sqlite.client)
            );
            if postgres != sqlite {
                return Err(format!(
                    "{op:?}\non PostgreSQL: {postgres}\non SQLite:     {sqlite}"
                ));
            }
        }
        states_differ(&mut self.postgres.oracle, &mut self.sqlite.oracle).await
    }

    pub(crate) async fn close(self) {
        self.postgres.client.close().await.unwrap();
        self.sqlite.client.close().await.unwrap();
    }
}
