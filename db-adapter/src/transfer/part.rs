//! A part of the rows that are on their way. Rows that are not there would be left out without a word.

use std::ops::Range;

use crate::{Error, Result, Value};

/// The rows of the range.
///
/// # Errors
/// [`Error::Internal`] where it goes beyond them.
pub(super) fn part<T>(rows: &[T], range: Range<usize>) -> Result<&[T]> {
    let count = rows.len();
    rows.get(range.clone())
        .ok_or_else(|| Error::internal(format!("rows {range:?} were asked for, of {count}")))
}

/// The value of a column.
///
/// # Errors
/// [`Error::Internal`] where the row is too short.
pub(super) fn cell(values: &[Value], column: usize) -> Result<&Value> {
    let count = values.len();
    values
        .get(column)
        .ok_or_else(|| Error::internal(format!("column {column} was asked for, of {count}")))
}

/// The same, to be changed.
///
/// # Errors
/// [`Error::Internal`] where the row is too short.
pub(super) fn cell_mut(values: &mut [Value], column: usize) -> Result<&mut Value> {
    let count = values.len();
    values
        .get_mut(column)
        .ok_or_else(|| Error::internal(format!("column {column} was asked for, of {count}")))
}
