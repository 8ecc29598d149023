//! The digests of all rows of one side, read from it once. References are followed when all is read, since a row may
//! lead to one of a later table, or of its own. Decides nothing.

use std::ops::ControlFlow;

use super::digest::{Digest, Leads, Recipe, Salt};
use super::fingerprint::{ByKey, Fingerprint, Fingerprints};
use super::keys::Columns;
use super::plan::{RestorePlan, TablePlan, Target};
use super::row::{Item, Layout, RowReader};
use super::source::{RowSource, SourceRow};
use crate::{Error, Notice, Result, Value};

/// Which of the two databases is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Source,
    Dest,
}

/// A row of one side.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowDigest {
    pub(super) key: Digest,
    pub(super) row: Digest,
    /// Its place among the rows as they were read.
    pub(super) at: u32,
}

/// The rows of one table of one side.
pub(super) struct TableDigests {
    /// In the order of their keys.
    pub(super) rows: Vec<RowDigest>,
    /// The primary key of each, in the order in which they were read.
    pub(super) ids: Columns,
    /// The same in short.
    pub(super) short_ids: Vec<Fingerprint>,
    /// To which tables' rows each leads, by places in these tables.
    pub(super) leads: Vec<Vec<(usize, u32)>>,
    /// The column that says which of two rows is newer.
    pub(super) newer: Option<Columns>,
    pub(super) is_read: bool,
}

/// The rows of one side.
pub(super) struct Digests {
    pub(super) tables: Vec<TableDigests>,
    /// Rows whose values do not fit the destination.
    pub(super) unfit: u64,
}

/// How to read.
pub(super) struct How<'h> {
    pub(super) of: Of,
    pub(super) salt: Salt,
    pub(super) fingerprints: &'h Fingerprints,
    /// The column whose values are remembered.
    pub(super) newer: Option<&'h str>,
}

/// A table while it is read.
struct Read<'p> {
    recipe: Recipe<'p>,
    key: Vec<Digest>,
    row: Vec<Digest>,
    /// As many for each row as the recipe has references.
    refs: Vec<Leads>,
    /// By each set of columns that others refer to.
    by_id: Vec<ByKey<u32>>,
    done: TableDigests,
}

/// Whether the rows of a table are told apart by it: not those that all users share.
pub(super) fn counts(table: &TablePlan) -> bool {
    !table.shared
}

/// Reads all tables.
///
/// # Errors
/// [`Error::RestoreRefused`] for rows that cannot be known by their natural keys, and those of the source.
pub(super) async fn digests<S: RowSource>(
    source: &mut S,
    plan: &RestorePlan,
    how: &How<'_>,
) -> Result<Digests> {
    let mut unfit = 0;
    let mut tables = Vec::with_capacity(plan.tables.len());
    for table in &plan.tables {
        let mut read = Read::new(table, how);
        if let Some(key) = &table.in_source
            && source.open(key).await?
        {
            unfit += read.all(source, plan, how).await?;
            read.done.is_read = true;
        }
        tables.push(read);
    }
    source.finish().await?;
    let tables = followed(plan, tables, how.of)?;
    Ok(Digests { tables, unfit })
}

impl<'p> Read<'p> {
    fn new(table: &'p TablePlan, how: &How<'_>) -> Self {
        let newer = how.newer.and_then(|name| table.position(name));
        Read {
            recipe: Recipe::of(table, how.salt),
            key: Vec::new(),
            row: Vec::new(),
            refs: Vec::new(),
            by_id: table.key_sets.iter().map(|_| ByKey::default()).collect(),
            done: TableDigests {
                rows: Vec::new(),
                ids: Columns::new(table.key.len()),
                short_ids: Vec::new(),
                leads: Vec::new(),
                newer: newer.map(|_| Columns::new(1)),
                is_read: false,
            },
        }
    }

    /// Gives how many rows do not fit.
    async fn all<S: RowSource>(
        &mut self,
        source: &mut S,
        plan: &'p RestorePlan,
        how: &How<'_>,
    ) -> Result<u64> {
        let table = self.recipe.table();
        let fingerprints = how.fingerprints.clone();
        let reader = match how.of {
            Of::Source => RowReader::new(plan, table, fingerprints),
            Of::Dest => RowReader::of_destination(plan, table, fingerprints),
        };
        let newer = how.newer.and_then(|name| table.position(name));
        let mut unfit = 0;
        let mut layout: Option<Layout> = None;
        loop {
            let mut take = |row: &dyn SourceRow| {
                let known = layout.take().filter(|known| known.is_of(row.names()));
                let known = known.unwrap_or_else(|| Layout::of_known(table, row.names()));
                match reader.read(row, &known, 0) {
                    Ok(item) => self.take(&item, newer, how.fingerprints),
                    Err(_) => unfit += 1,
                }
                layout = Some(known);
                Ok(ControlFlow::Continue(()))
            };
            if !source.rows(&mut take).await? {
                return Ok(unfit);
            }
        }
    }

    fn take(&mut self, item: &Item, newer: Option<usize>, fingerprints: &Fingerprints) {
        let table = self.recipe.table();
        let at = u32::try_from(self.key.len()).unwrap_or(u32::MAX);
        let parts = self.recipe.parts(item);
        self.key.push(parts.key);
        self.row.push(parts.row);
        self.refs.extend(parts.refs);
        for (rows, old) in self.by_id.iter_mut().zip(&item.old_keys) {
            if let Some(old) = old {
                rows.entry(*old).or_insert(at);
            }
        }
        self.done
            .short_ids
            .push(id(table, fingerprints, &item.values));
        let cell = |column: usize| item.values.get(column).cloned().unwrap_or_default();
        self.done.ids.push(table.key.iter().map(|c| cell(*c)));
        if let (Some(column), Some(columns)) = (newer, &mut self.done.newer) {
            columns.push([cell(column)]);
        }
    }
}

/// The primary key of a row in short.
pub(super) fn id(table: &TablePlan, of: &Fingerprints, values: &[Value]) -> Fingerprint {
    of.of(table.key.iter().filter_map(|column| {
        let meaning = &table.columns.get(*column)?.meaning;
        Some((values.get(*column)?, meaning))
    }))
}

/// With the keys of the rows that each leads to.
fn followed(plan: &RestorePlan, read: Vec<Read<'_>>, of: Of) -> Result<Vec<TableDigests>> {
    let mut found: Vec<Vec<Option<(usize, u32)>>> = Vec::with_capacity(read.len());
    for (table, one) in plan.tables.iter().zip(&read) {
        let width = one.recipe.refs.len();
        let mut rows = Vec::with_capacity(one.refs.len());
        for (n, leads) in one.refs.iter().enumerate() {
            let reference = one.recipe.refs.get(n % width.max(1));
            let target = reference.and_then(|at| Some(&table.refs.get(*at)?.target));
            rows.push(match (leads, target) {
                (Leads::To(to), Some(Target::Table { table, key_set, .. })) => {
                    let rows = read.get(*table).and_then(|t| t.by_id.get(*key_set));
                    let row = rows.and_then(|rows| rows.get(to));
                    row.map(|row| (*table, *row))
                }
                _ => None,
            });
        }
        found.push(rows);
    }
    let keys = keys(plan, &read, &found, of)?;
    let mut all = Vec::with_capacity(read.len());
    for (place, (table, mut one)) in plan.tables.iter().zip(read).enumerate() {
        let width = one.recipe.refs.len();
        let found = found.get(place).map(Vec::as_slice).unwrap_or_default();
        let count = one.key.len();
        let mut rows = Vec::with_capacity(count);
        for at in 0..count {
            let range = at * width..(at + 1) * width;
            let leads = one.refs.get(range.clone()).unwrap_or_default();
            let to = found.get(range).unwrap_or_default();
            let led = leads.iter().zip(to).map(|(leads, to)| {
                let key = to.and_then(|(table, row)| *keys.get(table)?.get(row as usize)?);
                (*leads, key)
            });
            let own = one.row.get(at).copied().unwrap_or_default();
            let key = keys.get(place).and_then(|keys| *keys.get(at)?);
            let key = key.ok_or_else(|| Error::internal("a row has no key of its own"))?;
            rows.push(RowDigest {
                key,
                row: one.recipe.row(own, led),
                at: u32::try_from(at).unwrap_or(u32::MAX),
            });
            let to = to.iter().copied().flatten();
            one.done.leads.push(to.collect());
        }
        rows.sort_unstable_by_key(|row| row.key);
        let twice = rows.array_windows().filter(|[a, b]| a.key == b.key).count();
        if twice > 0 && counts(table) {
            return Err(refused(format!(
                "several rows of `{}` in {} have one natural key",
                table.name,
                side(of)
            )));
        }
        one.done.rows = rows;
        all.push(one.done);
    }
    Ok(all)
}

/// The natural keys of all rows, those of parents first; rows may be part of the keys of others of their own table.
fn keys(
    plan: &RestorePlan,
    read: &[Read<'_>],
    found: &[Vec<Option<(usize, u32)>>],
    of: Of,
) -> Result<Vec<Vec<Option<Digest>>>> {
    let mut keys: Vec<Vec<Option<Digest>>> =
        read.iter().map(|one| vec![None; one.key.len()]).collect();
    let mut missing: usize = keys.iter().map(Vec::len).sum();
    while missing > 0 {
        let before = missing;
        for (place, (one, found)) in read.iter().zip(found).enumerate() {
            let width = one.recipe.refs.len();
            let of_key: Vec<usize> = one
                .recipe
                .key_refs
                .iter()
                .filter_map(|r| one.recipe.place(*r))
                .collect();
            for (at, own) in one.key.iter().enumerate() {
                if keys.get(place).and_then(|keys| *keys.get(at)?).is_some() {
                    continue;
                }
                let mut parents = Vec::with_capacity(of_key.len());
                for reference in &of_key {
                    let n = at * width + reference;
                    let parent = match (one.refs.get(n), found.get(n).copied().flatten()) {
                        (Some(Leads::Nowhere), _) => Some(None),
                        (_, Some((table, row))) => {
                            let key = keys.get(table).and_then(|keys| *keys.get(row as usize)?);
                            key.map(Some)
                        }
                        _ => None,
                    };
                    parents.extend(parent);
                }
                if parents.len() < of_key.len() {
                    continue;
                }
                let key = one.recipe.key(*own, parents.into_iter());
                if let Some(cell) = keys.get_mut(place).and_then(|keys| keys.get_mut(at)) {
                    *cell = Some(key);
                    missing -= 1;
                }
            }
        }
        if missing == before {
            let of_table = |(table, keys): (&TablePlan, &Vec<Option<Digest>>)| {
                let count = keys.iter().filter(|key| key.is_none()).count();
                (count > 0).then(|| {
                    Notice::new(format!(
                        "{count} rows of `{}` in {} are known by rows that are not among those of the sync",
                        table.name,
                        side(of)
                    ))
                })
            };
            let problems = plan.tables.iter().zip(&keys).filter_map(of_table);
            return Err(Error::RestoreRefused {
                problems: problems.collect(),
            });
        }
    }
    Ok(keys)
}

fn refused(problem: String) -> Error {
    Error::RestoreRefused {
        problems: vec![Notice::new(problem)],
    }
}

fn side(of: Of) -> &'static str {
    match of {
        Of::Source => "the source",
        Of::Dest => "the destination",
    }
}
