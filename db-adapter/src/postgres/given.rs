//! What the columns of a caller's text are read as, and the condition that keeps that true: one that is
//! read as text is so only as long as it has its type. Pure.

use super::same_types::{COLLATION, same_types};
use super::types::TypeInfo;

/// What a column of the caller's text gives.
pub(super) struct Given {
    /// What is put behind it, such as `::text`; empty for a type that the driver knows.
    pub(super) output: String,
    /// A NULL of its type, where that can be written.
    null: Option<String>,
}

impl Given {
    pub(super) fn unknown() -> Self {
        Given {
            output: "::text".to_owned(),
            null: None,
        }
    }

    pub(super) fn of(info: TypeInfo) -> Self {
        Given {
            output: info.output,
            null: info.null,
        }
    }
}

/// How the types of what is read as text are compared with what they were.
#[derive(Clone, Copy)]
pub(super) enum Check {
    /// They are the very same.
    Same,
    /// They are, or go into them by themselves, as a domain does into its type: the server tells of
    /// a domain's type alone.
    Fitting,
    /// Not at all: the role may not name them.
    None,
}

/// The first that the server takes.
pub(super) const CHECKS: [Check; 3] = [Check::Same, Check::Fitting, Check::None];

/// A condition that the server refuses once a column that is read as text has another type: then it
/// is to be read as that.
pub(super) fn same_as_text(check: Check, outputs: &[Given]) -> Option<String> {
    let mut pairs = Vec::new();
    for (i, given) in outputs.iter().enumerate() {
        let Some(null) = given.null.as_ref().filter(|_| !given.output.is_empty()) else {
            continue;
        };
        let collation = if null.ends_with(COLLATION) {
            COLLATION
        } else {
            ""
        };
        let now = match check {
            Check::None => return None,
            // without its length and scale, which do not matter to a reader
            Check::Same => format!("pg_catalog.first_value(q.c{i}) OVER (){collation}"),
            Check::Fitting => format!(
                "pg_catalog.first_value(CASE WHEN true THEN q.c{i}{collation} ELSE {null} END) OVER (){collation}"
            ),
        };
        pairs.push((now, null.as_str()));
    }
    let pairs: Vec<_> = pairs.iter().map(|(now, null)| (&**now, *null)).collect();
    let parts = same_types(&pairs);
    (!parts.is_empty()).then(|| parts.join(" AND "))
}
