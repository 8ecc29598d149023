//! What the compiler says to those who declare tables, and what is left of a schema in the files
//! that it makes. Neither needs a server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::type_complexity,
    reason = "tests stop at the first surprise"
)]

mod artifact;
mod build;
mod messages;
