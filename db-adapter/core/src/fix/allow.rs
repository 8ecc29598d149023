//! What a caller allows by name: `column:users.email`. Nothing that loses something is done without.

use crate::validate::words;
use std::fmt;

words! {
    /// What is allowed.
    AllowKind {
        /// To drop a table with its rows.
        Table "table",
        /// To drop a column with its values.
        Column "column",
        /// To drop a primary key.
        PrimaryKey "primary_key",
        /// To drop a unique constraint.
        Unique "unique",
        /// To drop a foreign key.
        ForeignKey "foreign_key",
        /// To drop a check.
        Check "check",
        /// To drop an exclusion constraint.
        Exclusion "exclusion",
        /// To drop an index.
        Index "index",
        /// To change the values of a column where they do not convert back to what they were.
        Narrow "narrow",
        /// To give the values of a column another meaning.
        Reinterpret "reinterpret",
        /// To add a column or a table, although it could be another one under a new name.
        Add "add",
    }
}

/// One thing that is allowed.
///
/// ```
/// use db_adapter_core::fix::{Allow, AllowKind};
///
/// let allow: Allow = "narrow:users.email".parse()?;
/// assert_eq!(allow, Allow::new(AllowKind::Narrow, "users.email"));
/// assert!("users.email".parse::<Allow>().is_err());
/// # Ok::<(), db_adapter_core::fix::NotAnAllow>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Allow {
    /// What.
    pub kind: AllowKind,
    /// Of which object: `users`, `users.email`.
    pub name: String,
}

impl Allow {
    /// Allows this.
    pub fn new(kind: AllowKind, name: impl Into<String>) -> Allow {
        Allow {
            kind,
            name: name.into(),
        }
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.name)
    }
}

/// The text is not `KIND:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnAllow;

impl fmt::Display for NotAnAllow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "it is not KIND:NAME, such as `column:users.email`, with the kind table, column, \
             primary_key, unique, foreign_key, check, exclusion, index, narrow, reinterpret or add",
        )
    }
}

impl std::error::Error for NotAnAllow {}

impl std::str::FromStr for Allow {
    type Err = NotAnAllow;

    fn from_str(text: &str) -> Result<Allow, NotAnAllow> {
        let (kind, name) = text.split_once(':').ok_or(NotAnAllow)?;
        let kind = AllowKind::of(kind).ok_or(NotAnAllow)?;
        match name.trim().is_empty() {
            true => Err(NotAnAllow),
            false => Ok(Allow::new(kind, name)),
        }
    }
}
