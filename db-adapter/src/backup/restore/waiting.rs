//! Rows that refer to rows of their own table which have not been seen yet, and what becomes of
//! them at the end of the table. Pure.

use super::fingerprint::{ByKey, Fingerprint};
use super::remap::Patience;
use super::row::Item;

/// The rows that wait, by what they wait for.
#[derive(Default)]
pub(super) struct Waiting {
    items: ByKey<Vec<Item>>,
    bytes: usize,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Roughly how much memory they take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn add(&mut self, item: Item, key: Fingerprint) {
        self.bytes += item.weight();
        self.items.entry(key).or_default().push(item);
    }

    /// The rows that waited for this one.
    pub(super) fn release(&mut self, key: Fingerprint) -> Vec<Item> {
        let items = self.items.remove(&key).unwrap_or_default();
        self.bytes -= items.iter().map(Item::weight).sum::<usize>();
        items
    }

    /// When nothing more comes: the rows that wait in vain, and of each circle one. The others
    /// wait for these.
    pub(super) fn break_up(&mut self) -> Vec<(Item, Patience)> {
        let waiting = std::mem::take(&mut self.items);
        self.bytes = 0;
        let waiting: Vec<(Fingerprint, Item)> = waiting
            .into_iter()
            .flat_map(|(key, items)| items.into_iter().map(move |item| (key, item)))
            .collect();
        let next = next_of_each(&waiting);
        let in_circle = one_of_each_circle(&next);
        let mut out = Vec::new();
        for (at, (key, item)) in waiting.into_iter().enumerate() {
            match next.get(at) {
                Some(None) => out.push((item, Patience::WillNotCome(key))),
                _ if in_circle.binary_search(&at).is_ok() => out.push((item, Patience::WillCome)),
                _ => self.add(item, key),
            }
        }
        out
    }
}

/// For each row the waiting row that it waits for; `None` when that is not among them.
fn next_of_each(waiting: &[(Fingerprint, Item)]) -> Vec<Option<usize>> {
    let mut owner: ByKey<usize> = ByKey::default();
    for (at, (_, item)) in waiting.iter().enumerate() {
        for key in item.old_keys.iter().flatten() {
            owner.insert(*key, at);
        }
    }
    let next = waiting.iter().map(|(key, _)| owner.get(key).copied());
    next.collect()
}

/// Every row leads to one other at most: each walk ends nowhere, in a circle, or where an earlier
/// walk has been.
fn one_of_each_circle(next: &[Option<usize>]) -> Vec<usize> {
    let mut walk_of = vec![0; next.len()];
    let mut found = Vec::new();
    for start in 0..next.len() {
        let walk = start + 1;
        let mut at = Some(start);
        while let Some(here) = at {
            match walk_of.get_mut(here) {
                Some(seen) if *seen == 0 => *seen = walk,
                Some(seen) if *seen == walk => {
                    found.push(here);
                    break;
                }
                _ => break,
            }
            at = next.get(here).copied().flatten();
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_circle_one_row_goes_first() {
        // 0 -> 1 -> 2 -> 0; 3 -> 1; 4 -> nowhere; 5 -> 5; 6 -> 4
        let next = [Some(1), Some(2), Some(0), Some(1), None, Some(5), Some(4)];
        assert_eq!(one_of_each_circle(&next), [0, 5]);
        assert_eq!(one_of_each_circle(&[]), [0_usize; 0]);
        let chain: Vec<Option<usize>> = (0..100_000).map(|at| (at > 0).then(|| at - 1)).collect();
        assert!(one_of_each_circle(&chain).is_empty());
    }
}
