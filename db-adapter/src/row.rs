//! A row: an ordered map from column name to value, with the names shared by all rows of a result.

mod edit;

use std::collections::HashMap;
use std::fmt;
use std::ops::Index;
use std::sync::{Arc, OnceLock};

use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use edit::{RowIntoIter, RowIter};

use crate::value::Cell;
use crate::{Error, FromValue, Result, Value};

/// Up to here a linear search beats a hash.
const LINEAR: usize = 32;

/// The column names of a result, shared by its rows.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Header {
    names: Vec<Box<str>>,
    index: Option<HashMap<Box<str>, usize>>,
    /// Whether no name is there twice, as far as it is known.
    distinct: bool,
}

impl Header {
    /// Two columns of one name would make one of them unreachable, so they are an error.
    pub(crate) fn new(names: impl IntoIterator<Item = impl Into<Box<str>>>) -> Result<Arc<Header>> {
        let names: Vec<Box<str>> = names.into_iter().map(Into::into).collect();
        let index = (names.len() > LINEAR).then(|| {
            let places = names.iter().enumerate();
            places.map(|(i, name)| (name.clone(), i)).collect()
        });
        let header = Header {
            names,
            index,
            distinct: true,
        };
        match header.twice() {
            None => Ok(Arc::new(header)),
            Some(name) => Err(Error::invalid_query(
                format!("the result has two columns called `{name}`"),
                "give one of them another name with `AS`",
            )),
        }
    }

    /// A name that two columns have.
    fn twice(&self) -> Option<&str> {
        let is_double = |(i, name): &(usize, &str)| match &self.index {
            // of two equal names the index has the last
            Some(index) => index.get(*name) != Some(i),
            None => self.names().take(*i).any(|other| other == *name),
        };
        let found = self.names().enumerate().find(is_double);
        found.map(|(_, name)| name)
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    fn position(&self, name: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(name).copied(),
            None => self.names.iter().position(|n| &**n == name),
        }
    }
}

/// The names of a `row!`, kept for all the rows that it makes.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct RowNames(OnceLock<Option<Arc<Header>>>);

impl RowNames {
    /// Names that are not known yet.
    pub const fn new() -> Self {
        RowNames(OnceLock::new())
    }

    /// What these names are kept as; nothing for doubled ones, which the verbs refuse.
    fn header(&self, of: &[&str]) -> Option<&Arc<Header>> {
        let made = || Header::new(of.iter().copied()).ok();
        self.0.get_or_init(made).as_ref()
    }
}

impl Clone for Header {
    /// Only rows that are changed get a header of their own; they search linearly.
    fn clone(&self) -> Self {
        Header {
            names: self.names.clone(),
            index: None,
            distinct: self.distinct,
        }
    }
}

/// A row: an ordered map from column name to [`Value`].
///
/// `row["name"]` gives a value and panics on an unknown name, like every map of the standard
/// library; [`get`](Row::get) converts and returns an error instead.
///
/// `Serialize` is portable to every format; exact JSON is written by
/// [`ExactJson`](crate::ExactJson).
///
/// ```
/// use db_adapter::prelude::*;
/// # fn main() -> db_adapter::Result<()> {
/// let row = row! { "id": 1, "name": "Alice", "email": None::<&str> };
/// assert_eq!(row["id"], 1);
/// assert_eq!(row.get::<String>("name")?, "Alice");
/// assert_eq!(row.get::<Option<String>>("email")?, None);
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct Row {
    header: Arc<Header>,
    values: Vec<Value>,
}

impl Row {
    /// A row without columns.
    pub fn new() -> Self {
        Row::default()
    }

    /// A row that is about to get values of these names, one after another by [`Row::push`]: it
    /// shares them with all rows of the same place in a program.
    pub(crate) fn begin(names: &RowNames, of: &[&str]) -> Self {
        match names.header(of) {
            // in generic code, one place can have several sets of names
            Some(header) if header.names.len() == of.len() => Row {
                header: Arc::clone(header),
                values: Vec::with_capacity(of.len()),
            },
            _ => Row::new(),
        }
    }

    /// A row of a result; the number of values is that of the names.
    pub(crate) fn from_parts(header: Arc<Header>, values: Vec<Value>) -> Self {
        debug_assert_eq!(header.names.len(), values.len());
        Row { header, values }
    }

    /// Sets a column, at its place where it exists, else at the end.
    ///
    /// ```
    /// use db_adapter::prelude::*;
    /// let mut row = row! { "id": 1 };
    /// row.set("id", 2);
    /// row.set("name", "Alice");
    /// assert_eq!(row.len(), 2);
    /// ```
    pub fn set(&mut self, name: impl AsRef<str>, value: impl Into<Value>) {
        match self.header.position(name.as_ref()) {
            Some(i) => self.values[i] = value.into(),
            None => self.push(name.as_ref(), value.into()),
        }
    }

    /// Adds a column without looking for one of the same name: `row!` must not lose an entry,
    /// so that the verbs can refuse a name that is given twice.
    pub(crate) fn push(&mut self, name: &str, value: Value) {
        let next = self.header.names.get(self.values.len());
        if next.is_some_and(|next| **next == *name) {
            self.values.push(value);
            return;
        }
        let header = Arc::make_mut(&mut self.header);
        // of the names that were there before, those that got a value
        header.names.truncate(self.values.len());
        header.names.push(name.into());
        header.index = None;
        header.distinct = false;
        self.values.push(value);
    }

    /// The value of a column, or `None` for an unknown name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.header.position(name).and_then(|i| self.values.get(i))
    }

    /// The value of the column at a position.
    pub fn get_index(&self, position: usize) -> Option<&Value> {
        self.values.get(position)
    }

    /// The value of a column as a Rust type; see [`FromValue`] for what converts.
    ///
    /// # Errors
    /// [`Error::UndefinedColumn`] with a suggestion, or [`Error::Conversion`] naming the column.
    pub fn get<T: FromValue>(&self, name: &str) -> Result<T> {
        match self.value(name) {
            Some(value) => T::from_value(value).map_err(|error| error.in_column(name)),
            None => Err(self.unknown(name)),
        }
    }

    fn unknown(&self, name: &str) -> Error {
        Error::UndefinedColumn {
            table: None,
            column: name.to_owned(),
            suggestion: db_adapter_core::suggest::closest(name, self.names()).map(str::to_owned),
        }
    }

    /// The names, and those of the cells that are not there yet.
    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// The values as cells.
    pub(crate) fn cells(&self) -> impl Cells<'_> {
        Kept(self.values.iter())
    }

    /// The column names in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        let names = self.header.names.iter().take(self.values.len());
        names.map(|name| &**name)
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.names().zip(&self.values)
    }

    /// How many columns.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Without columns?
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether the other row has the same names in the same order.
    pub(crate) fn has_names_of(&self, other: &Row) -> bool {
        Arc::ptr_eq(&self.header, &other.header) || self.header.names == other.header.names
    }

    /// The first name that stands twice.
    pub(crate) fn duplicate(&self) -> Option<&str> {
        if self.header.distinct {
            return None;
        }
        let names = &self.header.names;
        names
            .iter()
            .enumerate()
            .find(|(i, name)| names[..*i].contains(name))
            .map(|(_, name)| &**name)
    }

    /// Reads the row into a struct, a map or a tuple-like type of yours by serde.
    ///
    /// # Errors
    /// [`Error::Conversion`] naming the column.
    ///
    /// ```
    /// use db_adapter::prelude::*;
    /// #[derive(serde::Deserialize)]
    /// struct User { id: i64, name: String }
    /// # fn main() -> db_adapter::Result<()> {
    /// let user: User = row! { "id": 1, "name": "Alice" }.deserialize()?;
    /// assert_eq!((user.id, user.name.as_str()), (1, "Alice"));
    /// # Ok(()) }
    /// ```
    pub fn deserialize<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        T::deserialize(RowDeserializer::new(&self.header, &mut self.cells()))
    }
}

impl Index<&str> for Row {
    type Output = Value;

    /// # Panics
    /// On an unknown name; [`Row::get`] and [`Row::value`] do not.
    #[track_caller]
    #[allow(
        clippy::panic,
        reason = "the one documented panic, as for every map of std"
    )]
    fn index(&self, name: &str) -> &Value {
        match self.value(name) {
            Some(value) => value,
            None => panic!("{}", self.unknown(name)),
        }
    }
}

impl PartialEq for Row {
    /// The same names with equal values in the same order.
    fn eq(&self, other: &Self) -> bool {
        (Arc::ptr_eq(&self.header, &other.header) || self.header.names == other.header.names)
            && self.values == other.values
    }
}

impl Eq for Row {}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: AsRef<str>, V: Into<Value>> FromIterator<(K, V)> for Row {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut row = Row::new();
        for (name, value) in entries {
            row.push(name.as_ref(), value.into());
        }
        row
    }
}

impl<K: AsRef<str>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Row {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

/// What a condition would have to be to be data. Nothing is: its message is what the compiler says
/// where a filter is given as a row.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a filter is not a row: operators of `op` stand in conditions, not in data",
    label = "this `row!` has an operator such as `op::gt(..)`",
    note = "as data, give the value alone: `row! {{ \"age\": 18 }}`"
)]
pub trait Data {}

#[doc(hidden)]
#[derive(Debug)]
pub struct FilterAsRow<'a>(std::marker::PhantomData<&'a ()>);

/// Never there, because of its bound: it is what the compiler looks at for its message. Without the
/// lifetime the bound would be refused here instead of at the call.
impl From<crate::Filter> for Row
where
    for<'a> FilterAsRow<'a>: Data,
{
    fn from(_: crate::Filter) -> Self {
        Row::new()
    }
}

impl From<&Row> for Row {
    fn from(row: &Row) -> Row {
        row.clone()
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of column names to values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut row = Row::new();
                while let Some(name) = map.next_key::<String>()? {
                    row.push(&name, map.next_value()?);
                }
                Ok(row)
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}

/// The cells of a row, one after another.
pub(crate) trait Cells<'r> {
    /// The next cell.
    ///
    /// # Errors
    /// When it cannot be decoded, or there is none.
    fn next_cell(&mut self) -> Result<Cell<'r>>;
}

/// Those of a row that is kept.
struct Kept<'r>(std::slice::Iter<'r, Value>);

impl<'r> Cells<'r> for Kept<'r> {
    fn next_cell(&mut self) -> Result<Cell<'r>> {
        match self.0.next() {
            Some(value) => Ok(value.into()),
            None => Err(Error::conversion("the row has no more columns")),
        }
    }
}

/// Hands a row to a user's `Deserialize`.
pub(crate) struct RowDeserializer<'r, 'c> {
    header: &'r Header,
    cells: &'c mut dyn Cells<'r>,
}

impl<'r, 'c> RowDeserializer<'r, 'c> {
    /// As many cells as there are names.
    pub(crate) fn new(header: &'r Header, cells: &'c mut dyn Cells<'r>) -> Self {
        RowDeserializer { header, cells }
    }
}

impl<'de> Deserializer<'de> for RowDeserializer<'de, '_> {
    type Error = Error;

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(RowEntries { row: self, at: 0 })
    }

    fn deserialize_newtype_struct<V: serde::de::Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Hands out the entries one by one and says in an error which column it was.
struct RowEntries<'r, 'c> {
    row: RowDeserializer<'r, 'c>,
    at: usize,
}

impl<'de> MapAccess<'de> for RowEntries<'de, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        match self.row.header.names.get(self.at) {
            Some(name) => {
                let name: serde::de::value::BorrowedStrDeserializer<'de, Error> =
                    serde::de::value::BorrowedStrDeserializer::new(name);
                seed.deserialize(name.into_deserializer()).map(Some)
            }
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let name = self.row.header.names.get(self.at);
        self.at += 1;
        let cell = self.row.cells.next_cell()?;
        seed.deserialize(cell).map_err(|error| match name {
            Some(name) => error.in_column(name),
            None => error,
        })
    }
}
