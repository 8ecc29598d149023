//! Conditions as data: which rows an operation means. Rendering stands elsewhere.

mod debug;
mod depth;
pub mod op;

use std::collections::HashSet;
use std::sync::Arc;

use db_adapter_core::TableName;

use self::depth::DEEPEST;
use crate::query::{IntoColumns, plain_names, table_name};
use crate::{Row, Value};

/// Which rows an operation means.
///
/// A row is a filter: every column equals its value. `null` means `IS NULL`, a bare array means
/// membership (on an array column: equality). Operators come from [`op`](crate::op), and
/// [`row!`](crate::row) with an operator in it is a filter by itself:
///
/// ```
/// use db_adapter::prelude::*;
/// let adults: Filter = row! { "age": op::gte(18), "active": true };
/// let either = Filter::any_of([row! { "role": "admin" }, row! { "role": "owner" }]);
/// let both = adults.and(either);
/// ```
///
/// A `null` that comes from an `Option` means `IS NULL` as well: a delete by
/// `row! { "user_id": maybe }` deletes the rows without a user when `maybe` is `None`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    /// Every row, said on purpose.
    All,
    /// A column fulfils a test.
    Test(Condition),
    /// Every one of them. Empty means no condition.
    #[non_exhaustive]
    And(Vec<Filter>),
    /// At least one of them. Empty matches nothing.
    #[non_exhaustive]
    AnyOf(Vec<Filter>),
    /// The values of columns are those of a row of a table that fulfils a filter: the columns
    /// refer to it, or it refers to them.
    #[non_exhaustive]
    RefersTo(Box<RefersTo>),
    /// Every row that the filter does not match, those with NULL too.
    #[non_exhaustive]
    Not(Box<Filter>),
    /// What was put together has more than 200 levels of conditions in each other: every operation
    /// refuses it with [`Error::InvalidQuery`](crate::Error::InvalidQuery).
    TooDeep,
}

/// A condition on the row that columns refer to, or that refers to them; made by
/// [`Filter::refers_to`] and [`Filter::referred_by`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RefersTo {
    /// The columns; with a NULL among them there is no such row.
    pub columns: Vec<String>,
    /// The other table.
    pub table: TableName,
    /// Its columns, in the order of the columns.
    pub keys: Vec<String>,
    /// What its row must fulfil. Several references may share it.
    pub filter: Arc<Filter>,
}

/// A test of one column.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Condition {
    /// The column.
    pub column: String,
    /// The test.
    pub test: Test,
}

/// A test of a column's value; made by the functions of [`op`](crate::op).
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Test {
    /// As in a dict: equality, `IS NULL` for null, membership for a bare array.
    Dict(Value),
    /// Equal, always.
    Eq(Value),
    /// Not equal; rows with NULL do not match, except with null: `IS NOT NULL`.
    Ne(Value),
    /// Greater.
    Gt(Value),
    /// Greater or equal.
    Gte(Value),
    /// Less.
    Lt(Value),
    /// Less or equal.
    Lte(Value),
    /// Case-sensitive pattern: `%` any text, `_` any character, `\` escapes.
    Like(String),
    /// The same without regard to case.
    Ilike(String),
    /// One of these; null among them means `OR IS NULL`; empty matches nothing.
    In(Vec<Value>),
    /// None of these; null among them means `AND IS NOT NULL`; empty matches everything.
    NotIn(Vec<Value>),
    /// One of these, in whatever spelling the database has it; see [`op::in_any_spelling`].
    InAnySpelling(Vec<Value>),
    /// NULL.
    IsNull,
    /// Not NULL.
    NotNull,
}

impl Filter {
    /// Every row. `update` and `delete` refuse an empty filter; this says that it is meant.
    pub fn all() -> Self {
        Filter::All
    }

    /// At least one of the filters.
    pub fn any_of<F: Into<Filter>>(filters: impl IntoIterator<Item = F>) -> Self {
        let mut alternatives = Vec::new();
        for filter in filters {
            match filter.into() {
                // put together in a loop, it would become as deep as it is long
                Filter::AnyOf(inner) if !inner.is_empty() => alternatives.extend(inner),
                filter => alternatives.push(filter),
            }
        }
        Filter::AnyOf(alternatives).unless_too_deep()
    }

    /// Every other row: those that the filter does not match, also where a NULL is the reason.
    /// So a filter and its `not` together are all rows, other than with
    /// [`op::ne`] and [`op::not_in`], which do not match NULL.
    ///
    /// ```
    /// use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// let db = db_adapter::connect("sqlite::memory:").await?;
    /// db.execute_script(
    ///     "CREATE TABLE users (id INTEGER PRIMARY KEY, role TEXT, age INTEGER);
    ///      INSERT INTO users VALUES (1, 'admin', 40), (2, 'guest', 12), (3, NULL, NULL);",
    /// ).await?;
    /// let adult_admins = row! { "role": "admin", "age": op::gte(18) };
    /// assert_eq!(db.count("users", Filter::not(adult_admins)).await?, 2);
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    #[allow(
        clippy::should_implement_trait,
        reason = "it takes all that is a filter, beside `all` and `any_of`"
    )]
    pub fn not(filter: impl Into<Filter>) -> Self {
        Filter::Not(Box::new(filter.into())).unless_too_deep()
    }

    /// The columns refer to a row of this table, by its `keys`, that matches. For selects, counts,
    /// `exists` and filters in SQL text; other operations refuse it.
    ///
    /// ```
    /// use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// let db = db_adapter::connect("sqlite::memory:").await?;
    /// db.execute_script(
    ///     "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT);
    ///      CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT);
    ///      INSERT INTO authors VALUES (1, 'Ann'), (2, 'Bob');
    ///      INSERT INTO books VALUES (1, 1, 'A'), (2, 2, 'B'), (3, NULL, 'C');",
    /// ).await?;
    /// let of_ann = Filter::refers_to("author_id", "authors", "id", row! { "name": "Ann" })?;
    /// assert_eq!(db.count("books", of_ann).await?, 1);
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidQuery`](crate::Error::InvalidQuery) for a name that is none, or when
    /// columns and keys differ in number.
    pub fn refers_to(
        columns: impl IntoColumns,
        table: impl AsRef<str>,
        keys: impl IntoColumns,
        filter: impl Into<Filter>,
    ) -> crate::Result<Filter> {
        RefersTo {
            columns: plain_names(columns.into_columns()?, "columns of a reference")?,
            table: table_name(table.as_ref())?,
            keys: plain_names(keys.into_columns()?, "keys of a reference")?,
            filter: Arc::new(filter.into()),
        }
        .checked()
    }

    /// The other way round: a row of `table` that matches refers to this one, its `columns` to
    /// these `keys`. So are found the tasks with a label, by the table that links them. For
    /// selects, counts, `exists` and filters in SQL text; other operations refuse it.
    ///
    /// ```
    /// use db_adapter::prelude::*;
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> db_adapter::Result<()> {
    /// let db = db_adapter::connect("sqlite::memory:").await?;
    /// db.execute_script(
    ///     "CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT);
    ///      CREATE TABLE labels (id INTEGER PRIMARY KEY, name TEXT);
    ///      CREATE TABLE task_labels (task_id INTEGER, label_id INTEGER);
    ///      INSERT INTO tasks VALUES (1, 'Tea'), (2, 'Coffee');
    ///      INSERT INTO labels VALUES (7, 'urgent');
    ///      INSERT INTO task_labels VALUES (2, 7);",
    /// ).await?;
    /// let by_id = Filter::referred_by("id", "task_labels", "task_id", row! { "label_id": 7 })?;
    /// let by_name = Filter::referred_by(
    ///     "id", "task_labels", "task_id",
    ///     Filter::refers_to("label_id", "labels", "id", row! { "name": "urgent" })?,
    /// )?;
    /// for filter in [by_id, by_name] {
    ///     let task = db.select("tasks", "title").filter(filter).one().await?;
    ///     assert_eq!(task["title"], "Coffee");
    /// }
    /// # Ok(()) }
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// A row is found once, however many refer to it. [`Filter::not`] finds those that no such row
    /// refers to; a reference that is NULL refers to nothing.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`](crate::Error::InvalidQuery) for a name that is none, or when
    /// keys and columns differ in number.
    pub fn referred_by(
        keys: impl IntoColumns,
        table: impl AsRef<str>,
        columns: impl IntoColumns,
        filter: impl Into<Filter>,
    ) -> crate::Result<Filter> {
        // both are the same condition: these values are among those
        Filter::refers_to(keys, table, columns, filter)
    }

    /// Both this and the other.
    #[must_use]
    pub fn and(self, other: impl Into<Filter>) -> Self {
        match (self, other.into()) {
            (Filter::All, other) | (other, Filter::All) => other,
            // each of them was looked at when it was made
            (Filter::And(mut these), Filter::And(others)) => {
                these.extend(others);
                Filter::And(these)
            }
            (Filter::And(mut these), other) if !other.is_deeper_than(DEEPEST - 1) => {
                these.push(other);
                Filter::And(these)
            }
            (this, other) => Filter::And(vec![this, other]).unless_too_deep(),
        }
    }

    /// Whether no condition is left, so that every row is meant though nobody said so.
    /// What [`Filter::all`] says on purpose does not count.
    pub fn is_unrestricted(&self) -> bool {
        match self {
            Filter::All => false,
            Filter::Test(condition) => condition.test.is_unrestricted(),
            Filter::And(filters) => filters.iter().all(Filter::is_unrestricted),
            Filter::AnyOf(filters) => filters.iter().any(Filter::is_unrestricted),
            Filter::RefersTo(_) => false,
            Filter::Not(filter) => filter.matches_nothing(),
            Filter::TooDeep => false,
        }
    }

    /// Whether no row can match, whatever it holds.
    fn matches_nothing(&self) -> bool {
        match self {
            Filter::All | Filter::RefersTo(_) | Filter::TooDeep => false,
            Filter::Test(condition) => condition.test.matches_nothing(),
            Filter::And(filters) => filters.iter().any(Filter::matches_nothing),
            Filter::AnyOf(filters) => filters.iter().all(Filter::matches_nothing),
            Filter::Not(filter) => filter.is_all() || filter.is_unrestricted(),
        }
    }

    fn is_all(&self) -> bool {
        matches!(self, Filter::All)
    }

    /// The tables of other rows that decide, each only once, innermost last.
    pub(crate) fn tables(&self) -> Vec<&TableName> {
        if !self.may_refer() {
            return Vec::new();
        }
        let (mut open, mut found) = (vec![self], Vec::new());
        let mut seen = HashSet::new();
        while let Some(filter) = open.pop() {
            match filter {
                Filter::All | Filter::Test(_) | Filter::TooDeep => {}
                Filter::And(filters) | Filter::AnyOf(filters) => open.extend(filters),
                Filter::Not(filter) => open.push(filter),
                Filter::RefersTo(reference) => {
                    if !found.contains(&&reference.table) {
                        found.push(&reference.table);
                    }
                    if seen.insert(Arc::as_ptr(&reference.filter)) {
                        open.push(&reference.filter);
                    }
                }
            }
        }
        found
    }

    /// Whether another table may decide: certainly not where all are plain tests.
    fn may_refer(&self) -> bool {
        match self {
            Filter::All | Filter::Test(_) | Filter::TooDeep => false,
            Filter::And(filters) => !filters.iter().all(|f| matches!(f, Filter::Test(_))),
            Filter::AnyOf(_) | Filter::RefersTo(_) | Filter::Not(_) => true,
        }
    }

    pub(crate) fn test(column: &str, test: Test) -> Self {
        Filter::Test(Condition {
            column: column.to_owned(),
            test,
        })
    }
}

impl RefersTo {
    pub(crate) fn checked(self) -> crate::Result<Filter> {
        if self.columns.is_empty() || self.columns.len() != self.keys.len() {
            return Err(crate::Error::invalid_query(
                format!(
                    "a reference to `{}` by {} columns, but with {} keys",
                    self.table,
                    self.columns.len(),
                    self.keys.len()
                ),
                "name a key for each column",
            ));
        }
        Ok(Filter::RefersTo(Box::new(self)).unless_too_deep())
    }
}

impl Test {
    fn is_unrestricted(&self) -> bool {
        matches!(self, Test::NotIn(values) if values.is_empty())
    }

    /// Empty lists, and comparisons with NULL, which are never true.
    fn matches_nothing(&self) -> bool {
        match self {
            Test::In(values) | Test::InAnySpelling(values) => values.is_empty(),
            Test::Dict(Value::Array(values)) => values.is_empty(),
            Test::Gt(value) | Test::Gte(value) | Test::Lt(value) | Test::Lte(value) => {
                value.is_null()
            }
            _ => false,
        }
    }
}

impl Default for Filter {
    /// No condition.
    fn default() -> Self {
        Filter::And(Vec::new())
    }
}

impl From<Row> for Filter {
    fn from(row: Row) -> Self {
        (&row).into()
    }
}

impl From<&Row> for Filter {
    fn from(row: &Row) -> Self {
        Filter::And(
            row.iter()
                .map(|(name, value)| Filter::test(name, Test::Dict(value.clone())))
                .collect(),
        )
    }
}

impl From<&Filter> for Filter {
    fn from(filter: &Filter) -> Self {
        filter.clone()
    }
}
