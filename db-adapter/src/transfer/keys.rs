//! What is known of the rows of one table while their children are restored: the row that an old
//! key meant, the key that it has now, and whether it is there. Compact, because there is an
//! entry for every row. Pure.

use super::fingerprint::{ByKey, Fingerprint};
use crate::Value;

/// Values of one column, each in as few bytes as its type allows.
#[derive(Debug)]
enum Cells {
    Ints(Vec<i64>),
    Uuids(Vec<u128>),
    Values(Vec<Value>),
}

impl Cells {
    fn push(&mut self, value: Value) {
        match (&mut *self, &value) {
            (Cells::Ints(ints), Value::Int(int)) => return ints.push(*int),
            (Cells::Uuids(uuids), Value::Text(text)) => {
                if let Some(uuid) = uuid_of(text) {
                    return uuids.push(uuid);
                }
            }
            (Cells::Ints(ints), Value::Text(text)) if ints.is_empty() => {
                if let Some(uuid) = uuid_of(text) {
                    *self = Cells::Uuids(vec![uuid]);
                    return;
                }
            }
            _ => {}
        }
        if !matches!(self, Cells::Values(_)) {
            let values = (0..self.len()).map(|row| self.get(row));
            *self = Cells::Values(values.collect());
        }
        if let Cells::Values(values) = self {
            values.push(value);
        }
    }

    fn len(&self) -> usize {
        match self {
            Cells::Ints(ints) => ints.len(),
            Cells::Uuids(uuids) => uuids.len(),
            Cells::Values(values) => values.len(),
        }
    }

    fn get(&self, row: usize) -> Value {
        match self {
            Cells::Ints(ints) => ints.get(row).copied().into(),
            Cells::Uuids(uuids) => match uuids.get(row) {
                Some(uuid) => Value::Text(text_of(*uuid).into()),
                None => Value::Null,
            },
            Cells::Values(values) => values.get(row).cloned().unwrap_or_default(),
        }
    }
}

/// The number of a uuid that is written as we write it; another spelling would not come back.
fn uuid_of(text: &str) -> Option<u128> {
    if text.len() != 36 {
        return None;
    }
    let uuid = u128::from_str_radix(&text.replace('-', ""), 16).ok()?;
    (text_of(uuid) == text).then_some(uuid)
}

fn text_of(uuid: u128) -> String {
    let mut text = format!("{uuid:032x}");
    for place in [8, 13, 18, 23] {
        text.insert(place, '-');
    }
    text
}

/// Some columns of many rows.
#[derive(Debug)]
pub(super) struct Columns(Vec<Cells>);

impl Columns {
    pub(super) fn new(width: usize) -> Self {
        Columns((0..width).map(|_| Cells::Ints(Vec::new())).collect())
    }

    /// Adds a row, of as many values as there are columns.
    pub(super) fn push(&mut self, values: impl IntoIterator<Item = Value>) {
        for (cells, value) in self.0.iter_mut().zip(values) {
            cells.push(value);
        }
    }

    pub(super) fn get(&self, column: usize, row: u32) -> Value {
        let cells = self.0.get(column);
        cells.map_or(Value::Null, |cells| cells.get(row as usize))
    }
}

/// Instead of a row, for a key that several have; its fate is that of none.
const NOBODY: u32 = u32::MAX;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was there before.
    Existed,
    /// It is new.
    New,
    /// It is not there: it was refused, or its parent was.
    Failed,
    /// Only the destination has it: nothing of the source leads to it.
    OnlyThere,
}

/// The rows of one table that others refer to.
#[derive(Debug)]
pub(super) struct Known {
    /// For each set of columns that is referred to: the row that had these values in the source.
    by_old: Vec<ByKey<u32>>,
    /// Which of these is the primary key.
    primary: Option<usize>,
    /// The values now.
    now: Columns,
    fates: Vec<Fate>,
}

impl Known {
    pub(super) fn new(key_sets: usize, primary: Option<usize>, columns: usize) -> Self {
        Known {
            primary,
            by_old: (0..key_sets).map(|_| ByKey::default()).collect(),
            now: Columns::new(columns),
            fates: Vec::new(),
        }
    }

    /// Takes a row in: its keys in the source and its values now. A key that a row had before
    /// goes on to mean that row; a primary key that two rows have means none of them, since
    /// nobody can tell whose the rows that refer to it are.
    pub(super) fn add(
        &mut self,
        old: &[Option<Fingerprint>],
        now: impl IntoIterator<Item = Value>,
        fate: Fate,
    ) -> u32 {
        let row = u32::try_from(self.fates.len()).unwrap_or(u32::MAX);
        let fates = &self.fates;
        let is_there = |row: u32| fates.get(row as usize).is_none_or(|f| *f != Fate::Failed);
        for (set, (rows, key)) in self.by_old.iter_mut().zip(old).enumerate() {
            let Some(key) = key else { continue };
            let first = *rows.entry(*key).or_insert(row);
            if self.primary == Some(set) && first != row && fate != Fate::Failed && is_there(first)
            {
                rows.insert(*key, NOBODY);
            }
        }
        self.now.push(now);
        self.fates.push(fate);
        row
    }

    /// The row that had this key in the source.
    pub(super) fn find(&self, key_set: usize, old: Fingerprint) -> Option<u32> {
        self.by_old.get(key_set)?.get(&old).copied()
    }

    pub(super) fn fate(&self, row: u32) -> Fate {
        let fate = self.fates.get(row as usize);
        fate.copied().unwrap_or(Fate::Failed)
    }

    pub(super) fn fail(&mut self, row: u32) {
        if let Some(fate) = self.fates.get_mut(row as usize) {
            *fate = Fate::Failed;
        }
    }

    /// The value that a column of a row has now.
    pub(super) fn value(&self, column: usize, row: u32) -> Value {
        self.now.get(column, row)
    }

    /// The rows of this fate.
    pub(super) fn of(&self, wanted: Fate) -> impl Iterator<Item = u32> {
        let rows = self.fates.iter().zip(0..);
        rows.filter_map(move |(fate, row)| (*fate == wanted).then_some(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_values_come_back_as_they_were() {
        let uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        let lists: [&[Value]; 6] = [
            &[1.into(), i64::MIN.into()],
            &[uuid.into(), uuid.into()],
            &[uuid.into(), "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11".into()],
            &[1.into(), "x".into(), Value::Null],
            &["x".into(), 1.into()],
            &[1.into(), uuid.into()],
        ];
        for list in lists {
            let mut columns = Columns::new(1);
            for value in list {
                columns.push([value.clone()]);
            }
            let read: Vec<Value> = (0..list.len() as u32)
                .map(|row| columns.get(0, row))
                .collect();
            assert_eq!(read, list);
        }
    }
}
