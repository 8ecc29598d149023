//! How fast db-adapter is beside the same work done by hand, measured in the same run.
//!
//! `cargo bench -p db-adapter-tests` runs all; `-- postgres`, `-- sqlite`, `-- schema`, `-- backup` or
//! `-- restore` one of them, and `-- growth` and `-- order` what takes minutes. Read the ratios: absolute times are those of the machine. Never a
//! test: nothing is too slow here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a program for developers that prints, and that may stop at the first surprise"
)]

mod backup;
mod by_hand;
mod growth;
mod hierarchy;
mod measure;
mod memory;
mod order;
mod postgres;
mod restore;
mod schema;
mod sqlite;

use std::path::Path;

use db_adapter::{DatabaseClientExt, Row, row};

/// Rows of the bulk tables: a key set as real tables have it.
pub fn bulk_rows(n: i64) -> Vec<Row> {
    (0..n)
        .map(|i| {
            row! {
                "owner_id": i % 100 + 1,
                "name": format!("name of row {i}"),
                "price": db_adapter::Numeric::parse(&format!("{}.{:02}", i, i % 100)).unwrap(),
                "at": "2026-11-23T01:25:35.896668+00:00",
                "ok": i % 2 == 0,
                "score": i as f64 * 0.5,
                "code": format!("c-{i}"),
            }
        })
        .collect()
}

/// One piece of work, whose memory is measured.
async fn alone(work: &str, url: &str, file: &Path) {
    match work {
        "connect" => {
            let db = db_adapter::connect(url).await.unwrap();
            db.ping().await.unwrap();
        }
        "backup" => backup::alone(url, file).await,
        "restore" => restore::alone(url, file).await,
        other => assert!(
            order::alone(other, url, file).await,
            "no such work: {other}"
        ),
    }
    memory::print_peak();
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    if let Some([work, url, file]) = memory::asked() {
        return alone(&work, &url, Path::new(&file)).await;
    }
    // cargo bench passes `--bench`
    let filter = std::env::args()
        .skip(1)
        .find(|arg| !arg.starts_with('-'))
        .unwrap_or_default();
    println!(
        "ratios to the first case of each table, interleaved in one run; below 1.2 read as equal"
    );
    if "postgres".contains(&filter) {
        postgres::run().await;
    }
    if "sqlite".contains(&filter) {
        sqlite::run().await;
    }
    if "schema".contains(&filter) {
        schema::postgres().await;
        schema::sqlite().await;
    }
    if "backup".contains(&filter) {
        backup::run().await;
    }
    if "restore".contains(&filter) {
        restore::run().await;
    }
    if filter == "growth" {
        growth::run().await;
    }
    if filter == "order" {
        order::run().await;
    }
}
