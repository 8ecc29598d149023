//! One difference between what is expected and what is there, as data. Never prints, and never
//! decides what counts: the comparisons do.

use std::fmt;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// The word in reports and in JSON.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }

            /// The one of this word.
            pub fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($name::$variant),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How much is compared.
    ValidationLevel {
        /// The names of tables and columns, as the Python original does.
        Columns "columns",
        /// Whether a program that was written for the expected schema works: names, types,
        /// nullability, keys. What is there besides is a warning.
        Compatible "compatible",
        /// Everything that both sides know.
        Exact "exact",
    }
}

words! {
    /// How bad a difference is.
    Severity {
        /// The database is not what is expected.
        Error "error",
        /// Worth knowing; the result is valid nevertheless.
        Warning "warning",
    }
}

words! {
    /// What is different.
    DifferenceKind {
        /// Expected, and not there.
        Missing "missing",
        /// There, and not expected.
        Extra "extra",
        /// There under the name that it had before.
        Renamed "renamed",
        /// A foreign key of the database that the declared tables do not name.
        Undeclared "undeclared",
        /// A natural key that no unique index proves.
        NotProven "not_proven",
        /// A constraint that was not checked for the rows from before.
        NotValid "not_valid",
        /// The name.
        Name "name",
        /// The type, of a column, a domain or a sequence.
        Type "type",
        /// Whether NULL is allowed.
        Nullability "nullability",
        /// The default.
        Default "default",
        /// Whether and how rows are numbered.
        Identity "identity",
        /// Whether and how the column is computed from others.
        Generated "generated",
        /// The collation.
        Collation "collation",
        /// The columns of a key or an index, and their order.
        Columns "columns",
        /// What a foreign key refers to.
        Reference "reference",
        /// What a foreign key does with its row.
        Action "action",
        /// When a constraint is checked.
        Deferrable "deferrable",
        /// The definition of anything else.
        Definition "definition",
        /// The values of an enum.
        Values "values",
        /// The order of a table's columns.
        Order "order",
        /// Row-level security.
        RowSecurity "row_security",
        /// How a table is partitioned, or of which one it is a partition.
        Partitioning "partitioning",
        /// Which tables it inherits from.
        Inheritance "inheritance",
        /// How the database keeps the table.
        Storage "storage",
        /// The comment.
        Comment "comment",
    }
}

words! {
    /// The kinds of objects.
    ObjectKind {
        /// A table.
        Table "table",
        /// A column of a table.
        Column "column",
        /// The primary key of a table.
        PrimaryKey "primary_key",
        /// A unique constraint or index.
        Unique "unique",
        /// The columns that tell a backup whether two rows are the same one.
        NaturalKey "natural_key",
        /// A foreign key.
        ForeignKey "foreign_key",
        /// A check.
        Check "check",
        /// An exclusion constraint.
        Exclusion "exclusion",
        /// An index.
        Index "index",
        /// A trigger.
        Trigger "trigger",
        /// A policy of row-level security.
        Policy "policy",
        /// An enum type.
        Enum "enum",
        /// A domain.
        Domain "domain",
        /// A view.
        View "view",
        /// A sequence.
        Sequence "sequence",
        /// A function.
        Function "function",
        /// An extension.
        Extension "extension",
        /// A schema.
        Schema "schema",
    }
}

impl ObjectKind {
    /// The words for people: `foreign key`.
    pub fn words(self) -> String {
        match self {
            ObjectKind::Unique => "unique constraint".to_owned(),
            kind => kind.as_str().replace('_', " "),
        }
    }
}

/// What a difference is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SchemaObject {
    /// Its kind.
    pub kind: ObjectKind,
    /// The key of the table that it belongs to, or is; `None` for what belongs to none.
    #[cfg_attr(feature = "serde", serde(default))]
    pub table: Option<String>,
    /// Its name: of a table the table's, of a key without a name its columns.
    pub name: String,
}

impl SchemaObject {
    /// How it is named in ignore rules and in reports: `users`, `users.email`, `mood`.
    pub fn path(&self) -> String {
        match &self.table {
            Some(table) if self.kind != ObjectKind::Table => format!("{table}.{}", self.name),
            _ => self.name.clone(),
        }
    }
}

/// A difference. Its texts hold names and SQL of the schema, never a value of a row.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Difference {
    /// What is different.
    pub kind: DifferenceKind,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub object: SchemaObject,
    /// What is expected, as SQL; `None` for what is not expected at all.
    #[cfg_attr(feature = "serde", serde(default))]
    pub expected: Option<String>,
    /// What is there; `None` for what is not.
    #[cfg_attr(feature = "serde", serde(default))]
    pub actual: Option<String>,
    /// A digest of all that is there, of which `actual` says only a part: for a
    /// [`Baseline`](super::Baseline). `None` where `actual` says all of it.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub actual_digest: Option<String>,
    /// A sentence that says all of it.
    pub message: String,
    /// What to do about it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub hint: Option<String>,
}

/// Something that the result says nothing about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct NotChecked {
    /// The kind of object or of property: `view`, `default`, ...
    pub kind: String,
    /// Which one; `None` for all of the kind.
    pub name: Option<String>,
    /// Why.
    pub reason: String,
}

/// The message, and the hint behind it.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// `views: their queries are not compared`, with the name where it is one.
impl fmt::Display for NotChecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} `{name}`: {}", self.kind, self.reason),
            None => write!(f, "{}: {}", self.kind, self.reason),
        }
    }
}
