//! The comparison of what is expected with what is there. Pure: never reads a database, and never
//! changes one.
//!
//! `names` has the original's comparison; `tables`, `columns`, `keys` and `actions` ask whether a
//! program works ([`ValidationLevel::Compatible`]), `backed_up` whether its backups do; `exact`
//! compares two whole schemas. What they share: `wanted` (whatever is expected, in one form), `lookup`
//! (what a name means in the actual schema), `types` and `expression` (the same thing in two spellings).

mod actions;
mod backed_up;
mod baseline;
#[cfg(test)]
#[cfg(feature = "sql")]
mod baseline_tests;
mod change;
mod columns;
mod difference;
mod digest;
mod exact;
mod expression;
mod findings;
mod fingerprint;
mod ignore;
mod keys;
mod lookup;
mod names;
mod not_checked;
mod report;
mod result;
mod spelling;
mod tables;
#[cfg(test)]
#[cfg(feature = "sql")]
mod tests;
mod types;
mod wanted;

pub use baseline::{Baseline, BaselineMismatch, KnownDifference};
pub use change::{Between, Change};
pub(crate) use difference::words;
pub use difference::{
    Difference, DifferenceKind, NotChecked, ObjectKind, SchemaObject, Severity, ValidationLevel,
};
pub use fingerprint::fingerprint;
pub use ignore::{Ignore, Ignored};
pub use names::validate_schema;
pub use result::{ColumnDiff, SchemaValidationResult};
pub use wanted::Expected;

use crate::backup::BackupSchema;
use crate::expected::{ExpectedSchema, ExpectedTable};
use crate::schema::DatabaseSchema;
use findings::Findings;
use lookup::Actual;
use wanted::Wanted;

/// A comparison to run.
///
/// ```
/// use db_adapter_core::ExpectedSchema;
/// use db_adapter_core::schema::{ColumnSchema, DatabaseSchema, TableSchema};
/// use db_adapter_core::sql_type::SqlType;
/// use db_adapter_core::validate::{Ignore, Validation};
///
/// let mut actual = DatabaseSchema::default();
/// let columns = vec![ColumnSchema::new("id", "bigint", SqlType::Int8)];
/// let users = TableSchema { name: "users".into(), columns, ..TableSchema::default() };
/// actual.tables.insert(users.key(), users);
///
/// let expected = ExpectedSchema::columns([("users", ["id", "name"])]);
/// let result = Validation::new(&expected).run(&actual);
/// assert_eq!(result.differences[0].message, "column `users.name` is missing");
///
/// let later = Ignore::new("users.name", "comes with the next release");
/// assert!(Validation::new(&expected).ignore(later).run(&actual).valid);
/// ```
#[derive(Clone, Debug)]
pub struct Validation<'a> {
    expected: Expected<'a>,
    declared: Option<&'a BackupSchema>,
    level: ValidationLevel,
    ignore: Vec<Ignore>,
    search_path: Vec<String>,
    also: Vec<String>,
}

impl<'a> Validation<'a> {
    /// Compares with this, at level `compatible`.
    pub fn new(expected: impl Into<Expected<'a>>) -> Validation<'a> {
        Validation {
            expected: expected.into(),
            declared: None,
            level: ValidationLevel::Compatible,
            ignore: Vec::new(),
            search_path: Vec::new(),
            also: Vec::new(),
        }
    }

    /// How much to compare.
    #[must_use]
    pub fn level(mut self, level: ValidationLevel) -> Self {
        self.level = level;
        self
    }

    /// The tables that are backed up, beside what is expected: their natural keys must be proven,
    /// all their foreign keys declared, and their declared keys unique. What a backup or a restore would
    /// refuse is an error from level `compatible` on.
    #[must_use]
    pub fn declared(mut self, tables: &'a BackupSchema) -> Self {
        self.declared = Some(tables);
        self
    }

    /// Takes differences out of the verdict; they are still told. Rules add up.
    #[must_use]
    pub fn ignore(mut self, rule: Ignore) -> Self {
        self.ignore.push(rule);
        self
    }

    /// The schema in which the connection looks up a name without one; default `public`.
    #[must_use]
    pub fn schema(self, name: impl Into<String>) -> Self {
        self.search_path([name.into()])
    }

    /// The schemas in which the connection looks up a name without one, in this order; none is
    /// `public`.
    #[must_use]
    pub fn search_path(mut self, schemas: impl IntoIterator<Item = String>) -> Self {
        self.search_path = schemas.into_iter().collect();
        self
    }

    /// Compares these schemas as well, whether anything expected is in them or not.
    #[must_use]
    pub fn also_schemas(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.also.extend(names);
        self
    }

    /// The schemas to read beside those of the connection's own path: those that what is expected
    /// names, and those of [`Validation::also_schemas`]. Whoever reads fewer of them takes what was
    /// not read for missing.
    ///
    /// ```
    /// use db_adapter_core::ExpectedSchema;
    /// use db_adapter_core::validate::Validation;
    ///
    /// let expected = ExpectedSchema::columns([("audit.log", ["id"]), ("users", ["id"])]);
    /// assert_eq!(Validation::new(&expected).schemas(), ["audit"]);
    /// ```
    pub fn schemas(&self) -> Vec<String> {
        let mut names = Wanted::new(self.expected, self.declared).schemas();
        names.extend(self.also.iter().cloned());
        names.into_iter().collect()
    }

    /// Whether what is expected names a table so, in any schema. Tables of tools, which are left
    /// out of a reading otherwise, are read for it.
    pub fn names_table(&self, name: &str) -> bool {
        let wanted = Wanted::new(self.expected, self.declared);
        wanted.tables.values().any(|table| table.name == name)
    }

    /// Compares.
    pub fn run(&self, actual: &DatabaseSchema) -> SchemaValidationResult {
        self.verdict(self.compared(&Actual::new(actual, &self.search_path)))
    }

    /// Compares, and gives the differences with what they are between, without those that a rule ignores:
    /// what a repair starts from. In the order of [`SchemaValidationResult::differences`].
    pub fn changes(&self, actual: &DatabaseSchema) -> Vec<Change> {
        let found = Actual::new(actual, &self.search_path);
        let wanted = Wanted::new(self.expected, self.declared);
        let changes = self.compared(&found).into_changes();
        let kept = changes.filter(|(difference, _)| {
            let mut rules = self.ignore.iter();
            !rules.any(|rule| rule.takes(difference))
        });
        let mut changes: Vec<Change> = kept
            .map(|(difference, between)| Change {
                actual_table: table_there(&difference, &wanted, &found),
                difference,
                between,
            })
            .collect();
        changes.sort_by(|a, b| result::order(&a.difference).cmp(&result::order(&b.difference)));
        changes
    }

    fn compared(&self, found: &Actual<'_>) -> Findings {
        let wanted = Wanted::new(self.expected, self.declared);
        let mut findings = Findings::new(self.level);
        match self.level {
            ValidationLevel::Columns => by_names(&wanted, found, &mut findings),
            _ => {
                tables::compare(&wanted, found, &mut findings);
                match wanted.full {
                    Some(full) if findings.is_exact() => {
                        exact::objects(full, found, &mut findings);
                    }
                    Some(full) => exact::types_of_columns(full, found.schema, &mut findings),
                    None => {}
                }
                backed_up::compare(&wanted, found, &mut findings);
            }
        }
        not_checked::tell(&wanted, found, &mut findings);
        // here alone, so that no comparison can forget it
        for difference in &mut findings.differences {
            difference.actual_digest = digest::of(difference, found);
        }
        findings
    }

    fn verdict(&self, findings: Findings) -> SchemaValidationResult {
        let (differences, not_checked) = findings.into_parts();
        let mut used = vec![false; self.ignore.len()];
        let (mut kept, mut ignored) = (Vec::new(), Vec::new());
        for difference in differences {
            let rule = self.ignore.iter().zip(&mut used);
            let rule = rule.into_iter().find(|(rule, _)| rule.takes(&difference));
            match rule {
                Some((rule, used)) => {
                    *used = true;
                    let reason = rule.reason.clone();
                    ignored.push(Ignored { difference, reason });
                }
                None => kept.push(difference),
            }
        }
        let mut result = SchemaValidationResult::of(self.level, kept);
        result.ignored = ignored;
        let unused = self.ignore.iter().zip(&used).filter(|(_, used)| !**used);
        result.unused_rules = unused.map(|(rule, _)| rule.object.clone()).collect();
        result.not_checked = not_checked;
        result
    }
}

/// The key of the table that is there, of whatever a difference is about.
///
/// A key without a schema is the default one's, and not what the connection finds first: only a table that is
/// expected without a schema is looked up along the path.
fn table_there(
    difference: &Difference,
    wanted: &Wanted<'_>,
    actual: &Actual<'_>,
) -> Option<String> {
    let key = difference.object.table.as_deref()?;
    let expected = wanted.tables.get(key);
    let named = || {
        let name = crate::TableName::parse(key).ok()?;
        actual.table(name.schema.as_deref(), &name.name)
    };
    let found = match expected {
        Some(expected) => actual.table(expected.schema.as_deref(), &expected.name),
        None => actual.by_key(key).or_else(named),
    };
    found.map(|(key, _)| key.to_owned())
}

/// The table under the schema in which the connection finds it.
fn as_found(expected: &ExpectedTable, actual: &Actual<'_>) -> ExpectedTable {
    let mut expected = expected.clone();
    if let Some((_, there)) = actual.table(expected.schema.as_deref(), &expected.name) {
        expected.schema = there.schema.clone().map(Into::into);
        expected.name = there.name.clone().into();
    }
    expected
}

/// The original's comparison as differences.
fn by_names(wanted: &Wanted<'_>, actual: &Actual<'_>, findings: &mut Findings) {
    let expected = ExpectedSchema {
        tables: wanted
            .tables
            .values()
            .map(|t| as_found(t, actual))
            .collect(),
    };
    let result = validate_schema(&actual.schema.column_names(), &expected);
    for key in &result.missing_tables {
        match actual.why_left_out("table", key) {
            Some(reason) => findings.not_checked("table", Some(key.clone()), reason),
            None => findings.add(tables::absent(key, actual)),
        }
    }
    for column in &result.missing_columns {
        if let Some(table) = actual.schema.tables.get(&column.table) {
            findings.add(columns::missing(&column.table, &column.column, None, table));
        }
    }
    for key in &result.extra_tables {
        findings.add(tables::extra(key, Severity::Warning));
    }
}
