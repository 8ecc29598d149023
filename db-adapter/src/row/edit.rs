//! Rows taken apart and put together: columns removed, chosen, added. It knows names alone and asks
//! no database whether a column exists.

use std::iter::{FusedIterator, Zip};
use std::slice;
use std::sync::Arc;
use std::vec;

use super::{Header, Row};
use crate::Value;

impl Row {
    /// Takes a column out and gives its value, or `None` for an unknown name.
    ///
    /// ```
    /// use db_adapter::prelude::*;
    /// let mut row = row! { "id": 1, "name": "Alice" };
    /// assert_eq!(row.remove("id"), Some(1.into()));
    /// assert_eq!(row.remove("id"), None);
    /// assert_eq!(row, row! { "name": "Alice" });
    /// ```
    pub fn remove(&mut self, name: impl AsRef<str>) -> Option<Value> {
        let name = name.as_ref();
        let position = self.header.position(name)?;
        let value = std::mem::replace(self.values.get_mut(position)?, Value::Null);
        // of a name that was given twice nothing may stay: who removes it does not want it written
        self.keep(|other| other != name);
        Some(value)
    }

    /// The row with these columns alone, in the order of the names. A name that the row does not
    /// have is left out, so that data of a request can be cut down to what it may change:
    ///
    /// ```
    /// use db_adapter::prelude::*;
    /// let request = row! { "title": "Tea", "owner": "mallory" };
    /// assert_eq!(request.only(["title", "due"]), row! { "title": "Tea" });
    /// ```
    #[must_use = "it gives the row, as the row itself is taken"]
    pub fn only(self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Row {
        let mut values: Vec<Option<Value>> = self.values.into_iter().map(Some).collect();
        let mut row = Row::new();
        for name in names {
            let name = name.as_ref();
            for (column, value) in self.header.names.iter().zip(&mut values) {
                if &**column == name
                    && let Some(value) = value.take()
                {
                    row.push(name, value);
                }
            }
        }
        row
    }

    /// The row without these columns. A name that the row does not have changes nothing.
    ///
    /// ```
    /// use db_adapter::prelude::*;
    /// let user = row! { "id": 1, "name": "Alice", "password_hash": "x" };
    /// assert_eq!(user.without(["password_hash"]), row! { "id": 1, "name": "Alice" });
    /// ```
    #[must_use = "it gives the row, as the row itself is taken"]
    pub fn without(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Row {
        let names: Vec<_> = names.into_iter().collect();
        self.keep(|column| names.iter().all(|name| name.as_ref() != column));
        self
    }

    /// Keeps the columns whose names pass.
    fn keep(&mut self, pass: impl Fn(&str) -> bool) {
        let kept: Vec<bool> = self.names().map(pass).collect();
        if kept.iter().all(|kept| *kept) {
            return;
        }
        let mut of_name = kept.iter().copied();
        let mut of_value = kept.iter().copied();
        let header = Arc::make_mut(&mut self.header);
        header.names.retain(|_| of_name.next().unwrap_or(true));
        header.index = None;
        self.values.retain(|_| of_value.next().unwrap_or(true));
    }
}

/// Sets column after column, as [`Row::set`] does: at its place where it exists, else at the end.
///
/// ```
/// use db_adapter::prelude::*;
/// let mut row = row! { "id": 1, "title": "Tea" };
/// row.extend(row! { "title": "Coffee", "done": false });
/// assert_eq!(row, row! { "id": 1, "title": "Coffee", "done": false });
/// ```
impl<K: AsRef<str>, V: Into<Value>> Extend<(K, V)> for Row {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (name, value) in entries {
            self.set(name, value);
        }
    }
}

/// The names and values of a [`Row`], owned and in order; made by its `into_iter`.
#[derive(Debug)]
pub struct RowIntoIter {
    header: Arc<Header>,
    at: usize,
    values: vec::IntoIter<Value>,
}

impl Iterator for RowIntoIter {
    type Item = (String, Value);

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.values.next()?;
        let name = self.header.names.get(self.at)?;
        self.at += 1;
        Some((String::from(&**name), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.values.size_hint()
    }
}

impl ExactSizeIterator for RowIntoIter {}
impl FusedIterator for RowIntoIter {}

/// Names and values, owned and in order.
///
/// ```
/// use db_adapter::prelude::*;
/// use std::collections::HashMap;
/// let row = row! { "id": 1, "name": "Alice" };
/// let map: HashMap<String, Value> = row.into_iter().collect();
/// assert_eq!(map["name"], "Alice");
/// ```
impl IntoIterator for Row {
    type Item = (String, Value);
    type IntoIter = RowIntoIter;

    fn into_iter(self) -> RowIntoIter {
        RowIntoIter {
            header: self.header,
            at: 0,
            values: self.values.into_iter(),
        }
    }
}

/// The names and values of a [`Row`], borrowed and in order; made by `into_iter` of `&Row`.
#[derive(Debug, Clone)]
pub struct RowIter<'a>(Zip<slice::Iter<'a, Box<str>>, slice::Iter<'a, Value>>);

impl<'a> Iterator for RowIter<'a> {
    type Item = (&'a str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (&**name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for RowIter<'_> {}
impl FusedIterator for RowIter<'_> {}

impl<'a> IntoIterator for &'a Row {
    type Item = (&'a str, &'a Value);
    type IntoIter = RowIter<'a>;

    fn into_iter(self) -> RowIter<'a> {
        RowIter(self.header.names.iter().zip(&self.values))
    }
}
