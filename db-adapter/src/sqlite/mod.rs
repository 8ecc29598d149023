//! SQLite: one writing connection and several that read, values by declared types, comparisons
//! that mean what PostgreSQL's mean.

mod adapter;
mod affinity;
mod caller;
mod catalog;
mod collation;
mod decimal;
mod decode;
mod dialect;
mod encode;
mod error;
mod introspect;
mod load;
mod location;
mod pattern;
mod pool;
mod run;
mod transaction;
mod write;

pub use adapter::SqliteAdapter;
