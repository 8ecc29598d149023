//! Rows that refer to rows of their own table which have not been seen yet: a worklist. The rows of
//! a table go in the order of the source; one that waits goes when what it waits for is known, and
//! before all that come after it in the source. At the end nothing waits for a row that will not
//! come, nor in a circle, so that the list always becomes empty. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasherDefault;

use super::circles::circles;
use super::fingerprint::{AsIs, Fingerprint};
use super::row::Item;

/// A row of the own table, by one of the key sets that others refer to.
pub(super) type Awaited = (usize, Fingerprint);

type ByAwaited<V> = HashMap<Awaited, V, BuildHasherDefault<AsIs>>;

/// The rows that wait, and those that wait no more.
#[derive(Default)]
pub(super) struct Waiting {
    /// By their numbers in the source; boxed, since a tree has room for twice as many as it holds.
    items: BTreeMap<u64, Box<Item>>,
    by_awaited: ByAwaited<Vec<u64>>,
    /// Those of which something is known that they waited for, by their numbers.
    ready: BTreeMap<u64, Box<Item>>,
    /// What no row of the source has; told at the end of the table.
    missing: HashSet<Awaited, BuildHasherDefault<AsIs>>,
    bytes: usize,
}

impl Waiting {
    /// Whether no row is left, waiting or ready.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.ready.is_empty()
    }

    /// How many rows are left.
    pub(super) fn len(&self) -> usize {
        self.items.len() + self.ready.len()
    }

    /// Roughly how much memory they take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether no row of the source is the one that is referred to.
    pub(super) fn is_missing(&self, awaited: &Awaited) -> bool {
        self.missing.contains(awaited)
    }

    /// Puts a row aside until this one is known.
    pub(super) fn add(&mut self, item: Item, awaited: Awaited) {
        self.bytes += item.weight();
        self.by_awaited
            .entry(awaited)
            .or_default()
            .push(item.origin.number);
        self.items.insert(item.origin.number, Box::new(item));
    }

    /// A row is known by this key now: those that waited for it may go on.
    pub(super) fn release(&mut self, awaited: Awaited) {
        for number in self.by_awaited.remove(&awaited).unwrap_or_default() {
            if let Some(item) = self.items.remove(&number) {
                self.ready.insert(number, item);
            }
        }
    }

    /// The first row of the source that can be tried again.
    pub(super) fn next_ready(&mut self) -> Option<Item> {
        let (_, item) = self.ready.pop_first()?;
        self.bytes = self.bytes.saturating_sub(item.weight());
        Some(*item)
    }

    /// No more rows come. What none of those that wait has, is missing; of those that wait for each
    /// other in a circle none waits for another one of its circle. `awaits` tells for which rows
    /// of the table a row waits, each with the place of its reference.
    pub(super) fn complete(&mut self, awaits: impl Fn(&Item) -> Vec<(usize, Awaited)>) {
        let mut items: Vec<Box<Item>> = std::mem::take(&mut self.items).into_values().collect();
        self.by_awaited.clear();
        let mut owner: ByAwaited<usize> = ByAwaited::default();
        for (at, item) in items.iter().enumerate() {
            for (key_set, key) in item.old_keys.iter().enumerate() {
                if let Some(key) = key {
                    // of two rows with one key the first is the one that is meant
                    owner.entry((key_set, *key)).or_insert(at);
                }
            }
        }
        let waits = items.iter().map(|item| awaits(item));
        let waits: Vec<Vec<(usize, Awaited)>> = waits.collect();
        let next = waits.iter().map(|waits| {
            let owners = waits.iter().filter_map(|(_, awaited)| owner.get(awaited));
            owners.copied().collect()
        });
        let circle_of = circles(&next.collect::<Vec<Vec<usize>>>());
        for (at, waits) in waits.into_iter().enumerate() {
            let Some(item) = items.get_mut(at) else {
                continue;
            };
            for (reference, awaited) in waits {
                match owner.get(&awaited) {
                    None => {
                        self.missing.insert(awaited);
                    }
                    Some(other) if circle_of.get(*other) == circle_of.get(at) => {
                        item.put_off.push(reference);
                    }
                    Some(_) => {}
                }
            }
        }
        // each is looked at again, and waits only for what is neither missing nor in its circle
        let items = items.into_iter().map(|item| (item.origin.number, item));
        self.ready.extend(items);
    }
}
