//! Two databases, compared and synced, on all pairs of backends: what the plan says is what happens, nothing else
//! does, and all of it or nothing. Judged by the servers themselves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests fail by panicking, and print their seeds"
)]

#[macro_use]
mod case;

mod base;
mod base_faults;
mod edits;
mod faults;
mod flat;
mod only_there;
mod others;
mod owner;
mod profiles;
mod property;
mod property_base;
mod refused;
mod rows;
mod types;
