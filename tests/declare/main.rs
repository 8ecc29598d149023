//! What the compiler says to those who declare tables, and what is left of a schema in the files
//! that it makes. Neither needs a server.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the helpers of tests fail by panicking"
)]

mod artifact;
mod build;
mod messages;
