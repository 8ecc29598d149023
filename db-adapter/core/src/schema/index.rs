//! Indexes that are no part of a constraint.

/// An index of its own; the index behind a key is told by the key's constraint alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IndexSchema {
    /// The name.
    pub name: String,
    /// What it sorts by, in order.
    #[cfg_attr(feature = "serde", serde(default, with = "super::serde_columns"))]
    pub columns: Vec<IndexColumn>,
    /// Whether it refuses duplicates.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_unique: bool,
    /// The access method: `btree`, `gin`, `gist`, ...
    #[cfg_attr(feature = "serde", serde(rename = "index_type", default = "btree"))]
    pub method: String,
    /// The condition of a partial index.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub predicate: Option<String>,
    /// The columns that it carries beside.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub include: Vec<String>,
    /// `NULLS NOT DISTINCT`
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "std::ops::Not::not")
    )]
    pub nulls_not_distinct: bool,
    /// Whether nobody chose the name.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "std::ops::Not::not")
    )]
    pub name_is_generated: bool,
    /// The comment.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub comment: Option<String>,
}

impl IndexSchema {
    /// The names of the columns, when the index is on nothing but columns.
    pub fn column_names(&self) -> Option<Vec<&str>> {
        let names = self
            .columns
            .iter()
            .map(|c| (!c.is_expression).then_some(c.text.as_str()));
        names.collect()
    }
}

/// One key of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexColumn {
    /// The column's name, or the expression as SQL.
    pub text: String,
    /// Whether `text` is an expression.
    pub is_expression: bool,
    /// `DESC`
    pub descending: bool,
    /// `NULLS FIRST` or `LAST` where it is not what the direction implies: true means first.
    pub nulls_first: Option<bool>,
    /// The collation, when it is given.
    pub collation: Option<String>,
    /// The operator class with its parameters, when it is given.
    pub operator_class: Option<String>,
}

impl IndexColumn {
    /// A plain column, ascending.
    pub fn column(name: impl Into<String>) -> IndexColumn {
        IndexColumn {
            text: name.into(),
            ..IndexColumn::default()
        }
    }
}

#[cfg(feature = "serde")]
fn btree() -> String {
    "btree".to_owned()
}
