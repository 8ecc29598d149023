//! Where the comparisons put what they find. Decides nothing but the severity of what is extra.

use super::{
    Between, Difference, DifferenceKind, NotChecked, ObjectKind, SchemaObject, Severity,
    ValidationLevel,
};
use std::collections::BTreeSet;

/// What has been found so far.
pub(super) struct Findings {
    pub(super) level: ValidationLevel,
    pub(super) differences: Vec<Difference>,
    /// What each of them is between.
    between: Vec<Between>,
    not_checked: BTreeSet<NotChecked>,
}

/// A difference in the making.
pub(super) struct Found {
    difference: Difference,
    between: Between,
}

impl Findings {
    pub(super) fn new(level: ValidationLevel) -> Findings {
        Findings {
            level,
            differences: Vec::new(),
            between: Vec::new(),
            not_checked: BTreeSet::new(),
        }
    }

    pub(super) fn is_exact(&self) -> bool {
        self.level == ValidationLevel::Exact
    }

    /// An error at level `exact`, a warning below.
    pub(super) fn exact_only(&self) -> Severity {
        match self.is_exact() {
            true => Severity::Error,
            false => Severity::Warning,
        }
    }

    pub(super) fn add(&mut self, found: Found) {
        self.differences.push(found.difference);
        self.between.push(found.between);
    }

    /// Whether an error about the same object was found.
    pub(super) fn has_error_about(&self, found: &Found) -> bool {
        let object = &found.difference.object;
        let mut errors = self.differences.iter();
        errors.any(|known| known.severity == Severity::Error && known.object == *object)
    }

    pub(super) fn not_checked(&mut self, kind: &str, name: Option<String>, reason: &str) {
        self.not_checked.insert(NotChecked {
            kind: kind.to_owned(),
            name,
            reason: reason.to_owned(),
        });
    }

    pub(super) fn into_parts(self) -> (Vec<Difference>, Vec<NotChecked>) {
        (self.differences, self.not_checked.into_iter().collect())
    }

    /// The differences, each with what it is between.
    pub(super) fn into_changes(self) -> impl Iterator<Item = (Difference, Between)> {
        self.differences.into_iter().zip(self.between)
    }
}

impl Found {
    /// An error about an object of a table.
    pub(super) fn of_table(
        kind: DifferenceKind,
        object: ObjectKind,
        table: &str,
        name: &str,
    ) -> Found {
        Found::new(kind, object, Some(table), name)
    }

    pub(super) fn new(
        kind: DifferenceKind,
        object: ObjectKind,
        table: Option<&str>,
        name: &str,
    ) -> Found {
        Found {
            difference: Difference {
                kind,
                severity: Severity::Error,
                object: SchemaObject {
                    kind: object,
                    table: match object {
                        ObjectKind::Table => Some(name.to_owned()),
                        _ => table.map(str::to_owned),
                    },
                    name: name.to_owned(),
                },
                expected: None,
                actual: None,
                actual_digest: None,
                message: String::new(),
                hint: None,
            },
            between: Between::Other,
        }
    }

    /// What it is between, as data.
    pub(super) fn between(mut self, between: Between) -> Found {
        self.between = between;
        self
    }

    pub(super) fn severity(mut self, severity: Severity) -> Found {
        self.difference.severity = severity;
        self
    }

    pub(super) fn expected(mut self, expected: impl Into<String>) -> Found {
        self.difference.expected = Some(expected.into());
        self
    }

    pub(super) fn actual(mut self, actual: impl Into<String>) -> Found {
        self.difference.actual = Some(actual.into());
        self
    }

    pub(super) fn message(mut self, message: impl Into<String>) -> Found {
        self.difference.message = message.into();
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Found {
        self.difference.hint = Some(hint.into());
        self
    }

    /// "did you mean", when there is something near; else the other step.
    pub(super) fn near(self, near: Option<&str>, otherwise: impl Into<String>) -> Found {
        match near {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self.hint(otherwise),
        }
    }
}
