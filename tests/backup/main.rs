//! Backups and restores against real servers: a property test with a model, round trips of every
//! type, a case for every way in which such tools have lost data, and faults.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail by panicking, and print their seeds"
)]

#[macro_use]
mod steps;

mod deep;
mod exactness;
mod faults;
mod files;
mod hierarchy;
mod keys;
mod library;
mod narrower;
mod natural;
mod property;
mod restorable;
mod side;
mod spelling;
mod tenants;
mod types;
