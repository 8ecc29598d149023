//! Bad input: transactions whose write is refused and which are then dropped, beside as many good
//! ones. They shall cost the same, and no connection.

use db_adapter::Transaction;
use db_adapter::prelude::*;

use crate::measure::{Clock, Quantity, Sample, Table};

/// Transactions, one after another.
pub const TIMES: usize = 30;

/// What becomes of the one write of a transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// It is committed.
    Good,
    /// Its value does not fit the column's type: refused before it is sent.
    WrongType,
    /// Its key is there already: refused by the database.
    DuplicateKey,
}

impl Write {
    /// All of them.
    pub const ALL: [Write; 3] = [Write::Good, Write::WrongType, Write::DuplicateKey];

    /// In the table.
    pub fn name(self) -> &'static str {
        match self {
            Write::Good => "db-adapter, good",
            Write::WrongType => "db-adapter, refused by us",
            Write::DuplicateKey => "db-adapter, refused by the database",
        }
    }
}

/// db-adapter's part of the work, which is the same on every backend.
pub fn table<'a>(backend: &str, db: &'a dyn DatabaseClient) -> Table<'a> {
    let title = format!("{backend}/bad_input: {TIMES} transactions with one write each");
    let mut table = Table::new(title, Quantity::Time);
    for write in Write::ALL {
        let once = move || async move {
            let tx = db.begin().await.unwrap();
            write_in(tx, write).await;
        };
        table = table.case(write.name(), move || timed(once));
        if write != Write::Good {
            table = table.goal(write.name(), Write::Good.name(), Quantity::Time, 1.2);
        }
    }
    table
}

/// So many transactions of a kind.
pub async fn timed<F: Future<Output = ()>>(transaction: impl Fn() -> F) -> Sample {
    let clock = Clock::start();
    for _ in 0..TIMES {
        transaction().await;
    }
    clock.sample(TIMES as u64)
}

/// The write, and then a commit when it was good; else the transaction is dropped.
pub async fn write_in(tx: Transaction, write: Write) {
    let mut new = row! {
        "owner_id": 1, "name": "name", "price": "1.25", "at": "2026-11-23T01:25:35.896668+00:00",
        "ok": true, "score": 0.5, "code": "c",
    };
    match write {
        Write::Good => {}
        Write::WrongType => new.set("score", "no number"),
        Write::DuplicateKey => new.set("id", 1),
    }
    let inserted = tx.insert("item", new).await;
    assert_eq!(inserted.is_ok(), write == Write::Good);
    if write == Write::Good {
        tx.commit().await.unwrap();
    }
}
