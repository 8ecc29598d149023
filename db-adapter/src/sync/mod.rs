//! The rows of one database, brought into another: compared, and changed where they differ. A database is a source
//! of rows for the same engine that restores backups, so that everything that is promised of a restore holds here.
//!
//! [`compare`] says what would change and writes nothing; [`sync`] does it, in one transaction of the destination.
//! Rows are matched by their natural keys: new ones get new keys, those that differ get the values of the source in
//! the columns that differ, all others stay as they are, and nothing is ever deleted.
//!
//! `options` says what is asked for, `plan` and `result` what was found and done; `flat` makes a declaration of tables
//! that hang together with nothing, `same` tells whether two names lead to one database, `source` gives the rows, `run`
//! puts it together, and `profiles` does so with profiles of `db.toml`.

mod base;
mod flat;
mod options;
mod plan;
#[cfg(feature = "config")]
mod profiles;
#[cfg(feature = "config")]
mod result;
mod run;
mod same;
mod source;
mod three_way;

pub use options::{OnConflict, SyncOptions, SyncProgress};
pub use plan::{BaseFile, SyncChange, SyncFailure, SyncOutcome, SyncPlan, TablePlan};
#[cfg(feature = "config")]
pub use profiles::{compare_profiles, sync_data};
#[cfg(feature = "config")]
pub use result::{SyncCounts, SyncResult};
pub use run::{compare, sync};
