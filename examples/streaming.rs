//! 100,000 rows through constant memory: they come one at a time, and none is kept.
//!
//!     cargo run --example streaming

#![allow(clippy::print_stdout, reason = "it is an example")]

use db_adapter::Result;
use db_adapter::prelude::*;
use futures_util::StreamExt;

const ROWS: i64 = 100_000;
const BATCH: i64 = 5_000;

#[tokio::main]
async fn main() -> Result<()> {
    let db = db_adapter::connect("sqlite::memory:").await?;
    db.execute("CREATE TABLE readings (id INTEGER PRIMARY KEY, sensor text NOT NULL, celsius real NOT NULL)")
        .await?;
    for start in (0..ROWS).step_by(BATCH as usize) {
        let batch = (start..start + BATCH).map(reading);
        db.insert_many("readings", batch).await?;
    }
    println!("{} rows are in", db.count("readings", row! {}).await?);

    let before = peak_kib();
    let mut rows = db
        .select("readings", "sensor, celsius")
        .filter(row! { "celsius": op::gte(20) })
        .order_by("id")
        .stream();
    let (mut count, mut warmest) = (0_u64, f64::MIN);
    while let Some(row) = rows.next().await {
        warmest = warmest.max(row?.get("celsius")?);
        count += 1;
    }
    drop(rows); // a stream holds its connection until it ends or is dropped
    println!("{count} were 20 degrees or more, the warmest {warmest}");
    if let (Some(before), Some(after)) = (before, peak_kib()) {
        println!("reading them took {} KiB more than before", after - before);
    }

    // stopping early costs nothing
    let first = db
        .query("SELECT id FROM readings ORDER BY id DESC")
        .stream()
        .next()
        .await;
    if let Some(row) = first {
        println!("the last one is {}", row?.get::<i64>("id")?);
    }
    db.close().await
}

fn reading(n: i64) -> Row {
    let celsius = (n * 37 % 400) as f64 / 10.0;
    row! { "id": n, "sensor": format!("sensor-{}", n % 7), "celsius": celsius }
}

/// The most memory that the process ever had, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
