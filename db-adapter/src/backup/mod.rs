//! One user's rows, or whole tables, in a file: written from one snapshot, checked without a
//! database, restored with new keys.

#[allow(dead_code, reason = "who uses it comes next")]
mod file;
#[allow(dead_code, reason = "who uses it comes next")]
mod open;
mod problem;
mod restore;

pub use problem::{BackupProblem, BackupProblemKind};
pub use restore::{
    Keys, MissingRef, OnError, OnProgress, RestoreFailure, RestoreMode, RestoreOptions,
    RestoreProgress, RestoreSource, RestoreSummary, TableSummary, restore_database,
};
