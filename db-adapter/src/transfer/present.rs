//! The rows of a table that are there, or will be, by their natural keys. Pure.

use super::fingerprint::{ByKey, Fingerprint};
use super::keys::Columns;
use super::lasting::Cells;
use super::source::Mark;
use crate::Value;

/// The rows that are there, or will be, of the table that is being restored.
pub(super) struct Present {
    by_natural: ByKey<Claim>,
    /// The kept columns of the rows of the destination.
    rows: Columns,
    /// What each of them was like when it was read, where that is looked at once more.
    read: Vec<Cells>,
    count: u32,
}

/// Whose a natural key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// A row of the destination.
    There(u32),
    /// Several rows of the destination: none of them is meant more than the others.
    Several,
    /// This row of the source.
    Row(Mark),
}

impl Present {
    pub(super) fn new(width: usize) -> Self {
        Present {
            by_natural: ByKey::default(),
            rows: Columns::new(width),
            read: Vec::new(),
            count: 0,
        }
    }

    /// Takes in a row of the destination. `read`: for all of them, or for none.
    pub(super) fn add(
        &mut self,
        natural: Fingerprint,
        kept: impl IntoIterator<Item = Value>,
        read: Option<Cells>,
    ) {
        let row = self.count;
        self.count += 1;
        self.rows.push(kept);
        self.read.extend(read);
        self.by_natural
            .entry(natural)
            .and_modify(|claim| *claim = Claim::Several)
            .or_insert(Claim::There(row));
    }

    /// How many rows of the destination there are.
    pub(super) fn len(&self) -> u64 {
        u64::from(self.count)
    }

    /// What a row of the destination was like when it was read.
    pub(super) fn as_read(&self, row: u32) -> Option<&Cells> {
        self.read.get(row as usize)
    }

    /// The value of a kept column of a row of the destination.
    pub(super) fn value(&self, kept: usize, row: u32) -> Value {
        self.rows.get(kept, row)
    }

    /// Whose the natural key is.
    pub(super) fn claim(&self, natural: &Fingerprint) -> Option<Claim> {
        self.by_natural.get(natural).copied()
    }

    /// From here on the natural key is the one of a row of the source.
    pub(super) fn take(&mut self, natural: Fingerprint, mark: Mark) {
        self.by_natural.insert(natural, Claim::Row(mark));
    }
}
