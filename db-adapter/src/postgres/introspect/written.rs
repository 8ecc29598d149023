//! What the server writes out of its catalog: expressions and definitions. It writes what is there now,
//! while the rows are of the snapshot: of what was dropped in between it writes nothing.

use crate::{Error, Result, Row};

/// SQL for the text of something that is there if `tree` is not NULL; empty if it has been dropped.
pub(super) fn written(tree: &str, text: &str) -> String {
    format!("CASE WHEN {tree} IS NOT NULL THEN COALESCE({text}, '') END")
}

/// Such a text.
///
/// # Errors
///
/// [`Error::SchemaChanged`] if it has been dropped.
pub(super) fn text(row: &Row, column: &str) -> Result<Option<String>> {
    match row.get::<Option<String>>(column)? {
        Some(text) if text.is_empty() => Err(changed()),
        text => Ok(text),
    }
}

pub(super) fn changed() -> Error {
    Error::SchemaChanged { table: None }
}
