//! What the macros accept, without a warning and without unsafe code: were there one, this would
//! not compile. Every module is one way of declaring tables. Left out where trybuild builds the cases:
//! the compiler would list these tables in its messages.
#![forbid(unsafe_code)]
#![cfg(not(trybuild))]
#![deny(warnings, missing_docs, unreachable_pub, dead_code)]

pub mod conditional;
pub mod in_a_function_and_a_macro;
pub mod module;
pub mod owners;
pub mod schema_only_structs;
pub mod shared;
pub mod two_hundred_tables;
pub mod typed_rows;
