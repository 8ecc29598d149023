//! A primary and its standby: which of them is connected to, a failover under a working client,
//! and what works on a standby. The servers are real; `psql` says what libpq would have done.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail by panicking, and print what they measured"
)]

mod hosts;
mod pair;
mod standby;
mod switch;
mod unacknowledged;
