//! What a schema holds beside tables.

use std::collections::{BTreeMap, BTreeSet};

use super::{ColumnSchema, IndexSchema, Numbering};

/// A trigger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct TriggerSchema {
    /// The name.
    pub name: String,
    /// `BEFORE`, `AFTER` or `INSTEAD OF`.
    pub timing: String,
    /// All its events: `INSERT`, `UPDATE`, `DELETE`, `TRUNCATE`.
    pub events: Vec<String>,
    /// The function that it calls, as a [`super::table_key`]; empty on SQLite, where a trigger has
    /// its statements itself.
    pub function_name: String,
    /// Whether it is switched off.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub disabled: bool,
    /// In which sessions it fires, while it is not switched off.
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "TriggerSessions::is_ordinary")
    )]
    pub sessions: TriggerSessions,
    /// The whole definition, where known: columns, condition, and whether for each row.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub definition: Option<String>,
    /// The comment.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub comment: Option<String>,
}

/// In which sessions of PostgreSQL a trigger fires: what `session_replication_role` has to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum TriggerSessions {
    /// In those of programs, not in those that apply a replication.
    #[default]
    Ordinary,
    /// `ENABLE REPLICA`: only in those that apply a replication.
    Replica,
    /// `ENABLE ALWAYS`: in all of them.
    Always,
}

impl TriggerSessions {
    /// Whether it is what CREATE TRIGGER gives.
    pub fn is_ordinary(&self) -> bool {
        *self == TriggerSessions::Ordinary
    }
}

/// A function or procedure, one of its overloads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct FunctionSchema {
    /// The schema, where known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub schema: Option<String>,
    /// The name without its arguments.
    pub name: String,
    /// The types of its arguments as SQL.
    pub arguments: String,
    /// The type of its result, empty for a procedure.
    pub return_type: String,
    /// The whole definition, where known.
    pub definition: String,
    /// The language.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "String::is_empty"))]
    pub language: String,
    /// The comment.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub comment: Option<String>,
}

/// A policy of row-level security.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct PolicySchema {
    /// The name.
    pub name: String,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    pub command: String,
    /// Whether it is restrictive, not permissive.
    pub restrictive: bool,
    /// The roles it is for; empty means everybody.
    pub roles: Vec<String>,
    /// The rows that are seen.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub using: Option<String>,
    /// The rows that may be written.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub with_check: Option<String>,
}

/// An enum type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct EnumSchema {
    /// The schema, where known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub schema: Option<String>,
    /// The name.
    pub name: String,
    /// The values in their order.
    pub values: Vec<String>,
    /// The comment.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub comment: Option<String>,
}

/// A domain: a type with rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct DomainSchema {
    /// The schema, where known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub schema: Option<String>,
    /// The name.
    pub name: String,
    /// The type beneath, as in a column.
    pub data_type: String,
    /// Whether NULL is refused.
    pub not_null: bool,
    /// The default as SQL.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub default: Option<String>,
    /// The collation, when it is given.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub collation: Option<String>,
    /// The expressions of its checks by name.
    pub checks: BTreeMap<String, String>,
    /// The names of the checks that are NOT VALID: values from before were not checked.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeSet::is_empty"))]
    pub not_valid: BTreeSet<String>,
    /// The comment.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub comment: Option<String>,
}

/// A sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct SequenceSchema {
    /// The schema, where known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub schema: Option<String>,
    /// The name.
    pub name: String,
    /// The type of its values.
    pub data_type: String,
    /// The first value; the engine's default when absent.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub start: Option<i64>,
    /// The step; 1 when absent.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub increment: Option<i64>,
    /// The least value; the engine's default when absent.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub min: Option<i64>,
    /// The greatest value; the engine's default when absent.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub max: Option<i64>,
    /// How many values a session takes at once; 1 when absent.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub cache: Option<i64>,
    /// Whether it begins again at its end.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub cycle: bool,
    /// Whether it is UNLOGGED, as that of a column is in such a table since PostgreSQL 15.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub unlogged: bool,
    /// The key of the table that it belongs to, and the column.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub owned_by: Option<(String, String)>,
    /// The comment.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub comment: Option<String>,
}

impl SequenceSchema {
    /// How it counts, without what is the default for its type.
    pub fn numbering(&self) -> Numbering {
        let told = Numbering {
            start: self.start,
            increment: self.increment,
            min: self.min,
            max: self.max,
            cache: self.cache,
            cycle: self.cycle,
        };
        told.without_defaults(&self.data_type)
    }

    /// Sets how it counts.
    pub fn set_numbering(&mut self, numbering: Numbering) {
        self.start = numbering.start;
        self.increment = numbering.increment;
        self.min = numbering.min;
        self.max = numbering.max;
        self.cache = numbering.cache;
        self.cycle = numbering.cycle;
    }
}

/// A view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct ViewSchema {
    /// The schema, where known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub schema: Option<String>,
    /// The name.
    pub name: String,
    /// Whether its rows are stored.
    pub materialized: bool,
    /// The columns in their order, where known.
    #[cfg_attr(
        feature = "serde",
        serde(with = "super::table::columns", skip_serializing_if = "Vec::is_empty")
    )]
    pub columns: Vec<ColumnSchema>,
    /// The indexes of a materialised view, by name.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub indexes: BTreeMap<String, IndexSchema>,
    /// The triggers by name.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub triggers: BTreeMap<String, TriggerSchema>,
    /// The query, where known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub definition: Option<String>,
    /// The names that the definition gives the columns before the query; empty where they are the query's
    /// own.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub column_names: Vec<String>,
    /// How rows are seen and written through it, of PostgreSQL and without a materialised one's storage:
    /// `check_option=local`, `security_invoker=true`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub options: Vec<String>,
    /// The comment.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub comment: Option<String>,
}
