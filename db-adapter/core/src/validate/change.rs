//! A difference with what was compared, as data, for whoever acts on it. Never a text that has to be read
//! again, and never a decision about what to do.

use super::Difference;
use crate::schema::{ConstraintSchema, Generated, Identity, IndexSchema};

/// A difference, and what it is between.
///
/// ```
/// use db_adapter_core::ExpectedSchema;
/// use db_adapter_core::schema::{ColumnSchema, DatabaseSchema, TableSchema};
/// use db_adapter_core::sql_type::SqlType;
/// use db_adapter_core::validate::{Between, Validation};
///
/// let mut actual = DatabaseSchema::default();
/// let columns = vec![ColumnSchema::new("id", "bigint", SqlType::Int8)];
/// let users = TableSchema { name: "users".into(), columns, ..TableSchema::default() };
/// actual.tables.insert(users.key(), users);
///
/// let expected = ExpectedSchema::columns([("users", ["id", "name"])]);
/// let changes = Validation::new(&expected).changes(&actual);
/// assert_eq!(changes[0].actual_table.as_deref(), Some("users"));
/// let missing = Between::Column { expected: Some("name".into()), actual: None };
/// assert_eq!(changes[0].between, missing);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The difference as it is reported.
    pub difference: Difference,
    /// The key of the table that is there; its object has the key under which it is expected.
    pub actual_table: Option<String>,
    /// What was compared.
    pub between: Between,
}

/// What was compared: what is expected, and what is there. `None` is not expected, or not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Between {
    /// Two tables, by their keys: both where it is there under its old name.
    Table {
        /// The key that is expected.
        expected: Option<String>,
        /// The key that is there.
        actual: Option<String>,
    },
    /// Two columns, by their names.
    Column {
        /// The name that is expected.
        expected: Option<String>,
        /// The name that is there.
        actual: Option<String>,
    },
    /// The types of a column, as SQL.
    Type {
        /// The type that is expected.
        expected: String,
        /// The type that is there.
        actual: String,
    },
    /// Whether a column may have NULL.
    Nullability {
        /// Whether it is expected to.
        expected: bool,
        /// Whether it may.
        actual: bool,
    },
    /// The defaults of a column, as SQL.
    Default {
        /// The default that is expected.
        expected: Option<String>,
        /// The default that is there.
        actual: Option<String>,
    },
    /// A column that the database is expected to fill, and does not; how is not said.
    Filled,
    /// How rows are numbered. Where both are the same, their sequences count in another way.
    Identity {
        /// What is expected.
        expected: Option<Identity>,
        /// What is there.
        actual: Option<Identity>,
    },
    /// How a column is computed.
    Generated {
        /// What is expected.
        expected: Option<Generated>,
        /// What is there.
        actual: Option<Generated>,
    },
    /// Two keys, foreign keys, checks or exclusions. What a declaration does not say of the expected one is
    /// as in `ConstraintSchema::default()`; its name then is empty.
    Constraint {
        /// What is expected.
        expected: Option<Box<ConstraintSchema>>,
        /// What is there.
        actual: Option<Box<ConstraintSchema>>,
    },
    /// Two indexes.
    Index {
        /// What is expected.
        expected: Option<Box<IndexSchema>>,
        /// What is there.
        actual: Option<Box<IndexSchema>>,
    },
    /// The values of an enum.
    EnumValues {
        /// What is expected.
        expected: Vec<String>,
        /// What is there.
        actual: Vec<String>,
    },
    /// Something else, of which the difference says enough.
    #[default]
    Other,
}
