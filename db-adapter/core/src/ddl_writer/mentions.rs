//! The names that a text of SQL mentions, whatever they name. Never decides what is meant: a name that
//! only looks like an object costs no more than a place in an order.

use crate::lexer::{Kind, Lexer, Quote, Token};
use crate::schema::{SqlDialect, table_key};
use std::collections::BTreeSet;

/// What a text mentions, as keys of objects.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mentions {
    /// Names that no parenthesis follows.
    pub(super) names: BTreeSet<String>,
    /// Names that one follows: functions, and types with arguments.
    pub(super) calls: BTreeSet<String>,
    /// What strings name, such as the sequence of `nextval('s')`, and the bodies of functions.
    pub(super) in_strings: BTreeSet<String>,
    /// Names behind `::`, or behind the AS of a CAST: types.
    pub(super) types: BTreeSet<String>,
    /// What stands before a dot and is nothing else in the text: schemas, since a table or its alias is
    /// named by itself as well.
    pub(super) schemas: BTreeSet<String>,
}

impl Mentions {
    pub(super) fn of(sql: &str, dialect: SqlDialect) -> Mentions {
        let mut found = Mentions::default();
        found.read(sql, dialect);
        found.schemas = schemas(sql, dialect);
        found
    }

    fn read(&mut self, sql: &str, dialect: SqlDialect) {
        let tokens: Vec<Token<'_>> = Lexer::of_definition(sql, dialect).significant().collect();
        for (at, token) in tokens.iter().enumerate() {
            if let Kind::String(quote) = token.kind {
                self.read_string(token, quote, dialect);
                continue;
            }
            let Some(name) = token.name(dialect) else {
                continue;
            };
            let dotted = |at: usize| tokens.get(at).is_some_and(|token| token.is_symbol("."));
            let first = if at >= 2 && dotted(at - 1) {
                at - 2
            } else {
                at
            };
            let before = first.checked_sub(1).and_then(|at| tokens.get(at));
            let behind = before.is_some_and(|token| token.text == "::" || token.is("as"));
            if behind && !dotted(at + 1) {
                let schema = tokens.get(first).and_then(|token| token.name(dialect));
                let schema = schema.filter(|_| first < at);
                self.types.insert(table_key(schema.as_deref(), &name));
            }
            let calls = tokens.get(at + 1).is_some_and(|next| next.is_symbol("("));
            let into = match calls {
                true => &mut self.calls,
                false => &mut self.names,
            };
            if at >= 2 && dotted(at - 1) {
                let before = tokens.get(at - 2).and_then(|token| token.name(dialect));
                into.insert(table_key(before.as_deref(), &name));
            }
            into.insert(table_key(None, &name));
        }
    }

    /// A string may be the name of a relation, or a body in SQL.
    fn read_string(&mut self, token: &Token<'_>, quote: Quote, dialect: SqlDialect) {
        let Some(text) = token.string().filter(|_| quote != Quote::Bits) else {
            return;
        };
        let inside: Vec<Token<'_>> = Lexer::of_definition(&text, dialect).significant().collect();
        for (at, token) in inside.iter().enumerate() {
            let Some(name) = token.name(dialect) else {
                continue;
            };
            let before = at.checked_sub(2).and_then(|at| inside.get(at));
            let before = before.and_then(|token| token.name(dialect));
            let dotted = at
                .checked_sub(1)
                .and_then(|at| inside.get(at))
                .is_some_and(|token| token.is_symbol("."));
            if dotted {
                self.in_strings.insert(table_key(before.as_deref(), &name));
            }
            self.in_strings.insert(table_key(None, &name));
        }
    }
}

fn schemas(sql: &str, dialect: SqlDialect) -> BTreeSet<String> {
    let tokens: Vec<Token<'_>> = Lexer::of_definition(sql, dialect).significant().collect();
    let is_dot = |at: Option<usize>| {
        let token = at.and_then(|at| tokens.get(at));
        token.is_some_and(|token| token.is_symbol("."))
    };
    let (mut before, mut alone) = (BTreeSet::new(), BTreeSet::new());
    for (at, token) in tokens.iter().enumerate() {
        let Some(name) = token.name(dialect) else {
            continue;
        };
        match is_dot(Some(at + 1)) && !is_dot(at.checked_sub(1)) {
            true => before.insert(name),
            false => alone.insert(name),
        };
    }
    before.difference(&alone).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_calls_and_strings_are_told_apart() {
        let found = Mentions::of(
            "SELECT a.x, \"B\" FROM audit.log, f(1), public.g() WHERE nextval('s.seq'::regclass) > cast(0 as s.t)",
            SqlDialect::Postgres,
        );
        for name in ["a", "B", "audit.log", "x"] {
            assert!(found.names.contains(name), "{name}");
        }
        let types: Vec<&str> = found.types.iter().map(String::as_str).collect();
        assert_eq!(types, ["regclass", "s.t"]);
        assert!(found.calls.contains("f") && found.calls.contains("g"));
        assert!(found.in_strings.contains("s.seq"));
        assert!(!found.names.contains("f"));
    }

    #[test]
    fn what_is_only_before_dots_is_a_schema() {
        let found = Mentions::of(
            "SELECT u.id, users.x, auth.uid() FROM auth.people u JOIN app.users ON true",
            SqlDialect::Postgres,
        );
        let found: Vec<&str> = found.schemas.iter().map(String::as_str).collect();
        assert_eq!(found, ["app", "auth"]);
    }
}
