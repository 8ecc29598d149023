//! The harness holds what it promises: databases of their own, nothing left behind, loud failures.

#![allow(
    clippy::unwrap_used,
    reason = "clippy sees only the test functions as tests, not what they call"
)]

mod databases;
mod limits;
mod servers;
mod standbys;
