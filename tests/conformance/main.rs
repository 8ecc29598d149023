//! One suite, every backend: each case is a function of a client, and runs on all of them.
//!
//! Cases are written from the documents, never from an implementation, and judge by asking the
//! database beside db-adapter wherever its state is concerned.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on must fail, loudly"
)]

#[macro_use]
mod case;
mod lazy_transaction;
mod spelling;
mod values;

mod arrays;
mod backup;
mod bulk;
mod capabilities;
mod client;
mod comparison;
mod concurrency;
mod crud;
mod documents;
mod errors;
mod expressions;
mod filters_in_sql;
mod grammar;
mod injection;
mod load;
mod names;
mod null_and_default;
mod operators;
mod or_ignore;
mod pages;
mod parameters;
mod query;
mod reading;
mod references;
mod returning;
mod rounding;
mod rows;
mod sizes;
mod streams;
mod time_limits;
mod traces;
mod transactions;
mod typed;
mod types;
mod update_delete;
