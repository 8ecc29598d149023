//! What a row is, in a few bytes that are the same in both databases and in every process: its natural key, its
//! columns, and to which rows it leads by their natural keys, never by numbers of a database. Pure.

use sha2::{Digest as _, Sha256};

use super::fingerprint::{Fingerprint, stable};
use super::plan::{TablePlan, Target};
use super::row::Item;
use crate::{ExactJson as _, Value};

/// A part of a SHA-256: enough to tell rows apart, and no way back to a value.
pub(crate) type Digest = [u8; 12];

/// What the digests of one comparison are made with, so that those of two bases have nothing in common.
pub(crate) type Salt = [u8; 16];

/// Instead of a row, for a reference that is NULL, and for one that leads to none of the rows of the sync.
const NULL: u8 = 0;
const ELSEWHERE: u8 = 1;
const ROW: u8 = 2;

/// Which columns of a table make its digests.
pub(super) struct Recipe<'p> {
    table: &'p TablePlan,
    salt: Salt,
    /// Columns of the natural key that have values of their own.
    key: Vec<usize>,
    /// The references that are part of the natural key.
    pub(super) key_refs: Vec<usize>,
    /// Columns that have values of their own.
    row: Vec<usize>,
    /// The references to rows of the sync.
    pub(super) refs: Vec<usize>,
}

/// A row, as far as it is known without those that it refers to.
pub(super) struct Parts {
    pub(super) key: Digest,
    pub(super) row: Digest,
    /// For each reference of the recipe.
    pub(super) refs: Vec<Leads>,
}

/// To what a reference leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    Nowhere,
    /// Some of its columns are NULL, so that it leads to no row.
    Half,
    To(Fingerprint),
}

impl<'p> Recipe<'p> {
    pub(super) fn of(table: &'p TablePlan, salt: Salt) -> Self {
        let all = table.refs.iter().enumerate();
        let refs: Vec<usize> = all
            .filter(|(_, reference)| matches!(reference.target, Target::Table { .. }))
            .map(|(at, _)| at)
            .collect();
        let fields = |at: &usize| table.refs.get(*at).map(|r| r.fields.as_slice());
        let is_led = |column: usize| {
            let mut fields = refs.iter().filter_map(fields);
            fields.any(|fields| fields.contains(&column))
        };
        let is_of_key = |at: &&usize| {
            fields(at).is_some_and(|f| f.iter().any(|column| table.natural.contains(column)))
        };
        // whose it is all rows of the sync have in common
        let is_own = |column: &usize| !is_led(*column) && table.user != Some(*column);
        let key = table.natural.iter().copied().filter(is_own).collect();
        let row = (0..table.columns.len()).filter(|column| {
            let is_number = table.key.contains(column) && !table.natural.contains(column);
            let stays = table.columns.get(*column).is_some_and(|c| c.fixed);
            is_own(column) && !is_number && !stays
        });
        Recipe {
            key,
            key_refs: refs.iter().filter(is_of_key).copied().collect(),
            row: row.collect(),
            refs,
            table,
            salt,
        }
    }

    pub(super) fn table(&self) -> &'p TablePlan {
        self.table
    }

    /// Where a reference is among those of the recipe.
    pub(super) fn place(&self, reference: usize) -> Option<usize> {
        self.refs.iter().position(|at| *at == reference)
    }

    fn begin(&self, kind: u8) -> Sha256 {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update([kind]);
        let name = self.table.name.to_string();
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash
    }

    /// The parts of a row as it was read.
    pub(super) fn parts(&self, item: &Item) -> Parts {
        let mut bytes = Vec::new();
        for column in &self.key {
            let meaning = self.table.columns.get(*column).map(|c| &c.meaning);
            if let (Some(value), Some(meaning)) = (item.values.get(*column), meaning) {
                stable(value, meaning, &mut bytes);
            }
        }
        let mut key = self.begin(1);
        key.update(&bytes);
        bytes.clear();
        for column in &self.row {
            let name = self.table.columns.get(*column).map(|c| c.name.as_bytes());
            put(&mut bytes, 0, name.unwrap_or_default());
            exact(item.values.get(*column).unwrap_or(&Value::Null), &mut bytes);
        }
        let mut row = self.begin(2);
        row.update(&bytes);
        let leads = |at: &usize| match item.old_refs.get(*at).copied().flatten() {
            Some(to) => Leads::To(to),
            None => {
                let fields = self.table.refs.get(*at).map(|r| r.fields.as_slice());
                let mut values = fields.unwrap_or_default().iter();
                let is_null = |column: &usize| item.values.get(*column).is_none_or(Value::is_null);
                match values.all(is_null) {
                    true => Leads::Nowhere,
                    false => Leads::Half,
                }
            }
        };
        Parts {
            key: short(key),
            row: short(row),
            refs: self.refs.iter().map(leads).collect(),
        }
    }

    /// The natural key, with those of the rows that are part of it.
    pub(super) fn key(&self, own: Digest, parents: impl Iterator<Item = Option<Digest>>) -> Digest {
        let mut key = self.begin(3);
        key.update(own);
        for parent in parents {
            match parent {
                Some(parent) => {
                    key.update([ROW]);
                    key.update(parent);
                }
                None => key.update([NULL]),
            }
        }
        short(key)
    }

    /// The whole row. `led`: of each reference the row that it leads to, `None` where that is none of the sync.
    pub(super) fn row(
        &self,
        own: Digest,
        led: impl Iterator<Item = (Leads, Option<Digest>)>,
    ) -> Digest {
        let mut row = self.begin(4);
        row.update(own);
        for (leads, to) in led {
            match (leads, to) {
                (Leads::Nowhere, _) => row.update([NULL]),
                (_, None) => row.update([ELSEWHERE]),
                (_, Some(to)) => {
                    row.update([ROW]);
                    row.update(to);
                }
            }
        }
        short(row)
    }
}

fn short(hash: Sha256) -> Digest {
    let whole = hash.finalize();
    let mut short = Digest::default();
    for (to, from) in short.iter_mut().zip(whole) {
        *to = from;
    }
    short
}

fn put(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    out.push(kind);
    out.extend((bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// A value as it is, so that `1.5` and `1.50` are two.
fn exact(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => put(out, 0, &[]),
        Value::Bool(flag) => put(out, 1, &[u8::from(*flag)]),
        Value::Int(int) => put(out, 2, &int.to_le_bytes()),
        Value::Float(float) => {
            let float = if float.is_nan() { f64::NAN } else { *float };
            put(out, 3, &float.to_bits().to_le_bytes());
        }
        Value::Numeric(number) => put(out, 4, number.as_str().as_bytes()),
        Value::Text(text) => put(out, 5, text.as_bytes()),
        Value::Bytes(bytes) => put(out, 6, bytes),
        Value::Json(json) => put(out, 7, json.as_str().as_bytes()),
        Value::Array(_) => put(out, 8, value.to_json().as_bytes()),
    }
}
