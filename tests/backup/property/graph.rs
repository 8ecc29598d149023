//! Two databases are the same when their rows are, whatever keys new rows have: a row is described
//! by its values, and each reference by the row that it leads to.

use std::collections::BTreeSet;

use super::content::{Cell, Content, cells};
use super::shape::{Shape, Table};

/// What tells new keys from those that were there.
pub(super) struct Describe<'a> {
    pub(super) shape: &'a Shape,
    pub(super) before: &'a Content,
    /// Whether the database made the keys of this table's new rows.
    pub(super) made: &'a dyn Fn(&Table) -> bool,
}

impl Describe<'_> {
    /// Each row on a line, in the order of these lines.
    pub(super) fn lines(&self, content: &Content) -> Vec<String> {
        let old: Vec<BTreeSet<Vec<Cell>>> = self
            .shape
            .tables
            .iter()
            .zip(&self.before.tables)
            .map(|(table, rows)| rows.iter().map(|row| cells(row, &table.pk)).collect())
            .collect();
        let mut lines = Vec::new();
        for (at, rows) in content.tables.iter().enumerate() {
            for row in rows {
                let depth = self.shape.tables.len() + rows.len();
                let identity = self.identity(content, &old, at, row, depth);
                let values = self.values(content, &old, at, row, None, depth);
                lines.push(format!("{identity} = {values}"));
            }
        }
        lines.sort();
        lines
    }

    /// The key of a row that was there or brought its key; else its natural key.
    fn identity(
        &self,
        content: &Content,
        old: &[BTreeSet<Vec<Cell>>],
        at: usize,
        row: &[Cell],
        depth: usize,
    ) -> String {
        let table = &self.shape.tables[at];
        let key = cells(row, &table.pk);
        if old[at].contains(&key) {
            return format!("{} {}", table.name, words(&key));
        }
        if depth == 0 {
            return "..".to_owned();
        }
        let natural = table.natural_key();
        let values = self.values(content, old, at, row, Some(&natural), depth - 1);
        format!("new {} {values}", table.name)
    }

    fn values(
        &self,
        content: &Content,
        old: &[BTreeSet<Vec<Cell>>],
        at: usize,
        row: &[Cell],
        only: Option<&[usize]>,
        depth: usize,
    ) -> String {
        let table = &self.shape.tables[at];
        let mut parts = Vec::new();
        let mut told: Vec<usize> = match (self.made)(table) {
            true => table.pk.clone(),
            false => Vec::new(),
        };
        for reference in table.references() {
            let wanted = only.is_none_or(|only| reference.fields.iter().any(|f| only.contains(f)));
            let key = cells(row, &reference.fields);
            if !wanted || key.iter().any(Option::is_none) {
                continue;
            }
            let pk = &self.shape.tables[reference.table].pk;
            let rows = &content.tables[reference.table];
            let target = rows.iter().find(|row| cells(row, pk) == key);
            let target = match target {
                Some(row) => self.identity(content, old, reference.table, row, depth),
                None => "nothing!".to_owned(),
            };
            parts.push(format!("{} -> ({target})", table.list(&reference.fields)));
            told.extend(&reference.fields);
        }
        for (column, cell) in row.iter().enumerate() {
            if !told.contains(&column) && only.is_none_or(|only| only.contains(&column)) {
                let name = &table.columns[column].name;
                parts.push(format!("{name}={}", word(cell)));
            }
        }
        parts.join(", ")
    }
}

fn words(cells: &[Cell]) -> String {
    cells.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn word(cell: &Cell) -> String {
    match cell {
        Some(text) => format!("{text:?}"),
        None => "NULL".to_owned(),
    }
}
