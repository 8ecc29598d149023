//! The command line of db-adapter.
fn main() {}
