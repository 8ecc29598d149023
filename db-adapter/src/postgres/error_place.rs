//! What an error of the server is about, where it says so by a place in the text or by none: a
//! parameter beside it, or a value. Pure.

use sqlx::postgres::PgDatabaseError;

use super::error::Context;
use super::sent::offset;

/// The caller's parameter next to an error about types. Of a filter the caller has no name.
pub(super) fn parameter_at<'a>(error: &PgDatabaseError, context: Context<'a>) -> Option<&'a str> {
    if !matches!(
        error.code(),
        "42883" | "42725" | "42804" | "42809" | "42P08" | "42P18"
    ) {
        return None;
    }
    let sent = context.sent?;
    let at = offset(error, sent)?;
    let near = sent
        .params
        .iter()
        .filter(|(place, _)| is_beside(&sent.text, at, *place));
    let (_, name) = near.min_by_key(|(place, _)| place.abs_diff(at))?;
    sent.is_callers(name).then_some(name)
}

/// Whether a parameter is what an error at this place is about: it is at this place, an operand of
/// the operator there, or an argument of the function.
fn is_beside(text: &str, at: usize, param: usize) -> bool {
    if param < at {
        let before = text.get(param..at).unwrap_or_default().trim_end();
        return !before.contains(|c: char| c.is_whitespace() || c == ',');
    }
    let rest = text.get(at..param).unwrap_or_default();
    let Some((name, behind)) = rest.split_once('(') else {
        // an operator, or nothing
        return !rest
            .chars()
            .any(|c| c.is_alphanumeric() || c == ',' || c == '\'');
    };
    let (open, closed) = (behind.matches('(').count(), behind.matches(')').count());
    let is_operator = !name.contains(|c: char| c.is_alphanumeric() || c == '"');
    closed <= open && (!is_operator || behind.trim().is_empty())
}

/// Whether a value names what is not there, such as a table in a column of `regclass`. A name in the
/// text has a place there, and the same code.
pub(super) fn is_of_value(error: &PgDatabaseError, context: Context<'_>) -> bool {
    let is_ours = context.sent.is_none() && context.table.is_some();
    is_ours && is_name_in_value(error)
}

/// The same of a statement of ours.
pub(super) fn is_name_in_value(error: &PgDatabaseError) -> bool {
    error.position().is_none()
        && error.r#where().is_none()
        && NAMES_NOTHING.contains(&error.code())
        && error
            .file()
            .is_some_and(|file| NAME_READERS.contains(&file))
}

/// The codes of names that are not there.
const NAMES_NOTHING: [&str; 6] = ["42P01", "42704", "42883", "42725", "3F000", "42602"];
/// The parts of the server's source that read texts as such names.
const NAME_READERS: [&str; 4] = ["namespace.c", "regproc.c", "parse_type.c", "acl.c"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_beside_an_error_or_not() {
        let beside = |text: &str, at: &str| {
            let at = text.find(at).unwrap();
            is_beside(text, at, text.find("($1").unwrap())
        };
        assert!(beside("SELECT id FROM t WHERE s = ($1::int8)", "="));
        assert!(beside("SELECT id FROM t WHERE ($1::int8) = s", "="));
        assert!(beside("SELECT nope(($1::int8))", "nope"));
        assert!(beside("SELECT nope(f(1), ($1::int8))", "nope"));
        assert!(beside("SELECT ($1::int8)", "($1"));
        assert!(!beside(
            "SELECT nope(id) FROM t WHERE s = ($1::int8)",
            "nope"
        ));
        assert!(!beside("SELECT a + b FROM t WHERE s = ($1::int8)", "+"));
        assert!(!beside("SELECT ($1::int8), a + b FROM t", "+"));
    }
}
