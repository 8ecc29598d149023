//! The operators of a [`Filter`]: `op::gt(18)`, `op::is_in(["a", "b"])`.
//!
//! ```
//! use db_adapter::prelude::*;
//! let filter: Filter = row! {
//!     "age": op::gte(18), "age": op::lt(65),          // one column may stand twice
//!     "email": op::ilike("%@example.com"),
//!     "deleted_at": op::is_null(),
//! };
//! ```

use super::{Filter, Test};
use crate::Value;

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $variant:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name(value: impl Into<Value>) -> Test {
            Test::$variant(value.into())
        }
    )* };
}

comparisons! {
    /// Equal, also where the value is an array; null means `IS NULL`.
    eq Eq;
    /// Not equal; rows with NULL do not match, except with null: `IS NOT NULL`.
    ne Ne;
    /// Greater.
    gt Gt;
    /// Greater or equal.
    gte Gte;
    /// Less.
    lt Lt;
    /// Less or equal.
    lte Lte;
}

/// A case-sensitive pattern: `%` is any text, `_` any character, `\` escapes.
pub fn like(pattern: impl Into<String>) -> Test {
    Test::Like(pattern.into())
}

/// A pattern without regard to case.
pub fn ilike(pattern: impl Into<String>) -> Test {
    Test::Ilike(pattern.into())
}

/// One of the values; an empty list matches nothing, null among them means `OR IS NULL`.
pub fn is_in<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Test {
    Test::In(values.into_iter().map(Into::into).collect())
}

/// One of the values, in whatever spelling a row has it: SQLite keeps the text of a uuid, and [`is_in`] looks
/// by an index for the spellings that programs write, not for braces or letters of both cases. This one
/// finds all of them, and may have to look at every row for it. Elsewhere it is [`is_in`].
///
/// ```
/// use db_adapter::prelude::*;
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> db_adapter::Result<()> {
/// let db = db_adapter::connect("sqlite::memory:").await?;
/// db.execute_script(
///     "CREATE TABLE users (id UUID PRIMARY KEY);
///      INSERT INTO users VALUES ('{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}');",
/// ).await?;
/// let id = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
/// assert_eq!(db.count("users", row! { "id": op::eq(id) }).await?, 0);
/// assert_eq!(db.count("users", row! { "id": op::in_any_spelling([id]) }).await?, 1);
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
pub fn in_any_spelling<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Test {
    Test::InAnySpelling(values.into_iter().map(Into::into).collect())
}

/// None of the values; an empty list matches every row, null among them means
/// `AND IS NOT NULL`.
pub fn not_in<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Test {
    Test::NotIn(values.into_iter().map(Into::into).collect())
}

/// NULL.
pub fn is_null() -> Test {
    Test::IsNull
}

/// Not NULL.
pub fn not_null() -> Test {
    Test::NotNull
}

/// At least one of the filters; the same as [`Filter::any_of`].
pub fn any_of<F: Into<Filter>>(filters: impl IntoIterator<Item = F>) -> Filter {
    Filter::any_of(filters)
}
