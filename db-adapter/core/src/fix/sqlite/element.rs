//! A column or a constraint in CREATE TABLE, by its tokens: where the type is, and where each constraint begins and
//! ends. Never changes anything.

use super::SQLITE;
use crate::lexer::{Kind, Token};
use std::ops::Range;

/// The words that begin a constraint of a column.
const CLAUSES: [&str; 11] = [
    "constraint",
    "primary",
    "not",
    "null",
    "unique",
    "check",
    "default",
    "collate",
    "references",
    "generated",
    "as",
];

/// A column or a constraint of the table, without blanks and comments.
#[derive(Clone, Debug)]
pub(super) struct Element<'a> {
    pub(super) tokens: Vec<Token<'a>>,
}

/// A constraint of a column.
pub(super) struct Clause {
    pub(super) word: String,
    /// The name behind CONSTRAINT.
    pub(super) name: Option<String>,
    pub(super) range: Range<usize>,
    pub(super) text: Vec<String>,
}

impl Element<'_> {
    pub(super) fn start(&self) -> usize {
        self.tokens.first().map_or(0, |token| token.start)
    }

    pub(super) fn end(&self) -> usize {
        self.tokens.last().map_or(0, Token::end)
    }

    pub(super) fn is_of_table(&self) -> bool {
        let first = self.tokens.first();
        // `check INT` is a column, and `"check" INT` too
        let followed = self.tokens.get(1).is_some_and(|next| {
            next.is_symbol("(") || next.is_any(&["key"]) || next.name(SQLITE).is_some()
        });
        match first {
            Some(word) if word.is("constraint") => self.tokens.len() > 2,
            Some(word) if word.is_any(&["check", "unique"]) => {
                self.tokens.get(1).is_some_and(|next| next.is_symbol("("))
            }
            Some(word) if word.is_any(&["primary", "foreign"]) => {
                followed && self.tokens.get(1).is_some_and(|next| next.is("key"))
            }
            _ => false,
        }
    }

    pub(super) fn column(&self) -> Option<String> {
        let first = self.tokens.first().filter(|_| !self.is_of_table())?;
        match first.kind {
            Kind::String(_) => first.string(),
            _ => first.name(SQLITE),
        }
    }

    /// Where the type is: behind the name, up to the first constraint.
    pub(super) fn data_type(&self) -> Range<usize> {
        let behind = self.tokens.first().map_or(0, Token::end);
        let mut end = behind;
        let mut depth = 0_usize;
        let mut start = None;
        for token in self.tokens.iter().skip(1) {
            if depth == 0 && token.is_any(&CLAUSES) {
                break;
            }
            match token.text {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            start.get_or_insert(token.start);
            end = token.end();
        }
        start.map_or(behind..behind, |start| start..end)
    }

    pub(super) fn clauses(&self) -> Vec<Clause> {
        let mut found: Vec<Clause> = Vec::new();
        let mut depth = 0_usize;
        let from = self.data_type().end;
        let tokens: Vec<&Token<'_>> = self
            .tokens
            .iter()
            .filter(|token| token.start >= from)
            .collect();
        let mut named: Option<(String, usize)> = None;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let before = at.checked_sub(1).and_then(|at| tokens.get(at));
            let next = tokens.get(at + 1);
            let is = |other: Option<&&Token<'_>>, word: &str| other.is_some_and(|t| t.is(word));
            let goes_on = is(before, "set")
                || is(before, "default")
                || token.is("null") && is(before, "not")
                || token.is("not") && is(next, "deferrable")
                || token.is("as") && is(before, "always");
            if depth == 0 && token.is("constraint") && !goes_on {
                let name = next
                    .and_then(|token| token.name(SQLITE))
                    .unwrap_or_default();
                named = Some((name, token.start));
                at += 2;
                continue;
            }
            if depth == 0 && token.is_any(&CLAUSES) && !goes_on {
                let (name, start) = match named.take() {
                    Some((name, start)) => (Some(name), start),
                    None => (None, token.start),
                };
                found.push(Clause {
                    word: token.text.to_ascii_lowercase(),
                    name,
                    range: start..token.end(),
                    text: Vec::new(),
                });
            }
            match token.text {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if let Some(clause) = found.last_mut() {
                clause.range.end = token.end();
                clause.text.push(spelled(token));
            }
            at += 1;
        }
        found
    }
}

/// A token as it is compared: names without quotes, words in lower case.
pub(super) fn spelled(token: &Token<'_>) -> String {
    match token.kind {
        Kind::Word | Kind::Name => {
            let name = token.name(SQLITE).unwrap_or_else(|| token.text.to_owned());
            name.to_ascii_lowercase()
        }
        _ => token.text.to_owned(),
    }
}

/// The tokens in the first pair of parentheses.
pub(super) fn parenthesized(tokens: &[String]) -> Vec<String> {
    let mut depth = 0_usize;
    let mut inside = Vec::new();
    for token in tokens {
        match token.as_str() {
            "(" if depth == 0 => depth = 1,
            ")" if depth == 1 => return inside,
            other => {
                match other {
                    "(" => depth += 1,
                    ")" => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth > 0 {
                    inside.push(other.to_owned());
                }
            }
        }
    }
    inside
}

/// Whether this is the constraint of the table: by its name, or by its word and what is in its parentheses.
pub(super) fn is_this(
    tokens: &[Token<'_>],
    name: Option<&str>,
    word: &str,
    wanted: &[String],
) -> bool {
    let named = tokens.first().is_some_and(|token| token.is("constraint"));
    let own = tokens
        .get(1)
        .filter(|_| named)
        .and_then(|token| token.name(SQLITE));
    if let Some(name) = name {
        return own.as_deref() == Some(name);
    }
    let of_kind = tokens.first().is_some_and(|token| token.is(word));
    let spelled: Vec<String> = tokens.iter().map(spelled).collect();
    let inside = parenthesized(&spelled);
    let inside: Vec<String> = match word {
        "check" => inside,
        _ => inside.into_iter().filter(|token| token != ",").collect(),
    };
    of_kind && inside == wanted
}
