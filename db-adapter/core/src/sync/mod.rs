//! What is decided about two databases that are synced, row by row. Knows no values, only whether they are the same.

#![forbid(unsafe_code)]

mod three_way;

pub use three_way::{Action, Base, Policy, Rules, Side, State, Verdict, next_base, verdict};
