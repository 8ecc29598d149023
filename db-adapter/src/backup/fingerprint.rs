//! One short text for the tables of a backup: equal where names, columns, their order and their
//! types are.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::file::TableDetails;

/// The first 16 hex digits of the SHA-256 of all names and types.
pub(super) fn fingerprint(tables: &BTreeMap<String, TableDetails>) -> String {
    let mut text = String::new();
    for (key, table) in tables {
        // a quoted name holds no line break, so that no two schemas give one text
        let _ = writeln!(text, "{key:?}");
        for (name, sql_type) in &table.columns {
            let _ = writeln!(text, " {name:?} {sql_type}");
        }
    }
    let hash = Sha256::digest(text);
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
