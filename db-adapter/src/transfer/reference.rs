//! Where the references of a row lead now, and what becomes of those that lead to nothing. Pure.

use super::holding::{Led, is_to_be_held};
use super::keys::Fate;
use super::options::MissingRef;
use super::plan::{ColumnPlan, RefPlan, TablePlan, Target, When};
use super::remap::Remap;
use super::roots::{Reason, RowId};
use super::row::{Item, Together};
use super::waiting::{Awaited, Waiting};
use crate::Value;

/// What a reference leads to.
pub(super) enum Found {
    Nothing,
    Row(usize, u32),
    /// The row itself.
    Itself,
    NotYet(Awaited),
    Later,
    Missing,
    Failed(RowId),
}

impl Remap<'_> {
    pub(super) fn find(
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

    pub(super) fn substitute(
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

    pub(super) fn too_late(&self, table: &TablePlan, reference: &RefPlan, why: &str) -> String {
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
        let lost = || "where its reference leads is not known, which is a defect of db-adapter";
        let reference = table.refs.get(at).ok_or_else(lost)?;
        let values = self.values_of(reference, target, row);
        if values.len() != reference.fields.len() {
            // a field without a value would keep what it was in the source: the key of another row
            return Err(lost().to_owned());
        }
        for (field, value) in reference.fields.iter().zip(values) {
            let cell = cells.get_mut(*field).ok_or_else(lost)?;
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

pub(super) const NEVER_NULL: &str = "the reference cannot be NULL until then, and has no foreign key that is DEFERRABLE to a key that is known before";

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
