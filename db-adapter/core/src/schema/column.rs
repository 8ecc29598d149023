//! One column of a table.

use super::Numbering;
use crate::sql_type::SqlType;

/// A column: its type, and what the database does when nothing is written to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ColumnSchema {
    /// The name, exactly as the database spells it.
    pub name: String,
    /// The type's full text: on PostgreSQL as `format_type` writes it, with length and precision
    /// (`timestamp(3) with time zone`); on SQLite as declared, empty when nothing is.
    pub data_type: String,
    /// The type as far as it decides the canonical value; `Other` with an empty name when a
    /// SQLite column declares none.
    #[cfg_attr(
        feature = "serde",
        serde(
            default = "super::serde_sql_type::unknown",
            with = "super::serde_sql_type"
        )
    )]
    pub sql_type: SqlType,
    /// Whether NULL may be stored: false for NOT NULL, primary keys, and identities.
    #[cfg_attr(feature = "serde", serde(rename = "is_nullable", default = "yes"))]
    pub nullable: bool,
    /// `NOT NULL .. NOT VALID`: new rows have no NULL, those from before may; such a column is
    /// `nullable`.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "std::ops::Not::not")
    )]
    pub not_null_not_valid: bool,
    /// `NOT NULL .. NO INHERIT`: the tables that inherit may have NULL.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "std::ops::Not::not")
    )]
    pub not_null_no_inherit: bool,
    /// The name of the NOT NULL constraint, where the server keeps one that somebody chose.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub not_null_name: Option<String>,
    /// `NOT NULL ON CONFLICT` of SQLite, where that is another word than `ABORT`.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub not_null_on_conflict: Option<String>,
    /// The default's expression as SQL, of a column that is not generated.
    #[cfg_attr(feature = "serde", serde(default))]
    pub default: Option<String>,
    /// Whether the database numbers the rows by an identity.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub identity: Option<Identity>,
    /// How the identity counts, where that is not the default.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub numbering: Option<Numbering>,
    /// The name of the sequence behind an identity, where it is not the one that the server would choose now.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub identity_sequence: Option<String>,
    /// The expression of a generated column.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub generated: Option<Generated>,
    /// The collation, when it is not the type's own.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub collation: Option<String>,
    /// The comment.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub comment: Option<String>,
}

impl ColumnSchema {
    /// A nullable column without a default.
    pub fn new(name: impl Into<String>, data_type: impl Into<String>, sql_type: SqlType) -> Self {
        ColumnSchema {
            name: name.into(),
            data_type: data_type.into(),
            sql_type,
            nullable: true,
            not_null_not_valid: false,
            not_null_no_inherit: false,
            not_null_name: None,
            not_null_on_conflict: None,
            default: None,
            identity: None,
            numbering: None,
            identity_sequence: None,
            generated: None,
            collation: None,
            comment: None,
        }
    }

    /// Whether an insert may leave the column out: it takes NULL, or the database fills it.
    pub fn may_be_left_out(&self) -> bool {
        self.takes_null() || self.is_filled()
    }

    /// Whether a new row may have NULL there, which `nullable` does not tell where older rows were
    /// not checked.
    pub fn takes_null(&self) -> bool {
        self.nullable && !self.not_null_not_valid
    }

    /// Makes it NOT NULL, or a column that may be NULL.
    pub fn set_nullable(&mut self, nullable: bool) {
        self.nullable = nullable;
        self.not_null_not_valid = false;
        self.not_null_no_inherit = false;
        self.not_null_name = self.not_null_name.take().filter(|_| !nullable);
        self.not_null_on_conflict = self.not_null_on_conflict.take().filter(|_| !nullable);
    }

    /// Whether the database computes a value: a default, an identity, or a generated column.
    pub fn is_filled(&self) -> bool {
        self.default.is_some() || self.identity.is_some() || self.generated.is_some()
    }
}

/// How an identity column takes a value of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Identity {
    /// `GENERATED ALWAYS AS IDENTITY`: only with OVERRIDING SYSTEM VALUE.
    Always,
    /// `GENERATED BY DEFAULT AS IDENTITY`; on SQLite an `INTEGER PRIMARY KEY`, which is the number
    /// of the row, with AUTOINCREMENT or without.
    ByDefault,
}

/// A column that the database computes from others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Generated {
    /// The expression as SQL.
    pub expression: String,
    /// Whether it is stored, not computed on read.
    pub stored: bool,
}

#[cfg(feature = "serde")]
fn yes() -> bool {
    true
}
