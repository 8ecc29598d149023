//! What becomes of one row: its references lead to where their rows are now, its natural key
//! tells whether it is there already. Decides everything, touches nothing. Pure.

use super::fingerprint::{ByKey, Fingerprint, Fingerprints, Meaning};
use super::holding::{Led, is_to_be_held};
use super::keys::{Columns, Fate, Known};
use super::lasting::Cells;
use super::options::{MissingRef, Options, RestoreMode};
use super::plan::{ColumnPlan, RefPlan, RestorePlan, TablePlan, Target, When};
use super::roots::{Reason, RowId};
use super::row::{Item, Together};
use super::source::Mark;
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
enum Claim {
    /// A row of the destination.
    There(u32),
    /// Several rows of the destination: none of them is meant more than the others.
    Several,
    /// This row of the source.
    Row(Mark),
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

/// What a reference leads to.
enum Found {
    Nothing,
    Row(usize, u32),
    /// The row itself.
    Itself,
    NotYet(Awaited),
    Later,
    Missing,
    Failed(RowId),
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
    fn table(&self, place: usize) -> Option<&TablePlan> {
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
            let claim = present.by_natural.get(&natural);
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

    fn find(
        &self,
        place: usize,
        table: &TablePlan,
        at: usize,
        item: &Item,
        waiting: &Waiting,
    ) -> Found {
        let (Some(reference), Some(Some(old))) = (table.refs.get(at), item.old_refs.get(at)) else {
            return Found::Nothing;
        };
        let Target::Table {
            table: target,
            key_set,
            when,
        } = reference.target
        else {
            return Found::Nothing; // looked up in the destination
        };
        let known = self.known.get(target);
        if let Some(row) = known.and_then(|known| known.find(key_set, *old)) {
            return match known.map(|known| known.fate(row)) {
                Some(Fate::Failed) => Found::Failed((target, row)),
                _ => Found::Row(target, row),
            };
        }
        let awaited = (key_set, *old);
        match when {
            When::Before => Found::Missing,
            When::After => Found::Later,
            When::Together if target == place && is_of(item, &awaited) => Found::Itself,
            When::Together if waiting.is_missing(&awaited) => Found::Missing,
            When::Together if item.put_off.contains(&at) || gives_way(table, reference) => {
                Found::Later
            }
            When::Together => Found::NotYet(awaited),
        }
    }

    /// The rows of the same table that a row waits for, each with the place of its reference.
    pub(super) fn awaits(
        &self,
        place: usize,
        item: &Item,
        waiting: &Waiting,
    ) -> Vec<(usize, Awaited)> {
        let Some(table) = self.table(place) else {
            return Vec::new();
        };
        let found =
            (0..table.refs.len()).map(|at| (at, self.find(place, table, at, item, waiting)));
        found
            .filter_map(|(at, found)| match found {
                Found::NotYet(awaited) => Some((at, awaited)),
                _ => None,
            })
            .collect()
    }

    fn substitute(
        &self,
        place: usize,
        table: &TablePlan,
        item: &mut Item,
        found: &[Found],
    ) -> Result<(), Reason> {
        // a column of several references: the last one would decide where all of them lead
        let mut led: Vec<(usize, usize)> = Vec::new();
        for (at, (reference, found)) in table.refs.iter().zip(found).enumerate() {
            match found {
                Found::Nothing | Found::NotYet(_) => {}
                Found::Itself => item.resolved.itself.push(at),
                Found::Row(target, row) => {
                    self.lead(table, at, &mut item.values, (*target, *row), &mut led)?;
                    item.resolved.found.extend(self.holds(reference, *row));
                    let old = item.old_refs.get(at).copied().flatten();
                    if let Some(old) = old.filter(|_| *target == place) {
                        item.resolved.together.push(Together {
                            reference: at,
                            row: *row,
                            old,
                        });
                    }
                }
                Found::Later => self.put_off(table, item, at, reference)?,
                Found::Failed(row) if reference.required || identifies(table, reference) => {
                    return Err(Reason {
                        text: format!("{} failed", self.words(table, reference)),
                        needs: Some(*row),
                    });
                }
                Found::Missing if reference.required => {
                    let words = self.words(table, reference);
                    let whole = self.plan.words.whole();
                    return Err(format!("{words} is not in {whole}").into());
                }
                // NULL instead would be the natural key of another row
                Found::Missing if identifies(table, reference) => {
                    let words = self.words(table, reference);
                    let whole = self.plan.words.whole();
                    return Err(format!(
                        "{words} is not in {whole}, and is part of its natural key"
                    )
                    .into());
                }
                Found::Missing | Found::Failed(_) => {
                    let needs = match found {
                        Found::Failed(row) => Some(*row),
                        _ => None,
                    };
                    self.null(table, reference, &mut item.values)
                        .map_err(|text| Reason { text, needs })?;
                    match self.options.missing_ref {
                        MissingRef::Keep => item.resolved.kept.push(at),
                        _ => item.resolved.nulled += 1,
                    }
                }
            }
        }
        Ok(())
    }

    /// The reference is NULL until the row that it leads to is there, or what it is where the row is there.
    fn put_off(
        &self,
        table: &TablePlan,
        item: &mut Item,
        at: usize,
        reference: &RefPlan,
    ) -> Result<(), String> {
        let old = item.old_refs.get(at).copied().flatten();
        match not_put_off(table, reference) {
            // a new row has the key that the other one will have
            Some(NEVER_NULL) if reference.waits => {}
            Some(NEVER_NULL) => item.resolved.needed = Some(at),
            Some(why) => return Err(self.too_late(table, reference, why)),
            None => set_null(reference, &mut item.values)
                .ok_or_else(|| self.cannot_be_null(table, reference))?,
        }
        item.resolved.later.extend(old.map(|old| (at, old)));
        Ok(())
    }

    fn too_late(&self, table: &TablePlan, reference: &RefPlan, why: &str) -> String {
        let words = self.words(table, reference);
        format!("{words} comes after it or leads in a circle, and {why}")
    }

    /// What an optional reference to nothing becomes.
    pub(super) fn null(
        &self,
        table: &TablePlan,
        reference: &RefPlan,
        values: &mut [Value],
    ) -> Result<(), String> {
        if self.options.missing_ref == MissingRef::Fail {
            return Err(format!("{} is missing", self.words(table, reference)));
        }
        set_null(reference, values).ok_or_else(|| self.cannot_be_null(table, reference))
    }

    fn cannot_be_null(&self, table: &TablePlan, reference: &RefPlan) -> String {
        format!(
            "{} is missing, and the reference cannot be NULL",
            self.words(table, reference)
        )
    }

    /// ``the `authors` that `author_id` refers to``.
    pub(super) fn words(&self, table: &TablePlan, reference: &RefPlan) -> String {
        let fields: Vec<String> = reference
            .fields
            .iter()
            .filter_map(|c| table.columns.get(*c))
            .map(|column| format!("`{}`", column.name))
            .collect();
        let target = match &reference.target {
            Target::Table { table, .. } => self.table(*table).map(|t| t.name.to_string()),
            Target::External { name, .. } => Some(name.to_string()),
        };
        format!(
            "the row of `{}` that {} refers to",
            target.unwrap_or_default(),
            fields.join(", ")
        )
    }

    /// Lets the reference lead to where its row is now. `led`: the columns that others led before,
    /// each with its reference.
    fn lead(
        &self,
        table: &TablePlan,
        at: usize,
        cells: &mut [Value],
        (target, row): (usize, u32),
        led: &mut Vec<(usize, usize)>,
    ) -> Result<(), String> {
        let Some(reference) = table.refs.get(at) else {
            return Ok(());
        };
        let values = self.values_of(reference, target, row);
        for (field, value) in reference.fields.iter().zip(values) {
            let Some(cell) = cells.get_mut(*field) else {
                continue;
            };
            if table.shares_columns {
                let before = led.iter().find(|(column, _)| column == field);
                if let Some(other) = before.and_then(|(_, other)| table.refs.get(*other))
                    && !self.are_equal(table, *field, cell, &value)
                {
                    let (one, other) = (self.words(table, reference), self.words(table, other));
                    return Err(format!("{one} and {other} do not agree"));
                }
                led.push((*field, at));
            }
            *cell = value;
        }
        Ok(())
    }

    fn are_equal(&self, table: &TablePlan, column: usize, one: &Value, other: &Value) -> bool {
        let Some(column) = table.columns.get(column) else {
            return false;
        };
        let of = |value| self.fingerprints.of([(value, &column.meaning)]);
        of(one) == of(other)
    }

    /// The columns that a reference leads to, of a table of the restore.
    pub(super) fn targets_of(&self, reference: &RefPlan) -> impl Iterator<Item = &ColumnPlan> {
        let target = match &reference.target {
            Target::Table { table, key_set, .. } => Some((*table, *key_set)),
            Target::External { .. } => None,
        };
        let found = target.and_then(|(table, set)| {
            let table = self.table(table)?;
            Some((table, table.key_sets.get(set)?))
        });
        found
            .into_iter()
            .flat_map(|(table, set)| set.iter().filter_map(|column| table.columns.get(*column)))
    }

    /// The values that a reference to a row has now.
    pub(super) fn values_of(&self, reference: &RefPlan, target: usize, row: u32) -> Vec<Value> {
        let Target::Table { key_set, .. } = &reference.target else {
            return Vec::new();
        };
        self.key_now(Led {
            table: target,
            key_set: *key_set,
            row,
        })
    }

    /// A row that the reference leads to, where it was there before and is to be looked at once more.
    pub(super) fn holds(&self, reference: &RefPlan, row: u32) -> Option<Led> {
        let Target::Table { table, key_set, .. } = reference.target else {
            return None;
        };
        let known = self.known.get(table)?;
        let is_found = known.fate(row) == Fate::Existed && is_to_be_held(self.plan, reference);
        is_found.then_some(Led {
            table,
            key_set,
            row,
        })
    }

    /// The key by which a row is referred to.
    pub(super) fn key_now(&self, led: Led) -> Vec<Value> {
        let (Some(table), Some(known)) = (self.table(led.table), self.known.get(led.table)) else {
            return Vec::new();
        };
        let set = table.key_sets.get(led.key_set).into_iter().flatten();
        let value = |column| Some(known.value(table.kept_at(column)?, led.row));
        set.map(|column| value(*column).unwrap_or_default())
            .collect()
    }

    fn by_natural_key(&self, table: &TablePlan, present: &mut Present, item: Item) -> Placed {
        let natural = natural_key(table, &self.fingerprints, &item.values);
        let claim = present.by_natural.get(&natural).copied();
        match claim {
            None => {
                present
                    .by_natural
                    .insert(natural, Claim::Row(item.origin.mark));
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
                present
                    .by_natural
                    .insert(natural, Claim::Row(item.origin.mark));
                self.existing(table, item, row)
            }
        }
    }

    fn existing(&self, table: &TablePlan, item: Item, row: u32) -> Placed {
        match self.options.mode {
            RestoreMode::Overwrite if !table.shared || self.options.overwrite_shared => {
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

/// Whether the reference is part of what tells which row it is: NULL instead would be another row.
///
/// Of a reference to a row of the same tenant, `(user_id, up_id)`, the first column does not count: it
/// is the row's own, whatever becomes of the reference.
pub(super) fn identifies(table: &TablePlan, reference: &RefPlan) -> bool {
    let needed = |column: &usize| {
        let mut others = table.refs.iter().filter(|other| other.required);
        others.any(|other| other.fields.contains(column))
    };
    let is_own =
        |column: &usize| table.user == Some(*column) || (!reference.required && needed(column));
    let mut fields = reference.fields.iter();
    fields.any(|column| table.natural.contains(column) && !is_own(column))
}

fn is_part_of_key(table: &TablePlan, other: &Together) -> bool {
    let reference = table.refs.get(other.reference);
    reference.is_some_and(|reference| identifies(table, reference))
}

const NEVER_NULL: &str = "the reference cannot be NULL until then, and has no foreign key that is DEFERRABLE to a key that is known before";

/// Why the row cannot be sent before what the reference leads to; `None` when it can.
pub(super) fn not_put_off(table: &TablePlan, reference: &RefPlan) -> Option<&'static str> {
    let is_key = |column: &usize| table.key_sets.iter().any(|set| set.contains(column));
    if identifies(table, reference) {
        return Some("it is part of the natural key");
    }
    if reference.nulled.is_empty() {
        return Some(NEVER_NULL);
    }
    // what refers to the row would be told the NULL
    reference
        .nulled
        .iter()
        .any(is_key)
        .then_some("it is part of a key that others refer to")
}

/// Whether the reference need not be known when the row is sent, while another one of its table
/// must: a circle of both is broken here, where it can be.
fn gives_way(table: &TablePlan, reference: &RefPlan) -> bool {
    let must_be_known =
        |other: &RefPlan| other.target.is_together() && not_put_off(table, other).is_some();
    not_put_off(table, reference).is_none() && table.refs.iter().any(must_be_known)
}

fn is_of(item: &Item, (key_set, key): &Awaited) -> bool {
    item.old_keys.get(*key_set) == Some(&Some(*key))
}

/// `None` when none of the reference's fields can be NULL.
pub(super) fn set_null(reference: &RefPlan, values: &mut [Value]) -> Option<()> {
    reference.nulled.first()?;
    for column in &reference.nulled {
        if let Some(cell) = values.get_mut(*column) {
            *cell = Value::Null;
        }
    }
    Some(())
}
