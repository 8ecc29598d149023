//! Restores, on every backend: what the summary says is what the database has, whatever the rows
//! are, whichever are refused, and whatever happens on the way.

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

mod acting;
mod ahead;
mod astray;
mod declared;
mod equality;
mod exchange;
mod folded;
mod held;
mod hierarchy;
mod kept;
mod lasting;
mod late;
mod matching;
mod one_key;
mod others;
mod owner;
mod refused;
mod renewed;
mod respelled;
mod scarce;
mod silent;
mod spelled;
mod taken;
mod unfit;
mod untyped;
mod waiting;
