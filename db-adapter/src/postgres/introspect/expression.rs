//! Expressions as the server writes them: without the parentheses that it always puts around.
//! Never changes anything inside of them.

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
    let mut depth = 0i32;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            // a doubled quote ends and begins again
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
        if depth < 0 {
            return false;
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
            ("(\"a)\" = '(''')", "\"a)\" = '('''"),
            ("", ""),
        ] {
            assert_eq!(without_parentheses(text), expected, "{text}");
        }
    }
}
