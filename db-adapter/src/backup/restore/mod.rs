//! Brings the rows of a backup back: opens its file, and says in its words what became of the rows. All else
//! is done by `transfer`.

mod entry;
mod options;
mod source;
mod summary;

pub use crate::transfer::options::{Keys, MissingRef, OnError, RestoreMode};
pub use entry::restore_database;
pub use options::{RestoreOptions, RestoreProgress, RestoreSource};
pub use summary::{RestoreFailure, RestoreSummary, TableSummary};
