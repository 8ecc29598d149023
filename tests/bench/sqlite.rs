//! SQLite: ours beside sqlx by hand, with the same settings of the connection.

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, SqliteAdapter};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{QueryBuilder, Row as _};
use support::TestDatabase;

use crate::bulk_rows;
use crate::measure::Table;

const SCHEMA: &str = "
    CREATE TABLE mix (id INTEGER PRIMARY KEY, u UUID NOT NULL, name TEXT NOT NULL, price NUMERIC_TEXT, at TIMESTAMPTZ,
        d DATE NOT NULL, ok BOOLEAN NOT NULL, doc JSON_TEXT NOT NULL, f REAL NOT NULL, n INTEGER NOT NULL);
    WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < 100000)
    INSERT INTO mix SELECT g, printf('67e55044-10b1-426f-9247-%012x', g), 'name of row ' || g, CASE WHEN g % 10 = 0 THEN NULL ELSE g || '.234567' END,
        CASE WHEN g % 7 = 0 THEN NULL ELSE '2026-11-23T01:25:35.896668+00:00' END, '2026-11-23', g % 2, '{\"k\":' || g || ',\"t\":\"text\"}', g * 0.5, g FROM s;
    CREATE TABLE one (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price NUMERIC_TEXT, at TIMESTAMPTZ NOT NULL, ok BOOLEAN, f REAL,
        created TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE owner (id INTEGER PRIMARY KEY);
    WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < 100) INSERT INTO owner SELECT g FROM s;
    CREATE TABLE bulk (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES owner, name TEXT NOT NULL, price NUMERIC_TEXT,
        at TIMESTAMPTZ NOT NULL, ok BOOLEAN NOT NULL, score REAL NOT NULL, code TEXT NOT NULL UNIQUE);";

pub async fn run() {
    let database = TestDatabase::sqlite();
    let options = SqliteConnectOptions::new()
        .filename(database.path())
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    sqlx::raw_sql(SCHEMA).execute(&pool).await.unwrap();
    let db =
        SqliteAdapter::connect_with(ConnectOptions::new(database.url()).synchronous_commit(false))
            .await
            .unwrap();
    select_all(&db, &pool).await;
    select_by_key(&db, &pool).await;
    insert_one(&db, &pool).await;
    insert_many(&db, &pool).await;
    db.close().await.unwrap();
    pool.close().await;
}

type Mix = (
    i64,
    String,
    String,
    Option<String>,
    Option<String>,
    String,
    bool,
    String,
    f64,
    i64,
);

fn mix(row: &SqliteRow) -> Mix {
    (
        row.get(0),
        row.get(1),
        row.get(2),
        row.get(3),
        row.get(4),
        row.get(5),
        row.get(6),
        row.get(7),
        row.get(8),
        row.get(9),
    )
}

async fn select_all(db: &SqliteAdapter, pool: &SqlitePool) {
    let mut table = Table::new("SQLite: select 100,000 rows of 10 mixed columns", 100_000);
    for _ in 0..7 {
        let rows: Vec<Mix> = table
            .time("sqlx by hand into a tuple", None, async {
                let rows = sqlx::query("SELECT id, u, name, price, CAST(at AS TEXT), CAST(d AS TEXT), ok, doc, f, n FROM mix").fetch_all(pool).await.unwrap();
                rows.iter().map(mix).collect()
            })
            .await;
        assert_eq!(rows.len(), 100_000);
        drop(rows);
        let rows = table
            .time("db-adapter select", Some(1.15), async {
                db.select("mix", "*").await.unwrap()
            })
            .await;
        assert_eq!(rows.len(), 100_000);
    }
    table.print();
}

async fn select_by_key(db: &SqliteAdapter, pool: &SqlitePool) {
    const N: i64 = 2000;
    let mut table = Table::new(
        "SQLite: select by key through the pool, one at a time",
        N as u64,
    );
    for _ in 0..9 {
        table
            .time("sqlx by hand", None, async {
                for id in 1..=N {
                    let row = sqlx::query("SELECT id, u, name, price, CAST(at AS TEXT), CAST(d AS TEXT), ok, doc, f, n FROM mix WHERE id = ?1").bind(id).fetch_one(pool).await.unwrap();
                    mix(&row);
                }
            })
            .await;
        table
            .time("db-adapter select", Some(1.15), async {
                for id in 1..=N {
                    db.select("mix", "*")
                        .filter(row! { "id": id })
                        .one()
                        .await
                        .unwrap();
                }
            })
            .await;
    }
    table.print();
}

async fn insert_one(db: &SqliteAdapter, pool: &SqlitePool) {
    const N: i64 = 1000;
    let mut table = Table::new("SQLite: insert one row, returning it", N as u64);
    for _ in 0..9 {
        table
            .time("sqlx by hand", None, async {
                for _ in 0..N {
                    let row = sqlx::query("INSERT INTO one (name, price, at, ok, f) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id, name, price, at, ok, f, CAST(created AS TEXT)")
                        .bind("name of something").bind("1234.5678").bind("2026-11-23T01:25:35.896668+00:00").bind(true).bind(1.25)
                        .fetch_one(pool).await.unwrap();
                    let _: (i64, String, String) = (row.get(0), row.get(1), row.get(2));
                }
            })
            .await;
        let data = row! {
            "name": "name of something", "price": db_adapter::Numeric::parse("1234.5678").unwrap(),
            "at": "2026-11-23T01:25:35.896668+00:00", "ok": true, "f": 1.25,
        };
        table
            .time("db-adapter insert", Some(1.15), async {
                for _ in 0..N {
                    db.insert("one", &data).await.unwrap();
                }
            })
            .await;
    }
    table.print();
}

async fn insert_many(db: &SqliteAdapter, pool: &SqlitePool) {
    const N: i64 = 100_000;
    let mut table = Table::new(
        "SQLite: 100,000 rows of 7 columns into a table with a unique index and a foreign key",
        N as u64,
    );
    let rows = bulk_rows(N);
    for _ in 0..5 {
        table
            .time("sqlx by hand, 500 rows a statement", None, async {
                let mut tx = pool.begin().await.unwrap();
                for chunk in (0..N).collect::<Vec<_>>().chunks(500) {
                    let mut query = QueryBuilder::new(
                        "INSERT INTO bulk (owner_id, name, price, at, ok, score, code) ",
                    );
                    query.push_values(chunk, |mut row, i| {
                        row.push_bind(i % 100 + 1)
                            .push_bind(format!("name of row {i}"))
                            .push_bind(format!("{}.{:02}", i, i % 100))
                            .push_bind("2026-11-23T01:25:35.896668+00:00")
                            .push_bind(i % 2 == 0)
                            .push_bind(*i as f64 * 0.5)
                            .push_bind(format!("c-{i}"));
                    });
                    query.build().execute(&mut *tx).await.unwrap();
                }
                tx.commit().await.unwrap();
            })
            .await;
        truncate(pool).await;
        let data = rows.clone();
        let inserted = table
            .time("db-adapter insert_many", Some(1.15), async {
                db.insert_many("bulk", data).await.unwrap()
            })
            .await;
        assert_eq!(inserted, N as u64);
        truncate(pool).await;
    }
    table.print();
}

async fn truncate(pool: &SqlitePool) {
    sqlx::raw_sql("DELETE FROM bulk")
        .execute(pool)
        .await
        .unwrap();
}
