//! Plans that repair a schema, run on real databases: what was there before is there afterwards, value by value,
//! and a second plan has nothing to do. Their statements are run as the plan says, by the oracle.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees only the test functions as tests, not what they call"
)]

mod by_hand;
mod cases;
mod identity;
mod locks;
mod online;
mod others;
mod property;
mod refused;
mod run;
mod schema_cases;
mod sqlite;
mod stopped;
