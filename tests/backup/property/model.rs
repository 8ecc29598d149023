//! What a backup holds and what a restore leaves behind, written from the documents alone: one row
//! at a time, by looking through everything. Slow, simple, and nothing of db-adapter in it.
//!
//! Which of several rows with one value of a unique column is refused, nobody promises. There the
//! model takes the summary's word, and insists that there is such another row.

use std::collections::HashSet;

use db_adapter::backup::RestoreMode;

use crate::side::Backend;

use super::content::{Cell, Content, Record, cells};
use super::shape::{Natural, Reference, Shape, Table};
use super::world::World;

/// The choices of a restore.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choices {
    pub(super) mode: RestoreMode,
    pub(super) skip_bad: bool,
    pub(super) keep_keys: bool,
    pub(super) overwrite_shared: bool,
}

/// What a restore did to a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) inserted: u64,
    pub(super) updated: u64,
    pub(super) skipped: u64,
    pub(super) failed: u64,
    pub(super) nulled: u64,
}

/// What became of a row of the file.
#[derive(Debug, Clone)]
enum Fate {
    /// It has this key now.
    Is(Vec<Cell>),
    Failed,
}

/// The rows of a user, as they are in a backup: a filter leaves children out with their parents.
pub(super) fn backed_up(shape: &Shape, content: &Content, user: &str, world: &World) -> Content {
    let mut backup = Content::default();
    for (at, (table, rows)) in shape.tables.iter().zip(&content.tables).enumerate() {
        let included = |row: &&Record| {
            let is_users = |column: usize| row[column].as_deref() == Some(user);
            let is_below = table.parents.iter().all(|parent| {
                let key = cells(row, &parent.fields);
                target(shape, &backup, parent, &key).is_some()
            });
            table.user.is_none_or(is_users) && is_below && world.keeps(at, table, row)
        };
        let rows = rows.iter().filter(included).cloned().collect();
        backup.tables.push(rows);
    }
    backup
}

/// The place of the row that has this primary key.
fn target(shape: &Shape, content: &Content, reference: &Reference, key: &[Cell]) -> Option<usize> {
    let pk = &shape.tables[reference.table].pk;
    let rows = &content.tables[reference.table];
    rows.iter().position(|row| cells(row, pk) == key)
}

/// Rows of the file by table and place.
pub(super) type Rows = HashSet<(usize, usize)>;

/// What the destination holds after a restore of all the rows that can be restored, and what was
/// done. New keys of the database are words that begin with `new`. `doubles`: the rows that the
/// summary calls refused because another one has the same value.
pub(super) fn restored(
    shape: &Shape,
    file: &Content,
    before: &Content,
    user: &str,
    backend: Backend,
    choices: Choices,
    (doubles, world): (&Rows, &World),
) -> (Content, Vec<Counts>) {
    let mut restore = Restore {
        world,
        shape,
        file,
        before,
        now: before.clone(),
        user,
        backend,
        choices,
        fates: file
            .tables
            .iter()
            .map(|rows| vec![None; rows.len()])
            .collect(),
        places: file
            .tables
            .iter()
            .map(|rows| vec![None; rows.len()])
            .collect(),
        counts: vec![Counts::default(); shape.tables.len()],
        claimed: Vec::new(),
        numbers: 0,
        doubles,
        refused: Vec::new(),
    };
    for at in 0..shape.tables.len() {
        restore.claimed.clear();
        let mut put_off = None;
        while restore.fates[at].iter().any(Option::is_none) {
            match restore.next(at, put_off.as_ref()) {
                Some(row) => restore.row(at, row),
                // no more rows come
                None if put_off.is_none() => put_off = Some(restore.circles(at)),
                None => panic!("rows of {} wait in vain", shape.tables[at].name),
            }
        }
    }
    restore.later_references();
    restore.doubles_are_there();
    (restore.now, restore.counts)
}

struct Restore<'a> {
    world: &'a World,
    shape: &'a Shape,
    file: &'a Content,
    before: &'a Content,
    now: Content,
    user: &'a str,
    backend: Backend,
    choices: Choices,
    /// For each row of the file, once it is known.
    fates: Vec<Vec<Option<Fate>>>,
    /// Where each row that was written stands.
    places: Vec<Vec<Option<usize>>>,
    counts: Vec<Counts>,
    /// The natural keys of the file's rows so far.
    claimed: Vec<Vec<Cell>>,
    numbers: usize,
    doubles: &'a Rows,
    /// The rows that were refused for their unique values: their tables, places and values.
    refused: Vec<(usize, Option<usize>, Record)>,
}

/// References within a table that rows do not wait for: from one row of the file to another.
type PutOff = HashSet<(usize, usize)>;

/// Where a reference leads.
enum Leads {
    Nowhere,
    To(usize),
    Missing,
}

impl Restore<'_> {
    /// The first row of the file that does not wait for another one of its table. `put_off` once
    /// no more rows come: then nothing waits for what is not there, nor for these.
    fn next(&self, at: usize, put_off: Option<&PutOff>) -> Option<usize> {
        let waits = |row: usize| {
            self.awaits(at, row)
                .into_iter()
                .any(|to| match (to, put_off) {
                    (None, put_off) => put_off.is_none(),
                    (Some(to), Some(put_off)) => !put_off.contains(&(row, to)),
                    (Some(_), None) => true,
                })
        };
        (0..self.fates[at].len()).find(|row| self.fates[at][*row].is_none() && !waits(*row))
    }

    /// The rows of its table that a row refers to and of which nothing is known; `None` for one
    /// that is not in the file. Where the natural key needs such rows, the others do not count.
    fn awaits(&self, at: usize, row: usize) -> Vec<Option<usize>> {
        let table = &self.shape.tables[at];
        let own = |reference: &&Reference| reference.table == at;
        let needs = |reference: &Reference| in_key(table, reference);
        let has_needs = table.optional.iter().filter(own).any(needs);
        let counted = table.optional.iter().filter(own);
        counted
            .filter(|reference| !has_needs || needs(reference))
            .filter_map(|reference| match self.leads(at, row, reference) {
                Leads::To(to) if to != row && self.fates[at][to].is_none() => Some(Some(to)),
                Leads::Missing => Some(None),
                _ => None,
            })
            .collect()
    }

    /// The references of rows that wait for each other in circles.
    fn circles(&self, at: usize) -> PutOff {
        let rows = 0..self.fates[at].len();
        let open = rows.filter(|row| self.fates[at][*row].is_none());
        let edges: PutOff = open
            .flat_map(|row| {
                let awaited = self.awaits(at, row).into_iter().flatten();
                awaited.map(move |to| (row, to))
            })
            .collect();
        let leads = |from: usize, to: usize| {
            let mut seen = vec![from];
            let mut looked = 0;
            while let Some(here) = seen.get(looked).copied() {
                looked += 1;
                for (_, next) in edges.iter().filter(|(row, _)| *row == here) {
                    if !seen.contains(next) {
                        seen.push(*next);
                    }
                }
            }
            seen.contains(&to)
        };
        let edges = edges.iter().copied();
        edges.filter(|(row, to)| leads(*to, *row)).collect()
    }

    fn leads(&self, at: usize, row: usize, reference: &Reference) -> Leads {
        let key = cells(&self.file.tables[at][row], &reference.fields);
        if key.iter().any(Option::is_none) {
            return Leads::Nowhere;
        }
        match target(self.shape, self.file, reference, &key) {
            Some(place) => Leads::To(place),
            None => Leads::Missing,
        }
    }

    fn row(&mut self, at: usize, row: usize) {
        let fate = self.try_row(at, row);
        if matches!(fate, Fate::Failed) {
            self.counts[at].failed += 1;
        }
        self.fates[at][row] = Some(fate);
    }

    fn try_row(&mut self, at: usize, row: usize) -> Fate {
        let table = &self.shape.tables[at];
        let mut values = self.file.tables[at][row].clone();
        if self.world.is_unfit(table, &values) {
            return Fate::Failed;
        }
        if let Some(column) = table.user {
            values[column] = Some(self.user.to_owned());
        }
        for parent in &table.parents {
            if table.user.is_some_and(|user| parent.fields == [user]) {
                continue; // the user that it gets
            }
            match self.new_key(at, row, parent) {
                Some(key) => put(&mut values, &parent.fields, key),
                None => return Fate::Failed,
            }
        }
        for reference in table.optional.iter().filter(|r| in_key(table, r)) {
            match self.leads(at, row, reference) {
                Leads::Nowhere => {}
                // NULL would be the key of another row
                Leads::Missing => return Fate::Failed,
                Leads::To(_) => match self.new_key(at, row, reference) {
                    Some(key) => put(&mut values, &reference.fields, key),
                    // which row it is cannot be known any more
                    None => return Fate::Failed,
                },
            }
        }
        let natural = cells(&values, &table.natural_key());
        let there = self.matching(at, &natural);
        if self.claimed.contains(&natural) || there.len() > 1 {
            return Fate::Failed;
        }
        self.claimed.push(natural);
        match there.first() {
            None => self.insert(at, row, values),
            Some(place) => self.existing(at, row, *place, values),
        }
    }

    /// The key that the row which is referred to has now.
    fn new_key(&self, at: usize, row: usize, reference: &Reference) -> Option<Vec<Cell>> {
        match self.leads(at, row, reference) {
            Leads::To(place) => match &self.fates[reference.table][place] {
                Some(Fate::Is(key)) => Some(key.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The rows that were there before and have this natural key: those of the user; without a
    /// user's column those of parents that this backup found there; or any, when they are nobody's.
    fn matching(&self, at: usize, natural: &[Cell]) -> Vec<usize> {
        let table = &self.shape.tables[at];
        let is_meant = |place: &usize| {
            let row = &self.before.tables[at][*place];
            let mine = match (table.user, table.parents.first()) {
                (Some(user), _) => row[user].as_deref() == Some(self.user),
                (None, Some(parent)) => self.was_found(parent, row),
                (None, None) => true,
            };
            mine && cells(row, &table.natural_key()) == natural
        };
        (0..self.before.tables[at].len()).filter(is_meant).collect()
    }

    /// Whether a row that was there hangs below a row which the backup has, too.
    fn was_found(&self, parent: &Reference, row: &[Cell]) -> bool {
        let key = cells(row, &parent.fields);
        let there = target(self.shape, self.before, parent, &key).is_some();
        let mut fates = self.fates[parent.table].iter();
        there && fates.any(|fate| matches!(fate, Some(Fate::Is(is)) if *is == key))
    }

    fn insert(&mut self, at: usize, row: usize, mut values: Record) -> Fate {
        let table = &self.shape.tables[at];
        let by_pk = matches!(table.natural, Natural::Pk);
        if table.makes_keys(self.backend) && !self.choices.keep_keys && !by_pk {
            self.numbers += 1;
            values[table.pk[0]] = Some(format!("new{}", self.numbers));
        }
        let key = cells(&values, &table.pk);
        self.refer(at, row, &mut values, &key);
        if self.is_refused(at, row, None, &values) {
            return Fate::Failed;
        }
        self.now.tables[at].push(values);
        self.places[at][row] = Some(self.now.tables[at].len() - 1);
        self.counts[at].inserted += 1;
        Fate::Is(key)
    }

    fn existing(&mut self, at: usize, row: usize, place: usize, mut values: Record) -> Fate {
        let table = &self.shape.tables[at];
        let key = cells(&self.before.tables[at][place], &table.pk);
        let overwrite = match self.choices.mode {
            RestoreMode::Overwrite => !table.is_shared() || self.choices.overwrite_shared,
            RestoreMode::Fail if !table.is_shared() => return Fate::Failed,
            _ => false,
        };
        if !overwrite {
            self.counts[at].skipped += 1;
            return Fate::Is(key);
        }
        put(&mut values, &table.pk, key.clone());
        self.refer(at, row, &mut values, &key);
        if self.is_refused(at, row, Some(place), &values) {
            return Fate::Failed;
        }
        self.now.tables[at][place] = values;
        self.places[at][row] = Some(place);
        // whether it changed is known when its last reference is
        Fate::Is(key)
    }

    /// Optional references to rows whose fate is known; the others follow at the end.
    fn refer(&self, at: usize, row: usize, values: &mut Record, own: &[Cell]) {
        let table = &self.shape.tables[at];
        for reference in table.optional.iter().filter(|r| !in_key(table, r)) {
            let leads = self.leads(at, row, reference);
            let itself = reference.table == at && matches!(leads, Leads::To(to) if to == row);
            let key = match leads {
                Leads::Nowhere => continue,
                _ if itself => Some(own.to_vec()),
                _ => self.new_key(at, row, reference),
            };
            match key {
                Some(key) => put(values, &reference.fields, key),
                None => put(
                    values,
                    &reference.fields,
                    vec![None; reference.fields.len()],
                ),
            }
        }
    }

    /// Whether the destination's checks and unique indexes refuse the row.
    fn is_refused(&mut self, at: usize, row: usize, place: Option<usize>, values: &Record) -> bool {
        let table = &self.shape.tables[at];
        if table.checked && values[table.amount].as_deref() == Some("-1") {
            return true;
        }
        let is_double = self.doubles.contains(&(at, row));
        if is_double {
            self.refused.push((at, place, values.clone()));
        }
        is_double
    }

    /// What was refused for a unique value: another row has it, or had it.
    fn doubles_are_there(&self) {
        for (at, place, values) in &self.refused {
            let table = &self.shape.tables[*at];
            let mut unique = vec![table.pk.clone()];
            if table.unique_code {
                unique.push(vec![table.code]);
            }
            if table.unique_natural {
                unique.push(table.natural_key());
            }
            let is_there = unique.iter().any(|columns| {
                let key = cells(values, columns);
                let of = |content: &Content| {
                    let mut others = content.tables[*at].iter().enumerate();
                    others.any(|(other, row)| Some(other) != *place && cells(row, columns) == key)
                };
                key.iter().all(Option::is_some) && (of(&self.now) || of(self.before))
            });
            assert!(
                is_there,
                "{} was refused for nothing: {values:?}",
                table.name
            );
        }
    }

    /// The references to rows that came after, and what was overwritten.
    fn later_references(&mut self) {
        for at in 0..self.shape.tables.len() {
            for row in 0..self.fates[at].len() {
                let Some(place) = self.places[at][row] else {
                    continue;
                };
                let table = &self.shape.tables[at];
                let mut values = self.now.tables[at][place].clone();
                for reference in &table.optional {
                    match self.leads(at, row, reference) {
                        Leads::Nowhere => {}
                        Leads::Missing => self.counts[at].nulled += 1,
                        Leads::To(_) => match self.new_key(at, row, reference) {
                            Some(key) => put(&mut values, &reference.fields, key),
                            None => self.counts[at].nulled += 1,
                        },
                    }
                }
                if let Some(before) = self.before.tables[at].get(place) {
                    match *before == values {
                        true => self.counts[at].skipped += 1,
                        false => self.counts[at].updated += 1,
                    }
                }
                self.now.tables[at][place] = values;
            }
        }
    }
}

fn in_key(table: &Table, reference: &Reference) -> bool {
    let natural = table.natural_key();
    reference.fields.iter().any(|field| natural.contains(field))
}

fn put(values: &mut Record, columns: &[usize], cells: Vec<Cell>) {
    for (column, cell) in columns.iter().zip(cells) {
        values[*column] = cell;
    }
}
