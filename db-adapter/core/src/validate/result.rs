//! What a comparison found. Its JSON has the fields of the Python original, and more beside them.

use super::{
    Difference, DifferenceKind, Ignored, KnownDifference, NotChecked, ObjectKind, Severity,
    ValidationLevel,
};

/// The version of the JSON shape; fields may be added to it.
const VERSION: u32 = 1;

/// What a comparison found.
///
/// ```
/// use db_adapter_core::{ExpectedSchema, validate_schema};
/// use std::collections::{BTreeMap, BTreeSet};
///
/// let actual = BTreeMap::from([("users".to_owned(), BTreeSet::from(["id".to_owned()]))]);
/// let result = validate_schema(&actual, &ExpectedSchema::columns([("users", ["id", "name"])]));
/// assert_eq!(result.missing_columns[0].column, "name");
/// assert_eq!(result.error_count(), 1);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct SchemaValidationResult {
    /// The version of this shape in JSON: 1.
    pub version: u32,
    /// How much was compared.
    pub level: ValidationLevel,
    /// Whether there is no error.
    pub valid: bool,
    /// The tables that are expected and absent, in order; also those that still have an old name.
    pub missing_tables: Vec<String>,
    /// The columns that are expected and absent from tables that exist, in order.
    pub missing_columns: Vec<ColumnDiff>,
    /// The tables that nobody expects, in order; a warning, but at level `exact`.
    pub extra_tables: Vec<String>,
    /// All the differences, those above among them; by table, then by object. Empty for
    /// [`validate_schema`](super::validate_schema), which knows names alone.
    pub differences: Vec<Difference>,
    /// The differences that a rule took out of the verdict, with its reason.
    pub ignored: Vec<Ignored>,
    /// The rules that took nothing out: their reason may be gone.
    pub unused_rules: Vec<String>,
    /// The differences that a [`Baseline`](super::Baseline) took out of the verdict, with its reasons.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub known: Vec<Ignored>,
    /// What the baseline knows and was not found: it can be taken out of it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub stale: Vec<KnownDifference>,
    /// What the result says nothing about, and why.
    pub not_checked: Vec<NotChecked>,
}

/// A column that is missing.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct ColumnDiff {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// A sentence that says so.
    pub message: String,
}

/// Nothing found by names.
impl Default for SchemaValidationResult {
    fn default() -> Self {
        SchemaValidationResult::new(ValidationLevel::Columns)
    }
}

impl SchemaValidationResult {
    pub(super) fn new(level: ValidationLevel) -> SchemaValidationResult {
        SchemaValidationResult {
            version: VERSION,
            level,
            valid: true,
            missing_tables: Vec::new(),
            missing_columns: Vec::new(),
            extra_tables: Vec::new(),
            differences: Vec::new(),
            ignored: Vec::new(),
            unused_rules: Vec::new(),
            known: Vec::new(),
            stale: Vec::new(),
            not_checked: Vec::new(),
        }
    }

    /// The result of these differences, the original's fields among it.
    pub(super) fn of(
        level: ValidationLevel,
        mut differences: Vec<Difference>,
    ) -> SchemaValidationResult {
        differences.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut result = SchemaValidationResult::new(level);
        for difference in &differences {
            let name = || difference.object.name.clone();
            match (difference.kind, difference.object.kind) {
                (DifferenceKind::Missing | DifferenceKind::Renamed, ObjectKind::Table) => {
                    result.missing_tables.push(name());
                }
                (DifferenceKind::Extra, ObjectKind::Table) => result.extra_tables.push(name()),
                (DifferenceKind::Missing, ObjectKind::Column) => {
                    let table = difference.object.table.clone().unwrap_or_default();
                    result.missing_columns.push(ColumnDiff::new(table, name()));
                }
                _ => {}
            }
        }
        result.differences = differences;
        result.valid = result.error_count() == 0;
        result
    }

    /// The differences that are errors.
    pub fn errors(&self) -> impl Iterator<Item = &Difference> {
        self.differences
            .iter()
            .filter(|d| d.severity == Severity::Error)
    }

    /// The differences that are warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Difference> {
        self.differences
            .iter()
            .filter(|d| d.severity == Severity::Warning)
    }

    /// How many errors there are; by names alone the missing tables and columns together.
    pub fn error_count(&self) -> usize {
        match self.differences.is_empty() {
            true => self.missing_tables.len() + self.missing_columns.len(),
            false => self.errors().count(),
        }
    }
}

impl ColumnDiff {
    pub(super) fn new(table: String, column: String) -> ColumnDiff {
        let message = format!("Column '{column}' missing from table '{table}'");
        ColumnDiff {
            table,
            column,
            message,
        }
    }
}

/// By table, what belongs to none last; in it by kind and name.
pub(super) fn order(d: &Difference) -> (bool, Option<&str>, ObjectKind, &str, DifferenceKind) {
    let object = &d.object;
    (
        object.table.is_none(),
        object.table.as_deref(),
        object.kind,
        &object.name,
        d.kind,
    )
}
