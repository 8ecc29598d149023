//! Keys, foreign keys, checks and exclusions of a table.

use std::collections::BTreeMap;
use std::fmt;

/// A constraint of any kind; which fields say something depends on `kind`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct ConstraintSchema {
    /// The name; where the DDL gives none, the one that PostgreSQL would choose.
    pub name: String,
    /// What it demands.
    #[cfg_attr(feature = "serde", serde(rename = "constraint_type"))]
    pub kind: ConstraintKind,
    /// Its columns in their order; of a check those that its expression names, where known.
    pub columns: Vec<String>,
    /// The schema of the referenced table, where known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub references_schema: Option<String>,
    /// The referenced table of a foreign key.
    pub references_table: Option<String>,
    /// The referenced columns, in the order of `columns`.
    pub references_columns: Option<Vec<String>>,
    /// What happens to the row when the referenced one is deleted; `None` unless a foreign key.
    pub on_delete: Option<ReferentialAction>,
    /// What happens to the row when the referenced key changes; `None` unless a foreign key.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub on_update: Option<ReferentialAction>,
    /// The columns that `ON DELETE SET NULL (..)` sets; empty means all.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub on_delete_columns: Vec<String>,
    /// `MATCH FULL`: all the columns are NULL or none is.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub match_full: bool,
    /// Whether its check can wait for the end of the transaction.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub deferrable: bool,
    /// Whether it waits without being asked.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub initially_deferred: bool,
    /// `NOT VALID`: rows from before were not checked.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub not_valid: bool,
    /// `NOT ENFORCED`: rows are not checked at all.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub not_enforced: bool,
    /// Whether the last column is a span of time: `WITHOUT OVERLAPS` of a key, `PERIOD` of a
    /// foreign key, which then may refer to several rows.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub over_time: bool,
    /// `NO INHERIT`, of a check.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub no_inherit: bool,
    /// `NULLS NOT DISTINCT`, of a unique constraint.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub nulls_not_distinct: bool,
    /// The columns that the key's index carries beside its own.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub include: Vec<String>,
    /// The collations by which a key of SQLite compares its columns, by their names, where they are not the columns'
    /// own.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub collations: BTreeMap<String, String>,
    /// `ON CONFLICT` of a key of SQLite, where that is another word than `ABORT`: `REPLACE`, `IGNORE`, `FAIL` or
    /// `ROLLBACK`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub on_conflict: Option<String>,
    /// The expression of a check without its outer parentheses; of an exclusion all after EXCLUDE.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub expression: Option<String>,
    /// Whether nobody chose the name: it need not be the same elsewhere.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub name_is_generated: bool,
    /// The comment.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub comment: Option<String>,
}

/// The kinds of constraints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ConstraintKind {
    /// `PRIMARY KEY`
    #[cfg_attr(feature = "serde", serde(rename = "PRIMARY KEY"))]
    PrimaryKey,
    /// `UNIQUE`
    #[cfg_attr(feature = "serde", serde(rename = "UNIQUE"))]
    Unique,
    /// `FOREIGN KEY`
    #[cfg_attr(feature = "serde", serde(rename = "FOREIGN KEY"))]
    ForeignKey,
    /// `CHECK`
    #[default]
    #[cfg_attr(feature = "serde", serde(rename = "CHECK"))]
    Check,
    /// `EXCLUDE`
    #[cfg_attr(feature = "serde", serde(rename = "EXCLUDE"))]
    Exclude,
}

/// Writes the words of SQL.
impl fmt::Display for ConstraintKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConstraintKind::PrimaryKey => "PRIMARY KEY",
            ConstraintKind::Unique => "UNIQUE",
            ConstraintKind::ForeignKey => "FOREIGN KEY",
            ConstraintKind::Check => "CHECK",
            ConstraintKind::Exclude => "EXCLUDE",
        })
    }
}

/// What a foreign key does with its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ReferentialAction {
    /// `NO ACTION`: refuse, at the end of the statement or transaction
    #[default]
    #[cfg_attr(feature = "serde", serde(rename = "NO ACTION"))]
    NoAction,
    /// `RESTRICT`: refuse at once
    #[cfg_attr(feature = "serde", serde(rename = "RESTRICT"))]
    Restrict,
    /// `CASCADE`
    #[cfg_attr(feature = "serde", serde(rename = "CASCADE"))]
    Cascade,
    /// `SET NULL`
    #[cfg_attr(feature = "serde", serde(rename = "SET NULL"))]
    SetNull,
    /// `SET DEFAULT`
    #[cfg_attr(feature = "serde", serde(rename = "SET DEFAULT"))]
    SetDefault,
}

/// Writes the words of SQL.
impl fmt::Display for ReferentialAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReferentialAction::NoAction => "NO ACTION",
            ReferentialAction::Restrict => "RESTRICT",
            ReferentialAction::Cascade => "CASCADE",
            ReferentialAction::SetNull => "SET NULL",
            ReferentialAction::SetDefault => "SET DEFAULT",
        })
    }
}
