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
    /// Whether a row of the source is the same one.
    matched: Vec<bool>,
    /// The kept columns of rows that hang on rows which only the destination has.
    apart: Columns,
    count_apart: u32,
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
            matched: Vec::new(),
            apart: Columns::new(width),
            count_apart: 0,
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
        self.matched.push(false);
        self.read.extend(read);
        self.by_natural
            .entry(natural)
            .and_modify(|claim| *claim = Claim::Several)
            .or_insert(Claim::There(row));
    }

    /// A row of the destination that no row of the source can be.
    pub(super) fn add_apart(&mut self, kept: impl IntoIterator<Item = Value>) {
        self.count_apart += 1;
        self.apart.push(kept);
    }

    /// The row is also the source's.
    pub(super) fn is_matched(&mut self, row: u32) {
        if let Some(matched) = self.matched.get_mut(row as usize) {
            *matched = true;
        }
    }

    /// The kept columns of the rows that only the destination has, so many of them.
    pub(super) fn only_there(&self, width: usize) -> impl Iterator<Item = Vec<Value>> {
        let unmatched =
            (0..self.count).filter(|row| self.matched.get(*row as usize) == Some(&false));
        let of =
            move |columns: &Columns, row| (0..width).map(|kept| columns.get(kept, row)).collect();
        let rows = unmatched.map(move |row| of(&self.rows, row));
        rows.chain((0..self.count_apart).map(move |row| of(&self.apart, row)))
    }

    /// How many rows of the destination there are, those included that hang on rows which only it has.
    pub(super) fn all(&self) -> u64 {
        self.len() + u64::from(self.count_apart)
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
