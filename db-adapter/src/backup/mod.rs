//! One user's rows, or whole tables, in a file: written from one snapshot, checked without a
//! database, restored with new keys.
//!
//! [`backup_database`] writes, [`validate_backup`] checks. The file is JSON with one row a line,
//! sealed by counts and a hash; `docs/backup-file-format.md` of the repository specifies it.

mod export;
#[allow(dead_code, reason = "a restore reads what a backup does not")]
mod file;
mod fingerprint;
mod names;
mod open;
mod options;
mod plan;
mod problem;
mod select;
mod target;
mod validate;

pub use db_adapter_core::backup::BackupSchema;
pub use export::{backup_database, backup_to_writer};
pub use options::{BackupFile, BackupOptions, BackupProgress};
pub use problem::{BackupProblem, BackupProblemKind};
pub use validate::{BackupReport, validate_backup};
