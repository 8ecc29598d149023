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

/// The name of a type, as `format_type` writes it.
///
/// # Errors
///
/// [`Error::SchemaChanged`] if it has been dropped.
pub(super) fn type_name(row: &Row, column: &str) -> Result<String> {
    let name: String = row.get(column)?;
    // a type that is really called so is written in quotes
    match name.starts_with("???") {
        true => Err(changed()),
        false => Ok(name),
    }
}

pub(super) fn changed() -> Error {
    Error::SchemaChanged { table: None }
}
