//! What may be decided about a transfer.

use std::sync::Arc;

use super::weigh::Untouched;

/// What happens to a row that is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreMode {
    /// It stays as it is.
    #[default]
    Skip,
    /// It gets the values of the backup, where they differ.
    Overwrite,
    /// It is a failure.
    Fail,
}

/// Which keys restored rows get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keys {
    /// New ones where the database makes them, so that they collide with nobody's.
    #[default]
    New,
    /// Those of the backup.
    Keep,
}

/// What a row that the database refuses does to the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// Nothing at all is restored.
    #[default]
    Abort,
    /// The others are restored, and it is named; so are its children, which fail with it.
    Skip,
}

/// What an optional reference to a row that is nowhere in the backup becomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingRef {
    /// NULL, counted in [`nulled_refs`](crate::backup::TableSummary::nulled_refs).
    #[default]
    Null,
    /// What a row that is there has at this moment; NULL, and counted, in a new one.
    Keep,
    /// A failure of the row.
    Fail,
}

/// Is told how far a transfer is: the table, the rows read so far of all tables, and how many there are, as far
/// as the source says.
pub(crate) type Progress = Arc<dyn Fn(&str, u64, Option<u64>) + Send + Sync>;

/// How to transfer.
pub(crate) struct Options {
    pub(crate) mode: RestoreMode,
    /// Whether the work is done and then undone, so that its numbers are exact.
    pub(crate) dry_run: bool,
    pub(crate) keys: Keys,
    pub(crate) on_error: OnError,
    pub(crate) missing_ref: MissingRef,
    /// Whether [`RestoreMode::Overwrite`] goes for rows that all users share.
    pub(crate) overwrite_shared: bool,
    /// Goes on where row-level security may hide rows of the destination from the role.
    pub(crate) allow_row_security: bool,
    /// Whether the source has whole tables, of all users: rows keep their users then.
    pub(crate) all_rows: bool,
    /// Whether single rows are told of: which are new, which differ in which columns, and which only the
    /// destination has. Of rows that are there an update writes those columns alone.
    pub(crate) records: bool,
    /// Whether nothing is written at all, no key is taken and no lock, so that it is not known what the
    /// database would refuse.
    pub(crate) looks: bool,
    pub(crate) progress: Option<Progress>,
    /// Rows that are decided about already: they are not written, whatever the source has.
    pub(crate) untouched: Option<Arc<Untouched>>,
}
