//! What every backend refuses of keys in advance and of locks.

use db_adapter_core::TableName;

use crate::{Error, Result};

/// Refuses what ends with its transaction where there is none.
pub(crate) fn only_in_transaction(is_open: bool, what: &str) -> Result<()> {
    match is_open {
        true => Ok(()),
        false => Err(Error::invalid_query(
            format!("{what} outside of a transaction"),
            "begin one: it ends with it",
        )),
    }
}

/// The database gives no values to the column by itself, or not a new one each time.
pub(crate) fn makes_no_keys(table: &TableName, column: &str) -> Error {
    Error::invalid_query(
        format!("the database makes no keys of its own for `{table}.{column}`"),
        "keep the keys that the rows have",
    )
}
