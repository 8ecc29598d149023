//! Every verb over every type of column, on PostgreSQL and SQLite: random operations with values at
//! and beyond all limits give the same answers and the same errors, and leave the same state, which
//! the databases themselves tell.
//!
//! A failing sequence is made small, and printed with the seed that repeats it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, and print their seeds"
)]

mod judge;
mod kind;
mod op;
mod pair;
mod shrink;
mod value;

use std::time::{Duration, Instant};

use support::{Random, long, seed};

use op::Op;
use pair::Pair;
use shrink::shrink;

/// Operations of a sequence.
const LENGTH: usize = 12;
/// Operations of the long form.
const MANY: usize = 120_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_databases_answer_alike() {
    let (first, once) = seed();
    let end = Instant::now() + Duration::from_secs(6);
    let least = if once { 1 } else { 10 };
    let mut pair = Pair::new().await;
    let mut number = 0;
    loop {
        let goes_on = match long() {
            _ if once => number < 1,
            true => number * LENGTH < MANY,
            false => number < least || Instant::now() < end,
        };
        if !goes_on {
            break;
        }
        let seed = first.wrapping_add(number as u64);
        let mut random = Random::new(seed);
        let ops: Vec<Op> = (0..LENGTH).map(|_| Op::random(&mut random)).collect();
        if let Err(wrong) = pair.run(&ops).await {
            let (ops, wrong) = shrink(ops, wrong, &mut pair).await;
            let steps: Vec<String> = ops.iter().map(|op| format!("  {op:?}")).collect();
            panic!(
                "DB_ADAPTER_TESTS_SEED={seed}: {wrong}\nthe smallest sequence that fails:\n{}",
                steps.join("\n")
            );
        }
        number += 1;
    }
    eprintln!(
        "{} operations in {number} sequences from DB_ADAPTER_TESTS_SEED={first}",
        number * LENGTH
    );
    pair.close().await;
}
