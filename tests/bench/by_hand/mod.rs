//! The references: what a careful developer would write for one database, knowing its tables.

pub mod postgres;
pub mod sqlite;
