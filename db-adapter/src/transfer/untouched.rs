//! The rows of a table that were decided about before: those that stay as they are in the destination, and those that
//! are not brought from the source.

use super::digests::id;
use super::row::Item;
use super::table::TableRun;
use crate::Value;

impl TableRun<'_, '_> {
    /// Whether a row of the destination stays, whatever the source has.
    pub(super) fn is_to_stay(&self, row: u32) -> bool {
        let remap = &self.ledger.remap;
        let Some(untouched) = &remap.options.untouched else {
            return false;
        };
        let (present, table) = (&self.present, self.table);
        let mut values = vec![Value::Null; table.columns.len()];
        for column in &table.key {
            if let (Some(cell), Some(kept)) = (values.get_mut(*column), table.kept_at(*column)) {
                *cell = present.value(kept, row);
            }
        }
        untouched.stays(self.place, id(table, &remap.fingerprints, &values))
    }

    /// Passes over rows that are not brought.
    pub(super) fn leave_out(&self, items: &mut Vec<Item>) {
        let remap = &self.ledger.remap;
        let Some(untouched) = &remap.options.untouched else {
            return;
        };
        if untouched.leaves_out(self.place) {
            let of = &remap.fingerprints;
            items.retain(|item| {
                !untouched.is_left_out(self.place, id(self.table, of, &item.values))
            });
        }
    }
}
