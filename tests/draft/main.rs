//! The drafts of databases that are there: each compiles as it was written (the files of `models/` are
//! modules of this program), fits its database, and brings a user's rows there and back.
//!
//! `DB_ADAPTER_TESTS_UPDATE=1` writes the files; read their difference before you commit it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must fail, loudly"
)]

mod cases;
#[rustfmt::skip] // as the program writes them
mod models;
mod shop;
mod unlike;
