//! Brings the rows of a backup back: opens its file, and says in its words what became of the rows. All else
//! is done by `transfer`.

pub(crate) mod options;
pub(crate) mod source;
pub(crate) mod summary;

pub use crate::transfer::run::restore_database;
pub use options::{
    Keys, MissingRef, OnError, RestoreMode, RestoreOptions, RestoreProgress, RestoreSource,
};
pub use summary::{RestoreFailure, RestoreSummary, TableSummary};
