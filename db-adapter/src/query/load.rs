//! What bringing rows back needs beyond the verbs: rows as they are, keys in advance, sequences
//! that go on behind them, and a lock. Plain data, like every operation.

use std::fmt;
use std::sync::Arc;

use super::TableName;
use crate::Row;

/// The payload of [`Operation::Load`](super::Operation::Load).
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Load {
    /// The table.
    pub table: TableName,
    /// The rows, all with the columns of the first. Shared, so that they can be sent again.
    pub rows: Arc<[Row]>,
    /// Writes texts, and values that the column's type does not take, as they are given, where the
    /// database keeps any value in any column, as SQLite does. For values that came from such a column.
    pub spelled: bool,
}

/// The payload of [`Operation::AllocateKeys`](super::Operation::AllocateKeys).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AllocateKeys {
    /// The table.
    pub table: TableName,
    /// The column that the database fills.
    pub column: String,
    /// How many values. One alone comes where the database has fewer left than `most`: those that are not
    /// needed after all would be lost to others, since no rollback gives them back.
    pub count: u64,
    /// How many may be needed in all, these among them.
    pub most: u64,
    /// How many are needed in all at least: where fewer are left, none is taken, and
    /// [`Error::NoKeys`](crate::Error::NoKeys) says so.
    pub least: u64,
}

/// The payload of [`Operation::AdvanceSequence`](super::Operation::AdvanceSequence).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdvanceSequence {
    /// The table.
    pub table: TableName,
    /// The column that the database numbers.
    pub column: String,
}

impl Load {
    /// These rows, as they are.
    pub fn new(table: TableName, rows: impl Into<Arc<[Row]>>) -> Self {
        Load {
            table,
            rows: rows.into(),
            spelled: false,
        }
    }
}

impl AllocateKeys {
    /// So many values for a column.
    pub fn new(table: TableName, column: impl Into<String>, count: u64) -> Self {
        AllocateKeys {
            table,
            column: column.into(),
            count,
            most: count,
            least: 0,
        }
    }
}

impl AdvanceSequence {
    /// The numbers of a column.
    pub fn new(table: TableName, column: impl Into<String>) -> Self {
        AdvanceSequence {
            table,
            column: column.into(),
        }
    }
}

impl fmt::Debug for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Load")
            .field("table", &self.table)
            .field("rows", &self.rows.len())
            .field("columns", &self.rows.first().map(super::debug::Names))
            .finish()
    }
}
