//! Keys of the database that no row has yet. A number of a sequence is lost to others once it is taken, whatever
//! becomes of the restore: so only as many are taken as rows are at hand, and one by one where few are left. Where
//! the work is done again, its numbers are used again.

use std::collections::{HashMap, HashSet, VecDeque};

use super::making::go_on;
use super::plan::TablePlan;
use super::standing_in;
use crate::client::DatabaseClient as _;
use crate::query::{AllocateKeys, Operation};
use crate::transaction::Transaction;
use crate::{Error, Result, Value};

/// Keys that are taken at once, where so many rows are left.
const FEWEST_KEYS: u64 = 1000;
/// What is more would wait in memory for long.
const MOST_KEYS: u64 = 10_000;

/// The keys that were taken, by table and column.
#[derive(Default)]
pub(super) struct Numbers {
    pools: HashMap<(usize, usize), Pool>,
    /// The tables of which it was made sure that their numbers are not behind.
    gone_on: HashSet<usize>,
    /// Whether all that were given are remembered.
    remembers: bool,
    /// Whether the database is not asked for any: what is given only stands for a key.
    looks: bool,
}

#[derive(Default)]
struct Pool {
    free: VecDeque<Value>,
    given: Vec<Value>,
    taken: u64,
}

/// How many rows need a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needed {
    /// Those that are known.
    pub(super) at_hand: u64,
    /// Those that may come after them; `None` where nobody knows.
    pub(super) to_come: Option<u64>,
    /// Of all of these the ones that are new for certain.
    pub(super) least: u64,
}

impl Numbers {
    pub(super) fn remembering(remembers: bool) -> Self {
        Numbers {
            remembers,
            ..Numbers::default()
        }
    }

    /// Those of a transfer that writes nothing.
    pub(super) fn looking() -> Self {
        Numbers {
            looks: true,
            ..Numbers::default()
        }
    }

    /// The same, after all that was done with them was undone.
    pub(super) fn again(mut self) -> Self {
        for pool in self.pools.values_mut() {
            let mut all: VecDeque<Value> = std::mem::take(&mut pool.given).into();
            all.append(&mut pool.free);
            pool.free = all;
        }
        self
    }

    /// A key that no row has.
    pub(super) async fn take(
        &mut self,
        tx: &Transaction,
        (place, table): (usize, &TablePlan),
        column: usize,
        needed: Needed,
    ) -> Result<Value> {
        if self.looks {
            let pool = self.pools.entry((place, column)).or_default();
            if pool.taken == 0 {
                standing_in::check(tx, table, column).await?;
            }
            pool.taken += 1;
            return standing_in::key(table, column, pool.taken);
        }
        let pool = self.pools.entry((place, column)).or_default();
        if pool.free.is_empty() {
            if self.gone_on.insert(place) {
                go_on(tx, table).await?;
            }
            let name = table.columns.get(column).map(|c| c.name.as_str());
            // as many again: the number of questions grows with the logarithm of the rows, and where most rows are
            // there already, few numbers of the sequence are lost
            let to_come = needed.to_come.unwrap_or(u64::MAX);
            let count = chunk(needed.at_hand, to_come.min(pool.taken));
            let mut allocate =
                AllocateKeys::new(table.table.clone(), name.unwrap_or_default(), count);
            allocate.most = needed.at_hand.saturating_add(to_come);
            allocate.least = needed.least.saturating_sub(pool.taken);
            let rows = tx.run(Operation::AllocateKeys(allocate)).await?.rows;
            pool.taken += rows.len() as u64;
            let keys = rows.iter().filter_map(|row| row.get_index(0).cloned());
            pool.free.extend(keys);
        }
        // it would go in under the key of the source
        let key = pool.free.pop_front().ok_or_else(|| {
            Error::internal(format!(
                "a row of `{}` got no new key, although the database gave as many as it was asked for",
                table.name
            ))
        })?;
        if self.remembers {
            pool.given.push(key.clone());
        }
        Ok(key)
    }
}

/// How many keys are taken at once: those of the rows at hand, within bounds; not one by one where few are at hand,
/// because the others wait or are still to come; and none for rows that will never be.
fn chunk(at_hand: u64, to_come: u64) -> u64 {
    let all = at_hand.saturating_add(to_come);
    at_hand.max(FEWEST_KEYS).min(all).min(MOST_KEYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_chunks_and_none_for_rows_that_will_never_be() {
        for (at_hand, to_come, expected) in [
            (1, 0, 1),
            (3, 0, 3),
            (1, 500, 501),
            (1, 1_000_000, 1000),
            (1, u64::MAX, 1000),
            (5000, 0, 5000),
            (5000, 1_000_000, 5000),
            (200_000, 0, 10_000),
        ] {
            assert_eq!(chunk(at_hand, to_come), expected, "{at_hand} {to_come}");
        }
    }
}
