//! Transactions: begun and committed, as a closure, nested, in a spawned task, tried again.
//!
//!     cargo run --example transactions

#![allow(clippy::print_stdout, reason = "it is an example")]

use std::sync::Arc;

use db_adapter::prelude::*;
use db_adapter::{Error, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let db = db_adapter::connect("sqlite::memory:").await?;
    db.execute(
        "CREATE TABLE accounts (name text PRIMARY KEY, cents bigint NOT NULL CHECK (cents >= 0))",
    )
    .await?;
    db.insert_many(
        "accounts",
        [
            row! { "name": "ann", "cents": 500 },
            row! { "name": "bob", "cents": 0 },
        ],
    )
    .await?;

    // begin, commit: a transaction is a client like any other, and rolled back when dropped
    let tx = db.begin().await?;
    move_money(&tx, "ann", "bob", 200).await?;
    tx.commit().await?;
    print("committed", &db).await?;

    // a closure: `Ok` commits, `Err` rolls back and comes out
    let result = db
        .transaction(async |tx| {
            tx.update("accounts", row! { "cents": 9999 }, row! { "name": "bob" })
                .await?;
            move_money(&tx, "ann", "bob", 100_000).await
        })
        .await;
    println!(
        "the closure failed: {}",
        result.err().map_or_else(String::new, |e| e.to_string())
    );
    print("rolled back", &db).await?;

    // a savepoint: what fails inside does not undo what was done outside
    let tx = db.begin().await?;
    tx.insert("accounts", row! { "name": "cid", "cents": 0 })
        .await?;
    let inner = tx.begin().await?;
    if let Err(Error::UniqueViolation(details)) = inner
        .insert("accounts", row! { "name": "ann", "cents": 1 })
        .await
    {
        println!(
            "refused: a second row with the same {}",
            details.columns.join(", ")
        );
    }
    inner.rollback().await?;
    tx.commit().await?;
    print("savepoint", &db).await?;

    // in a task: the handle is owned
    let shared = Arc::clone(&db);
    let task = tokio::spawn(async move {
        shared
            .transaction(async |tx| move_money(&tx, "bob", "cid", 50).await)
            .await
    });
    task.await.map_err(|_| Error::TransactionEnded)??;
    print("spawned", &db).await?;

    // serializable, and again from the start when another transaction was in the way
    let total = db
        .transaction_retrying(3, async |tx| {
            let rows = tx.select("accounts", "cents").await?;
            rows.iter()
                .map(|row| row.get::<i64>("cents"))
                .sum::<Result<i64>>()
        })
        .await?;
    println!("together they have {total}");

    // it may only look
    let tx = db.begin().read_only().await?;
    if let Err(error) = tx.delete("accounts", Filter::all()).await {
        println!("read only: {error}");
    }
    tx.rollback().await?;
    db.close().await
}

/// Runs in whatever it is given: a database, or a transaction of one.
async fn move_money(db: &impl DatabaseClient, from: &str, to: &str, cents: i64) -> Result<()> {
    for (name, change) in [(from, -cents), (to, cents)] {
        let account = db
            .select("accounts", "cents")
            .filter(row! { "name": name })
            .one()
            .await?;
        let cents = account.get::<i64>("cents")? + change;
        db.update("accounts", row! { "cents": cents }, row! { "name": name })
            .await?;
    }
    Ok(())
}

async fn print(what: &str, db: &impl DatabaseClient) -> Result<()> {
    let rows = db.select("accounts", "*").order_by("name").await?;
    println!("{what:12} {}", rows.to_json());
    Ok(())
}
