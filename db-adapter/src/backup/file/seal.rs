//! The last entry of a backup file: how many rows were written, and a hash of all before it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::backup::{BackupProblem, BackupProblemKind as Kind};

/// What the writer vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seal {
    /// The rows written, by the name that the table has in the file.
    pub(crate) rows: BTreeMap<String, u64>,
    /// The SHA-256 of every byte before the name of this entry, in lower-case hex.
    pub(crate) sha256: String,
}

impl Seal {
    pub(crate) fn new(rows: BTreeMap<String, u64>, hash: [u8; 32]) -> Seal {
        Seal {
            rows,
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    pub(crate) fn read(text: &str) -> Result<Seal, Box<BackupProblem>> {
        serde_json::from_str(text).map_err(|_| {
            BackupProblem::boxed(Kind::Malformed, "the seal is not as this program writes it")
                .hint("the file was altered after it was written")
        })
    }
}
