//! PostgreSQL as it is met in the field: behind a pooler, over TLS, changed and restarted under a
//! running adapter.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail by panicking, and print their seeds"
)]

mod changed_types;
mod connecting;
mod notifications;
mod pooler;
mod recovery;
mod runtimes;
mod shared_sessions;
mod tls;
