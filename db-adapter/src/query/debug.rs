//! Operations for logs and test failures: tables and columns, never the values.

use std::fmt;

use super::{Insert, Select, Statement, Update, UpdateMany};
use crate::Row;

/// The names of a row's columns, without their values.
pub(super) struct Names<'a>(pub(super) &'a Row);

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.names()).finish()
    }
}

impl fmt::Debug for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select")
            .field("table", &self.table)
            .field("columns", &self.columns)
            .field("filter", &self.filter)
            .field("order", &self.order)
            .field("limit", &self.limit)
            .field("offset", &self.offset)
            .field("after", &self.after.as_ref().map(Names))
            .field("distinct", &self.distinct)
            .field("lock", &self.lock)
            .finish()
    }
}

impl fmt::Debug for Insert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Insert")
            .field("table", &self.table)
            .field("rows", &self.rows.len())
            .field("columns", &self.rows.first().map(Names))
            .field("conflict_keys", &self.conflict_keys)
            .field("or_ignore", &self.or_ignore)
            .field("expressions", &self.expressions)
            .field("returning", &self.returning)
            .finish()
    }
}

impl fmt::Debug for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Update")
            .field("table", &self.table)
            .field("columns", &Names(&self.data))
            .field("expressions", &self.expressions)
            .field("filter", &self.filter)
            .field("returning", &self.returning)
            .finish()
    }
}

impl fmt::Debug for UpdateMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateMany")
            .field("table", &self.table)
            .field("rows", &self.rows.len())
            .field("keys", &self.keys)
            .field("only_changed", &self.only_changed)
            .field("expected", &self.expected.first().map(Names))
            .field("checked", &self.checked)
            .finish()
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.binds.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Statement")
            .field("sql", &self.sql)
            .field("binds", &names)
            .field("filters", &self.filters)
            .field("label", &self.label)
            .finish()
    }
}
