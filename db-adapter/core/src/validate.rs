//! The comparison of what is expected with what is there, by names alone: the original's rules.
//! Never reads a database. Types, nullability and keys are for levels beyond this one.

use crate::expected::ExpectedSchema;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct SchemaValidationResult {
    /// Whether nothing is missing.
    pub valid: bool,
    /// The tables that are expected and absent, in order.
    pub missing_tables: Vec<String>,
    /// The columns that are expected and absent from tables that exist, in order.
    pub missing_columns: Vec<ColumnDiff>,
    /// The tables that nobody expects, in order; a warning.
    pub extra_tables: Vec<String>,
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

/// Compares the names of tables and columns, actual first, as the original does.
///
/// `actual` is keyed as [`crate::DatabaseSchema::column_names`] gives it. A table that is expected
/// twice is expected with the columns of both.
pub fn validate_schema(
    actual: &BTreeMap<String, BTreeSet<String>>,
    expected: &ExpectedSchema,
) -> SchemaValidationResult {
    let expected = expected_names(expected);
    let mut result = SchemaValidationResult::default();
    for (table, columns) in &expected {
        let Some(there) = actual.get(table) else {
            result.missing_tables.push(table.clone());
            continue;
        };
        let missing = columns.iter().filter(|c| !there.contains(**c));
        result
            .missing_columns
            .extend(missing.map(|column| ColumnDiff {
                table: table.clone(),
                column: (*column).to_owned(),
                message: format!("Column '{column}' missing from table '{table}'"),
            }));
    }
    let extra = actual.keys().filter(|t| !expected.contains_key(*t));
    result.extra_tables = extra.cloned().collect();
    result.valid = result.error_count() == 0;
    result
}

fn expected_names(expected: &ExpectedSchema) -> BTreeMap<String, BTreeSet<&str>> {
    let mut names: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for table in expected.tables.iter() {
        let columns = table.columns.iter().map(|c| c.name.as_ref());
        names.entry(table.key()).or_default().extend(columns);
    }
    names
}

impl SchemaValidationResult {
    /// The missing tables and columns together.
    pub fn error_count(&self) -> usize {
        self.missing_tables.len() + self.missing_columns.len()
    }

    /// The report for people, word for word as the original writes it, without a line break at
    /// its end. Extra tables are told only beside errors.
    pub fn format_report(&self) -> String {
        if self.valid {
            return "Schema valid".to_owned();
        }
        let mut report = String::from("Schema validation failed:");
        section(&mut report, "tables", self.missing_tables.iter().cloned());
        let columns = self
            .missing_columns
            .iter()
            .map(|d| format!("{}.{}", d.table, d.column));
        section(&mut report, "columns", columns);
        if !self.extra_tables.is_empty() {
            let _ = write!(
                report,
                "\n\n  Extra tables (warning): {}",
                self.extra_tables.join(", ")
            );
        }
        report
    }
}

fn section(report: &mut String, what: &str, missing: impl ExactSizeIterator<Item = String>) {
    if missing.len() == 0 {
        return;
    }
    let _ = write!(report, "\n\n  Missing {what} ({}):", missing.len());
    for name in missing {
        let _ = write!(report, "\n    - {name}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actual(tables: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<String>> {
        let columns = |c: &[&str]| c.iter().map(|&c| c.to_owned()).collect();
        tables
            .iter()
            .map(|(t, c)| ((*t).to_owned(), columns(c)))
            .collect()
    }

    #[test]
    fn nothing_missing_is_valid_and_extras_are_only_told() {
        let expected = ExpectedSchema::columns([("users", ["id", "name"])]);
        let result = validate_schema(
            &actual(&[("users", &["id", "name", "age"]), ("more", &[])]),
            &expected,
        );
        assert!(result.valid);
        assert_eq!(result.extra_tables, ["more"]);
        assert_eq!(result.format_report(), "Schema valid");
    }

    #[test]
    fn the_report_has_the_originals_words() {
        let expected = ExpectedSchema::columns([
            ("users", vec!["name", "id", "email"]),
            ("orders", vec!["id"]),
            ("audit.log", vec!["at"]),
        ]);
        let result = validate_schema(
            &actual(&[("users", &["id"]), ("b", &[]), ("a", &[])]),
            &expected,
        );
        assert_eq!(result.error_count(), 4);
        assert_eq!(
            result.missing_columns[0].message,
            "Column 'email' missing from table 'users'"
        );
        assert_eq!(
            result.format_report(),
            "Schema validation failed:\n\n  Missing tables (2):\n    - audit.log\n    - orders\n\
             \n  Missing columns (2):\n    - users.email\n    - users.name\n\
             \n  Extra tables (warning): a, b"
        );
    }

    #[test]
    fn nothing_expected_is_valid() {
        let result = validate_schema(&actual(&[("users", &["id"])]), &ExpectedSchema::default());
        assert!(result.valid);
        assert_eq!(result.extra_tables, ["users"]);
    }

    #[test]
    fn a_table_expected_twice_is_expected_with_all_its_columns() {
        let expected = ExpectedSchema::columns([("t", ["a"]), ("public.t", ["b"])]);
        let result = validate_schema(&actual(&[("t", &["a"])]), &expected);
        assert_eq!(result.missing_columns.len(), 1);
        assert_eq!(result.missing_tables.len(), 0);
    }
}
