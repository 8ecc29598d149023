//! The declaration macros of db-adapter.
