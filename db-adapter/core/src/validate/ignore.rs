//! Rules for differences that are known and wanted. Never hides one: what a rule takes out stays
//! in the result, with the reason.

use super::{Difference, DifferenceKind};

/// A rule that takes differences out of the verdict.
///
/// ```
/// use db_adapter_core::validate::{DifferenceKind, Ignore};
///
/// let rule = Ignore::new("legacy_*", "belongs to the old application");
/// let rule = rule.kind(DifferenceKind::Extra);
/// assert_eq!(rule.reason, "belongs to the old application");
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ignore {
    /// Which objects, as [`SchemaObject::path`](super::SchemaObject::path) names them; `*` stands
    /// for any text. A table's name means everything in it too.
    pub object: String,
    /// Which kind of difference; `None` means all.
    #[cfg_attr(feature = "serde", serde(default))]
    pub kind: Option<DifferenceKind>,
    /// Why; shown with what the rule takes out.
    pub reason: String,
}

/// A difference that a rule has taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ignored {
    /// The difference.
    pub difference: Difference,
    /// The rule's reason.
    pub reason: String,
}

/// ``column `users.name` is missing (comes with release 9)``, without a reason that nobody gave.
pub(super) fn known_line(known: &Ignored) -> String {
    let message = &known.difference.message;
    match known.reason.trim() {
        "" => message.clone(),
        reason => format!("{message} ({reason})"),
    }
}

impl Ignore {
    /// All differences of these objects.
    pub fn new(object: impl Into<String>, reason: impl Into<String>) -> Ignore {
        Ignore {
            object: object.into(),
            kind: None,
            reason: reason.into(),
        }
    }

    /// Only differences of this kind.
    #[must_use]
    pub fn kind(mut self, kind: DifferenceKind) -> Ignore {
        self.kind = Some(kind);
        self
    }

    pub(super) fn takes(&self, difference: &Difference) -> bool {
        if self.kind.is_some_and(|kind| kind != difference.kind) {
            return false;
        }
        let object = &difference.object;
        let of_table = object.table.as_deref();
        matches(&self.object, &object.path()) || of_table.is_some_and(|t| matches(&self.object, t))
    }
}

/// Whether a pattern with `*` matches all of the text; linear in both but for the stars.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text) in [
            ("users", "users"),
            ("*", ""),
            ("legacy_*", "legacy_a.b"),
            ("*.created_*", "users.created_at"),
            ("a*b*c", "a-b-b-c"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("users", "users2"),
            ("", "x"),
            ("a*b", "ab_"),
            ("ab*b", "ab"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
