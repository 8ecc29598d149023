//! What a step costs, as codes that stay the same, and the lock that it takes. Never decides which step has
//! which.

use crate::ddl_writer::quote;
use crate::schema::SqlDialect;
use crate::validate::words;

words! {
    /// What a step costs. The words are codes that stay the same.
    Hazard {
        /// It changes the catalogue alone, and takes no longer for a million rows than for one.
        MetadataOnly "metadata_only",
        /// It reads every row of the table, or builds an index of them.
        Scans "scans",
        /// It writes every row of the table anew.
        Rewrites "rewrites",
        /// Nobody else can write to the table meanwhile.
        BlocksWrites "blocks_writes",
        /// Nobody else can read the table meanwhile.
        BlocksReads "blocks_reads",
        /// Values of rows are others afterwards.
        ChangesValues "changes_values",
        /// Rows, or values of rows, are gone afterwards.
        LosesData "loses_data",
        /// It must be committed before what it makes can be used.
        NeedsCommit "needs_commit",
        /// The same values mean another thing afterwards.
        Reinterprets "reinterprets",
    }
}

words! {
    /// A lock of PostgreSQL on a table, from the weakest to the strongest that a step takes.
    LockMode {
        /// `ROW EXCLUSIVE`: what writing rows takes.
        RowExclusive "ROW EXCLUSIVE",
        /// `SHARE UPDATE EXCLUSIVE`: others read and write.
        ShareUpdateExclusive "SHARE UPDATE EXCLUSIVE",
        /// `SHARE`: others read.
        Share "SHARE",
        /// `SHARE ROW EXCLUSIVE`: others read.
        ShareRowExclusive "SHARE ROW EXCLUSIVE",
        /// `ACCESS EXCLUSIVE`: others wait.
        AccessExclusive "ACCESS EXCLUSIVE",
    }
}

/// The strongest lock that a step takes on a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TableLock {
    /// The key of the table.
    pub table: String,
    /// The lock.
    pub mode: LockMode,
}

impl TableLock {
    /// The table as SQL.
    pub fn name(&self) -> String {
        let (schema, name) = quote::parts_of_key(&self.table);
        quote::qualified(schema.as_deref(), &name, SqlDialect::Postgres)
    }

    /// The statement that takes it.
    ///
    /// ```
    /// use db_adapter_core::fix::{LockMode, TableLock};
    ///
    /// let lock = TableLock { table: "users".into(), mode: LockMode::Share };
    /// assert_eq!(lock.sql(), "LOCK TABLE \"users\" IN SHARE MODE");
    /// ```
    pub fn sql(&self) -> String {
        format!("LOCK TABLE {} IN {} MODE", self.name(), self.mode)
    }
}

impl LockMode {
    /// Whether others can read the table meanwhile.
    pub fn lets_read(self) -> bool {
        self < LockMode::AccessExclusive
    }

    /// Whether others can write to the table meanwhile.
    pub fn lets_write(self) -> bool {
        self < LockMode::Share
    }
}
