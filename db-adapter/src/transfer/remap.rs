//! What becomes of one row: its references lead to where their rows are now, its natural key
//! tells whether it is there already. Decides everything, touches nothing. Pure.

use super::fingerprint::{Fingerprint, Fingerprints, Meaning};
use super::keys::{Fate, Known};
use super::options::{Options, RestoreMode};
use super::plan::{RestorePlan, TablePlan};
use super::present::{Claim, Present};
use super::reference::{Found, NEVER_NULL, identifies};
use super::roots::Reason;
use super::row::{Item, Together};
use super::waiting::{Awaited, Waiting};
use crate::Value;

/// Everything that is known while the tables are restored.
pub(super) struct Remap<'p> {
    pub(super) plan: &'p RestorePlan,
    pub(super) options: &'p Options,
    pub(super) fingerprints: Fingerprints,
    /// The rows of each table so far.
    pub(super) known: Vec<Known>,
}

/// What becomes of a row.
#[derive(Debug)]
pub(super) enum Placed {
    /// It is new; keys of the database are still missing.
    New(Item),
    /// It is there, by these values of the kept columns, and stays as it is.
    Same(Item, u32),
    /// It is there, and gets the values of the item.
    Changed(Item, u32),
    /// It refers to a row of its own table that has not been seen yet.
    Waits(Item, Awaited),
    /// It is there if the new rows that are part of its natural key are: they have to be sent before
    /// [`Remap::match_row`] can tell.
    Unsure(Item),
    /// It is not restored.
    Failed(Item, Reason),
}

impl<'p> Remap<'p> {
    /// Before the first row.
    pub(super) fn new(plan: &'p RestorePlan, options: &'p Options) -> Self {
        let known = plan.tables.iter().map(|table| {
            let primary = table.key_sets.iter().position(|set| *set == table.key);
            Known::new(table.key_sets.len(), primary, table.kept.len())
        });
        Remap {
            plan,
            options,
            fingerprints: Fingerprints::default(),
            known: known.collect(),
        }
    }
}

impl Remap<'_> {
    pub(super) fn table(&self, place: usize) -> Option<&TablePlan> {
        self.plan.tables.get(place)
    }

    /// Decides about a row of the table at `place`. `unsent`: the first of the table's new rows that the
    /// database has not taken yet.
    pub(super) fn place(
        &self,
        place: usize,
        present: &mut Present,
        mut item: Item,
        waiting: &Waiting,
        unsent: Option<u32>,
    ) -> Placed {
        let Some(table) = self.table(place) else {
            return Placed::Failed(item, "it has no table".to_owned().into());
        };
        let mut found = Vec::with_capacity(table.refs.len());
        for at in 0..table.refs.len() {
            match self.find(place, table, at, &item, waiting) {
                Found::NotYet(awaited) => return Placed::Waits(item, awaited),
                other => found.push(other),
            }
        }
        if let Err(reason) = self.substitute(place, table, &mut item, &found) {
            return Placed::Failed(item, reason);
        }
        if self.is_unsure(table, present, &item, unsent) {
            return Placed::Unsure(item);
        }
        self.match_row(place, present, item)
    }

    /// Whether the row's natural key, with the key of a new row in it, is that of a row of the destination.
    /// Where the new row is refused because its key is taken, that is a child of the one that has it.
    fn is_unsure(
        &self,
        table: &TablePlan,
        present: &Present,
        item: &Item,
        unsent: Option<u32>,
    ) -> bool {
        let is_unsent = |other: &&Together| unsent.is_some_and(|first| other.row >= first);
        let mut others = item.resolved.together.iter().filter(is_unsent);
        others.any(|other| is_part_of_key(table, other)) && {
            let natural = natural_key(table, &self.fingerprints, &item.values);
            let claim = present.claim(&natural);
            matches!(claim, Some(Claim::There(_) | Claim::Several))
        }
    }

    /// Decides about a row whose references lead to where their rows are now: by its natural key.
    pub(super) fn match_row(&self, place: usize, present: &mut Present, item: Item) -> Placed {
        let Some(table) = self.table(place) else {
            return Placed::Failed(item, "it has no table".to_owned().into());
        };
        let known = self.known.get(place);
        let failed = |other: &&Together| known.is_some_and(|k| k.fate(other.row) == Fate::Failed);
        let mut others = item.resolved.together.iter().filter(failed);
        if let Some(other) = others.find(|other| is_part_of_key(table, other)) {
            let reason = Reason {
                text: match table.refs.get(other.reference) {
                    Some(reference) => format!("{} failed", self.words(table, reference)),
                    None => "a row that it refers to failed".to_owned(),
                },
                needs: Some((place, other.row)),
            };
            return Placed::Failed(item, reason);
        }
        match self.by_natural_key(table, present, item) {
            Placed::New(item) => match item.resolved.needed.and_then(|at| table.refs.get(at)) {
                Some(reference) => {
                    let reason = self.too_late(table, reference, NEVER_NULL);
                    Placed::Failed(item, reason.into())
                }
                None => Placed::New(item),
            },
            placed => placed,
        }
    }

    fn by_natural_key(&self, table: &TablePlan, present: &mut Present, item: Item) -> Placed {
        let natural = natural_key(table, &self.fingerprints, &item.values);
        let claim = present.claim(&natural);
        match claim {
            None => {
                present.take(natural, item.origin.mark);
                Placed::New(item)
            }
            Some(Claim::Row(mark)) => {
                let row = self.plan.words.row(mark);
                let reason = format!("it has the natural key of {row}");
                Placed::Failed(item, reason.into())
            }
            Some(Claim::Several) => {
                let reason = "several rows of the destination have its natural key";
                Placed::Failed(item, reason.to_owned().into())
            }
            Some(Claim::There(row)) => {
                // another row of the source with this key is one too many
                present.take(natural, item.origin.mark);
                present.is_matched(row);
                self.existing(table, item, row)
            }
        }
    }

    fn existing(&self, table: &TablePlan, item: Item, row: u32) -> Placed {
        match self.options.mode {
            // of shared rows that stay as they are it is told that they differ
            RestoreMode::Overwrite
                if !table.shared || self.options.overwrite_shared || self.options.records =>
            {
                Placed::Changed(item, row)
            }
            RestoreMode::Fail if !table.shared => {
                Placed::Failed(item, "it is there already".to_owned().into())
            }
            _ => Placed::Same(item, row),
        }
    }
}

/// The fingerprint of a row's natural key.
pub(super) fn natural_key(
    table: &TablePlan,
    fingerprints: &Fingerprints,
    values: &[Value],
) -> Fingerprint {
    let cells = table.natural.iter().filter_map(|column| {
        let meaning: &Meaning = &table.columns.get(*column)?.meaning;
        Some((values.get(*column)?, meaning))
    });
    fingerprints.of(cells)
}

fn is_part_of_key(table: &TablePlan, other: &Together) -> bool {
    let reference = table.refs.get(other.reference);
    reference.is_some_and(|reference| identifies(table, reference))
}
