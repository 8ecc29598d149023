//! Expressions in data: what a column becomes from what it is. Rendering stands elsewhere.

use std::fmt;

use crate::{Row, Value};

/// What a column becomes; made by the functions of this module, in a [`row!`](crate::row).
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Expression {
    /// The column's value and so much more.
    Add(Value),
    /// The column's value and so much less.
    Subtract(Value),
    /// The time of the statement.
    Now,
}

/// The column's value plus a number.
///
/// NULL stays NULL. A result that the column does not hold is
/// [`Error::InvalidValue`](crate::Error::InvalidValue), and nothing is changed. In an
/// [`upsert`](crate::DatabaseClientExt::upsert) a new row gets the number itself. The column is an
/// integer, a float or a numeric.
///
/// ```
/// use db_adapter::prelude::*;
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> db_adapter::Result<()> {
/// let db = db_adapter::connect("sqlite::memory:").await?;
/// db.execute("CREATE TABLE pages (path TEXT PRIMARY KEY, hits INTEGER NOT NULL)").await?;
/// for _ in 0..3 {
///     db.upsert("pages", row! { "path": "/", "hits": expr::add(1) }, "path").await?;
/// }
/// let page = db.update("pages", row! { "hits": expr::add(10) }, row! { "path": "/" }).await?;
/// assert_eq!(page["hits"], 13);
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
pub fn add(amount: impl Into<Value>) -> Expression {
    Expression::Add(amount.into())
}

/// The column's value minus a number; otherwise as [`add`].
///
/// ```
/// # use db_adapter::prelude::*;
/// # async fn f(db: &dyn DatabaseClient) -> db_adapter::Result<()> {
/// // only while there are enough: two buyers cannot take the last one
/// let sold = row! { "stock": expr::subtract(1) };
/// let one = row! { "sku": "tea", "stock": op::gte(1) };
/// let was_there = db.update("products", sold, one).count().await? == 1;
/// # Ok(()) }
/// ```
pub fn subtract(amount: impl Into<Value>) -> Expression {
    Expression::Subtract(amount.into())
}

/// The time of the statement by the database's clock, in UTC; for `timestamptz`, `timestamp` and
/// `date` columns. A column that keeps fewer than six digits of a second gets a rounded time.
///
/// ```
/// # use db_adapter::prelude::*;
/// # async fn f(db: &dyn DatabaseClient) -> db_adapter::Result<()> {
/// db.update("tasks", row! { "done_at": expr::now() }, row! { "id": 7 }).await?;
/// # Ok(()) }
/// ```
pub fn now() -> Expression {
    Expression::Now
}

/// Without the amount, which is a value of the user.
impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Expression::Add(_) => "Add",
            Expression::Subtract(_) => "Subtract",
            Expression::Now => "Now",
        })
    }
}

/// Data of a write: values, and expressions. A row is one, and [`row!`](crate::row) with an
/// expression in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    pub(crate) row: Row,
    pub(crate) expressions: Vec<(String, Expression)>,
}

impl Changes {
    /// Gives a column an expression, instead of the value or expression that it has.
    ///
    /// ```
    /// use db_adapter::expr::Changes;
    /// use db_adapter::prelude::*;
    /// let mut changes = Changes::from(row! { "title": "Buy tea", "version": 7 });
    /// changes.set("version", expr::add(1));
    /// assert_eq!(changes.row(), &row! { "title": "Buy tea" });
    /// assert_eq!(changes.expressions().len(), 1);
    /// ```
    pub fn set(&mut self, name: impl AsRef<str>, expression: Expression) {
        let name = name.as_ref();
        self.row.remove(name);
        self.expressions.retain(|(known, _)| known != name);
        self.expressions.push((name.to_owned(), expression));
    }

    /// The columns with an expression.
    pub fn expressions(&self) -> impl ExactSizeIterator<Item = (&str, &Expression)> {
        let expressions = self.expressions.iter();
        expressions.map(|(name, expression)| (name.as_str(), expression))
    }

    /// The columns with a value.
    pub fn row(&self) -> &Row {
        &self.row
    }

    pub(crate) fn push(mut self, name: &str, expression: Expression) -> Self {
        self.expressions.push((name.to_owned(), expression));
        self
    }
}

impl<R: Into<Row>> From<R> for Changes {
    fn from(row: R) -> Self {
        Changes {
            row: row.into(),
            expressions: Vec::new(),
        }
    }
}
