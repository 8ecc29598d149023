//! Rows that are loaded as they are: which columns they write, checked as those of an insert.

use std::borrow::Cow;

use super::table::{Column, Generated, Table};
use super::write::{Assignment, canonical, refuse_generated};
use crate::{Error, Result, Row, Value};

/// Which column of the table each value of a row goes to.
#[derive(Debug)]
pub(crate) struct LoadPlan<'t, T, C> {
    table: &'t Table<T, C>,
    /// Positions in the table, in its order, and in the rows.
    columns: Vec<(usize, usize)>,
}

impl<'t, T, C> LoadPlan<'t, T, C> {
    /// The plan for rows that all have the columns of the first. Columns that the database
    /// numbers may be given; those that it computes may not.
    ///
    /// # Errors
    /// For unknown, doubled and computed columns, for rows without columns, and for rows that
    /// have other columns than the first.
    pub(crate) fn new(table: &'t Table<T, C>, rows: &[Row]) -> Result<Self> {
        let mut columns = Vec::new();
        if let Some(first) = rows.first() {
            if let Some(name) = first.duplicate() {
                return Err(Error::invalid_query(
                    format!("column `{name}` is given twice for `{}`", table.name),
                    "give each column one value",
                ));
            }
            for (place, name) in first.names().enumerate() {
                let position = table.position(name).ok_or_else(|| table.undefined(name))?;
                columns.push((position, place));
            }
            if first.is_empty() || rows.iter().any(|row| !row.has_names_of(first)) {
                return Err(Error::invalid_query(
                    format!(
                        "the rows to load into `{}` differ in their columns",
                        table.name
                    ),
                    "load the rows of each set of columns by themselves",
                ));
            }
        }
        columns.sort_unstable();
        let plan = LoadPlan { table, columns };
        for (column, _) in plan.columns() {
            if column.generated == Generated::Computed {
                refuse_generated(table, column)?;
            }
        }
        Ok(plan)
    }

    /// The columns in table order, with their places in the rows.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&'t Column<C>, usize)> {
        let table = self.table;
        self.columns
            .iter()
            .filter_map(move |(position, place)| Some((table.columns.get(*position)?, *place)))
    }

    /// The canonical value of a column in a row.
    pub(crate) fn value<'a>(
        &self,
        column: &Column<C>,
        place: usize,
        row: &'a Row,
    ) -> Result<Cow<'a, Value>> {
        // a row of fewer cells than the first one would lose them silently
        let value = row.get_index(place).ok_or_else(|| {
            Error::internal(format!(
                "a row for `{}` has no cell for the column `{}`",
                self.table.name, column.name
            ))
        })?;
        canonical(self.table, column, value)
    }

    /// A row as an insert writes it.
    pub(crate) fn assignments<'a>(&self, row: &'a Row) -> Result<Vec<Assignment<'a>>> {
        let assign = |(position, place): &(usize, usize)| {
            let column = self.table.at(*position)?;
            Ok(Assignment {
                position: *position,
                value: self.value(column, *place, row)?,
            })
        };
        self.columns.iter().map(assign).collect()
    }
}
