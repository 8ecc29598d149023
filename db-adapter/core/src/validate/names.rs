//! The comparison by names alone: the rules of the Python original. Types, nullability and keys are
//! for levels beyond this one.

use super::{ColumnDiff, SchemaValidationResult};
use crate::expected::ExpectedSchema;
use std::collections::{BTreeMap, BTreeSet};

/// Compares the names of tables and columns, actual first, as the original does.
///
/// `actual` is keyed as [`crate::DatabaseSchema::column_names`] gives it. A table that is expected
/// twice is expected with the columns of both.
pub fn validate_schema(
    actual: &BTreeMap<String, BTreeSet<String>>,
    expected: &ExpectedSchema,
) -> SchemaValidationResult {
    let expected = expected_names(expected);
    let mut result = SchemaValidationResult::new(super::ValidationLevel::Columns);
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
