//! The bytes of a base: what it is for, then for each table the hashes of its rows in the order of their keys, then a
//! hash of all before it, without which it is not read. 24 bytes for a row, and as many again for one that the two
//! databases hold in two ways. No value of a row is in it. Pure.

use std::hash::{BuildHasher as _, RandomState};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::binding::{Binding, hex};
use crate::transfer::digest::{Digest, Salt};
use crate::transfer::weigh::BaseRow;
use crate::{Error, Result};

const MAGIC: &[u8] = b"db-adapter base 1\n";
const SEAL: usize = 32;

/// A base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sync) struct Base {
    pub(in crate::sync) binding: Binding,
    pub(in crate::sync) salt: Salt,
    /// The tables by their declared names.
    pub(in crate::sync) tables: Vec<(String, Vec<BaseRow>)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    salt: Salt,
    #[serde(rename = "for")]
    binding: Binding,
    tables: Vec<Table>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    rows: u64,
    /// Rows that the destination holds otherwise.
    others: u64,
}

/// A new salt.
pub(in crate::sync) fn salt() -> Salt {
    // the seeds of a state are from the system
    let parts = [RandomState::new(), RandomState::new()].map(|state| state.hash_one("salt"));
    let mut salt = Salt::default();
    let bytes = parts.iter().flat_map(|part| part.to_le_bytes());
    salt.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    salt
}

impl Base {
    /// All its bytes.
    ///
    /// # Errors
    /// [`Error::Internal`] where it cannot be written as JSON.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        let others = |rows: &[BaseRow]| rows.iter().filter(|row| row.source != row.dest).count();
        let header = Header {
            salt: self.salt,
            binding: self.binding.clone(),
            tables: self
                .tables
                .iter()
                .map(|(name, rows)| Table {
                    name: name.clone(),
                    rows: rows.len() as u64,
                    others: others(rows) as u64,
                })
                .collect(),
        };
        let header = serde_json::to_vec(&header)
            .map_err(|_| Error::internal("a base cannot be written as JSON"))?;
        let rows: usize = self.tables.iter().map(|(_, rows)| rows.len()).sum();
        let mut bytes = Vec::with_capacity(MAGIC.len() + header.len() + SEAL + 24 * rows + 16);
        bytes.extend_from_slice(MAGIC);
        bytes.extend((header.len() as u64).to_le_bytes());
        bytes.extend(header);
        for (_, rows) in &self.tables {
            for row in rows {
                bytes.extend(row.key);
                bytes.extend(row.source);
            }
            for row in rows.iter().filter(|row| row.source != row.dest) {
                bytes.extend(row.key);
                bytes.extend(row.dest);
            }
        }
        let seal = Sha256::digest(&bytes);
        bytes.extend_from_slice(&seal);
        Ok(bytes)
    }

    /// Reads what [`bytes`](Self::bytes) has written.
    ///
    /// # Errors
    /// Why these are not the bytes of a base.
    pub(super) fn of(bytes: &[u8]) -> std::result::Result<Base, &'static str> {
        const CHANGED: &str = "it was cut off or changed";
        if !bytes.starts_with(MAGIC) {
            return Err("it is not a base that this version reads");
        }
        let (sealed, seal) = bytes
            .len()
            .checked_sub(SEAL)
            .and_then(|end| bytes.split_at_checked(end))
            .ok_or(CHANGED)?;
        if hex(&Sha256::digest(sealed)) != hex(seal) {
            return Err(CHANGED);
        }
        let mut rest = sealed.get(MAGIC.len()..).ok_or(CHANGED)?;
        let length = u64::from_le_bytes(take::<8>(&mut rest).ok_or(CHANGED)?);
        let length = usize::try_from(length).map_err(|_| CHANGED)?;
        let (header, mut rest) = rest.split_at_checked(length).ok_or(CHANGED)?;
        let header: Header = serde_json::from_slice(header).map_err(|_| CHANGED)?;
        let mut tables = Vec::with_capacity(header.tables.len());
        for table in header.tables {
            let rows = pairs(&mut rest, table.rows).ok_or(CHANGED)?;
            let others = pairs(&mut rest, table.others).ok_or(CHANGED)?;
            let mut others = others.into_iter().peekable();
            let row = |(key, source): (Digest, Digest)| {
                let other = others.next_if(|(other, _)| *other == key);
                BaseRow {
                    key,
                    source,
                    dest: other.map_or(source, |(_, dest)| dest),
                }
            };
            let rows: Vec<BaseRow> = rows.into_iter().map(row).collect();
            if others.next().is_some() || !rows.is_sorted_by(|a, b| a.key < b.key) {
                return Err(CHANGED);
            }
            tables.push((table.name, rows));
        }
        match rest.is_empty() {
            true => Ok(Base {
                binding: header.binding,
                salt: header.salt,
                tables,
            }),
            false => Err(CHANGED),
        }
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*first)
}

fn pairs(bytes: &mut &[u8], count: u64) -> Option<Vec<(Digest, Digest)>> {
    // no more than there are, whatever is written
    let most = u64::try_from(bytes.len() / 24).ok()?;
    if count > most {
        return None;
    }
    (0..count)
        .map(|_| Some((take(bytes)?, take(bytes)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        let row = |n: u8, other: u8| BaseRow {
            key: [n; 12],
            source: [n; 12],
            dest: [other; 12],
        };
        Base {
            binding: serde_json::from_str(
                r#"{"source":"a","dest":"b","source_columns":"1","dest_columns":"2","tables":"3","user":"4"}"#,
            )
            .unwrap(),
            salt: salt(),
            tables: vec![
                ("a".into(), vec![row(1, 1), row(2, 9), row(3, 3)]),
                ("b".into(), vec![]),
                ("c".into(), vec![row(4, 5)]),
            ],
        }
    }

    #[test]
    fn a_base_comes_back_as_it_was() {
        let base = base();
        let bytes = base.bytes().unwrap();
        assert_eq!(Base::of(&bytes), Ok(base.clone()));
        let without = Base {
            tables: vec![],
            ..base
        };
        assert_eq!(Base::of(&without.bytes().unwrap()), Ok(without));
    }

    #[test]
    fn any_other_bytes_are_refused() {
        let bytes = base().bytes().unwrap();
        for end in 0..bytes.len() {
            assert!(Base::of(&bytes[..end]).is_err(), "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert!(Base::of(&other).is_err(), "changed at {at}");
        }
        assert!(Base::of(&[&bytes[..], b"x"].concat()).is_err());
        assert_ne!(salt(), salt());
    }
}
