//! One user's rows, or whole tables, in a file: written from one snapshot, checked without a
//! database, restored with new keys.
//!
//! [`backup_database`] writes, [`validate_backup`] checks, [`restore_database`] brings back. The file is JSON with one row a line,
//! sealed by counts and a hash; `docs/backup-file-format.md` of the repository specifies it.

mod census;
mod doubles;
mod export;
mod file;
mod fingerprint;
mod keyed;
mod names;
pub(crate) mod open;
mod options;
mod plan;
mod problem;
mod restore;
mod select;
mod snapshot;
pub(crate) mod target;
mod validate;
mod whole;

pub(crate) use export::snapshot as snapshot_options;
pub(crate) use file::as_read;
pub(crate) use snapshot::SnapshotRows;

pub use db_adapter_core::backup::BackupSchema;
pub use export::{backup_database, backup_to_writer};
pub use options::{BackupFile, BackupOptions, BackupProgress};
pub use problem::{BackupProblem, BackupProblemKind};
pub use restore::{
    Keys, MissingRef, OnError, RestoreFailure, RestoreMode, RestoreOptions, RestoreProgress,
    RestoreSource, RestoreSummary, TableSummary, restore_database,
};
pub use validate::{BackupReport, validate_backup};
pub use whole::backup_tables;
