//! `LIKE` and `ILIKE` patterns as `GLOB` patterns, which are case-sensitive and per character in
//! SQLite, whatever settings and extensions say. Pure.

/// SQLite's `SQLITE_MAX_LIKE_PATTERN_LENGTH`, in bytes.
pub(super) const MOST_BYTES: usize = 50_000;

/// The `GLOB` pattern that matches what the `LIKE` pattern does: `%` any text, `_` any
/// character, `\` escapes. `None` when it is too long for SQLite.
pub(super) fn glob(like: &str, fold_case: bool) -> Option<String> {
    let mut out = String::with_capacity(like.len() + 8);
    let mut chars = like.chars();
    while let Some(c) = chars.next() {
        match c {
            // two in a row mean the same as one, and cost exponentially more
            '%' if out.ends_with('*') => {}
            '%' => out.push('*'),
            '_' => out.push('?'),
            '\\' => literal(&mut out, chars.next().unwrap_or('\\'), fold_case),
            c => literal(&mut out, c, fold_case),
        }
    }
    (out.len() <= MOST_BYTES).then_some(out)
}

fn literal(out: &mut String, c: char, fold_case: bool) {
    match c {
        '*' | '?' | '[' => {
            out.push('[');
            out.push(c);
            out.push(']');
        }
        c if fold_case => folded(out, c),
        c => out.push(c),
    }
}

/// The character in every case that it has, where that is one character.
fn folded(out: &mut String, c: char) {
    let lower = single(c.to_lowercase()).unwrap_or(c);
    let upper = single(lower.to_uppercase()).unwrap_or(lower);
    let mut class = vec![lower];
    for other in [upper, c] {
        if !class.contains(&other) {
            class.push(other);
        }
    }
    match class.as_slice() {
        [one] => out.push(*one),
        many => {
            out.push('[');
            out.extend(many);
            out.push(']');
        }
    }
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next();
    if chars.next().is_some() { None } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_translated_and_globs_own_are_escaped() {
        for (like, expected) in [
            ("a%b_c", "a*b?c"),
            ("100\\%", "100%"),
            ("a\\_b\\\\c", "a_b\\c"),
            ("*?[x]^-]", "[*][?][[]x]^-]"),
            ("%%%a%_%", "*a*?*"),
            ("*%", "[*]*"),
            ("", ""),
        ] {
            assert_eq!(glob(like, false).as_deref(), Some(expected), "{like}");
        }
    }

    #[test]
    fn case_is_folded_per_character() {
        for (like, expected) in [
            ("aB1%", "[aA][bB]1*"),
            ("ä", "[äÄ]"),
            ("Ä", "[äÄ]"),
            ("ß", "ß"),
            ("\\%A", "%[aA]"),
            ("[", "[[]"),
        ] {
            assert_eq!(glob(like, true).as_deref(), Some(expected), "{like}");
        }
    }

    #[test]
    fn what_sqlite_would_refuse_is_none() {
        assert!(glob(&"a".repeat(MOST_BYTES), false).is_some());
        assert!(glob(&"a".repeat(MOST_BYTES + 1), false).is_none());
        assert!(glob(&"a".repeat(MOST_BYTES), true).is_none());
    }
}
