//! Which column each value of a row goes to: worked out once for all rows of the same names, and
//! their values checked.

use std::borrow::Cow;

use db_adapter_core::schema::SqlDialect;

use super::table::{Column, Generated, Table};
use super::write::{Assignment, How, canonical, refuse_generated};
use crate::{Error, Result, Row, Value};

/// Which column of the table each value of a row goes to.
#[derive(Debug)]
pub(crate) struct RowPlan<'t, T, C> {
    table: &'t Table<T, C>,
    /// In the order of the table.
    columns: Vec<Planned<'t, C>>,
    /// Whether texts, and what a type does not take, are written as they are given.
    spelled: bool,
}

/// A column that gets values.
#[derive(Debug)]
pub(crate) struct Planned<'t, C> {
    /// Where it is in the table.
    pub(crate) position: usize,
    pub(crate) column: &'t Column<C>,
    /// Where its values are in the rows.
    place: usize,
}

impl<'t, T, C> RowPlan<'t, T, C> {
    /// The plan for what a row writes. Keys that start with `_` are left out where the
    /// table has no such column.
    /// `finding`: columns that find the row and are not written, so that the database may number
    /// them.
    ///
    /// # Errors
    /// For unknown and doubled columns, and for those that only the database writes.
    pub(crate) fn to_write(table: &'t Table<T, C>, row: &Row, finding: &[usize]) -> Result<Self> {
        refuse_doubled(table, row)?;
        let mut columns = Vec::with_capacity(row.len());
        for (place, name) in row.names().enumerate() {
            let Some(position) = table.position(name) else {
                if name.starts_with('_') {
                    continue;
                }
                return Err(table.undefined(name));
            };
            let column = table.at(position)?;
            if !finding.contains(&position) {
                refuse_generated(table, column)?;
            }
            columns.push(Planned {
                position,
                column,
                place,
            });
        }
        columns.sort_unstable_by_key(|planned| planned.position);
        Ok(RowPlan {
            table,
            columns,
            spelled: false,
        })
    }

    /// The plan for rows that are loaded as they are, which all have the columns of the first.
    /// Columns that the database numbers may be given; those that it computes may not.
    ///
    /// # Errors
    /// For unknown, doubled and computed columns, for rows without columns, and for rows that
    /// have other columns than the first.
    pub(crate) fn to_load(table: &'t Table<T, C>, rows: &[Row]) -> Result<Self> {
        let mut columns = Vec::new();
        if let Some(first) = rows.first() {
            refuse_doubled(table, first)?;
            for (place, name) in first.names().enumerate() {
                let position = table.position(name).ok_or_else(|| table.undefined(name))?;
                columns.push(Planned {
                    position,
                    column: table.at(position)?,
                    place,
                });
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
        columns.sort_unstable_by_key(|planned| planned.position);
        for Planned { column, .. } in &columns {
            if column.generated == Generated::Computed {
                refuse_generated(table, column)?;
            }
        }
        Ok(RowPlan {
            table,
            columns,
            spelled: false,
        })
    }

    /// Texts, and what the column's type does not take, are written as they are given, where the database
    /// keeps any value.
    pub(crate) fn spelled(mut self, spelled: bool) -> Self {
        self.spelled = spelled && self.table.dialect == SqlDialect::Sqlite;
        self
    }

    /// The columns that get values, in the order of the table.
    pub(crate) fn columns(&self) -> &[Planned<'t, C>] {
        &self.columns
    }

    /// The canonical value of a column in a row, or the spelling that is kept.
    pub(crate) fn value<'a>(
        &self,
        planned: &Planned<'_, C>,
        row: &'a Row,
    ) -> Result<Cow<'a, Value>> {
        let column = planned.column;
        // a row of fewer cells than the first one would lose them silently
        let value = row.get_index(planned.place).ok_or_else(|| {
            Error::internal(format!(
                "a row for `{}` has no cell for the column `{}`",
                self.table.name, column.name
            ))
        })?;
        // the text of an infinite number would not be that number again
        let is_infinite = matches!(value, Value::Float(float) if float.is_infinite());
        match (canonical(self.table, column, value), value) {
            (_, Value::Text(_) | Value::Json(_)) | (Err(_), _) if self.spelled => {
                Ok(Cow::Borrowed(value))
            }
            _ if self.spelled && is_infinite => Ok(Cow::Borrowed(value)),
            (fits, _) => fits,
        }
    }

    /// A row as an insert writes it.
    pub(crate) fn assignments<'a>(&self, row: &'a Row) -> Result<Vec<Assignment<'a>>> {
        let assign = |planned: &Planned<'_, C>| {
            Ok(Assignment {
                position: planned.position,
                value: self.value(planned, row)?,
                how: How::Set,
            })
        };
        self.columns().iter().map(assign).collect()
    }
}

fn refuse_doubled<T, C>(table: &Table<T, C>, row: &Row) -> Result<()> {
    match row.duplicate() {
        None => Ok(()),
        Some(name) => Err(Error::invalid_query(
            format!("column `{name}` is given twice for `{}`", table.name),
            "give each column one value",
        )),
    }
}

/// What each row writes, in table order: the same key set gives the same statement text. Rows of the
/// same names, one after another, share their plan. `goes_on` is asked before each row.
pub(crate) fn all_assignments<'a, T, C>(
    table: &Table<T, C>,
    rows: &'a [Row],
    finding: &[usize],
    spelled: bool,
    goes_on: impl Fn() -> Result<()>,
) -> Result<Vec<Vec<Assignment<'a>>>> {
    let mut known: Option<(&Row, RowPlan<'_, T, C>)> = None;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        goes_on()?;
        let plan = match known.take() {
            Some((of, plan)) if row.has_names_of(of) => plan,
            _ => RowPlan::to_write(table, row, finding)?.spelled(spelled),
        };
        all.push(plan.assignments(row)?);
        known = Some((row, plan));
    }
    Ok(all)
}

/// What one row writes.
pub(crate) fn assignments<'a, T, C>(
    table: &Table<T, C>,
    row: &'a Row,
) -> Result<Vec<Assignment<'a>>> {
    RowPlan::to_write(table, row, &[])?.assignments(row)
}
