//! How deep conditions may be in each other.

use std::collections::HashMap;
use std::sync::Arc;

use super::Filter;

/// The most levels of conditions in each other. What databases can work through is deeper, and not the same for
/// all; no thread of ours runs out of its stack.
pub(super) const DEEPEST: usize = 200;

impl Filter {
    /// Built in a loop, it would be so deep that a thread which copies or drops it has no stack left.
    pub(super) fn unless_too_deep(self) -> Self {
        match self.is_deeper_than(DEEPEST) {
            true => Filter::TooDeep,
            false => self,
        }
    }

    /// An error where it is nested so deeply that neither we nor a database could work through it.
    pub(crate) fn check_depth(&self) -> crate::Result<()> {
        match self.is_deeper_than(DEEPEST) {
            false => Ok(()),
            true => Err(crate::Error::invalid_query(
                format!("a filter is nested more than {DEEPEST} levels deep"),
                "put conditions side by side: `Filter::any_of` and `.and(..)` take many",
            )),
        }
    }

    pub(super) fn is_deeper_than(&self, most: usize) -> bool {
        let mut open = vec![(self, 0)];
        let mut seen: HashMap<*const Filter, usize> = HashMap::new();
        while let Some((filter, level)) = open.pop() {
            if level > most {
                return true;
            }
            match filter {
                Filter::All | Filter::Test(_) => {}
                Filter::And(filters) | Filter::AnyOf(filters) => {
                    let nested = filters.iter().filter(|f| !matches!(f, Filter::Test(_)));
                    open.extend(nested.map(|filter| (filter, level + 1)));
                }
                Filter::Not(filter) => open.push((filter, level + 1)),
                Filter::RefersTo(reference) => {
                    let inner = Arc::as_ptr(&reference.filter);
                    // several references may share it
                    if seen.get(&inner).is_none_or(|before| *before < level) {
                        seen.insert(inner, level);
                        open.push((&reference.filter, level + 1));
                    }
                }
                Filter::TooDeep => return true,
            }
        }
        false
    }
}
