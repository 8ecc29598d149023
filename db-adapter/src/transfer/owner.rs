//! Whose a row of the destination is, as a condition of every statement that changes it: the user's
//! column, or the columns that lead to its parents. Pure.

use std::sync::Arc;

use super::plan::TablePlan;
use crate::row::Header;
use crate::{Result, Row, Value};

/// The columns of a table that say whose its rows are.
pub(super) struct Owner {
    columns: Vec<usize>,
    header: Arc<Header>,
}

impl Owner {
    /// `None` for a table whose rows are nobody's.
    pub(super) fn of(table: &TablePlan) -> Result<Option<Owner>> {
        let columns = table.owned_by();
        if columns.is_empty() {
            return Ok(None);
        }
        let header = Header::new(super::afterwards::names(table, &columns))?;
        Ok(Some(Owner { columns, header }))
    }

    /// What these columns of a row have now.
    pub(super) fn row(&self, value: impl Fn(usize) -> Value) -> Row {
        let values = self.columns.iter().map(|column| value(*column));
        Row::from_parts(Arc::clone(&self.header), values.collect())
    }
}
