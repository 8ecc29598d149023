//! The differences that were known on a day, so that a gate fails only for what is new. A difference
//! is known again only when all of it is the same: what drifts further is new. Reads no file.

use super::{
    Difference, DifferenceKind, Ignored, SchemaObject, SchemaValidationResult, Severity,
    ValidationLevel,
};
use crate::Notice;
use crate::schema::SqlDialect;

/// The version of the shape.
const VERSION: u32 = 1;

/// The differences that a database is known to have.
///
/// ```
/// use db_adapter_core::ExpectedSchema;
/// use db_adapter_core::schema::{DatabaseSchema, SqlDialect};
/// use db_adapter_core::validate::{Baseline, Validation};
///
/// let actual = DatabaseSchema::default();
/// let expected = ExpectedSchema::columns([("users", ["id"])]);
/// let result = Validation::new(&expected).run(&actual);
/// let baseline = Baseline::of(&result, SqlDialect::Postgres);
/// assert!(baseline.apply(result, SqlDialect::Postgres)?.valid);
///
/// let expected = ExpectedSchema::columns([("users", ["id"]), ("tags", ["id"])]);
/// let result = Validation::new(&expected).run(&actual);
/// let result = baseline.apply(result, SqlDialect::Postgres)?;
/// assert_eq!(result.missing_tables, ["tags"]);
/// assert_eq!(result.known.len(), 1);
/// # Ok::<(), db_adapter_core::validate::BaselineMismatch>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Baseline {
    /// The version of this shape: 1.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "this_version"))]
    pub version: u32,
    /// Whose spelling the types and expressions have.
    pub dialect: SqlDialect,
    /// How much was compared.
    pub level: ValidationLevel,
    /// The differences, in the order of the report. One that is here twice was found twice.
    pub differences: Vec<KnownDifference>,
}

/// A difference that is known, without the sentences that tell it.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct KnownDifference {
    /// What is different.
    pub kind: DifferenceKind,
    /// How bad it is: a warning that becomes an error is another difference.
    pub severity: Severity,
    /// What it is about.
    pub object: SchemaObject,
    /// What is expected.
    pub expected: Option<String>,
    /// What is there.
    pub actual: Option<String>,
    /// A digest of all that is there, of which `actual` says only a part: the values of an enum, the
    /// columns of a table. An entry without it is refused, and would hide what became worse.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "stated"))]
    pub actual_digest: Option<String>,
    /// Why it may stay; for people to fill in.
    pub reason: String,
}

/// A baseline that says nothing about this comparison.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaselineMismatch {
    /// It was written for a database of another kind.
    Dialect {
        /// That of the baseline.
        baseline: SqlDialect,
        /// That of the database.
        database: SqlDialect,
    },
    /// It was written for a comparison of more or less.
    Level {
        /// That of the baseline.
        baseline: ValidationLevel,
        /// That of the comparison.
        compared: ValidationLevel,
    },
}

impl Baseline {
    /// All the differences of a result, those that are known already with their reasons.
    pub fn of(result: &SchemaValidationResult, dialect: SqlDialect) -> Baseline {
        let known = result.known.iter();
        let known = known.map(|known| (&known.difference, known.reason.as_str()));
        let new = result.differences.iter().map(|difference| (difference, ""));
        let mut all: Vec<_> = known.chain(new).collect();
        all.sort_by(|(a, _), (b, _)| super::result::order(a).cmp(&super::result::order(b)));
        let entry = |(difference, reason)| KnownDifference::of(difference, reason);
        Baseline {
            version: VERSION,
            dialect,
            level: result.level,
            differences: all.into_iter().map(entry).collect(),
        }
    }

    /// Takes what is known out of the verdict: it is in `known` afterwards, and what is in the
    /// baseline and was not found is in `stale`.
    ///
    /// # Errors
    /// A baseline of another dialect or level.
    pub fn apply(
        &self,
        result: SchemaValidationResult,
        dialect: SqlDialect,
    ) -> Result<SchemaValidationResult, BaselineMismatch> {
        self.check(result.level, dialect)?;
        let mut left: Vec<&KnownDifference> = self.differences.iter().collect();
        let (mut new, mut known) = (Vec::new(), Vec::new());
        for difference in &result.differences {
            match left.iter().position(|entry| entry.is(difference)) {
                Some(at) => known.push(Ignored {
                    difference: difference.clone(),
                    reason: left.remove(at).reason.clone(),
                }),
                None => new.push(difference.clone()),
            }
        }
        let stale = left.into_iter().cloned().collect();
        // what was compared by names alone has no differences, and stays as it is
        let applied = match known.is_empty() {
            true => result,
            false => SchemaValidationResult {
                ignored: result.ignored,
                unused_rules: result.unused_rules,
                not_checked: result.not_checked,
                ..SchemaValidationResult::of(result.level, new)
            },
        };
        Ok(SchemaValidationResult {
            known,
            stale,
            ..applied
        })
    }

    fn check(&self, level: ValidationLevel, dialect: SqlDialect) -> Result<(), BaselineMismatch> {
        if self.dialect != dialect {
            return Err(BaselineMismatch::Dialect {
                baseline: self.dialect,
                database: dialect,
            });
        }
        if self.level != level {
            return Err(BaselineMismatch::Level {
                baseline: self.level,
                compared: level,
            });
        }
        Ok(())
    }
}

impl KnownDifference {
    fn of(difference: &Difference, reason: &str) -> KnownDifference {
        KnownDifference {
            kind: difference.kind,
            severity: difference.severity,
            object: difference.object.clone(),
            expected: difference.expected.clone(),
            actual: difference.actual.clone(),
            actual_digest: difference.actual_digest.clone(),
            reason: reason.to_owned(),
        }
    }

    /// Everything but the sentences, which later versions may write in other words.
    fn is(&self, difference: &Difference) -> bool {
        self.kind == difference.kind
            && self.severity == difference.severity
            && self.object == difference.object
            && self.expected == difference.expected
            && self.actual == difference.actual
            && self.actual_digest == difference.actual_digest
    }

    /// What it is in a line: ``type of column `users.email`: `text`, expected `integer` ``.
    pub fn line(&self) -> String {
        let kind = self.kind.as_str().replace('_', " ");
        let object = format!("{} `{}`", self.object.kind.words(), self.object.path());
        let values = match (&self.actual, &self.expected) {
            (Some(actual), Some(expected)) => format!(": `{actual}`, expected `{expected}`"),
            (Some(actual), None) => format!(": `{actual}`"),
            (None, Some(expected)) => format!(": expected `{expected}`"),
            (None, None) => String::new(),
        };
        format!("{kind}, {object}{values}")
    }
}

impl BaselineMismatch {
    /// What is wrong, and what to do.
    pub fn notice(&self) -> Notice {
        let (message, hint) = match self {
            BaselineMismatch::Dialect { baseline, database } => (
                format!(
                    "the baseline was written for {}, and the database is {}",
                    baseline.name(),
                    database.name()
                ),
                "write one for each kind of database".to_owned(),
            ),
            BaselineMismatch::Level { baseline, compared } => (
                format!(
                    "the baseline was written at level `{baseline}`, and this comparison is at level `{compared}`"
                ),
                format!("compare at level `{baseline}`, or write a baseline for each level"),
            ),
        };
        Notice {
            message,
            hint: Some(hint),
        }
    }
}

impl std::fmt::Display for BaselineMismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.notice().message)
    }
}

impl std::error::Error for BaselineMismatch {}

/// A later version may mean something else by the same words.
#[cfg(feature = "serde")]
fn this_version<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let version = <u32 as serde::Deserialize>::deserialize(from)?;
    match version {
        VERSION => Ok(version),
        other => Err(serde::de::Error::custom(format_args!(
            "the baseline has version {other}, and version {VERSION} can be read"
        ))),
    }
}

/// `null` is written; a field that is not there is no `null`.
#[cfg(feature = "serde")]
fn stated<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    serde::Deserialize::deserialize(from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExpectedSchema;
    use crate::schema::{ColumnSchema, DatabaseSchema, TableSchema};
    use crate::sql_type::SqlType;
    use crate::validate::Validation;

    const DIALECT: SqlDialect = SqlDialect::Postgres;

    fn database(columns: &[(&str, bool)]) -> DatabaseSchema {
        let column = |(name, nullable): &(&str, bool)| ColumnSchema {
            nullable: *nullable,
            ..ColumnSchema::new(*name, "text", SqlType::Text)
        };
        let table = TableSchema {
            name: "users".to_owned(),
            columns: columns.iter().map(column).collect(),
            ..TableSchema::default()
        };
        let mut schema = DatabaseSchema::default();
        schema.tables.insert(table.key(), table);
        schema
    }

    fn compared(expected: &[&'static str], columns: &[(&str, bool)]) -> SchemaValidationResult {
        let expected = ExpectedSchema::columns([("users", expected.iter().copied())]);
        Validation::new(&expected).run(&database(columns))
    }

    #[test]
    fn what_is_known_does_not_fail_and_what_is_new_does() {
        let before = compared(&["id", "name"], &[("id", true)]);
        let baseline = Baseline::of(&before, DIALECT);
        let now = compared(&["id", "name", "email"], &[("id", true)]);
        let result = baseline.apply(now, DIALECT).unwrap();
        assert!(!result.valid);
        assert_eq!(result.missing_columns.len(), 1);
        assert_eq!(result.missing_columns[0].column, "email");
        assert_eq!(result.known[0].difference.object.name, "name");
        assert!(result.stale.is_empty());
    }

    #[test]
    fn what_is_gone_is_stale_and_no_error() {
        let baseline = Baseline::of(&compared(&["id", "name"], &[("id", true)]), DIALECT);
        let result = baseline
            .apply(compared(&["id"], &[("id", true)]), DIALECT)
            .unwrap();
        assert!(result.valid && result.known.is_empty());
        assert_eq!(
            result.stale[0].line(),
            "missing, column `users.name`: expected `name`"
        );
    }

    #[test]
    fn a_difference_that_becomes_worse_is_new() {
        // at level `compatible` a warning, until inserts fail
        let baseline = Baseline::of(&compared(&["id"], &[("id", true), ("old", true)]), DIALECT);
        let now = compared(&["id"], &[("id", true), ("old", false)]);
        let result = baseline.apply(now, DIALECT).unwrap();
        assert!(!result.valid);
        assert_eq!((result.known.len(), result.stale.len()), (0, 1));
    }

    #[test]
    fn an_extra_column_that_stops_inserts_is_another_difference_at_every_level() {
        let exact = |columns: &[(&str, bool)]| {
            let expected = database(&[("id", true)]);
            Validation::new(&expected)
                .level(ValidationLevel::Exact)
                .run(&database(columns))
        };
        let baseline = Baseline::of(&exact(&[("id", true), ("old", true)]), DIALECT);
        let result = baseline.apply(exact(&[("id", true), ("old", false)]), DIALECT);
        assert!(!result.unwrap().valid);
    }

    #[test]
    fn what_is_found_twice_must_be_known_twice() {
        let mut result = compared(&["id", "name"], &[("id", true)]);
        let baseline = Baseline::of(&result, DIALECT);
        result.differences.push(result.differences[0].clone());
        let applied = baseline.apply(result, DIALECT).unwrap();
        assert_eq!((applied.known.len(), applied.differences.len()), (1, 1));
        assert!(!applied.valid);
    }

    #[test]
    fn a_comparison_by_names_alone_keeps_its_verdict() {
        let expected = ExpectedSchema::columns([("tags", ["id"])]);
        let actual = database(&[("id", true)]).column_names();
        let result = crate::validate_schema(&actual, &expected);
        let baseline = Baseline::of(&result, DIALECT);
        let applied = baseline.apply(result, DIALECT).unwrap();
        assert!(!applied.valid);
        assert_eq!(applied.missing_tables, ["tags"]);
    }

    #[test]
    fn another_dialect_or_level_is_refused() {
        let result = compared(&["id"], &[("id", true)]);
        let baseline = Baseline::of(&result, DIALECT);
        assert!(matches!(
            baseline.apply(result.clone(), SqlDialect::Sqlite),
            Err(BaselineMismatch::Dialect { .. })
        ));
        let mut other = baseline;
        other.level = ValidationLevel::Exact;
        let said = other.apply(result, DIALECT).unwrap_err();
        assert!(said.to_string().contains("level `exact`"), "{said}");
    }

    #[test]
    fn reasons_are_kept_when_it_is_written_again() {
        let mut baseline = Baseline::of(&compared(&["a", "b"], &[("id", true)]), DIALECT);
        baseline.differences[1].reason = "since 2019".to_owned();
        let now = compared(&["a", "b", "c"], &[("id", true)]);
        let again = Baseline::of(&baseline.apply(now, DIALECT).unwrap(), DIALECT);
        let reasons: Vec<_> = again.differences.iter().map(|d| &*d.reason).collect();
        assert_eq!(reasons.iter().filter(|r| **r == "since 2019").count(), 1);
        let names: Vec<_> = again.differences.iter().map(|d| &*d.object.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(names, sorted);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_text_is_read_as_it_was_written_and_nothing_else() {
        let baseline = Baseline::of(&compared(&["a"], &[("id", true)]), DIALECT);
        let text = serde_json::to_string(&baseline).unwrap();
        assert_eq!(serde_json::from_str::<Baseline>(&text).unwrap(), baseline);
        for (from, to, said) in [
            ("\"version\":1", "\"version\":2", "version 2"),
            ("\"version\":1,", "", "version"),
            ("\"missing\"", "\"mislaid\"", "mislaid"),
            ("\"reason\"", "\"why\"", "why"),
            ("\"actual\":null,", "\"actual\":null,\"more\":1,", "more"),
            ("\"severity\":\"error\",", "", "severity"),
            ("\"actual_digest\":null,", "", "actual_digest"),
        ] {
            let other = text.replacen(from, to, 1);
            assert_ne!(other, text, "{from}");
            let error = serde_json::from_str::<Baseline>(&other).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
