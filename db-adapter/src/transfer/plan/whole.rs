//! That a plan leads nowhere outside of itself. What moves rows takes columns and tables by their
//! positions; a position of nothing would be NULL in a row, or another row's key. Pure.

use super::{RefPlan, RestorePlan, TablePlan, Target};
use crate::{Error, Result};

impl RestorePlan {
    /// Looks at all the positions in the plan, once and before the first row.
    ///
    /// # Errors
    /// [`Error::Internal`] for a position of nothing.
    pub(in super::super) fn check_positions(&self) -> Result<()> {
        for (place, table) in self.tables.iter().enumerate() {
            let wrong =
                |what: &str| Error::internal(format!("the plan for `{}` has {what}", table.name));
            if !table.positions().all(|column| column < table.columns.len()) {
                return Err(wrong("a position of no column"));
            }
            let mut referred = table.key_sets.iter().flatten();
            if !referred.all(|column| table.kept.contains(column)) {
                return Err(wrong("a key that is not remembered"));
            }
            if self.is_acted_on && !table.key.iter().all(|column| table.kept.contains(column)) {
                return Err(wrong("a key that cannot be looked at once more"));
            }
            for reference in &table.refs {
                if !self.leads_to_a_key(place, reference) {
                    return Err(wrong("a reference to no key"));
                }
            }
        }
        Ok(())
    }

    fn leads_to_a_key(&self, place: usize, reference: &RefPlan) -> bool {
        match &reference.target {
            Target::External { columns, .. } => columns.len() == reference.fields.len(),
            Target::Table { table, key_set, .. } => {
                let target = self.tables.get(*table);
                let set = target.and_then(|target| target.key_sets.get(*key_set));
                set.is_some_and(|set| set.len() == reference.fields.len())
                    && (!reference.target.is_together() || *table == place)
            }
        }
    }
}

impl TablePlan {
    /// All the positions of columns that it has.
    fn positions(&self) -> impl Iterator<Item = usize> {
        let refs = self.refs.iter();
        let refs = refs.flat_map(|reference| reference.fields.iter().chain(&reference.nulled));
        let lists = [
            &self.natural,
            &self.key,
            &self.kept,
            &self.numbered,
            &self.sequences,
        ];
        let lists = lists.into_iter().flatten();
        let sets = self.key_sets.iter().flatten();
        lists.chain(sets).chain(refs).chain(&self.user).copied()
    }
}
