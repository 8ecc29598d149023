//! Why rows are not restored: each for a reason of its own, or since a row that it needs is not. Keeps count of
//! the second kind at the first. Pure.

use std::collections::HashMap;

/// A row by its table and its place among the rows of that which others refer to.
pub(super) type RowId = (usize, u32);

/// Why a row is not restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) text: String,
    /// The row that it needs, and that has failed before.
    pub(super) needs: Option<RowId>,
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Reason { text, needs: None }
    }
}

/// A row that failed by itself.
#[derive(Debug)]
struct Root {
    table: usize,
    /// Its place in the list of its table, where it is named.
    named: Option<usize>,
    dependents: u64,
}

/// The rows that have failed.
#[derive(Debug, Default)]
pub(super) struct Roots {
    roots: Vec<Root>,
    /// Which of them is why a row failed.
    by_row: HashMap<RowId, usize>,
}

impl Roots {
    /// A row that fails since the other one did. False where nobody knows why that was.
    pub(super) fn follows(&mut self, row: Option<RowId>, needs: RowId) -> bool {
        let Some(at) = self.by_row.get(&needs).copied() else {
            return false;
        };
        if let Some(root) = self.roots.get_mut(at) {
            root.dependents += 1;
        }
        if let Some(row) = row {
            self.by_row.entry(row).or_insert(at);
        }
        true
    }

    /// A row that fails by itself. `named`: its place in the list of its table.
    pub(super) fn add(&mut self, table: usize, row: Option<u32>, named: Option<usize>) {
        if let Some(row) = row {
            self.by_row.entry((table, row)).or_insert(self.roots.len());
        }
        self.roots.push(Root {
            table,
            named,
            dependents: 0,
        });
    }

    /// Where it is named why the row failed: the table, and the place in its list.
    pub(super) fn why(&self, row: RowId) -> Option<(usize, usize)> {
        let root = self.roots.get(*self.by_row.get(&row)?)?;
        Some((root.table, root.named?))
    }

    /// Those that are named, each with the number of rows that failed since: table, place in its list,
    /// number.
    pub(super) fn named(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        let named = self.roots.iter();
        named.filter_map(|root| Some((root.table, root.named?, root.dependents)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_below_another_counts_at_the_first() {
        let mut roots = Roots::default();
        roots.add(0, Some(7), Some(0));
        roots.add(0, None, Some(1));
        assert!(roots.follows(Some((1, 3)), (0, 7)));
        assert!(roots.follows(Some((2, 1)), (1, 3)));
        assert!(roots.follows(None, (2, 1)));
        assert!(!roots.follows(None, (1, 9)));
        let named: Vec<_> = roots.named().collect();
        assert_eq!(named, [(0, 0, 3), (0, 1, 0)]);
    }
}
