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
