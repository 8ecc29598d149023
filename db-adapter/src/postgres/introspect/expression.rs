//! Expressions as the server writes them: without the parentheses that it always puts around.
//! Never changes anything inside of them.

use db_adapter_core::lexer::Lexer;
use db_adapter_core::schema::SqlDialect;

/// The text without one pair of parentheses around all of it.
pub(super) fn without_parentheses(text: &str) -> &str {
    let inside = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
    match inside {
        Some(inside) if is_balanced(inside) => inside,
        _ => text,
    }
}

/// Whether no parenthesis of the text belongs to one outside of it.
fn is_balanced(text: &str) -> bool {
    let mut depth = 0_usize;
    for token in Lexer::of_definition(text, SqlDialect::Postgres) {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            let Some(less) = depth.checked_sub(1) else {
                return false;
            };
            depth = less;
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pair_around_all_is_taken_off() {
        for (text, expected) in [
            ("(a > 0)", "a > 0"),
            ("((a > 0) AND (b > 0))", "(a > 0) AND (b > 0)"),
            ("(a > 0) AND (b > 0)", "(a > 0) AND (b > 0)"),
            ("lower(a)", "lower(a)"),
            ("(a = ')')", "a = ')'"),
            ("(a = E'\\\\' OR b = E'\\')')", "a = E'\\\\' OR b = E'\\')'"),
            ("(\"a)\" = '(''')", "\"a)\" = '('''"),
            ("", ""),
        ] {
            assert_eq!(without_parentheses(text), expected, "{text}");
        }
    }
}
