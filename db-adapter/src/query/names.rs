//! Names of tables and columns as a caller writes them, parsed.

use db_adapter_core::TableName;

use super::{Columns, SelectItem};
use crate::{Error, Result};

/// The table of an operation, parsed.
pub(crate) fn table_name(table: &str) -> Result<TableName> {
    TableName::parse(table).map_err(|error| {
        Error::invalid_query(
            format!(
                "cannot read the table name `{}`: {error}",
                table.escape_debug()
            ),
            "a table name is `name` or `schema.name`; put any other name in double quotes",
        )
    })
}

/// Column names without aliases or `*`.
pub(crate) fn plain_names(columns: Columns, what: &str) -> Result<Vec<String>> {
    let wrong = || {
        Error::invalid_query(
            format!("the {what} must be column names"),
            "for example `[\"id\"]`",
        )
    };
    match columns {
        Columns::All => Err(wrong()),
        Columns::List(items) => items
            .into_iter()
            .map(|item| match item {
                SelectItem::Column { name, alias: None } => Ok(name),
                _ => Err(wrong()),
            })
            .collect(),
    }
}
