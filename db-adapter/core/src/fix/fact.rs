//! What has to be asked of the database before a plan is decided: questions with their SQL, what an answer
//! means, and the answers. Never asks anybody.

use super::allow::Allow;
use crate::validate::words;

words! {
    /// What a question asks.
    FactKind {
        /// How many rows the table has, as the database estimates it.
        Rows "rows",
        /// How many bytes the table has with its indexes.
        Bytes "bytes",
        /// Whether the table has a row at all: 0 or 1.
        AnyRow "any_row",
        /// How many rows have NULL in the column.
        Nulls "nulls",
        /// How many rows have a value that is another one after converting it there and back.
        Changed "changed",
        /// How many rows have a value that the new type refuses.
        Refused "refused",
        /// How many rows violate the constraint, or how many keys are there twice.
        Violations "violations",
        /// Which objects depend on it, a row for each.
        Dependants "dependants",
    }
}

/// What the answer to a question decides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Rule {
    /// Nothing: it is told.
    Told,
    /// The step is left out unless the answer is 0, or no row. The text says why: `{}` is the answer.
    NoneOrLeftOut(String),
    /// The step changes values unless the answer is 0, and is left out then unless this is allowed.
    NoneOrAllowed(Allow),
}

/// A question, and its answer when it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Fact {
    /// What is asked.
    pub kind: FactKind,
    /// The query. It only reads, and gives one column of texts: one row with a number, or a row for each name.
    pub sql: String,
    /// What the answer decides.
    pub rule: Rule,
    /// The answer.
    #[cfg_attr(feature = "serde", serde(default))]
    pub answer: Option<Answer>,
}

/// What the database answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Answer {
    /// The first column of the rows, as texts.
    Rows(Vec<String>),
    /// The query failed: a value that cannot be converted makes it do so.
    Failed,
}

impl Fact {
    pub(super) fn new(kind: FactKind, sql: impl Into<String>, rule: Rule) -> Fact {
        Fact {
            kind,
            sql: sql.into(),
            rule,
            answer: None,
        }
    }

    pub(super) fn told(kind: FactKind, sql: impl Into<String>) -> Fact {
        Fact::new(kind, sql, Rule::Told)
    }

    /// The number that was answered; of names how many there are.
    pub fn number(&self) -> Option<u64> {
        match (&self.answer, self.kind) {
            (Some(Answer::Rows(rows)), FactKind::Dependants) => u64::try_from(rows.len()).ok(),
            (Some(Answer::Rows(rows)), _) => rows.first().and_then(|text| text.parse().ok()),
            _ => None,
        }
    }
}
