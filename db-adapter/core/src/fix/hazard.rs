//! What a step costs, as codes that stay the same, and the lock that it takes. Never decides which step has
//! which.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// The word in reports and in JSON.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }

            /// The one of this word.
            pub fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($name::$variant),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(super) use words;

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
