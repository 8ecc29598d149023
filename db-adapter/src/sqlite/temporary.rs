//! The temporary tables of the connection that writes: a name of theirs hides a table of the file, but
//! on that connection alone, so that reads of such names have to go there.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::connection::{Connection, Keep};
use crate::Filter;
use crate::query::Operation;

const NAMES: &str = "SELECT lower(name) FROM temp.sqlite_schema WHERE type IN ('table', 'view')";

#[derive(Debug, Default)]
pub(super) struct Temporary {
    /// Whether there are names at all: seldom.
    any: AtomicBool,
    /// In lower case, as SQLite compares them.
    names: Mutex<HashSet<String>>,
}

impl Temporary {
    /// Reads them again, over the connection that writes.
    pub(super) fn refresh(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut statement = connection.prepare(NAMES, Keep::Prepared)?;
        let mut rows = statement.raw_query();
        let mut names = HashSet::new();
        while let Some(row) = rows.next()? {
            names.insert(row.get(0)?);
        }
        self.any.store(!names.is_empty(), Ordering::Release);
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = names;
        Ok(())
    }

    /// Whether a read means one of them, or may do so.
    pub(super) fn concerns(&self, operation: &Operation) -> bool {
        if !self.any.load(Ordering::Acquire) {
            return false;
        }
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let is_one = |name: &str| names.contains(&name.to_lowercase());
        let in_filter = |filter: &Filter| filter.tables().iter().any(|table| is_one(&table.name));
        match operation {
            Operation::Select(select) => is_one(&select.table.name) || in_filter(&select.filter),
            Operation::Count(matching) | Operation::Exists(matching) => {
                is_one(&matching.table.name) || in_filter(&matching.filter)
            }
            Operation::Query(statement) | Operation::Execute(statement) => {
                let text = statement.sql.to_lowercase();
                names.iter().any(|name| text.contains(name.as_str()))
            }
            _ => false,
        }
    }
}
