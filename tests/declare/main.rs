//! What is left of a schema in the files that real builds make. No server is needed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of tests fail by panicking"
)]

mod artifact;
mod build;
