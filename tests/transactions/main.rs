//! The state machine of transactions against a model: random sequences of everything that can
//! happen to a transaction, on every backend and behind poolers; after each sequence the rows, the
//! locks and the pool are those that the documents allow.
//!
//! A failing sequence is made small and printed as a list of steps, with the seed that repeats it.
//! The model is written from the documents, and wins against the implementation until they are
//! changed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail by panicking, and print their seeds"
)]

mod call;
mod choose;
mod closure;
mod drive;
mod effect;
mod env;
mod inside;
mod judge;
mod lane;
mod model;
mod op;
mod outside;
mod plan;
mod run;
mod shrink;
mod step;
mod target;
mod text;
mod words;
mod world;

use std::time::{Duration, Instant};

use support::{long, seed};

use run::run;
use shrink::shrink;
use step::Plan;
use target::{Place, Target};

/// Sequences until the time is over.
async fn sequences(target: Target) {
    let (first, once) = seed();
    let end = Instant::now() + Duration::from_secs(if long() { 120 } else { 6 });
    let mut place = Place::new(target).await;
    let mut number = 0;
    // a busy machine must not make the test a formality
    let least = if once { 1 } else { 10 };
    while number < least || (Instant::now() < end && !once) {
        let seed = first.wrapping_add(number);
        let plan = Plan::random(seed, target);
        if let Err(wrong) = run(&plan, &mut place).await {
            let original = format!("{plan}{wrong}");
            let (plan, wrong) = shrink(plan, wrong, &mut place).await;
            panic!(
                "DB_ADAPTER_TESTS_SEED={seed}: {wrong}\nthe smallest sequence that fails:\n{plan}\n\
                 it was made from\n{original}"
            );
        }
        number += 1;
    }
    eprintln!("{number} sequences on {target} from DB_ADAPTER_TESTS_SEED={first}");
}

macro_rules! targets {
    ($($name:ident: $target:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                sequences(Target::$target).await;
            }
        )*
    };
}

targets! {
    random_sequences_on_postgres: Postgres,
    random_sequences_behind_a_transaction_pooler: TransactionPooler,
    random_sequences_behind_a_session_pooler: SessionPooler,
    random_sequences_on_an_sqlite_file: SqliteFile,
    random_sequences_in_memory: SqliteMemory,
}
