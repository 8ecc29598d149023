//! Whether a backup file is the one that was written: its seal, its counts, its tables.

use std::collections::BTreeMap;

use super::metadata::Metadata;
use super::seal::Seal;
use crate::backup::{BackupProblem, BackupProblemKind as Kind};

/// Everything that differs between what was read and what the file vouches for.
pub(super) fn problems(
    metadata: &Metadata,
    rows: &BTreeMap<String, u64>,
    seal: &Option<(Seal, [u8; 32])>,
) -> Vec<BackupProblem> {
    let mut found = Vec::new();
    for (table, read) in rows {
        if let Some(counted) = metadata.counts.get(table)
            && counted != read
        {
            found.push(differ(table, *read, "metadata", *counted));
        }
    }
    let Some(details) = &metadata.details else {
        return found; // the original writes no more
    };
    for table in details.tables.keys().filter(|t| !rows.contains_key(*t)) {
        let problem = BackupProblem::boxed(Kind::Altered, "the table was taken out of the file");
        found.push(*problem.in_table(table));
    }
    for table in rows.keys().filter(|t| !details.tables.contains_key(*t)) {
        let problem = BackupProblem::boxed(Kind::Altered, "the table was added to the file");
        found.push(*problem.in_table(table));
    }
    match seal {
        None => found.push(
            *BackupProblem::boxed(Kind::Altered, "the seal is missing")
                .hint("the file was cut off or altered; take another copy"),
        ),
        Some((seal, hash)) => against_seal(rows, seal, hash, &mut found),
    }
    found
}

fn against_seal(
    rows: &BTreeMap<String, u64>,
    seal: &Seal,
    hash: &[u8; 32],
    found: &mut Vec<BackupProblem>,
) {
    for (table, read) in rows {
        match seal.rows.get(table) {
            Some(sealed) if sealed == read => {}
            Some(sealed) => found.push(differ(table, *read, "the seal", *sealed)),
            None => {
                let problem =
                    BackupProblem::boxed(Kind::Altered, "the seal does not name the table");
                found.push(*problem.in_table(table));
            }
        }
    }
    for table in seal.rows.keys().filter(|t| !rows.contains_key(*t)) {
        let problem =
            BackupProblem::boxed(Kind::Altered, "the seal names a table that is not there");
        found.push(*problem.in_table(table));
    }
    if *seal != Seal::new(seal.rows.clone(), *hash) {
        found.push(
            *BackupProblem::boxed(Kind::Altered, "the hash of the seal does not match")
                .hint("the file was altered after it was written; take another copy"),
        );
    }
}

fn differ(table: &str, read: u64, whose: &str, counted: u64) -> BackupProblem {
    *BackupProblem::boxed(
        Kind::Altered,
        format!("the file has {read} rows, and {whose} says {counted}"),
    )
    .in_table(table)
    .hint("the file was cut off or altered; take another copy")
}
